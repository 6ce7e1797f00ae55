"""Split a scraped card's heading, where the title runs straight into the authors' names.

`Rare-Task RetentionJing Huang, Daniel Wurgaft, Rachit Bansal et al. · deepmind, stanford` has no
mark between title and names but the missing space. Every place where a capital follows something
that is no space is weighed: how much the words behind it read like a list of names, how much the
word before it reads like a title's last one, and whether the abstract knows the two halves or, as
with `PyTorch`, the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.papers.names import is_name_word, is_particle, looks_like_name

_AFFILIATIONS = re.compile(r"\s+·\s+(?P<names>[^·]+)$")
_ET_AL = re.compile(r",?\s+et\s+al\.?\s*$")
_TITLE_WORDS = frozenset(
    """
    a about across after against all among an and are as at be before beyond between but by can
    do does for from has have how if in into is it its learning let like model models more
    networks neural not of on or our over than that the their them this through to toward
    towards under unto up using via vs what when where which who why will with within without
    you your
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_CAMEL_FAMILY = re.compile(r"(?:Mc|Mac|De|Di|Da|Du|La|Le|Lo|O['’]|D['’]|Van|Von|Fitz|St)[A-Z]\w+")
_ACCEPTED_IN_A_LISTING = 1.0
_ACCEPTED_ANYWHERE = 3.5


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading taken apart; `score` says how sure the place of the split is (0 when not split)."""

    title: str
    authors: tuple[str, ...] = ()
    truncated: bool = False
    affiliations: tuple[str, ...] = ()
    score: float = 0.0

    @property
    def marked(self) -> bool:
        """True when `et al.` or a list of affiliations shows that names must be there."""
        return self.truncated or bool(self.affiliations)


def split_heading(line: str, *, context: str = "", in_listing: bool = True) -> Heading:
    """Give title, authors, the `et al.` flag and affiliations of a glued heading.

    `context` is the abstract below it; `in_listing` says that the line is known to be a card's
    heading. A heading in which no names are found is given back whole, as title.
    """
    line = line.strip()
    affiliations: tuple[str, ...] = ()
    rest = line
    if match := _AFFILIATIONS.search(line):
        affiliations = tuple(part.strip() for part in match["names"].split(",") if part.strip())
        rest = line[: match.start()]
    bare = _ET_AL.sub("", rest)
    truncated = bare != rest
    marked = truncated or bool(affiliations)
    words = _Vocabulary(context)
    best = max(
        (_Split(bare, at, words) for at in _joints(bare)),
        key=lambda split: (split.score, -split.at),
        default=None,
    )
    least = _ACCEPTED_IN_A_LISTING if in_listing else _ACCEPTED_ANYWHERE
    if best is None or best.score < (-3.0 if marked else least):
        return Heading(bare if marked else line, (), truncated, affiliations)
    return Heading(best.title, best.names, truncated, affiliations, best.score)


class _Vocabulary:
    """The words of the abstract, as they stand there and in small letters."""

    def __init__(self, context: str) -> None:
        found = re.findall(r"[^\W_][\w'’]*", context)
        self.exact = frozenset(found)
        self.folded = frozenset(word.lower() for word in found)
        self.small = frozenset(word for word in found if word.islower())


class _Split:
    """One place to cut and its score: log-odds in spirit, weights set on real titles and names."""

    def __init__(self, text: str, at: int, words: _Vocabulary) -> None:
        self.at = at
        self.title = text[:at].rstrip()
        chunks = [chunk.strip() for chunk in re.split(r",|\sand\s", text[at:])]
        self.names = _join_suffixes(chunks)
        self.score = (
            _name_score(self.names[0], words, alone=len(self.names) == 1)
            + sum(_later_name_score(name, words) for name in self.names[1:])
            + _ending_score(self.title, self.names[0], words)
        )


def _joints(text: str) -> Iterator[int]:
    """Places where a name may begin: a letter not small, right after something not blank."""
    for at in range(len(text) - 1, 0, -1):
        if text[at].isalpha() and not text[at].islower() and _may_end_title(text, at):
            yield at


def _may_end_title(text: str, at: int) -> bool:
    """Tell whether a title may end before `at`: not inside `J.D.`, `Yi-Fan`, `O'Neill` or `(A`."""
    before = text[at - 1]
    if before.isspace() or before in '‐‑–(/[{“"&@_':
        # A closing straight quote follows a word, an opening one a blank.
        return before == '"' and at > 1 and not text[at - 2].isspace()
    if before == ".":
        return text[at - 2 : at - 1].islower()  # a sentence's end; `D.` is an initial
    if before == "-":
        return text[at - 2 : at - 1].isspace()
    if before in "'’":
        return bool(re.search(r"(?:^|[\s(])['‘][^'‘’]*['’]$", text[:at]))
    return True


def _join_suffixes(chunks: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for chunk in chunks:
        if names and re.fullmatch(r"(?:Jr|Sr)\.?|I{2,3}|IV", chunk):
            names[-1] += f" {chunk}"
        elif chunk:
            names.append(chunk)
    return tuple(names) or ("",)


def _name_score(name: str, words: _Vocabulary, *, alone: bool) -> float:
    tokens = name.split()
    if not tokens:
        return -20.0
    by_count = {1: -3.0 if alone else -2.0, 2: 3.0, 3: 2.2, 4: 0.8, 5: -0.5}
    return by_count.get(len(tokens), -4.0) + sum(
        _token_score(token, words, last=i == len(tokens) - 1, first=i == 0)
        for i, token in enumerate(tokens)
    )


def _later_name_score(name: str, words: _Vocabulary) -> float:
    if not looks_like_name(name):
        return -5.0
    return min(0.5, _name_score(name, words, alone=False) / 4)


def _token_score(token: str, words: _Vocabulary, *, first: bool, last: bool) -> float:
    folded = token.lower().rstrip(".")
    if len(folded) > 1 and folded in _TITLE_WORDS and not is_particle(token):
        return -6.0
    if not is_name_word(token):
        return -5.0 if token[0].islower() or any(c.isdigit() for c in token) else -8.0
    if token[0].islower():
        return -6.0 if first or last else -0.3
    score = 0.0
    if folded in words.small:
        score -= 1.5
    letters = [c for c in token if c.isalpha()]
    if len(letters) == 1:
        return score - (0.0 if token.endswith(".") else 0.6)
    for part in re.split(r"[-‐‑'’.]", token):
        if len(part) > 1 and part.isupper():
            score -= 2.0 if len(part) > 2 else 1.2
        elif any(c.isupper() for c in part[1:]) and not _CAMEL_FAMILY.fullmatch(token):
            score -= 2.5
    return score


def _ending_score(title: str, name: str, words: _Vocabulary) -> float:
    """How well the title ends before the cut: on a whole word, one that the abstract knows."""
    if len(title.split()) < 1:
        return -10.0
    ending = re.search(r"[^\s\-‐‑–/(“\"]*$", title)
    word = ending[0] if ending else ""
    joined = word + re.split(r"[\s-]", name)[0]
    score = -5.0 if joined in words.exact else 0.0
    if not word or not word[-1].isalnum():
        return score + 1.5
    if word in words.exact or word.lower() in words.folded:
        score += 1.5
    elif any(known.startswith(word.lower()) for known in words.folded) and len(word) > 3:
        score += 0.5
    if len(word) == 1:
        return score - (1.0 if word.isalpha() else 0.0)
    if word.islower() or word[1:].islower():
        return score + (1.0 if len(word) > 3 else 0.2)
    if re.fullmatch(r"[A-Z0-9]{2,}s?|[A-Z]+\d+|\d+[A-Z]", word):
        return score + 0.6
    return score - 0.8

"""Titles made ready to be compared: what they say beside their words, and how near two are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from pipeline.papers.text import comparison_key

_GENERIC = frozenset(
    """abstract|acknowledgements|announcement|announcements|book review|book reviews|
    conclusion|conclusions|contents|contributors|correction|corrections|discussion|editorial|
    editorial board|editors note|erratum|errata|foreword|front matter|guest editorial|
    guest editors introduction|in memoriam|in this issue|index|introduction|
    introduction to the special issue|introduction to this special issue|
    introduction to the special section|keynote|letter from the editor|letter from the editors|
    letter to the editor|letters to the editor|
    list of reviewers|message from the chairs|message from the general chairs|
    message from the program chairs|news|note from the editor|obituary|overview|panel discussion|
    poster session|preface|
    proceedings|program committee|reply|response|review|special issue|summary|table of contents|
    thanks to reviewers|the editors page|untitled|welcome|welcome message|
    workshop summary""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_SERIAL = re.compile(
    r"(?:.* )?(?:annual|biennial|daily|monthly|quarterly|weekly|yearly) "
    r"(?:\w+ ){0,3}(?:address|assessment|bulletin|conference|index|letter|meeting|newsletter|"
    r"overview|report|review|statistics|summary|survey|symposium|update)s?(?: .*)?"
    r"|(?:abstracts (?:from|of)|address of the|bulletin of|editorial|editors|highlights of|"
    r"from the (?:chair|desk|director|editors?|field|president)|guest editorial|in this issue|"
    r"(?:\w+ ){0,3}(?:article|case|image|paper|picture|quiz) of the (?:month|week|year)|"
    r"introduction to the (?:\w+ ){0,3}(?:issue|section|volume)|"
    r"letter from|list of|meeting report|message from|minutes of|news from|"
    r"presidential address|proceedings of|program of|report (?:from|of|on) the|"
    r"report of \w+ meeting|state of the (?!art )\w+|the year in|transactions of|welcome to|"
    r"year in review|yearbook)(?: .*)?"
)
_ABOUT_ANOTHER = frozenset(
    """
    addendum comment commentary comments correction corrigendum discussion errata erratum
    rejoinder rebuttal reply response retraction supplement supplementary
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_ANOTHER_WORK = frozenset(
    """
    appendix edition extended retracted review revised revisited sequel survey tutorial
    update updated vol volume withdrawn
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_NUMBER_WORDS = frozenset(
    """
    single dual double triple one two three four five six seven eight nine ten first second third
    fourth fifth
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_ROMAN = {
    tens + ones: str(10 * len(tens) + number)
    for tens in ("", "x", "xx")
    for number, ones in enumerate(("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"))
    if tens + ones
}
_CHAPTER = re.compile(r"\s*chapter\s+(?:\d+|[ivx]+)\s*[-–—.:]\s*(?=\S)", re.IGNORECASE)
_NOTICE = re.compile(
    r"\s*(?:[\[(]\s*(retracted|withdrawn)(?:\s+(?:article|chapter|paper))?\s*[\])]\s*[:.]?"
    r"|(retracted|withdrawn)(?:\s+(?:article|chapter|paper))?\s*[:.])\s*(?=\S)",
    re.IGNORECASE,
)
_LATE_NOTICE = re.compile(r"[\[(]\s*(retracted|withdrawn)\b[^\])]*[\])]\s*\.?\s*", re.IGNORECASE)
_CUT = re.compile(r"\s*[:：](?!\d)\s*|\s+(?=\.\d)|\s+[-–—]+\s+|\s*—\s*|(?<=[?!.])\s+")
# What a word bears that letters and digits do not say: a charge (`CD4+`, `π-`, `CD4(-)`), and
# which of several languages of one letter is meant (`C++`, `C#`).
_SIGN = re.compile(r"(?P<word>[^\W_]+)[(^{]{0,2}(?P<sign>\+\+?|[-−⁻]|⁺|#)[)}]{0,2}(?![^\W_+])")
_CHARGES = {"+": "+", "⁺": "+", "-": "-", "−": "-", "⁻": "-"}
_THOUSANDS = re.compile(r"(?<=\d)[, ](?=\d{3}(?!\d))")
_LEAST_MAIN_WORDS = 3
_LEAST_MAIN_LETTERS = 12
_GREEK_NAMES = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau
    upsilon phi chi psi omega
    """.split()  # noqa: SIM905  one word a line would hide the list
_GREEK = {
    ord(letter): f" {name} "
    for letter, name in zip("αβγδεζηθικλμνξπρστυφχψω", _GREEK_NAMES, strict=True)
}
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def status_in(title: str) -> str | None:
    """Give `retracted` or `withdrawn` where a title is marked so: `RETRACTED: Moss on walls`. A
    notice about another paper, `Retraction: ...`, is not marked."""
    if not _may_be_marked(title):
        return None
    mark = _NOTICE.match(title) or _late_notice(title)
    return next(word for word in mark.groups() if word).lower() if mark else None


def without_notice(title: str) -> str:
    """Give a title as it was before the publisher marked it as retracted or withdrawn."""
    if not _may_be_marked(title):
        return title
    if mark := _NOTICE.match(title):
        title = title[mark.end() :]
    if mark := _late_notice(title):
        title = title[: mark.start()].rstrip()
    return title


def _may_be_marked(title: str) -> bool:
    lower = title.lower()
    return "retracted" in lower or "withdrawn" in lower


def _late_notice(title: str) -> re.Match[str] | None:
    at = max(title.rfind("["), title.rfind("("))
    return _LATE_NOTICE.fullmatch(title, max(at, 0)) if at > 0 else None


class Title:
    """A title's words and marks; what is costly is worked out when first asked for."""

    def __init__(self, text: str) -> None:
        text = without_notice(text)
        # Publishers' pages number chapters, catalogues do not.
        self.text = text[chapter.end() :] if (chapter := _CHAPTER.match(text)) else text
        self.key = _key(self.text)

    @cached_property
    def squashed(self) -> str:
        """The letters and digits alone: `data-set` and `dataset` do not differ, nor `and`, `&`."""
        return _squash(self.key)

    @cached_property
    def mains(self) -> tuple[str, ...]:
        """What stands before each subtitle, squashed; none where it is too short to tell."""
        return tuple(_squash(key) for key in self._main_keys)

    @cached_property
    def _main_keys(self) -> tuple[str, ...]:
        keys = []
        for cut in _CUT.finditer(self.text):
            key = _key(self.text[: cut.start()])
            if len(key.split()) >= _LEAST_MAIN_WORDS and len(key) >= _LEAST_MAIN_LETTERS:
                keys.append(key)
        return tuple(key for key in dict.fromkeys(keys) if _squash(key) != self.squashed)

    @property
    def n_words(self) -> int:
        """Words; of a script without blanks, two letters are counted as one."""
        return max(len(self.key.split()), len(_CJK.findall(self.key)) // 2)

    @cached_property
    def markers(self) -> frozenset[str]:
        """Words that make two like titles two papers: numbers, `ii` as `2`, and replies; one that
        comes again is `2 again`."""
        times = Counter(filter(None, map(_as_marker, self.key.split())))
        return frozenset(
            word + " again" * number for word, count in times.items() for number in range(count)
        )

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The runs of digits: `1.5` is two of them, `15` and `15,000` are one."""
        return tuple(re.findall(r"\d+", _key(_THOUSANDS.sub("", self.text))))

    @cached_property
    def charges(self) -> frozenset[tuple[str, str]]:
        """Words with a plus or a minus behind them: `("cd4", "+")`."""
        signed = ((m["word"], _CHARGES.get(m["sign"])) for m in _SIGN.finditer(self.text))
        return frozenset((comparison_key(word), charge) for word, charge in signed if charge)

    @cached_property
    def languages(self) -> frozenset[tuple[str, str]]:
        """Languages of one letter and signs: `("c", "++")`."""
        signs = (m for m in _SIGN.finditer(self.text) if m["sign"] in ("++", "#"))
        return frozenset(
            (comparison_key(m["word"]), m["sign"]) for m in signs if len(m["word"]) == 1
        )

    @property
    def about_another(self) -> frozenset[str]:
        """Words of replies, comments and corrections, which bear the title of what they are on."""
        return self.markers & _ABOUT_ANOTHER

    @property
    def is_generic(self) -> bool:
        """True for titles that many papers bear."""
        key = re.sub(r"\b\d+\b", "", self.key).strip()
        return key in _GENERIC or len(self.key) < 12 or self.n_words < 3

    @property
    def is_nameless(self) -> bool:
        """True for titles that say nothing but where a text stands: `Editorial`."""
        return self.key in _GENERIC

    @property
    def is_serial(self) -> bool:
        """True for titles that come back every year: `Annual report of the society`."""
        return self.is_nameless or _SERIAL.fullmatch(self.key) is not None


def differ_in_signs(one: Title, other: Title) -> bool:
    """Tell whether two titles of the same letters and digits differ in what stands between them: a
    point in a number (`1.5`, `15`), a charge (`CD4+`, `CD4-`), or `C`, `C++` and `C#`.

    A charge that only one of them has may have been lost with the markup.
    """
    opposite = {(word, "-" if sign == "+" else "+") for word, sign in one.charges}
    return (
        one.numbers != other.numbers
        or one.languages != other.languages
        or not opposite.isdisjoint(other.charges - one.charges)
    )


def is_main_of(one: Title, other: Title) -> bool:
    """Tell whether `one` is `other` without its subtitle."""
    return one.squashed in other.mains


def are_respellings(one: Title, other: Title) -> bool:
    """Tell whether two titles differ in a letter of long words alone: `modelling`, `modeling`;
    not in an opposite: `typical`, `atypical`."""
    mine, theirs = one.key.split(), other.key.split()
    return len(mine) == len(theirs) and all(
        a == b or _is_respelling(a, b) for a, b in zip(mine, theirs, strict=True)
    )


def _is_respelling(one: str, other: str) -> bool:
    return (
        min(len(one), len(other)) >= 5
        and not (one.endswith(other) or other.endswith(one))
        and not any(c.isdigit() for c in one + other)
        and Levenshtein.distance(one, other, score_cutoff=1) <= 1
    )


def are_akin(one: Title, other: Title) -> bool:
    """Tell whether two titles may be one in two wordings, given that an identifier says so.

    Shared words alone do not: a chapter's title may hold the book's.
    """
    return fuzz.token_sort_ratio(one.key, other.key) >= 85


def _key(text: str) -> str:
    key = comparison_key(text)
    return key if key.isascii() else comparison_key(key.translate(_GREEK))


def _squash(key: str) -> str:
    words: Iterable[str] = key.split()
    return "".join(word for word in words if word != "and") or key.replace(" ", "")


def _as_marker(word: str) -> str:
    """The word as a marker; "" where it is none."""
    is_marker = (
        any(c.isdigit() for c in word)
        or word in _ABOUT_ANOTHER
        or word in _ANOTHER_WORK
        or word in _NUMBER_WORDS
        or word in _ROMAN
    )
    return _ROMAN.get(word, word) if is_marker else ""

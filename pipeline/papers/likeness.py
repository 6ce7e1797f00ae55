"""Judge two records: one paper, two papers, or too little to say.

Titles, authors, identifiers and wording are weighed together, and every rule leans to keeping
records apart: a paper that stays in two rows is a blemish, two papers in one row is a loss.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from rapidfuzz import fuzz

from pipeline.papers.names import name_parts, same_person
from pipeline.papers.record import Paper
from pipeline.papers.text import comparison_key
from pipeline.papers.wording import (
    FUNCTION_WORDS,
    Substitutions,
    Wording,
    content_containment,
    find_substitutions,
    shingle_containment,
)

_MIN_WORDS = 30
_MAX_WORDS = 1500
_GENERIC_TITLES = frozenset(
    """abstract|acknowledgements|announcement|announcements|book review|book reviews|
    conclusion|conclusions|contents|contributors|correction|corrections|discussion|editorial|
    editorial board|editors note|erratum|errata|foreword|front matter|guest editorial|
    guest editors introduction|in memoriam|index|introduction|introduction to the special issue|
    introduction to this special issue|introduction to the special section|keynote|
    letter to the editor|letters to the editor|
    list of reviewers|message from the chairs|message from the general chairs|
    message from the program chairs|news|obituary|overview|panel discussion|poster session|preface|
    proceedings|program committee|reply|response|review|special issue|summary|table of contents|
    untitled|welcome|welcome message|workshop summary""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_ABOUT_ANOTHER = frozenset(
    """
    addendum comment commentary comments correction corrigendum discussion errata erratum
    rejoinder rebuttal reply response retraction retracted supplement supplementary review
    revisited tutorial survey
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_NUMBER_WORDS = frozenset(
    """
    single dual double triple one two three four five six seven eight nine ten first second third
    fourth fifth
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_ROMAN = re.compile(r"(?:x{0,2})(?:ix|iv|v?i{0,3})")
_YEARS_BETWEEN_VERSIONS = 6


class Verdict(Enum):
    """What is known of two records."""

    SAME = "same"
    UNKNOWN = "unknown"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason and, for sameness, its strength from 0 to 1."""

    verdict: Verdict
    reason: str
    strength: float = 0.0


class Candidate:
    """A record made ready for comparing; what is costly is worked out when first asked for."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.title_key = comparison_key(paper.title)

    @cached_property
    def title_squashed(self) -> str:
        """The title's letters and digits alone: `data-set` and `dataset` do not differ."""
        return self.title_key.replace(" ", "")

    @cached_property
    def title_markers(self) -> frozenset[str]:
        """Words that make two like titles two papers: numbers, parts, replies."""
        words = self.title_key.split()
        return frozenset(
            word
            for word in words
            if any(c.isdigit() for c in word)
            or word in _ABOUT_ANOTHER
            or word in _NUMBER_WORDS
            or (_ROMAN.fullmatch(word) and word != "")
        )

    @cached_property
    def wording(self) -> Wording:
        """The abstract's words; of a text of book length, the beginning."""
        return Wording(Wording.of(self.paper.abstract).words[:_MAX_WORDS])

    @property
    def has_generic_title(self) -> bool:
        """True for titles that many papers bear."""
        key = re.sub(r"\b\d+\b", "", self.title_key).strip()
        return key in _GENERIC_TITLES or len(self.title_key) < 12 or len(key.split()) < 3


def judge(one: Candidate, other: Candidate) -> Judgement:
    """Judge whether two records are one paper; symmetric in its arguments."""
    veto = _contradiction(one, other)
    if veto:
        return Judgement(Verdict.DIFFERENT, veto)
    if not one.title_key or not other.title_key:
        return _judge_untitled(one, other)
    if _same_title(one, other):
        return _judge_same_title(one, other)
    return _judge_two_titles(one, other)


def shared_authors(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Give the share of the shorter author list found in the other; None when one is empty."""
    if not one or not other:
        return None
    shorter, longer = sorted((list(one), list(other)), key=len)
    rest = list(longer)
    matched = 0
    for name in shorter:
        twin = next((other_name for other_name in rest if same_person(name, other_name)), None)
        if twin is not None:
            rest.remove(twin)
            matched += 1
    return matched / len(shorter)


def _contradiction(one: Candidate, other: Candidate) -> str:
    a, b = one.paper, other.paper
    if a.arxiv_id and b.arxiv_id and a.arxiv_id != b.arxiv_id:
        return "different arXiv ids"
    if shared_authors(a.authors, b.authors) == 0.0 and not _spelled_apart(a.authors, b.authors):
        return "no author in common"
    if a.doi and b.doi and a.doi != b.doi and not _same_title(one, other):
        return "different DOIs and titles"
    return ""


def _spelled_apart(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell lists that may be one in two spellings: the same number of people, alike in turn."""
    if len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(fuzz.ratio(comparison_key(a), comparison_key(b)) >= 70 for a, b in pairs)


def _same_title(one: Candidate, other: Candidate) -> bool:
    return bool(one.title_squashed) and one.title_squashed == other.title_squashed


def _same_identifier(one: Candidate, other: Candidate) -> bool:
    a, b = one.paper, other.paper
    return bool((a.doi and a.doi == b.doi) or (a.arxiv_id and a.arxiv_id == b.arxiv_id))


def _judge_untitled(  # noqa: PLR0911  a list of rules
    one: Candidate, other: Candidate
) -> Judgement:
    """At least one title is missing: only the wording, or an identifier, can tell."""
    a, b = one.wording, other.wording
    if a.words and a.words == b.words and len(a) >= 8:
        return Judgement(Verdict.SAME, "same abstract", 1.0)
    triples, content = shingle_containment(a, b), content_containment(a, b)
    if _same_identifier(one, other) and (content >= 0.4 or not a.words or not b.words):
        return Judgement(Verdict.SAME, "same identifier", 0.99)
    if min(len(a), len(b)) < _MIN_WORDS:
        return Judgement(Verdict.UNKNOWN, "too few words")
    titled = bool(one.title_key or other.title_key)
    needed = (0.4, 0.7) if titled and _title_is_covered(one, other) else (0.6, 0.75)
    if triples >= needed[0] and content >= needed[1] and not _lopsided(a, b):
        if _is_template(find_substitutions(a, b), triples):
            return Judgement(Verdict.DIFFERENT, "same template, other content")
        return Judgement(Verdict.SAME, "same wording, one without a title", triples)
    if content < 0.25:
        return Judgement(Verdict.DIFFERENT, "different abstracts")
    return Judgement(Verdict.UNKNOWN, "wording alike in part")


def _title_is_covered(one: Candidate, other: Candidate) -> bool:
    """True when the texts speak of most of what the other's title names."""
    return min(_coverage(one, other), _coverage(other, one)) >= 0.6


def _coverage(titled: Candidate, other: Candidate) -> float:
    """Give the share of a title's content words that the other's title or abstract has, 0 to 1."""
    words = {_stem(word) for word in titled.title_key.split() if word not in FUNCTION_WORDS}
    known = {_stem(word) for word in (*other.wording.words, *other.title_key.split())}
    return len(words & known) / len(words) if words else 1.0


def _stem(word: str) -> str:
    """A rough stem, enough to see `laws` in `law` and `hierarchical` in `hierarchy`."""
    return word.removesuffix("s")[:6]


def _lopsided(a: Wording, b: Wording) -> bool:
    """True when one text is a small part of the other: a shared beginning is no proof."""
    return min(len(a), len(b)) < 0.4 * max(len(a), len(b))


def _judge_same_title(  # noqa: PLR0911  a list of rules
    one: Candidate, other: Candidate
) -> Judgement:
    a, b = one.wording, other.wording
    authors = shared_authors(one.paper.authors, other.paper.authors)
    if _same_identifier(one, other):
        return Judgement(Verdict.SAME, "same title and identifier", 1.0)
    if not a.words or not b.words:
        return _judge_without_abstract(one, other, authors)
    if a.words == b.words and len(a) >= 8:
        return Judgement(Verdict.SAME, "same title and abstract", 1.0)
    triples, content = shingle_containment(a, b), content_containment(a, b)
    if one.has_generic_title and triples < 0.5:
        return Judgement(Verdict.DIFFERENT, "generic title, different abstracts")
    if triples >= 0.3 and _is_filled_template(find_substitutions(a, b)):
        return Judgement(Verdict.DIFFERENT, "same template, other content")
    enough = _content_needed(authors, len(one.title_key.split()))
    if content >= enough or (triples >= 0.3 and content >= enough - 0.1):
        return Judgement(
            Verdict.SAME, "same title, authors agree, wording alike", 0.5 + content / 2.5
        )
    verdict = Verdict.UNKNOWN if authors else Verdict.DIFFERENT
    return Judgement(verdict, "same title, different abstracts")


def _content_needed(authors: float | None, n_title_words: int) -> float:
    """How many content words the abstracts must share under one title, by what authors say."""
    if authors is None:
        return 0.5 if n_title_words >= 5 else 0.65
    if authors >= 0.5:
        return 0.25 if n_title_words >= 5 else 0.35
    return 0.45


def _judge_without_abstract(one: Candidate, other: Candidate, authors: float | None) -> Judgement:
    a, b = one.paper, other.paper
    near = a.year is None or b.year is None or abs(a.year - b.year) <= _YEARS_BETWEEN_VERSIONS
    if authors is not None and authors >= 0.5 and near and not one.has_generic_title:
        return Judgement(Verdict.SAME, "same title and authors", 0.6)
    return Judgement(Verdict.UNKNOWN, "same title, nothing else to compare")


def _judge_two_titles(  # noqa: PLR0911  a list of rules
    one: Candidate, other: Candidate
) -> Judgement:
    """Both titled, differently: only a paper that was renamed between versions is one.

    Wording alone cannot tell it from a sequel: of 79,343 distinct conference papers 141 pairs by
    the same authors share 40% or more of their word triples, some 90%. So all must agree: authors,
    wording, each title's every word in the other's text, and nothing that shows two publications.
    """
    a, b = one.wording, other.wording
    if one.title_markers != other.title_markers:
        return Judgement(Verdict.DIFFERENT, "titles differ in a number, a part or a reply")
    likeness = fuzz.token_set_ratio(one.title_key, other.title_key)
    triples, content = shingle_containment(a, b), content_containment(a, b)
    if _same_identifier(one, other) and (likeness >= 85 or content >= 0.5):
        return Judgement(Verdict.SAME, "same identifier", 0.95)
    if _published_apart(one.paper, other.paper):
        return Judgement(Verdict.DIFFERENT, "different titles, published apart")
    authors = shared_authors(one.paper.authors, other.paper.authors)
    if authors is None or authors < 0.99 or min(len(a), len(b)) < _MIN_WORDS or _lopsided(a, b):
        return Judgement(Verdict.DIFFERENT, "different titles")
    covered = min(_coverage(one, other), _coverage(other, one))
    if triples < 0.5 or content < 0.7 or likeness < 75 or covered < 1.0:
        return Judgement(Verdict.DIFFERENT, "different titles and abstracts")
    if _is_template(find_substitutions(a, b), triples):
        return Judgement(Verdict.DIFFERENT, "same template, other content")
    return Judgement(Verdict.SAME, "two titles, same authors and wording", triples)


def _published_apart(one: Paper, other: Paper) -> bool:
    """True when two records are two publications by what their sources say of them.

    A list holds each paper once: two titles in one file are two papers. So are two with
    ids, venues, addresses or DOIs of their own.
    """
    if {source.file for source in one.sources} & {source.file for source in other.sources}:
        return True
    own = ((one.id, other.id), (one.venue, other.venue), (one.url, other.url), (one.doi, other.doi))
    return any(a and b and a != b for a, b in own)


def _is_template(found: Substitutions, triples: float) -> bool:
    """Strict: without one title for both, words exchanged in place mean two papers."""
    if found.numbers or found.repeated:
        return True
    if triples >= 0.75 and found.words:
        return True
    return found.words >= 3 and found.share >= 0.3


def _is_filled_template(found: Substitutions) -> bool:
    """Lenient: under one title, figures may change from version to version, subjects may not."""
    if found.repeated:
        return found.share >= 0.2
    return found.words >= 2 and found.numbers + found.words >= 3 and found.share >= 0.5


def author_key(paper: Paper) -> tuple[str, ...]:
    """Give the sorted family names, for telling equal records apart from like ones."""
    return tuple(sorted(name_parts(name)[0] for name in paper.authors))

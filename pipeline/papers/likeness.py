"""Judge two records: one paper, two papers, or too little to say.

Titles, authors, identifiers and wording are weighed together, and every rule leans to keeping
records apart: a paper that stays in two rows is a blemish, two papers in one row is a loss.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from rapidfuzz import fuzz

from pipeline.papers.identity import (
    contradicting_scheme,
    is_preprint,
    is_preprint_doi,
    work_ids,
)
from pipeline.papers.names import is_collective, same_person, telling_words
from pipeline.papers.record import Paper
from pipeline.papers.text import comparison_key
from pipeline.papers.titles import (
    Title,
    are_akin,
    are_respellings,
    differ_in_signs,
    is_main_of,
    status_in,
)
from pipeline.papers.wording import (
    FUNCTION_WORDS,
    Substitutions,
    Wording,
    content_containment,
    find_substitutions,
    shingle_containment,
)

_LITTLE_TEXT = 8
_MIN_WORDS = 30
_MAX_WORDS = 1500
_YEARS_TO_PRINT = 4
_INDEPENDENT = ("doi", "arxiv", "pmid", "pmcid")
# What bears the title of a paper or of a book without being it.
_KINDS_APART = (
    ({"dataset"}, None),
    ({"software"}, None),
    ({"review-book"}, None),
    ({"book", "collection"}, {"chapter", "entry-encyclopedia", "article-journal"}),
)
_ANY_VENUE = frozenset(
    """
    acm annual conference ieee international journal proceedings symposium transactions workshop
    """.split()  # noqa: SIM905  one word a line would hide the list
)


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
        self.title = Title(paper.title)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids that versions of one work share."""
        return work_ids(self.paper)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The authors that are people; a list of groups alone says nobody."""
        return tuple(name for name in self.paper.authors if not is_collective(name))

    @cached_property
    def wording(self) -> Wording:
        """The abstract's words; of a text of book length, the beginning."""
        return Wording(Wording.of(self.paper.abstract).words[:_MAX_WORDS])


class _Pair:
    """Two records and what they share; each figure is worked out once, when first asked for."""

    def __init__(self, one: Candidate, other: Candidate) -> None:
        self.one, self.other = one, other
        self.papers = one.paper, other.paper

    @cached_property
    def authors(self) -> float | None:
        """See `shared_authors`."""
        return shared_authors(self.one.people, self.other.people)

    @cached_property
    def shared_ids(self) -> frozenset[str]:
        return self.one.ids & self.other.ids

    @property
    def has_independent_ids(self) -> bool:
        """True where ids of two catalogues agree: nobody copies both wrongly."""
        schemes = {name.partition(":")[0] for name in self.shared_ids}
        return len(schemes & set(_INDEPENDENT)) >= 2

    @property
    def has_two_dois(self) -> bool:
        """True where each has a publisher's DOI of its own."""
        a, b = ({name for name in c.ids if name.startswith("doi:")} for c in (self.one, self.other))
        preprint = any(p.doi and is_preprint_doi(p.doi) for p in self.papers)
        return bool(a) and bool(b) and not a & b and not preprint

    @property
    def has_preprint(self) -> bool:
        """True where one of the two is a preprint, and the other may be the printed paper."""
        a, b = map(is_preprint, self.papers)
        return a != b

    @cached_property
    def has_same_title(self) -> bool:
        return bool(self.one.title.squashed) and (
            self.one.title.squashed == self.other.title.squashed
        )

    @cached_property
    def subtitle_apart(self) -> bool:
        """True where one title is the other without its subtitle."""
        one, other = self.one.title, self.other.title
        return is_main_of(one, other) or is_main_of(other, one)

    @property
    def years_apart(self) -> int | None:
        """None where one has no year."""
        a, b = self.papers
        return None if a.year is None or b.year is None else abs(a.year - b.year)

    @property
    def has_two_texts(self) -> bool:
        """True where both have an abstract that can be compared: of some words, in one tongue."""
        a, b = (paper.language for paper in self.papers)
        one_tongue = not (a and b) or a == b
        return one_tongue and min(map(len, (self.one.wording, self.other.wording))) >= _LITTLE_TEXT

    @cached_property
    def triples(self) -> float:
        return shingle_containment(self.one.wording, self.other.wording)

    @cached_property
    def content(self) -> float:
        return content_containment(self.one.wording, self.other.wording)

    @cached_property
    def substitutions(self) -> Substitutions:
        return find_substitutions(self.one.wording, self.other.wording)

    @property
    def has_text_of_its_own(self) -> bool:
        """True where one text for both is no phrase of a publisher's: `The abstract of this article
        is not available in English` stands under many."""
        n_words = min(len(self.one.wording), len(self.other.wording))
        together = not self.years_apart and not self.has_two_dois
        return n_words >= _MIN_WORDS or (n_words >= _LITTLE_TEXT and together)

    @property
    def has_same_words(self) -> bool:
        return self.one.wording.words == self.other.wording.words


def judge(one: Candidate, other: Candidate) -> Judgement:
    """Judge whether two records are one paper; symmetric in its arguments."""
    pair = _Pair(one, other)
    if reason := _contradiction(pair):
        return Judgement(Verdict.DIFFERENT, reason)
    if not one.title.key or not other.title.key:
        return _judge_untitled(pair)
    if pair.has_same_title:
        return _judge_same_title(pair)
    if pair.subtitle_apart:
        return _judge_subtitle(pair)
    return _judge_two_titles(pair)


def shared_authors(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Give the share of the shorter author list found in the other; None when one is empty.

    Each name meets those that share a word with it alone: papers have thousands of authors.
    """
    if not one or not other:
        return None
    if set(one) == set(other):
        return 1.0
    shorter, longer = sorted((tuple(one), tuple(other)), key=len)
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(longer):
        for word in telling_words(name):
            places[word].append(place)
    taken: set[int] = set()
    for name in shorter:
        near = {place for word in telling_words(name) for place in places[word]} - taken
        twin = next((place for place in sorted(near) if same_person(name, longer[place])), None)
        if twin is not None:
            taken.add(twin)
    return len(taken) / len(shorter)


def _contradiction(pair: _Pair) -> str:
    """Why two records cannot be one paper, in words; "" where they can."""
    if scheme := contradicting_scheme(pair.one.ids, pair.other.ids):
        return f"different ids of {scheme}"
    if _kinds_apart(*pair.papers):
        return "of two kinds that share a title without being one"
    if pair.authors == 0.0 and not _spelled_apart(pair.one.people, pair.other.people):
        return "no author in common"
    if pair.has_two_dois:
        if not pair.has_same_title:
            return "different DOIs and titles"
        if len({status_in(paper.title) or paper.status for paper in pair.papers}) > 1:
            return "different DOIs, one of them retracted"
    return ""


def _kinds_apart(one: Paper, other: Paper) -> bool:
    kinds = one.kind, other.kind
    if None in kinds or kinds[0] == kinds[1]:
        return False
    return any(
        (a in mine and (others is None or b in others))
        for mine, others in _KINDS_APART
        for a, b in (kinds, kinds[::-1])
    )


def _spelled_apart(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell lists that may be one in two spellings: the same number of people, alike in turn."""
    if len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(fuzz.ratio(comparison_key(a), comparison_key(b)) >= 70 for a, b in pairs)


def _judge_untitled(pair: _Pair) -> Judgement:  # noqa: PLR0911  a list of rules
    """At least one title is missing: only the wording, or an identifier, can tell."""
    one, other = pair.one, pair.other
    a, b = one.wording, other.wording
    if pair.has_same_words and pair.has_text_of_its_own:
        return Judgement(Verdict.SAME, "same abstract", 1.0)
    if pair.shared_ids and (pair.content >= 0.4 or not a.words or not b.words):
        return Judgement(Verdict.SAME, "same identifier", 0.99)
    if min(len(a), len(b)) < _MIN_WORDS:
        return Judgement(Verdict.UNKNOWN, "too few words")
    titled = bool(one.title.key or other.title.key)
    needed = (0.4, 0.7) if titled and _title_is_covered(one, other) else (0.6, 0.75)
    if pair.triples >= needed[0] and pair.content >= needed[1] and not _lopsided(a, b):
        if _is_template(pair.substitutions, pair.triples):
            return Judgement(Verdict.DIFFERENT, "same template, other content")
        return Judgement(Verdict.SAME, "same wording, one without a title", pair.triples)
    if pair.content < 0.25:
        return Judgement(Verdict.DIFFERENT, "different abstracts")
    return Judgement(Verdict.UNKNOWN, "wording alike in part")


def _title_is_covered(one: Candidate, other: Candidate) -> bool:
    """True when the texts speak of most of what the other's title names."""
    return min(_coverage(one, other), _coverage(other, one)) >= 0.6


def _coverage(titled: Candidate, other: Candidate) -> float:
    """Give the share of a title's content words that the other's title or abstract has, 0 to 1."""
    words = {_stem(word) for word in titled.title.key.split() if word not in FUNCTION_WORDS}
    known = {_stem(word) for word in (*other.wording.words, *other.title.key.split())}
    return len(words & known) / len(words) if words else 1.0


def _stem(word: str) -> str:
    """A rough stem, enough to see `laws` in `law` and `hierarchical` in `hierarchy`."""
    return word.removesuffix("s")[:6]


def _lopsided(a: Wording, b: Wording) -> bool:
    """True when one text is a small part of the other: a shared beginning is no proof."""
    return min(len(a), len(b)) < 0.4 * max(len(a), len(b))


def _judge_same_title(pair: _Pair) -> Judgement:  # noqa: PLR0911  a list of rules
    title = pair.one.title
    other_year = bool(pair.years_apart)
    if pair.shared_ids and not (title.is_serial and other_year):
        return Judgement(Verdict.SAME, "same title and identifier", 1.0)
    has_one_text = pair.has_two_texts and pair.has_same_words and pair.has_text_of_its_own
    if differ_in_signs(title, pair.other.title) and not has_one_text:
        return Judgement(Verdict.DIFFERENT, "titles differ in a sign or a number")
    if title.is_serial and other_year:
        return Judgement(Verdict.DIFFERENT, "a title of every year, in two years")
    if not pair.has_two_texts or (pair.has_same_words and not has_one_text):
        return _judge_without_abstract(pair)
    if has_one_text:
        return Judgement(Verdict.SAME, "same title and abstract", 1.0)
    if title.is_generic and pair.triples < 0.5:
        return Judgement(Verdict.DIFFERENT, "generic title, different abstracts")
    if pair.triples >= 0.3 and _is_filled_template(pair.substitutions):
        return Judgement(Verdict.DIFFERENT, "same template, other content")
    enough = _content_needed(pair)
    if pair.content >= enough or (pair.triples >= 0.3 and pair.content >= enough - 0.1):
        return Judgement(
            Verdict.SAME, "same title, authors agree, wording alike", 0.5 + pair.content / 2.5
        )
    verdict = Verdict.UNKNOWN if pair.authors else Verdict.DIFFERENT
    return Judgement(verdict, "same title, different abstracts")


def _content_needed(pair: _Pair) -> float:
    """How many content words the abstracts must share under one title, by what authors say."""
    is_long = pair.one.title.n_words >= 5
    if pair.has_two_dois:
        return 0.5 if is_long else 0.65
    if pair.authors is None:
        return 0.5 if is_long else 0.65
    if pair.authors >= 0.5:
        return 0.25 if is_long else 0.35
    return 0.45


def _judge_without_abstract(pair: _Pair) -> Judgement:  # noqa: PLR0911  a list of rules
    """One title, and at least one abstract is missing or says nothing."""
    unknown = Judgement(Verdict.UNKNOWN, "same title, nothing else to compare")
    if pair.has_two_dois or pair.one.title.is_nameless or _is_thesis_and_paper(*pair.papers):
        return unknown
    if pair.one.title.is_serial:
        return unknown if not _same_place(pair) else _same("same title, year and venue")
    long, years = pair.one.title.n_words >= 5, pair.years_apart
    if pair.authors is None:
        enough = pair.one.title.n_words >= 7 and years == 0 and not _venues_apart(*pair.papers)
        return _same("same long title and year", 0.5) if enough else unknown
    if pair.one.title.is_generic:  # of one author, it may be a column
        several = min(len(pair.one.people), len(pair.other.people)) > 1 and pair.authors > 0.99
        return _same("same short title and authors") if several and years == 0 else unknown
    # A year later somewhere else it may be another paper of the same group, or of a namesake.
    near = years in (None, 0) or (years == 1 and not _venues_apart(*pair.papers))
    if pair.authors >= (0.01 if long else 0.5) and near:
        return _same("same title and authors")
    slow = years is not None and years <= _YEARS_TO_PRINT
    if long and slow and pair.authors > 0.99 and pair.has_preprint:
        return _same("same title and authors, one a preprint")
    return unknown


def _same(reason: str, strength: float = 0.6) -> Judgement:
    return Judgement(Verdict.SAME, reason, strength)


def _same_place(pair: _Pair) -> bool:
    """True where people, year and venue are all known and one."""
    a, b = (comparison_key(paper.venue or "") for paper in pair.papers)
    return bool(pair.authors) and pair.years_apart == 0 and bool(a) and a == b


def _venues_apart(one: Paper, other: Paper) -> bool:
    """True where both venues are known and no word of one begins one of the other, nor is made of
    its initials: `Nat Med` is `Nature Medicine`, `ICRA` a conference."""
    a, b = (_venue_words(paper.venue or "") for paper in (one, other))
    if not a or not b or any(x.startswith(y) or y.startswith(x) for x in a for y in b):
        return False
    initials = ["".join(word[0] for word in words) for words in (a, b)]
    return not any(
        len(word) >= 3 and (word in other_initials or other_initials in word)
        for words, other_initials in ((a, initials[1]), (b, initials[0]))
        for word in words
        if len(other_initials) >= 3
    )


def _venue_words(venue: str) -> list[str]:
    words = comparison_key(venue).split()
    return [word for word in words if len(word) >= 3 and word not in FUNCTION_WORDS | _ANY_VENUE]


def _are_two_entries(one: Paper, other: Paper) -> bool:
    """True where one file gives both, with two addresses at one site: a list holds each once."""
    sites = [(paper.url or "").split("/", 3)[2:3] for paper in (one, other)]
    files = [{source.file for source in paper.sources} for paper in (one, other)]
    return bool(files[0] & files[1]) and one.url != other.url and sites[0] == sites[1] != []


def _is_thesis_and_paper(one: Paper, other: Paper) -> bool:
    """True for a thesis beside what is none: theses become papers under their titles."""
    return None not in (one.kind, other.kind) and (one.kind == "thesis") != (other.kind == "thesis")


def _judge_subtitle(pair: _Pair) -> Judgement:  # noqa: PLR0911  a list of rules
    """One title is the other without its subtitle."""
    one, other = pair.one.title, pair.other.title
    if one.about_another != other.about_another:
        return Judgement(Verdict.DIFFERENT, "one is about another paper")
    if pair.shared_ids and not _is_filled_template(pair.substitutions):
        return Judgement(Verdict.SAME, "same identifier, one without its subtitle", 0.97)
    if one.markers != other.markers:
        return Judgement(Verdict.DIFFERENT, "titles differ in a number, a part or an edition")
    near = pair.years_apart is None or pair.years_apart <= 1
    agree = pair.authors is not None and pair.authors > 0.99 and near
    if _are_two_entries(*pair.papers):
        return Judgement(Verdict.DIFFERENT, "two addresses in one list")
    if pair.has_two_texts:
        # At 40% lie papers that went to two conferences in one year.
        alike = pair.triples >= 0.8
        if agree and alike and not _is_template(pair.substitutions, pair.triples):
            return Judgement(Verdict.SAME, "one without its subtitle, wording alike", 0.9)
        return Judgement(Verdict.DIFFERENT, "different titles and abstracts")
    shorter = min(one, other, key=lambda title: len(title.squashed))
    telling = shorter.n_words >= 5 and not one.is_serial and not other.is_serial
    together = not _venues_apart(*pair.papers) and not _is_thesis_and_paper(*pair.papers)
    if agree and telling and together:
        return Judgement(Verdict.SAME, "one without its subtitle, same authors", 0.55)
    return Judgement(Verdict.UNKNOWN, "titles differ in a subtitle")


def _judge_two_titles(pair: _Pair) -> Judgement:  # noqa: PLR0911  a list of rules
    """Both titled, differently: only a paper that was renamed between versions is one.

    Wording alone cannot tell it from a sequel: of 79,343 distinct conference papers 141 pairs by
    the same authors share 40% or more of their word triples, some 90%. So all must agree: authors,
    wording, each title's every word in the other's text, and nothing that shows two publications.
    """
    one, other = pair.one, pair.other
    a, b = one.wording, other.wording
    if one.title.markers != other.title.markers:
        return Judgement(Verdict.DIFFERENT, "titles differ in a number, a part or a reply")
    if pair.shared_ids and (are_akin(one.title, other.title) or pair.content >= 0.5):
        return Judgement(Verdict.SAME, "same identifier", 0.95)
    if pair.has_independent_ids and pair.authors is not None and pair.authors >= 0.5:
        return Judgement(Verdict.SAME, "same ids in two catalogues", 0.9)
    if pair.authors is None or pair.authors < 0.99 or min(len(a), len(b)) < _MIN_WORDS:
        return Judgement(Verdict.DIFFERENT, "different titles")
    if _lopsided(a, b):
        return Judgement(Verdict.DIFFERENT, "different titles")
    respelled = are_respellings(one.title, other.title)
    if not respelled and _published_apart(*pair.papers):
        return Judgement(Verdict.DIFFERENT, "different titles, published apart")
    likeness = fuzz.token_set_ratio(one.title.key, other.title.key)
    covered = respelled or min(_coverage(one, other), _coverage(other, one)) >= 1.0
    if pair.triples < 0.5 or pair.content < 0.7 or likeness < 75 or not covered:
        return Judgement(Verdict.DIFFERENT, "different titles and abstracts")
    if _is_template(pair.substitutions, pair.triples):
        return Judgement(Verdict.DIFFERENT, "same template, other content")
    return Judgement(Verdict.SAME, "two titles, same authors and wording", pair.triples)


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

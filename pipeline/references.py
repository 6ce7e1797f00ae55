"""Which paper of an atlas a user means, by id, DOI, arXiv id, address or title; and which theme."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pipeline.errors import UsageError
from pipeline.papers import (
    Paper,
    comparison_key,
    folded,
    normalise_arxiv_id,
    normalise_doi,
    normalise_title,
)

if TYPE_CHECKING:
    from pipeline.artifacts import Snapshot, ThemeRow

Rows = tuple[int, ...]

# The first DOI of an address: its own suffix may have slashes too.
_DOI = re.compile(r"(?:doi:?\s*|(?:https?://)?(?:[\w.-]+/){1,20}?)?(10\.\d{4,9}/\S+)", re.I)
_DOI_TAIL = re.compile(r"(?:/(?:full|pdf|abstract|epdf|html|meta)|\.pdf|[?#].*)$", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?:arxiv\s*(?:[:.]\s*)?|(?:https?://)?(?:[\w-]+\.)*(?:arxiv|alphaxiv)\.org/(?:abs|pdf|html)/)?"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z-]{2,8})?/\d{7})(?:v\d+)?(?:\.pdf)?(?:\s*\[[\w.-]+\]?)?[\s.,;]*",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)+/\S+", re.IGNORECASE)
_SUBTITLE = re.compile(r"(?::|\?|\s[-–—]|—)\s+")
_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())
_SURE = 90.0  # of 100: of a title of 60 letters, six may be wrong
_MARGIN = 5.0
_NEAR = 60.0  # below, titles share no more than their letters
_N_NEAREST = 3
_SAME_WORD = 88.0
_SHORTEST_FORM = 5  # letters: of shorter words, most that are alike are others
_SHORTEST_MAIN = 8  # letters: below, a title without its subtitle is an acronym
_SHORTEST_BEGINNING = 20  # letters: of fewer, several titles begin so by chance
_LONGEST_SHOWN = 80
_HOW_TO_NAME = "give an id, a DOI, an arXiv id or a title"
_ASK_BY_TEXT = "look for its title or its abstract as a text"


class PaperResolver:
    """Finds the paper that a reference means, and the other versions of a paper.

    Safe for many threads. All titles are read at the first question that needs them, and kept.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        """Nothing is read before the first question."""
        self._snapshot = snapshot
        self._lock = threading.RLock()

    def resolve(self, reference: str) -> int:
        """The row of the paper that `reference` means.

        In this order: an id or alias; a DOI, an arXiv id or an address, as people copy them; an id
        in another case; a title, where slips, a missing subtitle, accents, case, punctuation and
        LaTeX do not matter. Raises UsageError, with the nearest ids or titles, for what is none of
        them, stands for several papers, or is only like a title.
        """
        wanted = reference.strip()
        if not wanted:
            raise UsageError("no paper is named: the text is empty", hint=_HOW_TO_NAME)
        rows = (
            self._snapshot.rows_of_id(reference)
            or self._rows_of_identifier(wanted)
            or self._snapshot.rows_of_id_in_any_case(wanted)
        )
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise UsageError(
                f"{reference!r} stands for several papers", hint=f"use one of: {self._named(rows)}"
            )
        if kind := _kind_of_identifier(wanted):
            told = wanted.removeprefix("doi:")
            raise UsageError(f"no paper of this atlas has the {kind} {told!r}", hint=_ASK_BY_TEXT)
        return self._row_of_title(reference)

    def versions(self, row: int) -> Rows:
        """Rows of the other papers that are the same work, ascending: those of its DOI or arXiv id,
        or of its title where an author's family name is the same."""
        (paper,) = self._snapshot.papers([row])
        found = self._rows_with_identifiers_of((paper, *self._snapshot.records(row)))
        alike = [other for other in self._titles.rows_of(paper.title) if other != row]
        if alike and not _is_generic(paper):
            own = _family_names(paper)
            others = zip(alike, self._snapshot.papers(alike), strict=True)
            found.update(other for other, told in others if own & _family_names(told))
        return tuple(sorted(found - {row}))

    def _rows_with_identifiers_of(self, records: Iterable[Paper]) -> set[int]:
        told = [(record.doi, record.arxiv_id) for record in records]
        dois, arxiv_ids = {doi for doi, _ in told if doi}, {found for _, found in told if found}
        return {
            row
            for rows in (
                *map(self._snapshot.rows_of_doi, dois),
                *map(self._snapshot.rows_of_arxiv_id, arxiv_ids),
            )
            for row in rows
        }

    def _rows_of_identifier(self, wanted: str) -> Rows:
        """The papers with a DOI, an arXiv id or an address; none where it is no such thing."""
        text = unquote(wanted).strip("<>[](){}\"'“”‘’ ")
        if match := _ARXIV.fullmatch(text):
            return self._snapshot.rows_of_arxiv_id(match[1])
        if match := _DOI.fullmatch(text):
            # A bracket at its end may be its own: 10.1000/(SICI)1097<1::AID>2.0.CO;2-<a>.
            whole = _DOI.fullmatch(unquote(wanted))
            return (self._rows_of_doi(whole[1]) if whole else ()) or self._rows_of_doi(match[1])
        if _URL.fullmatch(text):
            key = _url_key(text)
            found = self._snapshot.urls_with(key)
            return tuple(sorted({row for url, row in found if _url_key(url) == key}))
        return ()

    def _rows_of_doi(self, written: str) -> Rows:
        """By the DOI, without what publishers put behind it in an address, else by its arXiv id."""
        for text in dict.fromkeys((written, _DOI_TAIL.sub("", written))):
            if rows := self._snapshot.rows_of_doi(normalise_doi(text) or ""):
                return rows
        is_arxiv = _ARXIV_DOI.match(written)
        arxiv_id = normalise_arxiv_id(written[is_arxiv.end() :]) if is_arxiv else None
        return self._snapshot.rows_of_arxiv_id(arxiv_id) if arxiv_id else ()

    def _row_of_title(self, reference: str) -> int:
        titles = self._titles
        text = normalise_title(reference)
        rows = titles.rows_of(text)
        if len(rows) == 1:
            return rows[0]
        if rows:
            told = f"{len(rows)} papers have the title {reference!r}"
            raise UsageError(told, hint=f"give the id: {self._named(rows[:_N_NEAREST])}")
        near = titles.nearest(text)
        if near and titles.is_sure(text, near):
            return next(iter(near))
        rows = _merged(near, titles.nearest(text, by_words=True))[:_N_NEAREST]
        ids = [] if " " in text else self._snapshot.nearest_ids(reference)
        told = "; ".join([*ids, *([self._named(rows)] if rows else [])])
        raise UsageError(
            f"no paper has the id or title {reference!r}",
            hint=f"nearest: {told}" if told else _ASK_BY_TEXT,
        )

    def _named(self, rows: Sequence[int]) -> str:
        return "; ".join(map(_told, self._snapshot.papers(rows)))

    @property
    def _titles(self) -> _Titles:
        with self._lock:
            return self._read_titles

    @cached_property
    def _read_titles(self) -> _Titles:
        return _Titles([*enumerate(self._snapshot.titles()), *self._snapshot.record_titles()])


def find_theme(wanted: str, themes: Sequence[ThemeRow], *, default_layer: int) -> ThemeRow:
    """The theme with this id, else this name: of several of one name that of the default layer,
    else the finest. UsageError, with the nearest names, for an unknown one."""
    named = sorted(themes, key=lambda theme: (theme.layer != default_layer, theme.layer, theme.id))
    # `~` marks an unstable theme where themes are listed, and whoever copies the name copies it.
    asked = " ".join(wanted.split()).removeprefix("~")
    asked = folded(asked.strip())
    by_id = [theme for theme in named if asked == str(theme.id)]
    if found := by_id or [theme for theme in named if asked == folded(theme.name)]:
        return found[0]
    near = _nearest_names(asked, [theme.name for theme in named])
    told = ", ".join(f"{named[place].name} ({named[place].id})" for place in near)
    hint = f"nearest: {told}" if told else "paperatlas themes lists them, with their ids"
    raise UsageError(f"no theme {wanted!r} in this atlas", hint=hint)


def _nearest_names(name: str, names: Sequence[str]) -> list[int]:
    """Places of the names most like one, each name once; none where no name is like it."""
    from rapidfuzz import fuzz, process

    if not name or name.isdigit():
        return []
    places = {folded(known): place for place, known in reversed(list(enumerate(names)))}
    found = process.extract(
        name, list(places), scorer=fuzz.WRatio, limit=_N_NEAREST, score_cutoff=_NEAR
    )
    return [places[key] for key, _, _ in found]


class _Titles:
    """All titles, ready to be compared; safe to share once made, but for `nearest` and `is_sure`,
    which prepare more at their first call, to the same result in any thread."""

    def __init__(self, titles: Sequence[tuple[int, str]]) -> None:
        """`titles`: row and title, several of one row where its records have others."""
        self._titles = titles
        self._rows = _grouped((_squashed(title), row) for row, title in titles if title)

    def rows_of(self, title: str) -> Rows:
        """The papers with this title, letters and digits alone compared; else, of a title without
        its subtitle, the papers whose title begins so before a colon; else those whose title
        begins so, if it is long."""
        squashed = _squashed(title)
        if not squashed:
            return ()
        rows = self._rows.get(squashed, ()) or self._mains.get(squashed, ())
        if rows or len(squashed) < _SHORTEST_BEGINNING:
            return rows
        found = (rows for key, rows in self._rows.items() if key.startswith(squashed))
        return tuple(sorted({row for rows in found for row in rows}))

    def nearest(self, title: str, *, by_words: bool = False) -> dict[int, float]:
        """Rows of the nearest titles and their likeness (0 to 100), the nearest first; none below
        60. Letters are compared in their order, or, `by_words`, words in any order and number."""
        from rapidfuzz import fuzz, process

        keys, rows = self._keys
        found = process.extract(
            comparison_key(title),
            keys,
            scorer=fuzz.token_set_ratio if by_words else fuzz.ratio,
            limit=4 * _N_NEAREST,
            score_cutoff=_NEAR,
        )
        best: dict[int, float] = {}
        for _, score, place in found:
            best.setdefault(rows[place], score)
        return best

    def is_sure(self, title: str, near: Mapping[int, float]) -> bool:
        """True where the nearest title differs by slips alone and no other is as near.

        A word that other titles have is no slip, nor is a number: `Learning to walk` is another
        paper than `Learning to talk`, and a second part another than a first.
        """
        (row, score), *others = near.items()
        runner_up = others[0][1] if others else 0.0
        if score < _SURE or score - runner_up < _MARGIN:
            return False
        keys, rows = self._keys
        key = comparison_key(title)
        own = [keys[place] for place, other in enumerate(rows) if other == row]
        words = set(key.split())
        closest = min(own, key=lambda theirs: len(words.symmetric_difference(theirs.split())))
        changed = words.difference(closest.split())
        known = {word for word in changed if not _is_form_of(word, closest.split())}
        same_part = _markers(key) == _markers(closest)
        return same_part and self._vocabulary.isdisjoint(known)

    @cached_property
    def _mains(self) -> Mapping[str, Rows]:
        mains = ((_SUBTITLE.split(title, maxsplit=1), row) for row, title in self._titles)
        return _grouped((_squashed(parts[0]), row) for parts, row in mains if len(parts) > 1)

    @cached_property
    def _keys(self) -> tuple[list[str], list[int]]:
        """Comparison keys, of whole titles and of those without a subtitle, and their rows."""
        keys, rows = [], []
        for row, title in self._titles:
            main = _SUBTITLE.split(title, maxsplit=1)[0]
            for text in {title, main if len(main) >= _SHORTEST_MAIN else title}:
                keys.append(comparison_key(text))
                rows.append(row)
        return keys, rows

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(word for key in self._keys[0] for word in key.split())


def _is_form_of(word: str, words: Iterable[str]) -> bool:
    """True for a word in another number, tense or spelling: `networks`, `generalizable`; an
    opposite, `unstable` for `stable`, is another word."""
    from rapidfuzz import fuzz

    return any(
        not (word.endswith(other) or other.endswith(word)) and fuzz.ratio(word, other) >= _SAME_WORD
        for other in words
        if min(len(word), len(other)) >= _SHORTEST_FORM
    )


def _markers(title: str) -> frozenset[str]:
    """Its numbers, parts and replies."""
    from pipeline.papers.titles import Title

    return Title(title).markers


def _is_generic(paper: Paper) -> bool:
    from pipeline.papers.titles import Title

    return Title(paper.title).is_generic


def _family_names(paper: Paper) -> set[str]:
    from pipeline.papers.names import name_parts

    return {family for name in paper.authors if (family := name_parts(name)[0])}


def _merged(one: Mapping[int, float], other: Mapping[int, float]) -> Rows:
    """The rows of both, those with the highest score first."""
    scores = {row: max(one.get(row, 0.0), other.get(row, 0.0)) for row in (*one, *other)}
    return tuple(sorted(scores, key=lambda row: (-scores[row], row)))


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, Rows]:
    """The rows of each key, ascending, each once."""
    groups: dict[str, Rows] = {}
    for key, row in pairs:
        groups[key] = (*held, row) if (held := groups.get(key)) else (row,)
    return {
        key: rows if len(rows) == 1 else tuple(sorted(set(rows))) for key, rows in groups.items()
    }


def _squashed(title: str) -> str:
    """The letters and digits of a title alone, as `comparison_key` has them: `data-set` is
    `dataset`."""
    if title.isascii():  # ten times as fast, and the same
        return title.lower().encode().translate(None, _ASCII_MARKS).decode()
    return comparison_key(title).replace(" ", "")


def _url_key(url: str) -> str:
    """An address without what does not tell pages apart: scheme, `www.`, a last slash, an anchor;
    OpenReview's PDF is its page."""
    key = re.sub(r"^(?:https?://)?(?:www\.)?", "", url.strip(), flags=re.IGNORECASE)
    key = key.partition("#")[0].rstrip("/.,;)>]")
    host, slash, path = key.partition("/")
    if host.lower() == "openreview.net":
        path = re.sub(r"^pdf\?", "forum?", path)
    return host.lower() + slash + path.removesuffix(".pdf")


def _kind_of_identifier(text: str) -> str:
    """What an identifier is called; "" for what looks like none."""
    kinds = ((_ARXIV, "arXiv id"), (_DOI, "DOI"), (_URL, "address"))
    return next((kind for pattern, kind in kinds if pattern.fullmatch(text)), "")


def _told(paper: Paper) -> str:
    """The id of a paper, and what tells it from others of its title."""
    who = paper.authors[0] if paper.authors else ""
    known = [_shortened(paper.title), who, "" if paper.year is None else str(paper.year)]
    return f"{paper.id} ({', '.join(part for part in known if part)})"


def _shortened(title: str) -> str:
    return (
        title if len(title) <= _LONGEST_SHOWN else title[:_LONGEST_SHOWN].rsplit(" ", 1)[0] + " …"
    )

"""Rows of a table, and objects that are as flat as rows, to papers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pipeline.errors import InputError
from pipeline.papers import Paper, Problem, Source, identity
from pipeline.papers.names import is_collective, without_marks
from pipeline.sources import fields
from pipeline.sources.column_names import columns_of_fields, extra_name, squash

_INDEX_COLUMN = re.compile(r"unnamed: ?\d+|__index_level_\d+__|column \d+", re.IGNORECASE)
_MAX_COLUMN_CHARS = 80
_FIRST_PAGE, _LAST_PAGE, _PAGES = "first page", "last page", "pages"
_PLACES = ("volume", "issue", _PAGES)
# `Vega X.-Y.`, `de Boer JB`: catalogues of medicine and Scopus write the initials last.
_INITIALS_LAST = re.compile(
    r"(?P<last>\w[\w'’ -]*?)\s+(?P<initials>(?:[^\W\d_]\.[\s-]?)+|[A-Z]{1,3}(?:-[A-Z])?)"
)
# An export of ours has names as people say them: `Malcolm X` has no initial at its end there.
_OUR_COLUMNS = frozenset({"arxiv_id", "theme_id"})
# Springer's tables have authors without anything between: `Ana VegaIan McDonaldJan Boer`.
_SPRINGER_COLUMNS = frozenset({"Item Title", "Authors"})
_NAME_STARTS = ("Mc", "Mac", "De", "Des", "Du", "Da", "Di", "La", "Le", "Van", "Von", "Fitz")
_ZOTEROS_KIND = "Item Type"
_NO_PAPERS = frozenset({"attachment", "note", "annotation"})
# What a title of figures alone would have beside it, were it a paper's.
_TELLING = ("abstract", "authors", "year", "date", "doi", "url", "venue", "arxiv_id")
_FIGURES = re.compile(r"[\d\s.,%]*\d[\d\s.,%]*")
_TOTAL = re.compile(r"(?:grand |sub)?total|sum|count|summe|gesamt|anzahl|somme|suma|n", re.I)
_LINKED = re.compile(
    r'=HYPERLINK\(\s*"(?P<url>(?:[^"]|"")*)"\s*[,;]\s*"(?P<text>(?:[^"]|"")*)"\s*\)\s*', re.I
)
_AUTHOR_ID = re.compile(r"\s*\(\d{5,}\)")
# `[Vega, A.; Boer, J.] University of Moss`, `(Vega A., a@moss.example) Institute of Ferns`
_WHOSE = re.compile(r"(?:^|(?<=[;,]\s))(?:\[[^\]]*\]|\([^)]*\))\s*")
_NO_AUTHOR = re.compile(r"\W*(?:no author name available|no authors? listed|anonymous)\W*", re.I)


def map_columns(names: Iterable[str], named: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give `field -> column` for the columns that are known, the best of each field's.

    Case, accents, spaces and signs do not matter: `Paper Title` is `title`. What the user `named`
    (field -> column) wins where there is such a column.
    """
    return dict(_mapped(tuple(names), tuple((named or {}).items())))


@lru_cache(maxsize=1024)  # objects of one source have the same keys again and again
def _mapped(
    names: tuple[str, ...], named: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    columns = {field: names[numbers[0]] for field, numbers in columns_of_fields(names).items()}
    columns |= {field: column for field, column in named if column in names}
    return tuple(columns.items())


def named_columns(names: Sequence[str], named: Mapping[str, str], shown: str) -> dict[str, int]:
    """Give `field -> number of its column` for the headings that the user named, written as in the
    table or nearly so; InputError, naming the nearest, where the table has none such."""
    import difflib

    found = {}
    for field, heading in named.items():
        wanted = " ".join(heading.split())
        number = next((i for i, name in enumerate(names) if name == wanted), None)
        if number is None:
            alike = (i for i, name in enumerate(names) if squash(name) == squash(wanted) != "")
            number = next(alike, None)
        if number is None:
            known = ", ".join(name[:60] for name in names[:12] if name)
            near = difflib.get_close_matches(wanted, [n for n in names if n], 1, 0.5)
            hint = f"did you mean columns.{field}={near[0]!r}?" if near else "name one of these"
            raise InputError(
                f"{shown}: no column {wanted!r} for columns.{field} (columns: {known})", hint=hint
            )
        found[field] = number
    return found


def has_text(columns: Iterable[str]) -> bool:
    """Tell whether fields are what a paper needs at least: a title or an abstract."""
    return not {"title", "abstract"}.isdisjoint(columns)


def no_text_error(shown: str, names: Sequence[str]) -> InputError:
    """What is said of a table in which neither titles nor abstracts are found."""
    known = ", ".join(name[:60] for name in names[:12] if name)
    return InputError(
        f"{shown}: no column of titles or abstracts (columns: {known})",
        hint="name them: --set columns.title=HEADING --set columns.abstract=HEADING",
    )


def to_paper(row: Mapping[str, Any], columns: Mapping[str, str], source: Source) -> Paper | Problem:
    """Give the paper of one object, or a problem when it has neither title nor abstract."""
    cell = {field: row.get(column) for field, column in columns.items()}
    read = set(columns.values())
    rest = ((name, value) for name, value in row.items() if name not in read and is_extra(name))
    return _to_paper(cell, ((extra_name(name), value) for name, value in rest), source)


def _to_paper(
    cell: dict[str, Any], extra: Iterable[tuple[str, object]], source: Source
) -> Paper | Problem:
    if isinstance(places := cell.get("affiliations"), str) and ("[" in places or "(" in places):
        is_list = places.startswith('["')  # as our export writes what has semicolons
        cell["affiliations"] = places if is_list else _WHOSE.sub("", places)
    if isinstance(name := cell.get("id"), str) and "openalex.org/W" in name:
        cell["openalex"] = cell.get("openalex") or name
    ids = {scheme: cell[scheme] for scheme in cell.keys() & identity.SCHEMES.keys()}
    if ids or "identifiers" in cell:
        cell["identifiers"] = listed_ids(cell.get("identifiers")) | ids
    return fields.to_paper(cell, source, extra=_without_zeros(list(_with_pages(extra))))


def listed_ids(value: object) -> dict[str, str]:
    """The ids by their schemes of a list as our export writes it: `pmid:29456894; openalex:W27`."""
    parts = value.split(";") if isinstance(value, str) else value
    if not isinstance(parts, list):
        return {}
    pairs = (part.strip().partition(":") for part in parts if isinstance(part, str))
    return {scheme: name for scheme, _, name in pairs}


def _with_pages(extra: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    """`pages` of a first and a last page; a table that has both ways is believed its `pages`."""
    ends: dict[str, str] = {}
    pages = ""
    for name, value in extra:
        if name in (_FIRST_PAGE, _LAST_PAGE):
            ends[name] = fields.line_of(value)
        else:
            if name == _PAGES:
                pages = fields.line_of(value)
            yield name, value
    first, last = ends.get(_FIRST_PAGE, ""), ends.get(_LAST_PAGE, "")
    if first and not pages:
        yield _PAGES, f"{first}-{last}" if last and last != first else first


def _without_zeros(extra: list[tuple[str, object]]) -> list[tuple[str, object]]:
    """The values without volume, issue and pages where those there are all 0, which says that
    nobody knows them."""
    places = {text for name, value in extra if name in _PLACES and (text := fields.line_of(value))}
    return [pair for pair in extra if pair[0] not in _PLACES] if places == {"0"} else extra


class RowReader:
    """Makes the papers of one table's rows, which are lists of cells in the order of its columns.

    `columns`: of each field the numbers of its columns; those after the first are read where the
    ones before them are empty.
    """

    def __init__(self, names: Sequence[str], columns: Mapping[str, Sequence[int]]) -> None:
        self._is_ours = _OUR_COLUMNS.issubset(names)
        self._is_springers = _SPRINGER_COLUMNS.issubset(names)
        self._is_zoteros = _ZOTEROS_KIND in names
        self._columns = [(field, tuple(numbers)) for field, numbers in columns.items()]
        read = {numbers[0] for numbers in columns.values()}
        others = {i: name for i, name in enumerate(names) if i not in read and is_extra(name)}
        named = {extra_name(name): i for i, name in reversed(others.items())}
        self._extra = list(named.items())

    def paper(self, cells: Sequence[Any], source: Source) -> Paper | Problem:
        """Give the paper of one row, or a problem when it is none: it has neither title nor
        abstract, is a total, or a file or a note of Zotero's."""
        cell = self._cell(cells)
        if not self._is_ours and (reason := self._reason_against(cell)):
            return Problem(source.line, f"{reason}, not a paper; set aside")
        if not self._is_ours:
            self._tidy(cell)
        extra = [(name, cells[number]) for name, number in self._extra]
        return _to_paper(cell, extra, source)

    def _cell(self, cells: Sequence[Any]) -> dict[str, Any]:
        """What the row has of each field."""
        cell: dict[str, Any] = {}
        for field, numbers in self._columns:
            for number in numbers:
                value = cells[number]
                if value is not None and value != "":
                    cell[field] = value
                    break
        return cell

    def _reason_against(self, cell: Mapping[str, Any]) -> str:
        """What a row is that is no paper, or ""."""
        if self._is_zoteros and (kind := fields.line_of(cell.get("kind"))) in _NO_PAPERS:
            return f"Zotero's {kind}"
        title = cell.get("title")
        if isinstance(title, str) and len(title) < _MAX_COLUMN_CHARS and _is_total(title, cell):
            return "a row of figures, such as a total"
        return ""

    def _tidy(self, cell: dict[str, Any]) -> None:
        """Read authors as catalogues list them, and what formulas of links show."""
        if isinstance(authors := cell.get("authors"), str):
            is_glued = self._is_springers and "," not in authors and ";" not in authors
            cell["authors"] = _unglued(authors) if is_glued else _authors(authors)
        title = cell.get("title")
        if isinstance(title, str) and (link := _LINKED.fullmatch(title)):
            cell["title"] = link["text"].replace('""', '"')
            cell["url"] = cell.get("url") or link["url"]


def _is_total(title: str, cell: Mapping[str, Any]) -> bool:
    """Tell whether a row is one below the papers, like `Total | 2`: its title is a number with
    nothing beside it, or a word for a sum with a number for its abstract or authors."""
    is_sum = _TOTAL.fullmatch(title.strip(" :.")) is not None
    if not is_sum and not _FIGURES.fullmatch(title):
        return False
    others = {field: text for field in _TELLING if (text := fields.line_of(cell.get(field)))}
    if not is_sum:
        return not others
    has_figure = not others.keys().isdisjoint({"abstract", "authors"})
    return has_figure and all(map(_FIGURES.fullmatch, others.values()))


def _unglued(text: str) -> list[str]:
    """The names of Springer's lists: parted where a small letter stands before a capital, if there
    are two words at least on each side; `McDonald` and `LeCun` are whole."""
    names: list[list[str]] = [[]]
    words = text.split()
    for number, word in enumerate(words):
        at = _seam(word)
        if at and names[-1] and number + 1 < len(words):
            names[-1].append(word[:at])
            names.append([word[at:]])
        else:
            names[-1].append(word)
    return [" ".join(name) for name in names]


def _seam(word: str) -> int:
    """Where a second name begins within a word; 0 where none does."""
    start = found = 0
    for at in range(1, len(word)):
        if word[at - 1].islower() and word[at].isupper():
            found = found if word[start:at] in _NAME_STARTS else at
            start = at
    return found


def _authors(text: str) -> str | list[Any]:
    """A list of authors without what catalogues put into it, names whose initials come last turned;
    the text where it is no such list."""
    text = without_marks(text.strip())
    if "(" in text:
        text = _AUTHOR_ID.sub("", text)
    if text[:1] in "[(aAnN" and _NO_AUTHOR.fullmatch(text):
        return ""
    turned: list[Any] = []
    parts, has_run = _parts(text)
    for part in filter(None, map(str.strip, parts)):
        if name := _turned(part):
            turned.append(name)
        elif has_run or is_collective(part):
            turned.append({"literal": part.rstrip(".")})
        else:
            return text
    return turned or text


def _parts(text: str) -> tuple[list[str], bool]:
    """The names of a list, and whether people stand in it between commas and groups behind
    semicolons, as in PubMed's tables: `Vega AB, Boer J; Moss Study Group.`"""
    if ";" not in text:
        return text.split(","), False
    parts: list[str] = []
    has_run = False
    for part in text.split(";"):
        people = part.split(",")
        is_run = len(people) > 1 and all(_turned(name.strip()) for name in people)
        has_run = has_run or is_run
        parts += people if is_run else [part]
    return parts, has_run


def _turned(name: str) -> str:
    """`Vega, A.` of `Vega A.`; "" for a name of another form."""
    if not name.rpartition(" ")[2].isupper():
        return "et al." if name.lower().rstrip(".") == "et al" else ""
    # A list ends with a full stop in PubMed's tables.
    match = _INITIALS_LAST.fullmatch(name) or _INITIALS_LAST.fullmatch(name.rstrip("."))
    if match is None:
        return ""
    last, initials = match["last"], match["initials"]
    is_plain = "." in initials or any(c.islower() for c in last)
    return f"{last}, {initials}" if is_plain else ""


@lru_cache(maxsize=10_000)
def is_extra(column: str) -> bool:
    """Tell whether a column has a name that is worth keeping; row numbers of pandas have not."""
    name = column.strip()
    return 0 < len(name) <= _MAX_COLUMN_CHARS and not _INDEX_COLUMN.fullmatch(name)

"""Reading `papers.sqlite`, for any number of threads."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts.database import (
    FLAG_FIELDS,
    JSON_FIELDS,
    PAPER_FIELDS,
    SAME_AS,
    SAME_AS_PAPER,
    Contrast,
    Memberships,
    ThemeRow,
    storable,
)
from pipeline.errors import DamagedAtlasError, UsageError
from pipeline.papers.record import FileReport, Paper, Problem, ProblemKind, Source

_COLUMNS = ", ".join(PAPER_FIELDS)
_N_FETCHED = 1000
_N_PARAMETERS = 500  # SQLite's oldest limit is 999
_N_NEAREST = 3
_NEAREST_SCORE = 60  # of 100; below that a suggestion is noise


class PaperDatabase:
    """The rows of one snapshot's database, which never changes.

    One connection serves all threads, one query at a time; queries are short and the file is in
    the page cache after its checksum.
    """

    def __init__(self, path: Path) -> None:
        """Open the database for reading; it is taken to be immutable, so nothing is locked."""
        self._path = path
        self._lock = threading.RLock()
        # as_uri quotes what a URI would take for its own: ?, # and %.
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        self._connection.text_factory = _text

    def close(self) -> None:
        """Close the file; later queries fail."""
        with self._lock:
            self._connection.close()

    def count(self, table: str) -> int:
        """Return the number of rows of a table."""
        return int(self._all(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - our names

    def column(self, name: str) -> list[Any]:
        """One field of every paper, in row order, as it stands in `Paper`.

        Raises `UsageError`, with the known names, for a name that is no field.
        """
        if name not in PAPER_FIELDS:
            raise UsageError(f"no field {name!r}", hint=f"known fields: {_COLUMNS}")
        stored = f"ifnull({name}, {SAME_AS[name]})" if name in SAME_AS else name
        decode = _DECODERS.get(name, _plain)
        rows = self._all(f"SELECT {stored} FROM papers ORDER BY row")  # noqa: S608 - checked above
        return [decode(value) for (value,) in rows]

    def papers(self, rows: Sequence[int]) -> list[Paper]:
        """Return the papers of these rows, in this order; IndexError where one is missing."""
        wanted = [int(row) for row in rows]
        found: dict[int, Paper] = {}
        for start in range(0, len(wanted), _N_PARAMETERS):
            part = wanted[start : start + _N_PARAMETERS]
            places = ", ".join("?" * len(part))
            query = f"SELECT row, {_COLUMNS} FROM papers WHERE row IN ({places})"  # noqa: S608
            found |= {row: _paper(values) for row, *values in self._all(query, part)}
        if missing := [row for row in wanted if row not in found]:
            raise IndexError(f"no paper in row {missing[0]}")
        return [found[row] for row in wanted]

    def all_papers(self) -> Iterator[Paper]:
        """Yield every paper in row order, a thousand in memory at a time."""
        query = f"SELECT row, {_COLUMNS} FROM papers WHERE row >= ? ORDER BY row LIMIT {_N_FETCHED}"  # noqa: S608
        start = 0
        while rows := self._all(query, (start,)):
            for _, *values in rows:
                yield _paper(values)
            start = rows[-1][0] + 1

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield title and abstract of every paper in row order, a thousand in memory at a time."""
        query = "SELECT row, title, abstract FROM papers WHERE row >= ? ORDER BY row LIMIT ?"
        start = 0
        while rows := self._all(query, (start, _N_FETCHED)):
            for _, title, abstract in rows:
                yield _plain(title), _plain(abstract)
            start = rows[-1][0] + 1

    def find_row(self, paper_id: str) -> int:
        """Return the row of the paper with this id or alias; an id goes before an alias.

        Raises `UsageError` for an unknown id, with the nearest ones, and for an alias of several
        papers, with theirs.
        """
        rows = self.rows_of_id(paper_id)
        if len(rows) == 1:
            return rows[0]
        if rows:
            ids = ", ".join(p.id for p in self.papers(rows))
            raise UsageError(f"{paper_id!r} stands for several papers", hint=f"use one of: {ids}")
        raise UsageError(f"no paper with the id {paper_id!r}", hint=self._nearest(paper_id))

    def rows_of_id(self, paper_id: str) -> tuple[int, ...]:
        """Return the row with this id, else those with this alias; none for an unknown one."""
        stored = storable(paper_id)
        rows = self._all("SELECT row FROM papers WHERE id = ?", (stored,))
        if not rows:
            rows = self._all("SELECT row FROM aliases WHERE alias = ? ORDER BY row", (stored,))
        return tuple(int(row) for (row,) in rows)

    def rows_of_id_in_any_case(self, paper_id: str) -> tuple[int, ...]:
        """Return the rows with this id or alias, whatever the case of its ASCII letters."""
        return self._rows(
            "SELECT row FROM papers WHERE id = ?1 COLLATE NOCASE UNION "
            "SELECT row FROM aliases WHERE alias = ?1 COLLATE NOCASE",
            paper_id,
        )

    def rows_of_doi(self, doi: str) -> tuple[int, ...]:
        """Return the rows of papers with this DOI (lower case, `10.…`), in any of their records."""
        return self._rows(
            "SELECT row FROM papers WHERE doi = ?1 UNION SELECT row FROM records WHERE doi = ?1",
            doi,
        )

    def rows_of_arxiv_id(self, arxiv_id: str) -> tuple[int, ...]:
        """Return the rows of papers with this arXiv id (no version), in any record, any case."""
        return self._rows(
            "SELECT row FROM papers WHERE arxiv_id = ?1 COLLATE NOCASE UNION "
            "SELECT row FROM records WHERE arxiv_id = ?1 COLLATE NOCASE",
            arxiv_id,
        )

    def urls_with(self, part: str) -> list[tuple[str, int]]:
        """Return the addresses, of papers and records, that have `part` in them, with their rows;
        the case of ASCII letters is no matter."""
        # LIKE refuses patterns of more than 50,000 bytes.
        found = self._all(
            "SELECT url, row FROM papers WHERE instr(lower(url), lower(?1)) UNION "
            "SELECT url, row FROM records WHERE instr(lower(url), lower(?1))",
            (storable(part),),
        )
        return [(_plain(url), int(row)) for url, row in found]

    def record_titles(self) -> list[tuple[int, str]]:
        """Return row and title of the merged records that have another title than their paper."""
        query = "SELECT row, title FROM records WHERE title IS NOT NULL AND title != ''"
        return [(row, _plain(title)) for row, title in self._all(query)]

    def records(self, row: int) -> tuple[Paper, ...]:
        """Return the source records of the paper in this row, the imported one first."""
        (paper,) = self.papers([row])
        query = f"SELECT {_COLUMNS} FROM records WHERE row = ? ORDER BY number"  # noqa: S608
        return tuple(_record(values, paper) for values in self._all(query, (row,)))

    def all_records(self) -> Iterator[tuple[Paper, ...]]:
        """Yield the source records of every paper in row order, those of a thousand at a time."""
        query = (
            f"SELECT row, {_COLUMNS} FROM records WHERE row BETWEEN ? AND ? "  # noqa: S608
            "ORDER BY row, number"
        )
        n_papers = self.count("papers")
        for start in range(0, n_papers, _N_FETCHED):
            rows = range(start, min(start + _N_FETCHED, n_papers))
            papers = self.papers(rows)
            found: list[list[Paper]] = [[] for _ in rows]
            for row, *values in self._all(query, (rows.start, rows.stop - 1)):
                found[row - start].append(_record(values, papers[row - start]))
            yield from map(tuple, found)

    def themes(self) -> tuple[ThemeRow, ...]:
        """Return every theme of every layer, by layer and then by id."""
        query = (
            "SELECT id, layer, name, size, parent, terms, exemplars, evidence, stability, "
            "covered_share, contrast FROM themes ORDER BY layer, id"
        )
        rows = self._all(query)
        try:
            return tuple(_theme(values) for values in rows)
        except (ValueError, TypeError) as error:
            raise self._damaged(f"a theme is no theme: {error}") from error

    def memberships(self, n_papers: int) -> Memberships:
        """Return every paper's theme in every layer; `DamagedAtlasError` where some are missing."""
        layers = self._all("SELECT layer, is_default FROM layers ORDER BY layer")
        theme_ids = np.empty((len(layers), n_papers), np.int32)
        strengths = np.empty((len(layers), n_papers), np.float32)
        query = "SELECT ifnull(theme, -1), strength FROM memberships WHERE layer = ? ORDER BY row"
        for place, (layer, _) in enumerate(layers):  # one at a time: as tuples they are large
            rows = self._all(query, (layer,))
            if len(rows) != n_papers:
                raise self._damaged(f"{len(rows)} memberships of {n_papers} papers")
            theme_ids[place] = [theme for theme, _ in rows]
            strengths[place] = [strength for _, strength in rows]
        default = next((layer for layer, is_default in layers if is_default), 0)
        return Memberships(theme_ids, strengths, default)

    def theme_id(self, row: int, layer: int) -> int:
        """Return the theme of one row's paper in a layer, -1 for none."""
        query = "SELECT ifnull(theme, -1) FROM memberships WHERE layer = ? AND row = ?"
        rows = self._all(query, (layer, row))
        if not rows:
            raise self._damaged(f"no membership of row {row} in layer {layer}")
        return int(rows[0][0])

    def default_layer(self) -> int:
        """Return the layer of themes that a user sees first."""
        rows = self._all("SELECT layer FROM layers WHERE is_default")
        return int(rows[0][0]) if rows else 0

    def reports(self) -> tuple[FileReport, ...]:
        """Return what became of each input file, with the records that were set aside."""
        problems: dict[int, list[Problem]] = {}
        for file, line, reason, kind in self._all(
            "SELECT file, line, reason, kind FROM problems ORDER BY number"
        ):
            problems.setdefault(file, []).append(Problem(line, _plain(reason), ProblemKind(kind)))
        rows = self._all(
            "SELECT number, file, format, found, imported, merged, set_aside FROM files "
            "ORDER BY number"
        )
        return tuple(
            replace(FileReport(_plain(file), *told), problems=tuple(problems.get(number, ())))
            for number, file, *told in rows
        )

    def _rows(self, query: str, value: str) -> tuple[int, ...]:
        return tuple(sorted(int(row) for (row,) in self._all(query, (storable(value),))))

    def _all(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(query, parameters).fetchall()
        except sqlite3.ProgrammingError:
            raise  # closed already: the caller's mistake
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, reason: object) -> DamagedAtlasError:
        return DamagedAtlasError(f"{self._path}: cannot be read ({reason})", hint="build it again")

    def nearest_ids(self, paper_id: str) -> list[str]:
        """The ids most like one, the nearest first; none where none is like it."""
        from rapidfuzz import process  # only for an error message

        known = self.column("id")
        near = process.extract(paper_id, known, limit=_N_NEAREST, score_cutoff=_NEAREST_SCORE)
        return [name for name, *_ in near]

    def _nearest(self, paper_id: str) -> str:
        if near := self.nearest_ids(paper_id):
            return f"nearest: {', '.join(near)}"
        return f"ids look like: {', '.join(self.column('id')[:_N_NEAREST])}"


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever SQLite stored
    return _text(value) if isinstance(value, bytes) else value


def _list(value: str) -> tuple[Any, ...]:
    return tuple(json.loads(value))


def _sources(value: str) -> tuple[Source, ...]:
    return tuple(Source(file, line) for file, line in json.loads(value))


def _extra(value: str) -> tuple[tuple[str, str], ...]:
    return tuple(json.loads(value).items())


_DECODERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(JSON_FIELDS, _list),
    **dict.fromkeys(FLAG_FIELDS, bool),
    "sources": _sources,
    "extra": _extra,
}


def _theme(values: Sequence[Any]) -> ThemeRow:
    number, layer, name, size, parent, terms, exemplars, evidence, *proof = map(_plain, values)
    lists = (_list(terms), _list(exemplars), _list(evidence))
    stability, covered_share, contrast = proof
    return ThemeRow(
        *(number, layer, name, size, parent, *lists),
        stability=stability,
        covered_share=covered_share,
        contrast=Contrast(**json.loads(contrast)) if contrast else None,
    )


def _paper(values: Sequence[Any]) -> Paper:
    return _with_raw_texts(
        {
            name: _DECODERS.get(name, _plain)(value)
            for name, value in zip(PAPER_FIELDS, values, strict=True)
        }
    )


def _with_raw_texts(fields: dict[str, Any]) -> Paper:
    for raw, own in SAME_AS.items():
        if fields[raw] is None:
            fields[raw] = fields[own]
    return Paper(**fields)


def _record(values: Sequence[Any], paper: Paper) -> Paper:
    return _with_raw_texts(
        {
            name: getattr(paper, name)
            if value is None and name in SAME_AS_PAPER
            else _DECODERS.get(name, _plain)(value)
            for name, value in zip(PAPER_FIELDS, values, strict=True)
        }
    )

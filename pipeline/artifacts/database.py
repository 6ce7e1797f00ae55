"""Writing `papers.sqlite`: papers, their records and aliases, themes, memberships, reports.

The same content gives the same bytes: rows go in by their order, tables one after the other, and
SQLite is told to clear the space that it frees.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts.disk import writing
from pipeline.papers.record import FileReport, Paper, Source

Stored = str | bytes | int | float | None

JSON_FIELDS = frozenset(
    {"authors", "affiliations", "identifiers", "keywords", "aliases", "sources"}
)
FLAG_FIELDS = frozenset({"authors_truncated", "code"})
NUMBER_FIELDS = {"year": "INTEGER", "score": "REAL"}
PAPER_FIELDS = tuple(f.name for f in fields(Paper))
"""Columns of `papers` after `row`, and of `records` after `row` and `number`; as in `Paper`."""
SAME_AS = {"raw_title": "title", "raw_abstract": "abstract"}
"""NULL in the first column means: the same text as in the second."""
SAME_AS_PAPER = frozenset({"title", "abstract", "extra"})
"""NULL in these columns of `records` means: the same text as the paper's."""

_PAPER_COLUMNS = ", ".join(
    f"{name} {NUMBER_FIELDS.get(name, 'INTEGER' if name in FLAG_FIELDS else 'TEXT')}"
    for name in PAPER_FIELDS
)
_SCHEMA = f"""
CREATE TABLE papers (row INTEGER PRIMARY KEY, {_PAPER_COLUMNS});
CREATE TABLE records (
  record INTEGER PRIMARY KEY, row INTEGER, number INTEGER, file TEXT, line INTEGER, {_PAPER_COLUMNS}
);
CREATE TABLE aliases (alias TEXT, row INTEGER, PRIMARY KEY (alias, row)) WITHOUT ROWID;
CREATE TABLE files (
  number INTEGER PRIMARY KEY, file TEXT, format TEXT,
  found INTEGER, imported INTEGER, merged INTEGER, set_aside INTEGER
);
CREATE TABLE problems (
  number INTEGER PRIMARY KEY, file INTEGER, line INTEGER, reason TEXT, kind TEXT
);
CREATE TABLE layers (layer INTEGER PRIMARY KEY, is_default INTEGER);
CREATE TABLE themes (
  id INTEGER PRIMARY KEY, layer INTEGER, name TEXT, size INTEGER, parent INTEGER,
  terms TEXT, exemplars TEXT, evidence TEXT, stability REAL,
  covered_share REAL, contrast TEXT
);
CREATE TABLE memberships (
  layer INTEGER, row INTEGER, theme INTEGER, strength REAL, PRIMARY KEY (layer, row)
) WITHOUT ROWID;
"""
# Made after the rows are in: sorted once, and not rebalanced at every row.
_INDEXES = """
CREATE UNIQUE INDEX papers_by_id ON papers (id);
CREATE INDEX papers_by_doi ON papers (doi) WHERE doi IS NOT NULL;
CREATE INDEX records_by_row ON records (row, number);
"""
_APPLICATION_ID = 0x50415441  # "PATA": what `file papers.sqlite` shows


# A theme under this is marked: of two of its papers, about one is elsewhere the next time.
_STABLE = 0.5


@dataclass(frozen=True, slots=True)
class Contrast:
    """What tells a theme from the nearest one of its layer: `phrase`, of the name that its papers'
    words gave, is `times` as often in its papers as in those of `theme`, an id."""

    theme: int
    phrase: str
    times: float


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme as it is stored."""

    id: int
    """Unique over all layers, from 0."""
    layer: int
    """0 is the finest."""
    name: str
    size: int
    """Papers that belong to it."""
    parent: int | None
    """Id of the theme of a coarser layer that holds it; None in the coarsest layer."""
    terms: tuple[str, ...] = ()
    exemplars: tuple[int, ...] = ()
    """Rows of its most typical papers, best first."""
    evidence: tuple[str, ...] = ()
    stability: float | None = None
    """Share of its pairs of papers that stay together when the themes are found again without a
    fifth of the papers; None where nobody looked."""
    covered_share: float = 0.0
    """Share of the papers that its name was chosen from that have a phrase of that name; one that
    a language model or the user gave in its place has no such proof."""
    contrast: Contrast | None = None
    """What tells it from the nearest theme of its layer."""

    @property
    def is_unstable(self) -> bool:
        """True where two of its papers are as likely apart as together when others are missing."""
        return self.stability is not None and self.stability < _STABLE


@dataclass(frozen=True, slots=True)
class Memberships:
    """Which theme each paper belongs to, in each layer."""

    theme_ids: NDArray[np.int32]
    """(n_layers, n_papers); -1 where a paper is unassigned."""
    strengths: NDArray[np.float32]
    """(n_layers, n_papers), in [0, 1]."""
    default_layer: int


def create_database(path: Path) -> None:
    """Make an empty database at `path`."""
    with _transaction(path) as connection:
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        for statement in _statements(_SCHEMA):
            connection.execute(statement)


def insert_papers(path: Path, papers: Sequence[Paper], records: Iterable[Sequence[Paper]]) -> int:
    """Write the papers in row order and each one's source records; return how many records.

    Raises ValueError where two papers have one id, where a record has not exactly one source, and
    where `records` is not as long as `papers`.
    """
    n_records = count()
    with _transaction(path) as connection:
        _insert(connection, "papers", (_paper_values(row, p) for row, p in enumerate(papers)))
        _insert(connection, "records", _record_rows(papers, records, n_records))
        aliases = ((row, alias) for row, p in enumerate(papers) for alias in sorted(set(p.aliases)))
        _insert(connection, "aliases", ((storable(alias), row) for row, alias in aliases))
        try:
            for statement in _statements(_INDEXES):
                connection.execute(statement)
        except sqlite3.IntegrityError:
            raise ValueError(f"two papers have the id {_repeated_id(papers)!r}") from None
    return next(n_records)


def insert_reports(path: Path, reports: Sequence[FileReport]) -> None:
    """Write what became of each input file, in the order given."""
    numbered = list(enumerate(reports))
    problems = ((number, p) for number, report in numbered for p in report.problems)
    with _transaction(path) as connection:
        _insert(
            connection,
            "files",
            (
                (i, storable(r.file), r.format, r.found, r.imported, r.merged, r.set_aside)
                for i, r in numbered
            ),
        )
        _insert(
            connection,
            "problems",
            (
                (i, number, p.line, storable(p.reason), p.kind)
                for i, (number, p) in enumerate(problems)
            ),
        )


def insert_themes(path: Path, themes: Sequence[ThemeRow], memberships: Memberships) -> None:
    """Write the themes, ordered by id, and the membership of every paper in every layer.

    Raises ValueError where themes and memberships contradict each other.
    """
    require_consistent_themes(themes, memberships)
    n_layers = len(memberships.theme_ids)
    with _transaction(path) as connection:
        layers = ((layer, int(layer == memberships.default_layer)) for layer in range(n_layers))
        _insert(connection, "layers", layers)
        _insert(connection, "themes", map(_theme_values, sorted(themes, key=lambda t: t.id)))
        _insert(connection, "memberships", _membership_rows(memberships))


def require_consistent_themes(themes: Sequence[ThemeRow], memberships: Memberships) -> None:
    """Raise ValueError unless ids, layers, sizes, parents and memberships agree."""
    by_id = {theme.id: theme for theme in themes}
    if len(by_id) != len(themes) or min(by_id, default=0) < 0:
        raise ValueError("theme ids are not unique numbers from 0")
    theme_ids = memberships.theme_ids
    if theme_ids.ndim != 2 or memberships.strengths.shape != theme_ids.shape:
        raise ValueError(
            f"theme_ids {theme_ids.shape} and strengths {memberships.strengths.shape} are not "
            "(n_layers, n_papers) both"
        )
    if not 0 <= memberships.default_layer < max(len(theme_ids), 1):
        raise ValueError(f"default layer {memberships.default_layer} of {len(theme_ids)}")
    sizes = _sizes(theme_ids)
    for theme in themes:
        if sizes.pop((theme.layer, theme.id), 0) != theme.size:
            raise ValueError(f"theme {theme.id} has not the {theme.size} papers of its size")
        if theme.parent is not None:
            parent = by_id.get(theme.parent)
            if parent is None or parent.layer <= theme.layer:
                raise ValueError(f"theme {theme.id}: no theme {theme.parent} in a coarser layer")
    if sizes:
        raise ValueError(f"papers belong to unknown themes: (layer, id) {sorted(sizes)[:3]}")


def _sizes(theme_ids: NDArray[np.int32]) -> dict[tuple[int, int], int]:
    sizes = {}
    for layer, ids in enumerate(theme_ids):
        for theme, size in zip(*np.unique(ids[ids != -1], return_counts=True), strict=True):
            sizes[layer, int(theme)] = int(size)
    return sizes


def storable(text: str) -> Stored:
    """Return `text` as SQLite can take it: half a surrogate pair (JSON allows it) goes as bytes."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def _encode(paper: Paper, same: Mapping[str, str]) -> list[Stored]:
    """Values of the columns `PAPER_FIELDS`; `same` holds texts that are stored as NULL."""
    values: list[Stored] = []
    for name in PAPER_FIELDS:
        value: Any = getattr(paper, name)
        if same.get(name) == value and value is not None:
            values.append(None)
        else:
            values.append(_ENCODERS.get(name, _encode_plain)(value))
    return values


def _encode_plain(value: Any) -> Stored:  # noqa: ANN401 - a field of Paper: text, number or None
    return storable(value) if isinstance(value, str) else value


def _encode_list(value: tuple[str, ...]) -> str:
    return json.dumps(value)  # ASCII only: safe for any text


def _encode_sources(value: tuple[Source, ...]) -> str:
    return json.dumps([[source.file, source.line] for source in value])


def _encode_extra(value: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(dict(value))


_ENCODERS: Mapping[str, Callable[[Any], Stored]] = {
    **dict.fromkeys(JSON_FIELDS, _encode_list),
    **dict.fromkeys(FLAG_FIELDS, int),
    "sources": _encode_sources,
    "extra": _encode_extra,
}


def _paper_values(row: int, paper: Paper) -> list[Stored]:
    same = {raw: getattr(paper, own) for raw, own in SAME_AS.items()}
    return [row, *_encode(paper, same)]


def _record_rows(
    papers: Sequence[Paper], records: Iterable[Sequence[Paper]], numbers: Iterator[int]
) -> Iterator[list[Stored]]:
    for row, (paper, group) in enumerate(zip(papers, records, strict=True)):
        for place, record in enumerate(group):
            if len(record.sources) != 1:
                raise ValueError(f"row {row}: a record of {len(record.sources)} sources, not one")
            (source,) = record.sources
            same = {name: getattr(paper, name) for name in SAME_AS_PAPER}
            same |= {raw: getattr(record, own) for raw, own in SAME_AS.items()}
            yield [
                *(next(numbers), row, place, storable(source.file), source.line),
                *_encode(record, same),
            ]


def _theme_values(theme: ThemeRow) -> tuple[Stored, ...]:
    lists = (theme.terms, theme.exemplars, theme.evidence)
    return (
        *(theme.id, theme.layer, storable(theme.name), theme.size, theme.parent),
        *(json.dumps(values) for values in lists),
        theme.stability,
        theme.covered_share,
        None if theme.contrast is None else json.dumps(asdict(theme.contrast)),
    )


def _membership_rows(memberships: Memberships) -> Iterator[tuple[Stored, ...]]:
    for layer in range(len(memberships.theme_ids)):
        themes = memberships.theme_ids[layer].tolist()
        strengths = memberships.strengths[layer].tolist()
        for row, (theme, strength) in enumerate(zip(themes, strengths, strict=True)):
            yield layer, row, None if theme == -1 else theme, strength


def _repeated_id(papers: Sequence[Paper]) -> str:
    seen: set[str] = set()
    return next((p.id for p in papers if p.id in seen or seen.add(p.id)), "")  # type: ignore[func-returns-value]


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Sequence[Stored]]) -> None:
    n_columns = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
    places = ", ".join("?" * n_columns)
    connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - our names


def _statements(script: str) -> list[str]:
    return [statement for statement in script.split(";") if statement.strip()]


@contextmanager
def _transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on a database that nobody else can see yet: no journal, no syncing."""
    with writing(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA encoding = 'UTF-8'")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")

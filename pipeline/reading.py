"""From SOURCEs to the table of papers, and to what is told of their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.edits import EditReport, Edits, decide_papers
from pipeline.errors import InputError
from pipeline.papers import (
    FileReport,
    PaperTable,
    ProblemKind,
    RecordStore,
    count_duplicates,
    group_records,
    table_of,
)
from pipeline.progress import Progress, Silence
from pipeline.settings import ColumnSettings, Settings
from pipeline.sources import ProblemLog, read_into, read_sources

MERGING = "merge"
"""What `Progress` hears when records are compared."""


@dataclass(frozen=True, slots=True)
class ReadTable:
    """The papers of all SOURCEs, the SHA-256 of each file of theirs, and what is told of them.

    `edits`: what became of the user's word on which records are one paper.
    """

    table: PaperTable
    digests: Mapping[str, str]
    problems: ProblemLog
    edits: EditReport


@dataclass(frozen=True, slots=True)
class Inspection:
    """What became of each file, and the problems with their texts; `unread`: why nothing could be
    made of files that the user named, a line each."""

    reports: tuple[FileReport, ...]
    problems: ProblemLog
    unread: tuple[str, ...]


def read_table(
    sources: Sequence[Path],
    settings: Settings | None = None,
    *,
    languages: frozenset[str] | None = None,
    edits: Edits = (),
    progress: Progress | None = None,
) -> ReadTable:
    """The papers of all SOURCEs, duplicates merged, rows in canonical order.

    `languages`: those of the model, where others are to be told of. Raises InputError.
    """
    progress = progress or Silence()
    read = read_sources(
        sources, columns=_columns(settings), languages=languages, tell=progress.advance
    )
    progress.stage(MERGING)
    grouped, decided = decide_papers(group_records(read.records), edits)
    return ReadTable(table_of(grouped, read.reports), read.digests, read.problems, decided)


def inspect_sources(
    sources: Sequence[Path],
    settings: Settings | None = None,
    *,
    languages: frozenset[str] | None = None,
    progress: Progress | None = None,
) -> Inspection:
    """What `read_table` would make of the SOURCEs, in an amount of memory that does not grow with
    the texts: records beyond some thousands lie in a temporary folder. Raises InputError."""
    progress = progress or Silence()
    with RecordStore() as store:
        read = read_into(
            store,
            sources,
            columns=_columns(settings),
            languages=languages,
            tell=progress.advance,
            go_on=True,
        )
        progress.stage(MERGING)
        reports = count_duplicates(store.in_order(), read.reports)
        return Inspection(reports, read.problems, read.unread)


def _columns(settings: Settings | None) -> dict[str, str]:
    """The headings that the user named, by field."""
    named = asdict(ColumnSettings() if settings is None else settings.columns)
    return {field: heading for field, heading in named.items() if heading}


def require_read(unread: Sequence[str]) -> None:
    """Raise InputError where something that the user named could not be read."""
    if unread:
        more = f" (and {len(unread) - 1} more of those named)" if len(unread) > 1 else ""
        raise InputError(f"{unread[0]}{more}", hint="docs/import.md lists what can be read")


def require_clean(reports: Sequence[FileReport]) -> None:
    """Raise InputError unless all that was found could be used, and nothing had to be guessed."""
    if all(report.is_clean for report in reports):
        return
    troubled = [
        (report.file, problem)
        for report in reports
        for problem in report.problems
        if problem.kind is not ProblemKind.NOTE
    ]
    file, problem = troubled[0]
    more = f" (and {len(troubled) - 1:,} more)" if len(troubled) > 1 else ""
    raise InputError(
        f"{file}:{problem.line}: {problem.reason}{more}; --strict allows none",
        hint="`paperatlas inspect SOURCE --problems problems.csv` writes them all, with their text",
    )

"""Read everything that the user named, with a report on each file."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from pipeline.errors import InputError
from pipeline.papers import FileReport, Paper, Problem, ProblemKind
from pipeline.papers.language import language_name
from pipeline.sources.document import Document
from pipeline.sources.locating import HINT, InputFile, find_files, is_data_name
from pipeline.sources.problems import ProblemLog
from pipeline.sources.registry import SourceFormat, detect_format
from pipeline.sources.unpacking import Unpacked, unpack

SKIPPED = "skipped"
UNREADABLE = "unreadable"
_TOLD_EVERY = 1000

Tell = Callable[[int], None]
"""Hears how many more records are read."""


class Records(Protocol):
    """Takes records as they are read: a list, or a `papers.RecordStore`."""

    def append(self, paper: Paper, /) -> None:
        """Add a record."""


@dataclass(frozen=True)
class ImportReport:
    """What became of each file.

    In a report `imported` counts the records read and `merged` is 0: `papers.build_table` moves
    duplicates from the one to the other. `digests`: SHA-256 (hex) of each SOURCE's files as they
    lie there, an archive as a whole, by the name that its report has. `problems`: what is to be
    told of the files, with raw texts. `unread`: why nothing could be made of files that the user
    named, a line each.
    """

    reports: tuple[FileReport, ...]
    digests: Mapping[str, str]
    problems: ProblemLog
    unread: tuple[str, ...]


@dataclass(frozen=True)
class ImportResult(ImportReport):
    """The same with all records read, in the order of the files."""

    records: tuple[Paper, ...]


def read_sources(
    paths: Iterable[str | Path],
    *,
    columns: Mapping[str, str] | None = None,
    languages: frozenset[str] | None = None,
    tell: Tell = lambda _: None,
) -> ImportResult:
    """Give all records of the SOURCEs; see `read_into`."""
    records: list[Paper] = []
    read = read_into(records, paths, columns=columns, languages=languages, tell=tell)
    return ImportResult(read.reports, read.digests, read.problems, (), tuple(records))


def read_into(
    records: Records,
    paths: Iterable[str | Path],
    *,
    columns: Mapping[str, str] | None = None,
    languages: frozenset[str] | None = None,
    tell: Tell = lambda _: None,
    go_on: bool = False,
) -> ImportReport:
    """Read every SOURCE: a file, a folder (walked in sorted order), an archive, `-` for standard
    input; add what is read to `records` as it comes, and report on each file.

    `columns`: the headings of tables that hold a field, such as `{"title": "Titel"}`; `languages`:
    those that are expected, ISO 639-1, where others are to be told of; `tell` hears how many more
    records are read. A bad file in a folder is reported with its reason, the rest is used; with
    `go_on` so is a file that the user named. InputError when a SOURCE is missing or a file that was
    named cannot be used, or when nothing can be used at all.
    """
    sources = [Path(path) for path in paths]
    if not sources:
        raise InputError("no SOURCE given", hint="name a file or a folder with paper abstracts")
    reports: list[FileReport] = []
    digests: dict[str, str] = {}
    unread: list[str] = []
    problems = ProblemLog()
    with tempfile.TemporaryDirectory(prefix="paperatlas-") as folder:
        spool = Path(folder)
        for item in find_files(sources, spool):
            reader = _Reader(item, spool, columns or {}, languages, records, problems, tell)
            try:
                reports += reader.read()
            except InputError as error:
                if not go_on:
                    raise
                unread.append(error.message)
                reports.append(reader.unread(error))
            if digest := _digest(item):
                digests[item.file] = digest
    if not any(report.imported for report in reports):
        why = unread[0] if len(unread) == 1 else _nothing_usable(sources, reports)
        raise InputError(why, hint=HINT)
    return ImportReport(tuple(reports), digests, problems, tuple(unread))


def _digest(item: InputFile) -> str:
    """Of a file's bytes; "" where they cannot be read, which its report says."""
    if not item.path.is_file():  # a pipe has no end
        return ""
    try:
        with item.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


class _Reader:
    """Reads one file of the user's, which may be an archive of several."""

    def __init__(
        self,
        item: InputFile,
        spool: Path,
        columns: Mapping[str, str],
        languages: frozenset[str] | None,
        records: Records,
        problems: ProblemLog,
        tell: Tell,
    ) -> None:
        self._item, self._spool, self._columns, self._languages = item, spool, columns, languages
        self._records, self._problems, self._tell = records, problems, tell

    def read(self) -> list[FileReport]:
        """Add the papers to the records and give the reports; InputError where the user named the
        file and it is of no use."""
        item = self._item
        if item.error:
            return [self._unread(item.file, UNREADABLE, item.error)]
        if not item.named and not is_data_name(item.path.name):
            return [self._unread(item.file, SKIPPED, _SKIPPED_REASON)]
        reports: list[FileReport] = []
        try:
            for document, doubt in self._documents(reports):
                reports.append(self._read_document(document, doubt))
        except InputError as error:
            if item.named and not any(report.imported for report in reports):
                raise
            reason = error.message.removeprefix(f"{item.shown}: ")
            name = item.file if not reports else f"{item.file}/..."
            reports.append(self._unread(name, UNREADABLE, reason))
        if item.named and not any(report.imported for report in reports):
            reasons = dict.fromkeys(p.reason for report in reports for p in report.problems)
            told = "; ".join(list(reasons)[:3]) or "no abstract found"
            raise InputError(f"{item.shown}: no paper in it ({told})", hint=HINT)
        return reports

    def _documents(self, reports: list[FileReport]) -> Iterator[tuple[Document, str]]:
        """The files in it that can be looked at, with what is missing; `reports` gets the others"""
        item = self._item
        if not item.path.is_file():
            raise InputError(f"{item.shown}: not a regular file", hint=HINT)
        try:
            for part in unpack(item.path, self._spool, shown=item.shown):
                file = f"{item.file}/{part.name}" if part.name else item.file
                if part.error:
                    reports.append(self._unread(file, UNREADABLE, part.error))
                elif part.name and not is_data_name(Path(part.name).name):
                    reports.append(self._unread(file, SKIPPED, _SKIPPED_REASON))
                else:
                    yield self._document(part, file), part.doubt
        except OSError as error:
            reason = f"{item.shown}: cannot be read ({error.strerror or error})"
            raise InputError(reason, hint="check the path and its permissions") from error

    def _document(self, part: Unpacked, file: str) -> Document:
        shown = f"{self._item.shown}/{part.name}" if part.name else self._item.shown
        return Document(part.path, file, shown, self._columns)

    def _read_document(self, document: Document, doubt: str) -> FileReport:
        """One file; InputError where the user named it, and not an archive that it is in."""
        try:
            reader, why = detect_format(document)
            if reader is None:
                raise InputError(f"{document.shown}: {why}", hint=HINT)
            return self._read_with(reader, document, doubt)
        except InputError as error:
            if self._item.named and document.file == self._item.file:
                raise
            reason = error.message.removeprefix(f"{document.shown}: ")
            return self._unread(document.file, UNREADABLE, reason)

    def _read_with(self, reader: SourceFormat, document: Document, doubt: str) -> FileReport:
        tally = _Tally(counted=reader.count(document))
        problems: list[Problem] = []
        for record in reader.read(document):
            if isinstance(record, Paper):
                tally.add(record)
                self._records.append(record)
            elif record.kind is ProblemKind.SET_ASIDE:
                tally.n_set_aside += 1
                problems.append(self._logged(document.file, record))
            else:
                problems.append(self._logged(document.file, record))
            if tally.parsed % _TOLD_EVERY == 0:
                self._tell(_TOLD_EVERY)
        self._tell(tally.parsed % _TOLD_EVERY)
        notes = [Problem(1, doubt, ProblemKind.DOUBT)] if doubt else []
        if not reader.is_binary and (note := document.encoding.note):
            notes.append(Problem(1, note, ProblemKind.DOUBT))
        notes += tally.notes(self._languages)
        if not tally.n_papers and not problems and not notes:
            notes.append(Problem(1, "no abstract found"))
        problems += [self._logged(document.file, note) for note in notes]
        return FileReport(
            file=document.file,
            format=reader.describe(document) if reader.describe else reader.name,
            found=max(tally.counted, tally.parsed),
            imported=tally.n_papers,
            merged=0,
            set_aside=max(tally.n_set_aside, tally.counted - tally.n_papers),
            problems=tuple(sorted(problems, key=lambda p: (p.line, p.reason))),
        )

    def unread(self, error: InputError) -> FileReport:
        """The report of a file that the user named, and that is of no use."""
        reason = error.message.removeprefix(f"{self._item.shown}: ")
        return self._unread(self._item.file, UNREADABLE, reason)

    def _unread(self, file: str, kind: str, reason: str) -> FileReport:
        """The report of a file that no record was looked for in."""
        is_note = kind == SKIPPED
        problem = Problem(1, reason, ProblemKind.NOTE if is_note else ProblemKind.SET_ASIDE)
        return FileReport(file, kind, 0, 0, 0, 0, (self._logged(file, problem),))

    def _logged(self, file: str, problem: Problem) -> Problem:
        self._problems.add(file, problem)
        return replace(problem, raw="") if problem.raw else problem


_SKIPPED_REASON = "skipped: not a list of papers by its name"


@dataclass(slots=True)
class _Tally:
    """What one file held: what was counted, and what was parsed."""

    counted: int
    n_papers: int = 0
    n_set_aside: int = 0
    n_without_abstract: int = 0
    last_line: int = 1
    languages: Counter[str] = field(default_factory=Counter)

    @property
    def parsed(self) -> int:
        return self.n_papers + self.n_set_aside

    def add(self, paper: Paper) -> None:
        self.n_papers += 1
        self.last_line = paper.sources[0].line
        self.n_without_abstract += not paper.abstract
        if paper.language:
            self.languages[paper.language] += 1

    def notes(self, expected: frozenset[str] | None) -> list[Problem]:
        """What there is to say of the whole: a difference is said, never hidden."""
        notes = []
        if self.counted > self.parsed:
            reason = f"{self.counted} records counted but {self.parsed} parsed; the rest set aside"
            notes.append(Problem(self.last_line, reason))
        elif self.counted < self.parsed:
            reason = f"{self.parsed} records parsed but {self.counted} counted; all kept"
            notes.append(Problem(1, reason, ProblemKind.DOUBT))
        if self.n_without_abstract:
            n, of = self.n_without_abstract, self.n_papers
            reason = f"{n:,} of {of:,} records without an abstract: found by title, in no theme"
            notes.append(Problem(1, reason, ProblemKind.NOTE))
        for code, n in self.languages.most_common():
            if expected is not None and code not in expected:
                told = f"{n:,} of {self.n_papers:,} records in {language_name(code)}"
                known = " and ".join(sorted(map(language_name, expected)))
                reason = f"{told}: the model was made for {known} and places them badly"
                notes.append(Problem(1, reason, ProblemKind.NOTE))
        return notes


def _nothing_usable(sources: Sequence[Path], reports: Sequence[FileReport]) -> str:
    where = ", ".join(str(source) for source in sources[:3]) + (", ..." if len(sources) > 3 else "")
    bad = [report for report in reports if report.format != SKIPPED]
    if not bad:
        return f"{where}: no file with papers in it"
    first = bad[0]
    more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
    return f"{where}: nothing usable ({first.file}: {first.problems[0].reason}{more})"

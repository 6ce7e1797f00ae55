"""Read everything that the user named: files and folders, with a report on each file."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import InputError
from pipeline.papers import FileReport, Paper, Problem
from pipeline.sources.registry import SourceFormat, detect_format
from pipeline.sources.text_files import detect_encoding

SKIPPED = "skipped"
UNREADABLE = "unreadable"
_NOT_DATA = re.compile(
    r"(?i)(?:readme|licen[cs]e|copying|changelog|contributing|authors|notice|makefile|citation)"
    r"(?:\.\w+)?|.*\.(?:md|py|sh|toml|ya?ml|ini|cfg|lock|log|html?|css|js)|thumbs\.db"
)
_HINT = "known are text scraped from paper listings, JSONL, CSV and Parquet tables"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """All records read, in the order of the files, and one report a file.

    In a report `imported` counts the records read and `merged` is 0: `papers.build_table` moves
    duplicates from the one to the other.
    """

    records: tuple[Paper, ...]
    reports: tuple[FileReport, ...]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read: where it is, what the report calls it, and whether the user named it.

    With an `error` it is a folder that cannot be listed, and is no more than reported.
    """

    path: Path
    file: str
    named: bool
    error: str = ""


def read_sources(paths: Iterable[str | Path]) -> ImportResult:
    """Read every SOURCE, file or folder (walked in sorted order), and report on each file.

    A bad file in a folder is reported with its reason, the rest is used. InputError when a SOURCE
    is missing or a file that was named cannot be used, or when nothing can be used at all.
    """
    sources = [Path(path) for path in paths]
    if not sources:
        raise InputError("no SOURCE given", hint="name a file or a folder with paper abstracts")
    records: list[Paper] = []
    reports: list[FileReport] = []
    for found in find_files(sources):
        papers, report = read_file(found)
        records += papers
        reports.append(report)
    if not records:
        raise InputError(_nothing_usable(sources, reports), hint=_HINT)
    return ImportResult(tuple(records), tuple(reports))


def digest_sources(paths: Iterable[str | Path]) -> dict[str, str]:
    """Give the SHA-256 (hex) of each file of all SOURCEs, by the name that its report has.

    A file that cannot be read is left out: its report says why. InputError as `read_sources`.
    """
    digests = {}
    for item in find_files([Path(path) for path in paths]):
        if item.error:
            continue
        with suppress(OSError), item.path.open("rb") as file:
            digests[item.file] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def find_files(sources: Sequence[Path]) -> list[InputFile]:
    """Give the files of all SOURCEs, each once, under unique names; InputError if missing."""
    found: dict[Path, InputFile] = {}
    for source in sources:
        for item in _files_of(source):
            real = Path(os.path.realpath(item.path))
            known = found.get(real)
            if known is None or (len(item.file), item.file) < (len(known.file), known.file):
                named = item.named or (known is not None and known.named)
                found[real] = replace(item, named=named)
            elif item.named:
                found[real] = replace(known, named=True)
    return _with_unique_names(list(found.values()))


def _files_of(source: Path) -> Iterator[InputFile]:
    try:
        is_folder = source.is_dir()
        exists = is_folder or source.exists()
    except OSError as error:  # a name too long, a loop of links, a NUL
        raise InputError(f"{source}: cannot be opened ({error.strerror})", hint=_HINT) from error
    except ValueError as error:
        raise InputError(f"{str(source)!r}: not a path", hint=_HINT) from error
    if not exists:
        hint = "check the spelling; relative paths start at the current folder"
        raise InputError(f"{source}: no such file or folder", hint=hint)
    if not is_folder:
        if not source.is_file():
            raise InputError(f"{source}: not a regular file", hint=_HINT)
        yield InputFile(source, source.name, named=True)
        return
    if not os.access(source, os.R_OK | os.X_OK):
        raise InputError(f"{source}: folder cannot be read", hint="check its permissions")
    yield from _walk(source)


def _walk(folder: Path) -> Iterator[InputFile]:
    """Files below a folder in sorted order; links are followed, but no folder is entered twice.

    An atlas is not entered: it is what we make. A folder that cannot be listed is given as such.
    """
    seen: set[str] = set()
    refused: list[OSError] = []
    for parent, folders, files in os.walk(folder, followlinks=True, onerror=refused.append):
        real = os.path.realpath(parent)
        if real in seen or _is_atlas(folders, files):
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith("."):
                yield InputFile(path, path.relative_to(folder).as_posix(), named=False)
    for error in refused:
        path = Path(error.filename or folder)
        name = path.relative_to(folder).as_posix()
        reason = f"folder cannot be read ({error.strerror or error})"
        yield InputFile(path, f"{name}/", named=False, error=reason)


def _is_atlas(folders: Sequence[str], files: Sequence[str]) -> bool:
    return ".paperatlas.lock" in files or ("CURRENT" in files and "snapshots" in folders)


def _with_unique_names(files: Sequence[InputFile]) -> list[InputFile]:
    """Put as many parent folders before equal names as tell them apart, in any order of SOURCEs."""
    taken = Counter(item.file for item in files)
    named = []
    for item in files:
        name, parents = item.file, list(Path(os.path.realpath(item.path)).parts[1:-1])
        if taken[item.file] > 1:
            depth = len(Path(item.file).parts)
            twins = [f for f in files if f.file == item.file and f is not item]
            while parents and any(_tail(t.path, depth) == _tail(item.path, depth) for t in twins):
                depth += 1
            name = _tail(item.path, depth)
        named.append(replace(item, file=name))
    return sorted(named, key=lambda item: item.file)


def _tail(path: Path, depth: int) -> str:
    return "/".join(Path(os.path.realpath(path)).parts[-depth:])


def read_file(item: InputFile) -> tuple[list[Paper], FileReport]:
    """Read one file; a named file that cannot be used is an InputError, another one a report."""
    if item.error:
        return [], _empty_report(item, UNREADABLE, item.error)
    if not item.named and _NOT_DATA.fullmatch(item.path.name):
        return [], _empty_report(item, SKIPPED, "skipped: not a list of papers by its name")
    try:
        reader = _reader_of(item.path)
        papers, report = _read_with(reader, item)
    except InputError as error:
        if item.named:
            raise
        return [], _empty_report(item, UNREADABLE, _without_path(error.message, item.path))
    if not papers and item.named:
        reasons = "; ".join(dict.fromkeys(problem.reason for problem in report.problems))
        raise InputError(
            f"{item.path}: no paper in it ({reasons or 'no abstract found'})", hint=_HINT
        )
    return papers, report


def _reader_of(path: Path) -> SourceFormat:
    if not path.is_file():
        raise InputError(f"{path}: not a regular file", hint=_HINT)
    reader, why = detect_format(path)
    if reader is None:
        raise InputError(f"{path}: {why}", hint=_HINT)
    return reader


def _read_with(reader: SourceFormat, item: InputFile) -> tuple[list[Paper], FileReport]:
    papers: list[Paper] = []
    problems: list[Problem] = []
    try:
        counted = reader.count(item.path)
        for record in reader.read(item.path, file=item.file):
            if isinstance(record, Paper):
                papers.append(record)
            else:
                problems.append(record)
    except OSError as error:
        reason = f"{item.path}: cannot be read ({error.strerror or error})"
        raise InputError(reason, hint="check the path and its permissions") from error
    return papers, _report(reader, item, papers, problems, counted)


def _report(
    reader: SourceFormat,
    item: InputFile,
    papers: Sequence[Paper],
    problems: Sequence[Problem],
    counted: int,
) -> FileReport:
    """Reconcile what was counted with what was parsed; a difference is said, never hidden."""
    parsed = len(papers) + len(problems)
    notes: list[Problem] = []
    if counted > parsed:
        reason = f"{counted} records counted but {parsed} parsed; the rest set aside"
        notes.append(Problem(papers[-1].sources[0].line if papers else 1, reason))
    elif counted < parsed:
        notes.append(Problem(1, f"{parsed} records parsed but {counted} counted; all kept"))
    if reader.name != "parquet" and (note := detect_encoding(item.path).note):
        notes.append(Problem(1, note))
    if not papers and not problems and not notes:
        notes.append(Problem(1, "no abstract found"))
    return FileReport(
        file=item.file,
        format=reader.name,
        found=max(counted, parsed),
        imported=len(papers),
        merged=0,
        set_aside=len(problems) + max(0, counted - parsed),
        problems=tuple(sorted([*problems, *notes], key=lambda p: (p.line, p.reason))),
    )


def _empty_report(item: InputFile, kind: str, reason: str) -> FileReport:
    return FileReport(item.file, kind, 0, 0, 0, 0, (Problem(1, reason),))


def _without_path(message: str, path: Path) -> str:
    return message.removeprefix(f"{path}: ")


def _nothing_usable(sources: Sequence[Path], reports: Sequence[FileReport]) -> str:
    where = ", ".join(str(source) for source in sources[:3]) + (", ..." if len(sources) > 3 else "")
    bad = [report for report in reports if report.format != SKIPPED]
    if not bad:
        return f"{where}: no file with papers in it"
    first = bad[0]
    more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
    return f"{where}: nothing usable ({first.file}: {first.problems[0].reason}{more})"

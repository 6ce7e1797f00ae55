"""The formats by name, and the writing of several of them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO

from pipeline.errors import UsageError
from pipeline.export import archive, by_theme, networks, report, vosviewer
from pipeline.export.bibtex import write_bibtex
from pipeline.export.csl import write_csl_json
from pipeline.export.csv_table import write_csv
from pipeline.export.entries import Entry
from pipeline.export.files import Written, make_folder, write_text
from pipeline.export.jsonl import write_jsonl
from pipeline.export.parquet import require_pyarrow, write_parquet
from pipeline.export.ris import write_ris
from pipeline.export.selection import Selection

EntryWriter = Callable[[Iterable[Entry], TextIO], int]
Export = Callable[[Selection, Path, str], list[Written]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what it writes of a selection to a folder, and what can be refused before."""

    write: Export
    check: Callable[[Selection], None] = lambda _: None


WRITERS: dict[str, EntryWriter] = {
    "bibtex": write_bibtex,
    "ris": write_ris,
    "csl-json": write_csl_json,
    "csv": write_csv,
    "jsonl": write_jsonl,
}
"""Formats that are one text, of any papers. To add one: a function from entries to text, which says
how many it wrote, its line here, and in FORMATS its file."""


def _text(name: str, *, encoding: str = "utf-8") -> Export:
    """The export of a format that is one text."""

    def export(selection: Selection, folder: Path, form: str) -> list[Written]:
        path = folder / name
        n = write_text(path, lambda file: WRITERS[form](selection, file), encoding=encoding)
        return [Written(path, form, "paper", n)]

    return export


def _parquet(selection: Selection, folder: Path, form: str) -> list[Written]:
    path = folder / "papers.parquet"
    n = write_parquet(selection, path)
    how = f"embedding-atlas {shlex.quote(str(path))} --x projection_x --y projection_y"
    return [Written(path, form, "paper", n, f"{how} --neighbors neighbors --text title")]


FORMATS: dict[str, Format] = {
    "bibtex": Format(_text("papers.bib")),
    "ris": Format(_text("papers.ris")),
    "csl-json": Format(_text("papers.json")),
    # With a byte order mark, without which Excel takes UTF-8 for something else.
    "csv": Format(_text("papers.csv", encoding="utf-8-sig")),
    "jsonl": Format(_text("papers.jsonl")),
    "parquet": Format(_parquet, require_pyarrow),
    "vosviewer": Format(vosviewer.write_vosviewer),
    "graphml": Format(networks.write_graphml),
    "gexf": Format(networks.write_gexf),
    "bib-by-theme": Format(by_theme.write_bib_by_theme),
    "report": Format(report.write_report),
    "zip": Format(archive.write_zip, archive.require_whole),
}
"""To add a format: a function from a selection, a folder and the format's name to what it wrote,
and its line here."""


def require_formats(names: Sequence[str]) -> list[str]:
    """The names, each once; UsageError for an unknown one, naming the known, and for none."""
    known = ", ".join(FORMATS)
    if not names:
        raise UsageError("no format is given", hint=f"known formats: {known}")
    for name in names:
        if name not in FORMATS:
            near = get_close_matches(name, FORMATS, n=1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise UsageError(f"no format {name!r}", hint=f"{meant}known formats: {known}")
    return list(dict.fromkeys(names))


def export_selection(selection: Selection, formats: Sequence[str], folder: Path) -> list[Written]:
    """Write the selection in each format to the folder, which is made where it is missing.

    Files that are written replace those of their names, each when it is whole; all others stay.
    Raises UsageError, MissingDependencyError or OutputError.
    """
    names = require_formats(formats)
    for name in names:
        FORMATS[name].check(selection)
    make_folder(folder)
    return [written for name in names for written in FORMATS[name].write(selection, folder, name)]

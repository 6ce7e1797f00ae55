"""`export` on the command line: what it takes, and the page and JSON of what it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import AtlasPath, Json, Layer, path
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.export import Written

_K = 10
_MOST_LISTED = 5


def export(
    atlas: AtlasPath,
    formats: Annotated[
        list[str],
        typer.Option("--format", metavar="FORMAT", help="One of these formats; many times."),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", parser=path, metavar="DIR", help="The folder to write.")
    ],
    theme: Annotated[
        str | None, typer.Option("--theme", metavar="THEME", help="Only a theme's: id or name.")
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", metavar="TEXT", help="Only those that answer it best.")
    ] = None,
    k: Annotated[
        int | None, typer.Option("-k", metavar="N", help="How many of --query; by default 10.")
    ] = None,
    layer: Layer = None,
    as_json: Json = False,
) -> None:
    """Write the papers of an atlas, or some of them, for other programs: bibtex, ris, csl-json,
    csv, jsonl, parquet, bib-by-theme (a file a theme), vosviewer, graphml, gexf (graphs of near
    papers), report (to be read: Markdown with its figures, and one HTML file), zip (the atlas, to
    be carried elsewhere). Files of these names in DIR are replaced, and no others."""
    from pipeline.atlas import Atlas
    from pipeline.cli import stream
    from pipeline.cli.progress import EXPORTING, LOADING, tell_if_slow

    if k is not None and query is None:
        raise UsageError(
            "-k says how many papers of --query", hint="give --query, or leave it away"
        )
    with Atlas.open(atlas) as opened:
        with tell_if_slow(EXPORTING if query is None else LOADING):
            written = opened.export(
                out, formats, theme=theme, query=query, k=_K if k is None else k, layer=layer
            )
        if as_json:
            stream.write_json("export", export_values(out, written))
        else:
            stream.write_lines(export_page(written))


def export_page(written: Sequence[Written]) -> Iterator[str]:
    """The files, and what each one holds; many files of one format in one line."""
    from pipeline.cli.layout import pad, plain
    from pipeline.cli.pages import count

    rows = []
    for _, group in groupby(written, key=attrgetter("format")):
        files = list(group)
        if len(files) <= _MOST_LISTED:
            rows += [(str(f.path), count(f.count, f.unit), f.remark) for f in files]
            continue
        papers = count(sum(file.count for file in files), files[0].unit)
        rows.append((f"{files[0].path.parent}/", f"{count(len(files), 'file')}, {papers}", ""))
    widest = max(len(place) for place, _, _ in rows)
    for place, held, remark in rows:
        yield f"{pad(place, widest)}  {held}"
        if remark:
            # Not wrapped: commands are copied from here.
            yield f"  {plain(remark)}"


def export_values(out: Path, written: Sequence[Written]) -> dict[str, Any]:
    """The files, in the order in which they were written."""
    return {
        "folder": str(out),
        "files": [
            {
                "file": str(file.path),
                "format": file.format,
                "count": file.count,
                "unit": file.unit,
                "remark": file.remark or None,
            }
            for file in written
        ],
    }

"""`map` on the command line: the page, and what a figure can look like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import AtlasPath, Layer, path

_Highlight = Annotated[
    list[str] | None,
    typer.Option(
        "--highlight",
        metavar="THEME|PAPER",
        help="In front of all else, by id or name; many times.",
    ),
]


def draw_map(
    atlas: AtlasPath,
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", parser=path, metavar="FILE", help="A .html, .png, .svg or .pdf file."
        ),
    ],
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="map, years, stream or bars.")
    ] = "map",
    width: Annotated[
        str | None, typer.Option("--width", metavar="LENGTH", help="Such as 85mm, 7in, 1200px.")
    ] = None,
    height: Annotated[
        str | None, typer.Option("--height", metavar="LENGTH", help="By default what suits.")
    ] = None,
    dpi: Annotated[
        int | None, typer.Option("--dpi", metavar="N", help="Dots an inch, 30 to 1200.")
    ] = None,
    layer: Layer = None,
    colour_by: Annotated[
        str,
        typer.Option(
            "--colour-by", metavar="COLUMN", help="theme, year, venue, source or any column."
        ),
    ] = "theme",
    highlight: _Highlight = None,
    mode: Annotated[
        str, typer.Option("--mode", metavar="MODE", help="light or dark ground.")
    ] = "light",
    font: Annotated[
        str | None, typer.Option("--font", metavar="FAMILY", help="A font of this machine.")
    ] = None,
    font_size: Annotated[
        float | None, typer.Option("--font-size", metavar="POINTS", help="Of an ordinary name.")
    ] = None,
    names: Annotated[
        bool | None, typer.Option("--names/--no-names", help="Names of themes.")
    ] = None,
    legend: Annotated[
        bool | None, typer.Option("--legend/--no-legend", help="What the colours mean.")
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Above the figure; '' for none.")
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Streams and bars of shares of each year.")
    ] = False,
    look: Annotated[
        str, typer.Option("--look", metavar="LOOK", help="paperatlas or datamapplot.")
    ] = "paperatlas",
) -> None:
    """Write the theme map to a file, in the format that its ending names: .html is one offline
    page to explore, the others are figures for a paper, to which all further options belong. The
    kinds: the map, the map year by year, and themes over the years as a stream or as bars."""
    from pipeline.atlas import Atlas
    from pipeline.cli import stream
    from pipeline.cli.progress import DRAWING, tell_if_slow
    from pipeline.render import FigureStyle

    style = FigureStyle(
        kind=kind,  # type: ignore[arg-type] # checked there, with the known ones named
        look=look,  # type: ignore[arg-type]
        width=width,
        height=height,
        dpi=dpi,
        layer=layer,
        colour_by=colour_by,
        font=font,
        font_size=font_size,
        mode=mode,  # type: ignore[arg-type]
        names=names,
        legend=legend,
        title=title,
        share=share,
    )
    with Atlas.open(atlas) as opened:
        with tell_if_slow(DRAWING):
            written = opened.map(out, style, highlight=highlight or ())
        stream.write_lines([str(written)])

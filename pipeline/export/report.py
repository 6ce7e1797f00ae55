"""Write a report to be read: as Markdown with its figures, and as one HTML file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TextIO

from pipeline.export.files import Written, write_text
from pipeline.export.selection import Selection
from pipeline.render import (
    FigureStyle,
    Highlight,
    put_file,
    render_figure,
    render_years,
    snapshot_view,
    theme_colours,
)
from pipeline.report import (
    MAP_PICTURE,
    YEARS_PICTURE,
    Document,
    Drawing,
    Material,
    own_version,
    report_on_atlas,
    report_on_query,
    report_on_theme,
    sub_themes,
    write_html,
    write_markdown,
)

_FILES = {MAP_PICTURE: "report-map.png", YEARS_PICTURE: "report-years.png"}
_DPI = 150  # 1,920 pixels wide: sharp on a page, and a third of the bytes of print


def write_report(selection: Selection, folder: Path, name: str) -> list[Written]:
    """Write `report.md` with its figures, and `report.html`, which has them inside."""
    material = Material.of_snapshot(selection.snapshot)
    view = snapshot_view(selection.snapshot, material.papers)
    style, highlight = _shown(selection, material)
    light = FigureStyle(dpi=_DPI, layer=style, title="")
    dark = FigureStyle(dpi=_DPI, layer=style, title="", mode="dark")
    drawing = Drawing(
        render_figure(view, "png", light, highlight), render_figure(view, "png", dark, highlight)
    )
    files = {MAP_PICTURE: drawing.light}
    if years := material.years_of(selection.rows.tolist()):
        files[YEARS_PICTURE] = render_years(years, dpi=_DPI)
    document = _document(selection, material)
    texts = {
        "report.html": write_html(document, {MAP_PICTURE: drawing}, theme_colours(view)),
        "report.md": write_markdown(document, {picture: _FILES[picture] for picture in files}),
    }
    written = []
    for file_name, text in texts.items():
        write_text(folder / file_name, partial(_put, text))
        written.append(Written(folder / file_name, name, "theme", len(selection.themes)))
    for picture, content in files.items():
        put_file(folder / _FILES[picture], content)
        written.append(Written(folder / _FILES[picture], name, "paper", len(selection)))
    return written


def _put(text: str, file: TextIO) -> int:
    return file.write(text)


def _shown(selection: Selection, material: Material) -> tuple[int, Highlight]:
    """The layer that the map names, and what it puts in front of all other papers."""
    chosen = selection.chosen
    if chosen.query is not None:
        return selection.layer, Highlight(rows=tuple(selection.rows.tolist()))
    if chosen.theme is None:
        return selection.layer, Highlight()
    parts = sub_themes(material, chosen.theme, selection.layer)
    if parts is None:
        return chosen.theme.layer, Highlight((chosen.theme.id,))
    return parts.number, Highlight(tuple(theme.id for theme in parts.themes))


def _document(selection: Selection, material: Material) -> Document:
    chosen, told = selection.chosen, own_version()
    if chosen.query is not None:
        return report_on_query(
            material,
            chosen.query,
            selection.rows,
            selection.layer,
            theme=chosen.theme,
            version=told,
        )
    if chosen.theme is not None:
        return report_on_theme(material, chosen.theme, selection.layer, version=told)
    return report_on_atlas(material, selection.layer, version=told)

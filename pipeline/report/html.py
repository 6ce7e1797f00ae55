"""A report as one HTML file that opens anywhere and asks the network nothing.

It has no script at all, and its Content-Security-Policy allows none: only the one style sheet, by
its hash, and pictures from inside the file.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import resources

from pipeline.papers.plain import one_line
from pipeline.render.palette import BACKGROUND_DARK, BACKGROUND_LIGHT, ThemeColours
from pipeline.report.charts import draw_bar, draw_sparkline, draw_years
from pipeline.report.document import (
    Block,
    Cell,
    Code,
    Document,
    Facts,
    Line,
    Listing,
    PaperItem,
    PaperList,
    Paragraph,
    Picture,
    Section,
    Span,
    Table,
    YearChart,
)

_DEEPEST = 6  # HTML has no smaller heading


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as PNG, drawn on light ground and on dark ground."""

    light: bytes
    dark: bytes


@dataclass(frozen=True, slots=True)
class _Look:
    """What the parts of a page need to know beside what they say."""

    pictures: Mapping[str, Drawing] = field(default_factory=dict)
    colours: Mapping[int, ThemeColours] = field(default_factory=dict)


def write_html(
    document: Document,
    pictures: Mapping[str, Drawing],
    colours: Mapping[int, ThemeColours],
) -> str:
    """The page. `pictures`: by name, one that is missing is left out; `colours`: those that
    themes have on the map, by id. The same arguments, the same characters."""
    look = _Look(pictures, colours)
    style = _style(colours)
    policy = (
        f"default-src 'none'; style-src '{_csp_hash(style)}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    pieces = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        '<link rel="icon" href="data:,">',
        f"<title>{_text(document.title)}</title>\n<style>{style}</style>\n</head>\n<body>",
        '<a class="skip" href="#report">Skip to the report</a>',
        '<div class="page">\n<header>',
        f'<h1>{_text(document.title)}</h1>\n<p class="subtitle">{_text(document.subtitle)}</p>',
        f"</header>\n{_contents(document.sections)}",
        '<main id="report" tabindex="-1">',
        *(_block(block, look) for block in document.blocks),
        *(_section(section, 2, look) for section in document.sections),
        "</main>\n</div>\n</body>\n</html>\n",
    ]
    return "\n".join(piece for piece in pieces if piece)


def _contents(sections: Sequence[Section]) -> str:
    """The table of contents, two levels deep."""

    def entries(level: Sequence[Section], depth: int) -> Iterator[str]:
        yield "<ul>"
        for section in level:
            inner = "".join(entries(section.sections, 2)) if depth == 1 and section.sections else ""
            yield f'<li><a href="#{section.anchor}">{_text(section.title)}</a>{inner}</li>'
        yield "</ul>"

    listed = "\n".join(entries(sections, 1))
    return f'<nav class="contents" aria-label="Contents">\n<p>Contents</p>\n{listed}\n</nav>'


def _section(section: Section, level: int, look: _Look) -> str:
    depth = min(level, _DEEPEST)
    swatch = _swatch(section.theme, look) if section.theme is not None else ""
    chart = draw_sparkline(section.years) if section.years else ""
    name = "theme" if section.theme is not None and section.years else f"level-{depth}"
    parts = [
        f'<section id="{section.anchor}" class="{name}" aria-labelledby="{section.anchor}-title">',
        f'<h{depth} id="{section.anchor}-title">{swatch}{_text(section.title)}{chart}</h{depth}>',
        *(_block(block, look) for block in section.blocks),
        *(_section(part, level + 1, look) for part in section.sections),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _block(block: Block, look: _Look) -> str:  # noqa: PLR0911  a line for each kind
    match block:
        case Paragraph():
            note = ' class="note"' if block.is_note else ""
            return f"<p{note}>{_inline(block.line)}</p>"
        case Facts():
            return _facts(block)
        case Listing():
            return _list("told", (_inline(told) for told in block.lines))
        case PaperList():
            return _list("papers", (_paper(paper) for paper in block.papers))
        case Table():
            return _table(block, look)
        case Picture():
            return _picture(block, look)
        case YearChart():
            drawn = draw_years(block.first, block.n_papers, block.alt)
            return f"<figure>\n{drawn}\n<figcaption>{_text(block.caption)}</figcaption>\n</figure>"
        case Code():
            return f'<pre tabindex="0"><code>{_text_lines(block.text)}</code></pre>'


def _facts(facts: Facts) -> str:
    rows = "\n".join(
        f"<div><dt>{_text(fact.name)}</dt><dd>{_inline(fact.line)}</dd></div>"
        for fact in facts.facts
    )
    name = "headline" if facts.is_headline else "facts"
    return f'<dl class="{name}">\n{rows}\n</dl>'


def _list(name: str, items: Iterable[str]) -> str:
    rows = "\n".join(f"<li>{item}</li>" for item in items)
    return f'<ul class="{name}">\n{rows}\n</ul>'


def _paper(paper: PaperItem) -> str:
    title = _text(paper.title)
    if paper.href:
        title = f'<a href="{_attribute(paper.href)}" rel="noopener noreferrer">{title}</a>'
    known = " · ".join(_text(told) for told in (paper.authors, paper.year, paper.venue) if told)
    parts = [f"<cite>{title}</cite>"]
    if known:
        parts.append(f'<span class="known">{known}</span>')
    if paper.remark:
        parts.append(f'<span class="remark">{_text(paper.remark)}</span>')
    return " ".join(parts)


def _table(table: Table, look: _Look) -> str:
    head = "".join(
        f'<th scope="col"{_number(column.is_number)}>{_text(column.name)}</th>'
        for column in table.columns
    )
    rows = []
    for row in table.rows:
        cells = [f'<th scope="row">{_cell(row[0], look)}</th>']
        cells += [
            f"<td{_number(column.is_number)}>{_cell(cell, look)}</td>"
            for cell, column in zip(row[1:], table.columns[1:], strict=True)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    body = "\n".join(rows)
    # A table that is wider than the window is moved by the arrow keys too.
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{_attribute(table.caption)}">\n'
        f"<table{_narrow(table)}>\n<caption>{_text(table.caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def _cell(cell: Cell, look: _Look) -> str:
    before = _swatch(cell.theme, look) if cell.theme is not None else ""
    bar = draw_bar(cell.share) if cell.share is not None else ""
    chart = draw_sparkline(cell.years) if cell.years else ""
    # The drawings are of one width, so that they and the texts stand below each other.
    return f"{before}{chart}{_inline(cell.line)}{bar}"


def _number(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _narrow(table: Table) -> str:
    """A table of few numbers is read worse across a whole page."""
    return ' class="narrow"' if len(table.columns) <= 4 else ""


def _swatch(theme: int, look: _Look) -> str:
    """The theme's colour on the map; its name says what it is."""
    if theme not in look.colours:
        return ""
    return (
        f'<svg class="swatch" width="11" height="11" aria-hidden="true"><circle class="c{theme}" '
        'cx="5.5" cy="5.5" r="5.5"/></svg>'
    )


def _picture(picture: Picture, look: _Look) -> str:
    drawing = look.pictures.get(picture.name)
    if drawing is None:
        return ""
    png = drawing.light
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])  # PNG, section 11.2.2
    return (
        '<figure>\n<picture><source media="screen and (prefers-color-scheme: dark)" '
        f'srcset="{_data(drawing.dark)}">'
        f'<img src="{_data(png)}" width="{width}" height="{height}" '
        f'alt="{_attribute(picture.alt)}"></picture>\n'
        f"<figcaption>{_text(picture.caption)}</figcaption>\n</figure>"
    )


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def _inline(spans: Line) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    text = _text(span.text)
    if span.is_code:
        text = f"<code>{text}</code>"
    if span.href:
        return f'<a href="{_attribute(span.href)}" rel="noopener noreferrer">{text}</a>'
    return f'<a href="#{span.anchor}">{text}</a>' if span.anchor else text


def _text(text: str) -> str:
    """Text of the atlas as it may stand between tags: its blanks at either end stay."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{escape(one_line(text), quote=False)}{after}"


def _text_lines(text: str) -> str:
    return "\n".join(escape(told, quote=False) for told in text.splitlines())


def _attribute(text: str) -> str:
    return escape(one_line(text))


def _style(colours: Mapping[int, ThemeColours]) -> str:
    sheet = resources.files("pipeline.report").joinpath("assets", "report.css").read_text("utf-8")
    for name, ground in (("light", BACKGROUND_LIGHT), ("dark", BACKGROUND_DARK)):
        sheet = sheet.replace(f"{{{{background-{name}}}}}", ground)
    light = "".join(f".c{i}{{fill:{colour.point_light}}}" for i, colour in sorted(colours.items()))
    dark = "".join(f".c{i}{{fill:{colour.point_dark}}}" for i, colour in sorted(colours.items()))
    return f"\n{sheet}{light}\n@media screen and (prefers-color-scheme: dark) {{{dark}}}\n"


def _csp_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")

"""A report as Markdown that reads well as plain text too: CommonMark with the tables of GitHub.

No HTML; lines of prose end before the 100th column, and columns of tables stand straight.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from pipeline.papers.plain import one_line
from pipeline.report.document import (
    Block,
    Cell,
    Code,
    Column,
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

_WIDTH = 99
# CommonMark 0.31, section 2.4, as far as it can mean something inside a line: `snake_case`, `3 * 4`
# and `C#` need no backslash, and read better without.
_SIGNS = re.compile(r"[\\`\[\]<|$]|(?<=\S)\*|\*(?=\S)|(?<![^\W_])_|_(?![^\W_])|~(?=~)|&(?=#?\w+;)")
# What makes a heading, a quotation or a list of a line that begins with it (sections 4 and 5).
_BLOCK = re.compile(r"^(?:([>#=]|[-+*](?=\s|$|[-*]))|(\d{1,9})([.)])(?=\s|$))")

_WORD = re.compile(r"(?:\\.|(`+)(?!`).*?(?<!`)\1(?!`)|[^\s`\\])+")


def escaped(text: str) -> str:
    """The text on one line, to stand anywhere in a paragraph, a list or a table."""
    line = _SIGNS.sub(lambda sign: "\\" + sign[0], one_line(text))
    return _BLOCK.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", line)


def write_markdown(document: Document, pictures: Mapping[str, str]) -> str:
    """The document's text. `pictures`: the file of each picture by its name, as a link from where
    the text will lie; a picture that has none there is left out."""
    blocks = [f"# {escaped(document.title)}", escaped(document.subtitle)]
    blocks += _blocks(document.blocks, pictures)
    for section in document.sections:
        blocks += _section(section, 2, pictures)
    return "\n\n".join(blocks) + "\n"


def _section(section: Section, level: int, pictures: Mapping[str, str]) -> Iterator[str]:
    yield f"{'#' * level} {escaped(section.title)}"
    yield from _blocks(section.blocks, pictures)
    for part in section.sections:
        yield from _section(part, level + 1, pictures)


def _blocks(blocks: Sequence[Block], pictures: Mapping[str, str]) -> Iterator[str]:
    for block in blocks:
        if text := _block(block, pictures):
            yield text


def _block(  # noqa: PLR0911  a line for each kind
    block: Block, pictures: Mapping[str, str]
) -> str:
    match block:
        case Paragraph():
            return _wrapped(_inline(block.line))
        case Facts():
            return _items(f"{escaped(fact.name)}: {_inline(fact.line)}" for fact in block.facts)
        case Listing():
            return _items(_inline(told) for told in block.lines)
        case PaperList():
            return _items(_paper(paper) for paper in block.papers)
        case Table():
            return _table(block)
        case Picture() | YearChart():
            target = pictures.get(block.name)
            return f"![{escaped(block.alt)}]({target})" if target else ""
        case Code():
            return "\n".join(f"    {told}" for told in block.text.splitlines())


def _items(items: Iterator[str]) -> str:
    return "\n".join(_wrapped(item, "- ", "  ") for item in items)


def _paper(paper: PaperItem) -> str:
    """Title, authors, year, venue and address as sentences, then why the paper stands here."""
    known = ", ".join(escaped(told) for told in (paper.authors, paper.year, paper.venue) if told)
    parts = [_ended(escaped(paper.title)), _ended(known), f"<{paper.href}>" if paper.href else ""]
    if paper.remark:
        parts.append(f"({escaped(paper.remark)})")
    return " ".join(part for part in parts if part)


def _ended(text: str) -> str:
    """The text with the full stop that it may lack; nothing stays nothing."""
    return f"{text}." if text and text[-1] not in ".?!…" else text


def _inline(spans: Line) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    if span.is_code:
        return _code(span.text)
    before = " " if span.text[:1].isspace() else ""
    after = " " if span.text[-1:].isspace() and span.text.strip() else ""
    text = escaped(span.text)
    if span.href:
        text = f"[{text}](<{span.href}>)"
    return f"{before}{text}{after}"


def _code(text: str) -> str:
    """A code span that the text cannot end."""
    told = one_line(text)
    longest = max((len(run) for run in re.findall("`+", told)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if told.startswith("`") or told.endswith("`") else ""
    return f"{fence}{pad}{told}{pad}{fence}"


def _wrapped(text: str, first: str = "", other: str = "") -> str:
    """The text in lines, behind `first` and then `other`; a word or address is never broken."""
    lines, current = [], ""
    for word in _words(text):
        if current and width(other) + width(current) + 1 + width(word) > _WIDTH:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    lines.append(current)
    return "\n".join((other if n else first) + told for n, told in enumerate(lines))


def _words(text: str) -> list[str]:
    """The pieces that a line may end between. A code span stays on its line, and what would be a
    list at the beginning of a line, such as `2023.`, stays with the word before it."""
    words: list[str] = []
    for found in _WORD.finditer(text):
        if words and _BLOCK.match(found[0]):
            words[-1] += f" {found[0]}"
        else:
            words.append(found[0])
    return words


def _table(table: Table) -> str:
    """A table whose columns stand below each other in plain text too."""
    rows = [[escaped(column.name) for column in table.columns]]
    rows += [[_cell(cell) for cell in row] for row in table.rows]
    widths = [max(3, *(width(row[i]) for row in rows)) for i in range(len(table.columns))]
    lines = [_row(row, table.columns, widths) for row in rows]
    lines.insert(1, _ruler(table.columns, widths))
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    return _inline(cell.line)


def _row(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    told = []
    for text, column, room in zip(cells, columns, widths, strict=True):
        blanks = " " * (room - width(text))
        told.append(f"{blanks}{text}" if column.is_number else f"{text}{blanks}")
    return f"| {' | '.join(told)} |"


def _ruler(columns: Sequence[Column], widths: Sequence[int]) -> str:
    marks = (
        "-" * (room + 1) + ":" if column.is_number else "-" * (room + 2)
        for column, room in zip(columns, widths, strict=True)
    )
    return f"|{'|'.join(marks)}|"


def width(text: str) -> int:
    """Columns that the text takes in a terminal: two for a wide letter (Unicode's annex 11), none
    for a mark above another one."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )

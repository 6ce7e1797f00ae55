"""The records of an XML file, each by itself, and what their elements say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.papers import Paper, Problem, ProblemKind, Source
from pipeline.sources.document import MAX_RECORD_CHARS, Document
from pipeline.sources.xml.cutting import Cutter, Piece, RecordTag
from pipeline.sources.xml.mending import parse_record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TOO_LONG = f"record longer than {MAX_RECORD_CHARS:,} characters; set aside"
_KEPT_TAGS = frozenset({"b", "br", "em", "i", "p", "strong", "sub", "sup", "u"})
_FACES = {"subscript": "sub", "superscript": "sup"}
_SAID_TWICE = frozenset({"annotation", "annotation-xml"})
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Record:
    """One record's element. Paths are those of ElementTree, names without a namespace."""

    element: Element
    source: Source
    before: str
    """The text between the record before and this one."""
    is_mended: bool = False
    """Its tags were broken, so that elements may stand deeper than they should."""

    def find(self, path: str) -> Element | None:
        """Give the first element at `path`."""
        return next(iter(self.find_all(path)), None)

    def find_all(self, path: str) -> list[Element]:
        """Give all elements at `path`; in a mended record else those of its last name, anywhere."""
        found = self.element.findall(path)
        if not found and self.is_mended:
            found = self.element.findall(f".//{path.rpartition('/')[2]}")
        return found

    def text_at(self, *paths: str) -> str:
        """Give the text at the first of `paths` that has one; else ""."""
        return next((text for path in paths for text in self.texts_at(path)), "")

    def texts_at(self, path: str) -> list[str]:
        """Give the texts at `path` that are not blank."""
        return [text for found in self.find_all(path) if (text := text_of(found)).strip()]


def read_records(
    document: Document, tag: RecordTag, read: Callable[[Record], Paper | Problem]
) -> Iterator[Paper | Problem]:
    """Yield what `read` makes of each record, with a doubt before those whose tags were mended, and
    one at the end of a file that was cut off."""
    cutter, last_line = Cutter(document, tag), 1
    for piece in cutter.pieces():
        last_line = piece.line
        source = document.source(piece.line)
        if piece.is_too_long:
            yield Problem(piece.line, TOO_LONG, raw=piece.text)
            continue
        record = parse_piece(replace(piece, text=tag.without_unread(piece.text)), source)
        if isinstance(record, Problem):
            yield record
            continue
        result = read(record)
        if isinstance(result, Problem):
            yield replace(result, raw=piece.text)
            continue
        if record.is_mended:
            reason = "its XML is broken and was mended: something may be missing"
            yield Problem(piece.line, reason, ProblemKind.DOUBT, raw=piece.text)
        yield result
    if cutter.is_cut_off:
        reason = "the file ends before its records do: the rest may be missing"
        yield Problem(last_line, reason, ProblemKind.DOUBT)


def parse_piece(piece: Piece, source: Source) -> Record | Problem:
    """Give the record of a piece of text, or the problem with it."""
    element, broken = parse_record(piece.text)
    if element is None:
        reason = f"broken XML ({broken or 'no element'}); set aside"
        return Problem(piece.line, reason, raw=piece.text)
    return Record(element, source, piece.before, bool(broken))


def text_of(element: Element | None) -> str:
    """Give an element's text with the tags that mean something in it: `CO<sub>2</sub>`.

    EndNote's `style` counts by its face; TeX is between dollars; of formulas that are said twice,
    in MathML and in TeX beside it, only the former is given.
    """
    if element is None:
        return ""
    if not len(element):
        return element.text or ""
    return _inner_text(element, 0)


def _inner_text(element: Element, depth: int) -> str:
    if depth > _MAX_DEPTH:
        return "".join(element.itertext())
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SAID_TWICE:
            parts.append(_tagged(child, _inner_text(child, depth + 1)))
        parts.append(child.tail or "")
    return "".join(parts)


def _tagged(element: Element, text: str) -> str:
    name = element.tag
    if name == "style":
        name = _FACES.get(element.get("face", ""), "")
    if name == "tex-math":
        return f"${text}$"
    return f"<{name}>{text}</{name}>" if name in _KEPT_TAGS else text

"""PDF: the text layer of the first pages, the title by its size, the abstract by its headings."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.drafts.draft import Parts
from pipeline.drafts.plain import behind_heading, find_abstract
from pipeline.errors import InputError, PipelineError
from pipeline.papers.text import comparison_key

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

# A cover and a table of contents may come before the abstract; a page of text has 5,000 letters.
_MAX_PAGES = 6
_ENOUGH_CHARS = 20_000
_MOST_CHARS = 100_000
_MOST_STREAM_BYTES = 5_000_000
"""A page whose drawing is longer is a picture in lines, and would be minutes of reading."""
_FEWEST_LETTERS = 40
_SAME_SIZE = 0.6  # points
_TITLE_LETTERS = (5, 300)
_MOST_TITLE_LINES = 5
_FILE_NAME = re.compile(r"\.(?:dvi|pdf|tex|docx?|indd|ps|qxd|rtf)$|^microsoft\b|^untitled", re.I)
_BANNER = re.compile(
    r"^(?:arxiv:|https?://|doi\b|published as|under review|preprint|accepted|proceedings of|"
    r"journal of|vol(?:ume|\.)|issn|copyright|©)", re.I
)  # fmt: skip
_ONE_CAPITAL = re.compile(r"(?:^|\s)[A-Z]\s?$")
_BREAK = re.compile(r"(\S*[^\W\d_])[-\u2010\u00ad]\n(?=([^\W\d_]+))")


@dataclass(frozen=True, slots=True)
class _Line:
    """One printed line and the size of its largest letters, in points; 0 for a turned one."""

    text: str
    size: float


def read_pdf(path: Path, content: bytes) -> Parts:
    """Title, abstract and beginning of a PDF's first pages.

    The title is the file's own where page 1 shows it, else the largest text of page 1. Raises
    InputError for a PDF that is encrypted, damaged, or without a text layer.
    """
    with _silent():
        pages, has_more = _read_pages(path, content)
    lines = [line for page in pages for line in page.lines]
    if sum(character.isalpha() for line in lines for character in line.text) < _FEWEST_LETTERS:
        raise InputError(
            f"{path}: no text in this PDF, which looks scanned",
            hint="run text recognition (OCR) over it, or give its title and abstract as text",
        )
    title_lines = _largest(pages[0].lines)
    title = pages[0].own_title or _joined([line.text for line in title_lines])
    texts = [line.text for line in lines if line.size or behind_heading(line.text) is not None]
    abstract, behind = find_abstract(texts)
    body = behind if abstract else _behind_title(lines, title_lines)
    return Parts(title, _joined(abstract.split("\n")), _joined(body), is_whole=not has_more)


@dataclass(frozen=True, slots=True)
class _Page:
    lines: Sequence[_Line]
    own_title: str = ""


def _read_pages(path: Path, content: bytes) -> tuple[list[_Page], bool]:
    """The first pages, and whether there are more that were not read."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    locked = InputError(
        f"{path}: this PDF is encrypted",
        hint="save it without a password, or give its title and abstract as text",
    )
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise locked
        n_pages = len(reader.pages)
        pages, n_chars = [], 0
        for number in range(min(n_pages, _MAX_PAGES)):
            lines = _page_lines(reader.pages[number])
            pages.append(_Page(lines, "" if number else _own_title(reader, lines)))
            n_chars += sum(len(line.text) for line in lines)
            if n_chars > _ENOUGH_CHARS:
                break
    except (DependencyError, FileNotDecryptedError):
        raise locked from None
    except PipelineError:
        raise
    except Exception as error:  # of a damaged file pypdf raises whatever it meets first
        raise InputError(
            f"{path}: this PDF is damaged and cannot be read",
            hint="save it again, or give its title and abstract as text",
        ) from error
    if not pages:
        raise InputError(f"{path}: this PDF has no pages", hint="give another file")
    return pages, len(pages) < n_pages


def _page_lines(page: PageObject) -> list[_Line]:
    """The lines of a page in the order in which it is drawn: column by column, most often."""
    contents = page.get_contents()
    if contents is None or len(contents.get_data()) > _MOST_STREAM_BYTES:
        return []
    pieces: list[tuple[str, float]] = []
    n_chars = 0

    def take(text: str, cm: Sequence[float], tm: Sequence[float], _: Any, size: float) -> None:  # noqa: ANN401
        nonlocal n_chars
        n_chars += len(text)
        if n_chars > _MOST_CHARS:
            raise _EnoughError
        pieces.append((text, _printed_size(cm, tm, size)))

    with suppress(_EnoughError):
        page.extract_text(visitor_text=take)
    return list(_lines_of(pieces))


class _EnoughError(Exception):
    """Enough of a page was read."""


def _printed_size(cm: Sequence[float], tm: Sequence[float], size: float) -> float:
    """Height of upright letters on the page: the font's size by both matrices; 0 for turned ones.

    PDF 32000-1:2008, section 9.4.4: text space is scaled by the text matrix, then by the page's.
    """
    upward = tm[2] * cm[1] + tm[3] * cm[3]
    sideward = tm[2] * cm[0] + tm[3] * cm[2]
    return abs(size * upward) if abs(upward) >= abs(sideward) else 0.0


def _lines_of(pieces: Sequence[tuple[str, float]]) -> Iterator[_Line]:
    """Pieces of text cut at line ends; a line's size is that of its largest letters."""
    text, size, previous = "", 0.0, 0.0
    for piece, piece_size in pieces:
        for number, part in enumerate(piece.split("\n")):
            if number:
                yield _Line(text.strip(), size)
                text, size, previous = "", 0.0, 0.0
            if not part.strip():
                text += part
                continue
            is_small = piece_size < previous - _SAME_SIZE and part.lstrip()[:1].isupper()
            # Small capitals: a large one, a gap that is none, and the word's rest in small ones.
            if is_small and _ONE_CAPITAL.search(text):
                text = text.rstrip() + part.lstrip()
            else:
                text += part
            size, previous = max(size, piece_size), piece_size
    yield _Line(text.strip(), size)


def _own_title(reader: PdfReader, lines: Sequence[_Line]) -> str:
    """The title in the file's properties where page 1 shows it, which `main.dvi` does not do."""
    try:
        title = str((reader.metadata.title if reader.metadata else None) or "").strip()
    except Exception:  # noqa: BLE001 - a broken properties' page says nothing, the text still does
        return ""
    shown = comparison_key(" ".join(line.text for line in lines)).replace(" ", "")
    key = comparison_key(title)
    if _FILE_NAME.search(title) or len(key) < _TITLE_LETTERS[0] or " " not in key:
        return ""
    return title if key.replace(" ", "") in shown else ""


def _largest(lines: Sequence[_Line]) -> list[_Line]:
    """The lines of the title: the largest letters of the page, before its abstract."""
    before = next(
        (i for i, line in enumerate(lines) if behind_heading(line.text) is not None), None
    )
    shown = [line for line in lines[:before] if line.text and not _BANNER.match(line.text)]
    for size in sorted({line.size for line in shown if line.size}, reverse=True):
        start = next(i for i, line in enumerate(shown) if line.size == size)
        end = start
        while end < len(shown) and abs(shown[end].size - size) < _SAME_SIZE:
            end += 1
        letters = sum(map(str.isalpha, "".join(line.text for line in shown[start:end])))
        if _TITLE_LETTERS[0] <= letters <= _TITLE_LETTERS[1] and end - start <= _MOST_TITLE_LINES:
            return shown[start:end]
    return []


def _behind_title(lines: Sequence[_Line], title: Sequence[_Line]) -> list[str]:
    upright = [line for line in lines if line.size]
    if title:
        end = next(i for i, line in enumerate(upright) if line is title[-1]) + 1
        upright = upright[end:]
    return [line.text for line in upright]


def _joined(lines: Sequence[str]) -> str:
    """The lines as running text: a word that a line's end divides is one again.

    Its hyphen stays where the text has the word with it elsewhere, or where it is not the first.
    """
    text = "\n".join(line.strip() for line in lines)
    words = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower()))

    def join(match: re.Match[str]) -> str:
        head, tail = match[1], match[2]
        hyphened = f"{head}-{tail}".lower()
        keeps = "-" in head or not tail[0].islower() or hyphened in words
        return f"{head}-" if keeps and f"{head}{tail}".lower() not in words else head

    return " ".join(_BREAK.sub(join, text).split())


@contextmanager
def _silent() -> Iterator[None]:
    """pypdf tells what it mends to its logger, and a logger without handlers writes to stderr."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)

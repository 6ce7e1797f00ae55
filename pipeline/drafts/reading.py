"""Reading a file of unknown kind: what it is by its bytes, and the reader for it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from pipeline.drafts.draft import Draft, Parts, draft_of
from pipeline.errors import InputError
from pipeline.sources.encodings import HEAD_BYTES, binary_kind

MAX_BYTES = 50_000_000
# Title and abstract stand in front: a book behind them costs nothing.
_MAX_LOOKED = 200_000
_KINDS = "expected a draft as text, Markdown, LaTeX or PDF"
_PDF_WITHIN = 1024  # readers of PDF accept its mark within the first 1024 bytes
_MARKDOWN = {".md", ".markdown", ".mdown", ".mkd", ".rmd", ".qmd"}
_TEX = {".tex", ".ltx", ".latex"}
_TEX_SIGN = re.compile(r"^[^%\n]*\\(?:documentclass|begin\s*\{(?:document|abstract)\})", re.M)
# A line may begin with a hyphen and have a colon: each is read in one way only.
_MARKDOWN_SIGN = re.compile(r"\A\s*(?:#{1,3} \S|---\n(?:\w[\w-]*:.*\n|[ #-].*\n)+(?:---|\.\.\.)\n)")
_OTHER_MARKUP = (
    (re.compile(r"\A\s*(?:<!doctype html|<html)", re.I), "a web page"),
    (re.compile(r"\A\{\\rtf"), "an RTF document"),
    (re.compile(r"\A\s*<\?xml"), "an XML file"),
)


def read_draft(path: str | Path) -> Draft:
    """What the file at `path`, `-` for standard input, is about: its title and abstract, else its
    title and beginning.

    Text, Markdown, LaTeX and PDF are told apart by their content; text is UTF-8, UTF-16 or, where
    it is neither, Latin-1. Of a LaTeX file, what it includes is not followed; of a PDF, the first
    pages are read. Raises InputError for what is missing, no file, empty, larger than 50 MB, of
    another kind, or a PDF that is encrypted, damaged, or has no text.
    """
    path = Path(path)
    content = _read_bytes(path)
    if b"%PDF-" in content[:_PDF_WITHIN]:
        from pipeline.drafts.pdf import read_pdf

        parts = read_pdf(path, content)
    else:
        parts = _read_text(path, content)
    draft = draft_of(parts)
    if draft is None:
        raise InputError(f"{path}: no words in it", hint="expected a title, an abstract, or both")
    return draft


def _read_bytes(path: Path) -> bytes:
    try:
        with _opened(path) as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number).lower() if number else "no such file"
        raise InputError(f"{path}: cannot be read ({reason})", hint=_KINDS) from error
    if len(content) > MAX_BYTES:
        raise InputError(
            f"{path}: larger than {MAX_BYTES // 1_000_000} MB",
            hint="give the draft's text, or its title and abstract alone",
        )
    if not content.strip():
        raise InputError(f"{path}: empty file", hint=_KINDS)
    return content


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    """The file, or standard input, which stays open, for `-`."""
    return nullcontext(sys.stdin.buffer) if path == Path("-") else path.open("rb")


def _read_text(path: Path, content: bytes) -> Parts:
    text = _decode(path, content)
    for sign, kind in _OTHER_MARKUP:
        if sign.match(text):
            raise InputError(f"{path}: {kind}, not a draft", hint=f"{_KINDS}: save it as one")
    looked = text[:_MAX_LOOKED]
    parts = _reader_of(path, looked)(looked)
    return Parts(parts.title, parts.abstract, parts.body, parts.is_whole and looked == text)


def _reader_of(path: Path, text: str) -> Callable[[str], Parts]:
    if path.suffix.lower() in _TEX or _TEX_SIGN.search(text):
        from pipeline.drafts.tex import read_tex

        return read_tex
    if path.suffix.lower() in _MARKDOWN or _MARKDOWN_SIGN.match(text):
        from pipeline.drafts.markdown import read_markdown

        return read_markdown
    from pipeline.drafts.plain import read_plain

    return read_plain


def _decode(path: Path, content: bytes) -> str:
    """The text, with `\\n` at line ends; InputError for what is no text."""
    encoding = _utf_16_without_mark(content)
    if encoding is None and (kind := binary_kind(content[:HEAD_BYTES])):
        raise InputError(f"{path}: {kind}, not a draft", hint=f"{_KINDS}: save it as one")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-32" if content.startswith(b"\xff\xfe\0\0") else "utf-16"
    try:
        text = content.decode(encoding or "utf-8-sig", "replace" if encoding else "strict")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _utf_16_without_mark(content: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in nearly every second byte."""
    head = content[: HEAD_BYTES // 16]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, letters = head[first::2], head[1 - first :: 2]
        if zeros.count(0) > 0.7 * len(zeros) and letters.count(0) * 50 < len(letters):
            return encoding
    return None

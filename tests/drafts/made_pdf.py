"""PDF files as small as they can be, written out, so that a test knows every letter's place."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter

Shown = tuple[str, float, str]
"""A text operator's matrix without its size (`1 0 0 1 72 700`), the size, the text."""


def show(text: str, *, size: float = 10, x: float = 72, y: float = 700, turned: bool = False):
    """One piece of text at a place, upright or turned by a quarter."""
    turn = "0 1 -1 0" if turned else "1 0 0 1"
    return f"{turn} {x} {y}", size, text


def made_pdf(
    pages: Sequence[Sequence[Shown]], *, title: str = "", password: str | None = None
) -> bytes:
    """A PDF of these pages in Helvetica; with a password, encrypted by RC4."""
    objects = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding "
               b"/WinAnsiEncoding >>"]  # fmt: skip
    kids = []
    for page in pages:
        stream = b"\n".join(
            f"BT /F1 {size} Tf {place} Tm (".encode() + _escaped(text) + b") Tj ET"
            for place, size, text in page
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    objects.append(b"<< /Title (%s) >>" % _escaped(title))
    return _encrypted(_file(objects), password)


def _escaped(text: str) -> bytes:
    raw = text.encode("cp1252")
    for mark in (b"\\", b"(", b")"):
        raw = raw.replace(mark, b"\\" + mark)
    return raw


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(objects), len(out))
    )


def _encrypted(content: bytes, password: str | None) -> bytes:
    if password is None:
        return content
    writer = PdfWriter(PdfReader(io.BytesIO(content)))
    writer.encrypt(password, owner_password=password + "-", algorithm="RC4-128")
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()

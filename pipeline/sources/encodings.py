"""What bytes of unknown origin are: their encoding, or what they are when they are no text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGICS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an office document",
    b"\x1f\x8b": "a gzip archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"SQLite format 3": "an SQLite database",
    b"\x93NUMPY": "a NumPy array",
    b"\x80\x04\x95": "a pickle, which is never opened",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\xd0\xcf\x11\xe0": "an old office document",
}
_BLOCK_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 18
HEAD_BYTES = 64 * 1024
# What exports of papers come in where it is not Unicode: asked of charset-normalizer, which else
# takes a few accents for rare code pages (mac_iceland, cp775).
_LEGACY = [
    "cp1252", "cp1250", "cp1251", "cp1253", "koi8_r", "gb18030", "big5", "shift_jis", "euc_jp",
    "euc_kr",
]  # fmt: skip
_LATIN = frozenset({"ascii", "cp1252", "cp1250"})
# Letters of Polish, Czech and Hungarian (Windows-1250) stand in Windows-1252 for signs that no word
# holds, or for nothing. charset-normalizer 3.5 takes either code page for either.
_NO_LETTER = re.compile(rb"[A-Za-z][\xa3\xa5\xaa\xaf\xb3\xb9\xbc\xbe\xbf\x8d\x8f\x9d][A-Za-z]")
_XML_DECLARATION = re.compile(
    rb"\s*<\?xml\s[^<>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})[\"']"
)
# Python's names of encodings of text that hold ASCII as it is.
_DECLARABLE = re.compile(
    r"iso8859-\d+|cp(?:437|8[56]\d|874|932|949|950|125\d)|koi8-[rtu]|gbk|gb2312|gb18030|big5\w*|shift_jis\w*|euc_\w+|mac-\w+|tis-620"
)
# As browsers do (WHATWG, Encoding Standard): who declares the one writes the other.
_MEANT = {"iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
_SPOKEN = {"cp1252": "Windows-1252 (Latin-1)", "gb18030": "GB 18030", "big5": "Big5"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's bytes are read; `note` is for the import report, "" when all is well."""

    name: str
    note: str = ""
    errors: str = "replace"


def _byte_by_byte(error: UnicodeError) -> tuple[str, int]:
    """Read what is not UTF-8 in a UTF-8 text as Windows-1252: a record from another export."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    return broken.decode("cp1252", "replace"), error.end


_STRAY = "paperatlas-stray-bytes"
codecs.register_error(_STRAY, _byte_by_byte)


def binary_kind(head: bytes) -> str:
    """Name what a file is when it is no text, else "". `head` is its first bytes."""
    for magic, kind in _MAGICS.items():
        if head.startswith(magic):
            return kind
    if head.startswith(b"ustar", 257):
        return "a tar archive"
    if any(head.startswith(bom) for bom, _ in _BOMS) or _bare_utf16(head):
        return ""
    # A stray NUL or escape occurs in scraped text; one character in fifty does not.
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0c\x1b\x1d\x1e\x1f" for byte in head)
    return "binary data" if controls * 50 > len(head) else ""


def _bare_utf16(head: bytes) -> str:
    """The name of UTF-16 without a mark: every other byte of mostly Latin text is NUL."""
    if len(head) < 4:
        return ""
    half = len(head) // 2
    for name, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros = head[at : 2 * half : 2].count(0)
        if zeros > 0.6 * half and head[1 - at : 2 * half : 2].count(0) < 0.05 * half:
            return name
    return ""


def detect_encoding(path: Path) -> Encoding:
    """Give the encoding: by byte-order mark, UTF-8 where all or most of it is, else that of an XML
    declaration, or the likeliest of those in use before Unicode (charset-normalizer), with a note
    that says so."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, "" if name != "utf-8-sig" else _damage(path), _errors(name))
    if name := _bare_utf16(head):
        return Encoding(name)
    if _is_utf8(path):
        return Encoding("utf-8")
    sample = _sample(path)
    valid = sample.decode("utf-8", "ignore")
    n_stray = len(sample) - len(valid.encode())
    # Letters of another code page make a letter of UTF-8 by accident, but not one in three times.
    if n_stray <= 2 * sum(not c.isascii() for c in valid):
        return Encoding("utf-8", _STRAY_NOTE, _STRAY)
    return _declared_encoding(head, sample) or _legacy_encoding(sample)


_STRAY_NOTE = "not all of it is UTF-8; the rest is read as Latin-1: check the accented letters"


def _errors(name: str) -> str:
    return _STRAY if name == "utf-8-sig" else "replace"


def _damage(path: Path) -> str:
    return "" if _is_utf8(path) else _STRAY_NOTE


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(path: Path) -> bytes:
    """Lines that are not ASCII, from the whole file, as many as are enough to tell by."""
    sample, rest = bytearray(), b""
    for block in _blocks(path):
        *lines, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if not line.isascii():
                sample += line[:2000] + b"\n"
        if len(sample) > _SAMPLE_BYTES:
            break
        rest = rest[-_BLOCK_BYTES:]
    return bytes(sample + (b"" if rest.isascii() else rest[-_SAMPLE_BYTES:]))


def _declared_encoding(head: bytes, sample: bytes) -> Encoding | None:
    """What an XML declaration says, where it names an encoding that these bytes may be in."""
    declaration = _XML_DECLARATION.match(head)
    if declaration is None:
        return None
    try:
        name = codecs.lookup(declaration[1].decode("ascii")).name
    except LookupError:
        return None
    if not _DECLARABLE.fullmatch(name):
        return None
    name = _MEANT.get(name, name)
    lost = sample.decode(name, "replace").count("\ufffd")
    return (
        None if lost * 20 > len(sample) - len(sample.decode("ascii", "ignore")) else Encoding(name)
    )


def _legacy_encoding(sample: bytes) -> Encoding:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_LEGACY, threshold=0.4).best()
    name = "cp1252" if best is None or best.encoding in _LATIN else best.encoding
    if name == "cp1252" and _NO_LETTER.search(sample):
        name = "cp1250"
    spoken = _SPOKEN.get(name, name.replace("cp", "Windows-").replace("_", "-"))
    return Encoding(name, f"not UTF-8; read as {spoken}: check the accented letters")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            yield block


def decode_head(head: bytes) -> str:
    """Give the text of a file's first bytes for looking at; never raises."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return head.decode(name, errors="ignore")
    if name := _bare_utf16(head):
        return head.decode(name, errors="ignore")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("utf-8", _STRAY)

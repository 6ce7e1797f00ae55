"""Text of titles and abstracts, made fit for reading and embedding, and keys to compare them by.

`normalise_title` and `normalise_abstract` are for people and models; `comparison_key` is stronger
and only ever compared. `NORMALISER_VERSION` names the rules: embeddings are cached under it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

from pipeline.errors import UsageError
from pipeline.papers.boilerplate import may_have_boilerplate, without_boilerplate
from pipeline.papers.latex import latex_to_text
from pipeline.papers.markup import without_markup
from pipeline.papers.sections import may_be_structured, without_headings

NORMALISER_VERSION = 2

_NEEDS_CLEANING = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufb00-\ufb06\ufffe\uffff\ud800-\udfff]"
)
# Between letters of Arabic or India, and in emoji, joiners are part of the spelling.
_NEEDLESS_JOINERS = re.compile("(?<![\u0590-\U0010ffff])[\u200c\u200d]+")
# `â\x80\x99` was an apostrophe: a two or three byte sequence of UTF-8, one character a byte.
_MOJIBAKE = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
# Where a PDF broke a word; `(cid:173)` is the hyphen's number in its font.
_BREAK = re.compile(r"(?:\xad|\(cid:173\))\s+([^\W\d_]+)")
_HYPHENED = re.compile(r"[^\W\d_]++-[^\W\d_]++")
_LONGEST_WORD = 40
# Other letters that a PDF gives by their numbers in its fonts, most of them TeX's.
_GLYPH = re.compile(r"\(cid:(\d{1,6})\)")
_GLYPHS = {
    0: "-", 2: "fi", 3: "fl", 11: "ff", 12: "fi", 13: "fl", 14: "ffi", 15: "ε", 96: "ℓ", 173: "",
    222: "fi", 223: "fl", **{n: bytes([n]).decode("cp1252") for n in (145, 146, 147, 148)},
    **{n: chr(n) for n in range(192, 222)}, **{n: chr(n) for n in range(224, 256)},
}  # fmt: skip
_LATEX_SIGNS = re.compile(r"[\\$`{}~]|''|--")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_EMPHASIS = re.compile(
    r"(?<![\w\\*])(?:\*\*(?=\S)([^*\n]{1,200}?)(?<=\S)\*\*|\*(?=[^\s*])([^*\n]{1,120}?)(?<=[^\s*])\*)(?![\w*])"
    r"|(?<!\w)_(?=[^\W_])([^_\n]{1,120}?)(?<=[\w).!?])_(?!\w)"
)
_MAX_PASSES = 6
_CP1252 = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("cp1252", "ignore"))
}
_CLEANED = {
    **dict.fromkeys([*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0xA0), 0xAD], ""),
    **dict.fromkeys(range(0x1C, 0x20), " "),
    **dict.fromkeys([0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F)], ""),
    **dict.fromkeys([*range(0x2060, 0x2070), 0xFEFF, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], ""),
    **_CP1252,
    **{0xFB00 + i: s for i, s in enumerate(["ff", "fi", "fl", "ffi", "ffl", "st", "st"])},
}
# What a text of ASCII must not have to be plain: controls, and signs of markup.
_MARKS = bytes({*range(0x20), 0x7F, *b"\\$`{}<&~*_"})


def normalise_title(raw: str) -> str:
    """Give a title without markup, control characters or stray white space; idempotent, total."""
    if _is_plain(raw):
        return raw
    text = raw
    for _ in range(_MAX_PASSES):
        before, text = text, _on_one_line(_readable(text))
        if text == before or _is_plain(text):
            return text
    # Built to resist (`&amp;amp;amp;...`): what the rules look at goes, so that they rest.
    return _on_one_line(_RESISTING.sub(" ", text))


def normalise_abstract(raw: str) -> str:
    """Give an abstract likewise, without its label, the headings of its sections, publishers' notes
    and keywords at its end; "" where nothing else is there. Idempotent, total."""
    line = _plain_line(raw)
    # The ends of lines tell headings, and may divide the words of a note.
    if line is not None and not _may_have_frame(line) and not may_be_structured(raw):
        return line
    text = raw
    for _ in range(_MAX_PASSES):
        before, text = text, _unframed(_readable(text, drop_headings=True))
        if text == before or (_is_plain(text) and not _may_have_frame(text)):
            return text
    words = _on_one_line(_NO_WORD.sub(" ", text.lower()))
    return without_boilerplate(unicodedata.normalize("NFC", words))


def require_texts(texts: Sequence[str]) -> list[str]:
    """The texts as a list; UsageError for a single text, and for whatever is no text among them."""
    if isinstance(texts, str | bytes):
        raise UsageError("expected a list of texts, not one text", hint="put it in a list")
    listed = list(texts)
    for number, text in enumerate(listed):
        if not isinstance(text, str):
            raise UsageError(
                f"text {number} is of the type {type(text).__name__}", hint="expected str"
            )
    return listed


def as_text(name: str, value: str | int | None, *, numbers: bool = False) -> str | None:
    """The value of an argument, a text or None, and where `numbers` may be meant the digits of one;
    UsageError, by the argument's name, for anything else."""
    if value is None or isinstance(value, str):
        return value
    if numbers and not isinstance(value, bool) and hasattr(value, "__index__"):
        return str(value.__index__())  # of NumPy too
    known = "str or int" if numbers else "str"
    raise UsageError(f"{name} is of the type {type(value).__name__}", hint=f"expected {known}")


def comparison_key(text: str) -> str:
    """Give the words of `text` alone, for equality: `Nicolò's  GAN-s!` is `nicolo s gan s`.

    Case is folded, accents are taken off (NFKD, Unicode Standard Annex 15), and whatever is
    neither a letter nor a digit separates words.
    """
    return " ".join(_WORD.findall(folded(text)))


def folded(text: str) -> str:
    """Give `text` without case and accents: `Nicolò` is `nicolo`. Spaces stay as they are."""
    if not text.isascii():
        text = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
        # `translate` of an abstract takes ten times as long as looking for these few letters.
        text = _STROKED.sub(lambda letter: _FOLDED[letter[0]], text)
    return text.casefold()


_WORD = re.compile(r"[^\W_]+")
_COMBINING = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Letters that Unicode does not decompose, as catalogues write them without the stroke.
_FOLDED = dict(zip("ıøØłŁđĐħĦ", "ioOlLdDhH", strict=True))
_STROKED = re.compile(f"[{''.join(_FOLDED)}]")


_RESISTING = re.compile("[\\\\$`{}<>&~*_'(\\-\u200c\u200d]")
_NO_WORD = re.compile(r"[^\w\s]|_|copyright|abstract")


def _is_plain(text: str) -> bool:
    """Tell whether no rule of titles applies: printable, nothing like markup, one blank at a time.

    Seven in ten abstracts are. One pass of `bytes.translate` takes a third of what a search for
    each sign took.
    """
    if text.isascii():
        if len(text) != len(text.encode().translate(None, _MARKS)):
            return False
    elif not (text.isprintable() and _has_no_mark(text)):
        return False
    return not (
        "  " in text
        or ("-" in text and "--" in text)
        or ("'" in text and "''" in text)
        or ("(" in text and "(cid:" in text)
        or text[:1] == " "
        or text[-1:] == " "
    )


def _plain_line(raw: str) -> str | None:
    """The text in one line, where it is plain but for white space; otherwise None."""
    if _is_plain(raw):
        return raw
    line = _on_one_line(raw)
    # U+0085 is white space, and in text of Windows an ellipsis.
    return line if _is_plain(line) and "\x85" not in raw else None


def _has_no_mark(text: str) -> bool:
    """Tell the same of a text that is not ASCII, and whether its letters are composed."""
    encoded = text.encode()
    return (
        len(encoded) == len(encoded.translate(None, _MARKS))
        and b"\xef\xac" not in encoded  # U+FB00 to U+FB3F, ligatures among them
        and unicodedata.is_normalized("NFC", text)
    )


def _may_have_frame(text: str) -> bool:
    return may_have_boilerplate(text) or may_be_structured(text)


def _readable(text: str, *, drop_headings: bool = False) -> str:
    """Apply the rules of titles once; a later pass may find more: an entity may hide a tag."""
    if not text.isascii() or not text.isprintable():
        text = _clean(text)
    if "(cid:" in text:
        text = _GLYPH.sub(lambda glyph: _GLYPHS.get(int(glyph[1]), ""), _mend_words(text))
    if "<" in text or "]]>" in text:
        text = without_markup(text, drop_headings=drop_headings)
    if "&" in text:
        text = _ENTITY.sub(_unescape, text)
    if _LATEX_SIGNS.search(text):
        text = latex_to_text(text)
    if _may_be_emphasised(text):
        text = _without_emphasis(text)
    return text


def _unframed(text: str) -> str:
    """Take off what is around an abstract; the ends of lines tell headings, so they go last."""
    if may_be_structured(text):
        text = without_headings(text)
    text = _on_one_line(text)
    return without_boilerplate(text) if may_have_boilerplate(text) else text


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _mend_words(text: str) -> str:
    """Join words that were broken at the end of a line; `trial-and-error` keeps its hyphen."""
    if not _BREAK.search(text):
        return text
    hyphened = set(_HYPHENED.findall(text))

    def mend(at: re.Match[str]) -> str:
        tail = at[1]
        head = re.split(r"[^\w-]", text[max(0, at.start() - _LONGEST_WORD) : at.start()])[-1]
        if not head[-1:].isalpha():
            return f" {tail}"
        keeps = "-" in head or not tail[0].islower() or f"{head}-{tail}" in hyphened
        return f"-{tail}" if keeps else tail

    return _BREAK.sub(mend, text)


def _unescape(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def _clean(text: str) -> str:
    """Take control characters off, mend UTF-8 that was read as Latin-1, compose accents (NFC)."""
    if _NEEDS_CLEANING.search(text):
        text = _MOJIBAKE.sub(_mended, text)
        text = _NEEDLESS_JOINERS.sub("", _mend_words(text)).translate(_CLEANED)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _mended(broken: re.Match[str]) -> str:
    try:
        return broken[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return broken[0]


def _may_be_emphasised(text: str) -> bool:
    """Tell whether two stars, or a low line that begins a word, are in `text`: `a_b` is neither."""
    if "*" in text and text.count("*") > 1:
        return True
    at = text.find("_")
    while at >= 0:
        if not at or not (text[at - 1].isalnum() or text[at - 1] == "_"):
            return True
        at = text.find("_", at + 1)
    return False


def _without_emphasis(text: str) -> str:
    """Take Markdown's stars and underscores off, outside URLs, for `a_b` and `A*` are names."""
    out, position = [], 0
    for url in _URL.finditer(text):
        out += [_EMPHASIS.sub(_emphasised, text[position : url.start()]), url[0]]
        position = url.end()
    return "".join([*out, _EMPHASIS.sub(_emphasised, text[position:])])


def _emphasised(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None)

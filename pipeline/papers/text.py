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
from pipeline.papers.latex import latex_to_text

NORMALISER_VERSION = 1

# Nine in ten abstracts hold none of these. Substring tests run at memory speed, some 2 µs for an
# abstract, where one regular expression over all of them took 40 µs.
_MARKS = ("\\", "$", "`", "{", "}", "<", "&", "~", "*", "_", "  ", "''", "--")
_NEEDS_CLEANING = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff\ufb00-\ufb06\ufffe\uffff\ud800-\udfff]"
)
# `â\x80\x99` was an apostrophe: a two or three byte sequence of UTF-8, one character a byte.
_MOJIBAKE = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_LATEX_SIGNS = re.compile(r"[\\$`{}~]|''|--")
_TAG = re.compile(
    r"</?(?:jats:|mml:)?(?:a|abstract|abstracttext|b|bold|br|cite|code|div|em|emph|font|h[1-6]|i|"
    r"inf|italic|li|math|mfrac|mi|mn|mo|mrow|msub|msubsup|msup|mtext|ol|p|sc|sec|section|small|"
    r"span|strong|sub|sup|title|tt|u|ul)(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(r"</?(?:jats:)?(?:br|div|h[1-6]|li|p|sec|section|title)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_EMPHASIS = re.compile(
    r"(?<![\w\\*])(?:\*\*(?=\S)([^*\n]{1,200}?)(?<=\S)\*\*|\*(?=[^\s*])([^*\n]{1,120}?)(?<=[^\s*])\*)(?![\w*])"
    r"|(?<!\w)_(?=[^\W_])([^_\n]{1,120}?)(?<=[\w).!?])_(?!\w)"
)
_SENTENCE_STARTERS = (
    "We|This|These|In|The|A|An|Our|It|Is|Are|Many|Most|Recent|Recently|While|Although|Despite|"
    "Given|To|For|With|Large|Modern|How|What|Why|When|As|By|Machine|Deep|There|Here|On"
)
_ABSTRACT_LABEL = re.compile(
    r"\s*(?:(?i:abstract)\s*(?:[:.—–]|-(?=\s))\s*"
    rf"|Abstract\s+(?=(?:{_SENTENCE_STARTERS})\b)|ABSTRACT\s+(?=[A-Z])|(?:Abstract|ABSTRACT)(?=[A-Z][a-z])"
    rf"|Abstract(?=(?:We|This|In|A)\b))"
)
_MAX_PASSES = 6
_CP1252 = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("cp1252", "ignore"))
}
_CLEANED = {
    **dict.fromkeys([*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0xA0), 0xAD, 0x200B], ""),
    **dict.fromkeys(range(0x1C, 0x20), " "),
    **dict.fromkeys([0x2060, 0xFEFF, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], ""),
    **_CP1252,
    **{0xFB00 + i: s for i, s in enumerate(["ff", "fi", "fl", "ffi", "ffl", "st", "st"])},
}


def normalise_title(raw: str) -> str:
    """Give a title without markup, control characters or stray white space; idempotent, total."""
    return _until_stable(raw)


def normalise_abstract(raw: str) -> str:
    """Give an abstract likewise, without a leading `Abstract:`; idempotent, total."""
    text = _until_stable(raw)
    while (label := _ABSTRACT_LABEL.match(text)) and label.end():
        text = _until_stable(text[label.end() :])
    return text


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


def _until_stable(raw: str) -> str:
    """Apply the rules until nothing changes: an entity may hide a tag, a macro a brace."""
    if _is_plain(raw):
        return raw
    text = raw
    for _ in range(_MAX_PASSES):
        before, text = text, _pass(text)
        if text == before:
            return text
    # Built to resist (`&amp;amp;amp;...`): what the rules look at goes, so that they rest.
    return " ".join(re.sub(r"[\\$`{}<>&~*_'\-]", " ", text).split())


def _is_plain(text: str) -> bool:
    """Tell whether no rule applies: printable, nothing like markup, no blanks to take off."""
    return (
        text.isprintable()
        and not any(mark in text for mark in _MARKS)
        and text[:1] != " " != text[-1:]
        and (text.isascii() or _clean(text) == text)
    )


def _pass(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        text = _clean(text)
    if "<" in text:
        text = _TAG.sub(lambda tag: " " if _BLOCK_TAG.match(tag[0]) else "", text)
    if "&" in text:
        text = _ENTITY.sub(_unescape, text)
    if _LATEX_SIGNS.search(text):
        text = latex_to_text(text)
    if "*" in text or "_" in text:
        text = _without_emphasis(text)
    return " ".join(text.split())


def _unescape(entity: re.Match[str]) -> str:
    character = html.unescape(entity[0])
    return character if character != entity[0] else entity[0]


def _clean(text: str) -> str:
    """Take control characters off, mend UTF-8 that was read as Latin-1, compose accents (NFC)."""
    if _NEEDS_CLEANING.search(text):
        text = _MOJIBAKE.sub(_mended, text)
        text = text.translate(_CLEANED)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _mended(broken: re.Match[str]) -> str:
    try:
        return broken[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return broken[0]


def _without_emphasis(text: str) -> str:
    """Take Markdown's stars and underscores off, outside URLs, for `a_b` and `A*` are names."""
    out, position = [], 0
    for url in _URL.finditer(text):
        out += [_EMPHASIS.sub(_emphasised, text[position : url.start()]), url[0]]
        position = url.end()
    return "".join([*out, _EMPHASIS.sub(_emphasised, text[position:])])


def _emphasised(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None)

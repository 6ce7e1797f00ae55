"""Text of titles and abstracts, made fit for reading and embedding, and keys to compare them by.

`normalise_title` and `normalise_abstract` are for people and models; `comparison_key` is stronger
and only ever compared. `NORMALISER_VERSION` names the rules: embeddings are cached under it.
"""

from __future__ import annotations

import html
import re
import unicodedata

from pipeline.papers.latex import latex_to_text

NORMALISER_VERSION = 1

# Two thirds of abstracts hold none of these: they cost one scan (about 10 µs) and no more.
_NEEDS_WORK = re.compile(
    r"[\\$`{}<&~*\t\n\r\x0b\x0c\xa0\u2000-\u200b\u2028\u2029\u202f\u205f\u3000]|  |^ | $|''|--"
    r"|(?<!\w)_|_(?!\w)"
)
_NEEDS_CLEANING = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff\ufb00-\ufb06\ufffe\uffff\ud800-\udfff]"
)
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
    while label := _ABSTRACT_LABEL.match(text):
        if not label.end():
            break
        text = text[label.end() :]
    return _until_stable(text)


def comparison_key(text: str) -> str:
    """Give the words of `text` alone, for equality: `Nicolò's  GAN-s!` is `nicolo s gan s`.

    Case is folded, accents are taken off (NFKD, Unicode Standard Annex 15), and whatever is
    neither a letter nor a digit separates words.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).translate(_FOLDED)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(_WORD.findall(text.casefold()))


_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode does not decompose, as catalogues write them without the stroke.
_FOLDED = str.maketrans("ıøØłŁđĐħĦ", "ioOlLdDhH")


def _until_stable(raw: str) -> str:
    """Apply the rules until nothing changes: an entity may hide a tag, a macro a brace."""
    text = raw
    for _ in range(_MAX_PASSES):
        before, text = text, _pass(text)
        if text == before:
            return text
    # Built to resist (`&amp;amp;amp;...`): what the rules look at goes, so that they rest.
    return " ".join(re.sub(r"[\\$`{}<>&~*_'\-]", " ", text).split())


def _pass(text: str) -> str:
    if not text.isascii():
        text = _clean(text)
    elif _NEEDS_CLEANING.search(text):
        text = text.translate(_CLEANED)
    if not _NEEDS_WORK.search(text):
        return text
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
    if _NEEDS_CLEANING.search(text):
        text = text.translate(_CLEANED)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _without_emphasis(text: str) -> str:
    """Take Markdown's stars and underscores off, outside URLs, for `a_b` and `A*` are names."""
    out, position = [], 0
    for url in _URL.finditer(text):
        out += [_EMPHASIS.sub(_emphasised, text[position : url.start()]), url[0]]
        position = url.end()
    return "".join([*out, _EMPHASIS.sub(_emphasised, text[position:])])


def _emphasised(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None)

"""One record's text as an element, mended where its XML is broken."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from html.entities import html5
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# The prefixes that these formats use; a record does not say what they mean, its document does.
_PREFIXES = frozenset(
    """
    arxiv atom content dc dcterms georss media mml oai oai_dc opensearch prism rdf slash thr xlink
    xsi
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]*):[A-Za-z_]", re.ASCII)
_OWN = frozenset({"xml", "xmlns"})
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = frozenset("\x0b\x0c\x1c\x1d\x1e\x1f")
_REFERENCE = re.compile(
    r"&(?:#(?:x(?P<hex>[0-9a-fA-F]{1,8})|(?P<digits>\d{1,8}));|(?P<name>[A-Za-z][\w.-]*);)?"
)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_UNREAD = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_CUT_TAG = re.compile(r"<(?:[/!?]?[A-Za-z_][^<>]*|[/!]?[-\[]*)\Z")
_NAME = r"[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?"
_ATTRIBUTE = re.compile(rf"(?<=\s)({_NAME})\s*=\s*(\"[^\"<]*\"|'[^'<]*')", re.ASCII)
_TAG = re.compile(
    rf"<(?P<end>/)?(?P<name>{_NAME})(?P<attributes>(?:\s[^<>]*)?)(?P<empty>/)?>"
    r"|(?P<text>[^<]+)|<",
    re.ASCII,
)
_INLINE = frozenset(
    """
    a b br code div em fixed-case i li ol p small span strong style sub sup tex-math tt u ul url
    math mfrac mi mn mo mover mroot mrow mspace msqrt mstyle msub msubsup msup mtext munder
    """.split()  # noqa: SIM905
)
_MAX_DEPTH = 100
"""Where tags are broken, those that stand deeper are left out, and what they hold stays."""


class Parsed(NamedTuple):
    """A record's element, None where there is none, and what had to be mended in its structure."""

    element: Element | None
    broken: str = ""


def parse_record(text: str) -> Parsed:
    """Give the element of a record's text; what is broken is mended step by step.

    First characters and references, which leaves no doubt: what XML forbids is left out, `&` and
    HTML's entities are taken for themselves, and an entity that the document declares stays as it
    is written, since none is ever expanded. Then tags: what is open is closed.
    """
    from xml.etree.ElementTree import ParseError

    try:
        return Parsed(_parse(text))
    except (ParseError, UnicodeEncodeError):
        text = with_legal_characters(text)
    try:
        return Parsed(_parse(text, prefixes_in(text)))
    except ParseError as error:
        broken = str(error).split(":", 1)[0]
        text = with_balanced_tags(text)
    try:
        return Parsed(_parse(text, prefixes_in(text)), broken)
    except ParseError:
        return Parsed(None, broken)


def _parse(text: str, prefixes: frozenset[str] = _PREFIXES) -> Element | None:
    """The record's element, names without namespaces.

    Not by defusedxml, whose parser is in Python and takes three times as long. What it guards from
    cannot stand here: entities are declared before the root element, and that one is ours.
    """
    from xml.etree.ElementTree import XMLParser

    parser = XMLParser()  # noqa: S314
    parser.feed(_root(prefixes))
    parser.feed(text)
    parser.feed("</record>")
    root: Element = parser.close()
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.startswith("{"):
            element.tag = element.tag.rpartition("}")[2]
    return root[0] if len(root) else None


@lru_cache(maxsize=64)
def _root(prefixes: frozenset[str]) -> str:
    declared = "".join(f' xmlns:{prefix}="{prefix}"' for prefix in sorted(prefixes))
    return f"<record{declared}>"


def prefixes_in(text: str) -> frozenset[str]:
    """Give the prefixes that are used in `text`, and some more."""
    return _PREFIXES | frozenset(_PREFIX.findall(text)) - _OWN


def with_legal_characters(text: str) -> str:
    """Give `text` with the characters and references that XML knows, and no CDATA section."""
    text = _ILLEGAL.sub(lambda found: " " if found[0] in _SPACES else "", text)
    closed = text.rfind("]]>") + len("]]>")  # behind it each section would be sought to the end
    text = _CDATA.sub(lambda section: escape(section[1]), text[:closed]) + text[closed:]
    return _REFERENCE.sub(_known_reference, text)


def _known_reference(reference: re.Match[str]) -> str:
    name = reference["name"]
    if name is None and reference["hex"] is None and reference["digits"] is None:
        return "&amp;"
    if name is None:
        code = int(reference["hex"], 16) if reference["hex"] else int(reference["digits"])
        return reference[0] if code <= 0x10FFFF and not _ILLEGAL.match(chr(code)) else ""
    if name in _XML_NAMES:
        return reference[0]
    characters = html5.get(f"{name};")
    return escape(characters) if characters else f"&amp;{name};"


def with_balanced_tags(text: str) -> str:
    """Give `text` with an end for each start tag and no other.

    What is open when something around it ends is closed there, but an element of text that has no
    end tag where the next element begins. The text before an end tag without a start is that
    element's. A tag that is cut off at the end is left out, and any other `<` is a character.
    """
    for opener, closer in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")):
        closed = text.rfind(closer) + 1
        text = text[:closed] + text[closed:].replace(opener, "")
    text = _CUT_TAG.sub("", _UNREAD.sub("", text)).replace("]]>", "]]&gt;")
    return _Balancer(text).balanced()


class _Balancer:
    """Walks over the tags and writes them again, with those that are missing."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._ended = Counter(tag["name"] for tag in _TAG.finditer(text) if tag["end"])
        self._begun = Counter(tag["name"] for tag in _TAG.finditer(text) if not tag["end"])
        self._out: list[str] = []
        self._run: list[str] = []  # of the text since the last tag
        self._open: list[tuple[str, int]] = []  # names, and where in `_out` what they hold begins
        self._n_open: Counter[str] = Counter()

    def balanced(self) -> str:
        for token in _TAG.finditer(self._source):
            if token["name"] is None:
                self._run.append(token[0])
            elif token["end"]:
                self._end(token["name"])
            else:
                self._start(token)
        self._out.append(self._text())
        while self._open:
            self._close_last()
        return "".join(self._out)

    def _text(self) -> str:
        text = "".join(self._run).replace("<", "&lt;")
        self._run.clear()
        return text

    def _start(self, token: re.Match[str]) -> None:
        name, attributes = token["name"], token["attributes"]
        pairs = dict(_ATTRIBUTE.findall(attributes))
        if attributes.strip(" \t\n/") and not pairs and not self._ended[name]:
            self._run.append(token[0])  # `p <x and y>`
            return
        self._out.append(self._text())
        if name not in _INLINE:
            while self._open and self._is_unended_text():
                self._close_last()
        if len(self._open) >= _MAX_DEPTH:
            return
        shown = "".join(f" {k}={value}" for k, value in pairs.items() if not k.startswith("xmlns"))
        empty = token["empty"] or attributes.rstrip().endswith("/")
        self._out.append(f"<{name}{shown}{'/' if empty else ''}>")
        if not empty:
            self._open.append((name, len(self._out)))
            self._n_open[name] += 1

    def _is_unended_text(self) -> bool:
        """Whether the last open element begins with text, and its name ends less often than it
        begins."""
        name, start = self._open[-1]
        return self._ended[name] < self._begun[name] and bool(self._out[start].strip())

    def _end(self, name: str) -> None:
        text = self._text()
        if self._n_open[name]:
            self._out.append(text)
            while self._open[-1][0] != name:
                self._close_last()
            self._close_last()
        else:
            self._out.append(f"<{name}>{text}</{name}>" if text.strip() else text)

    def _close_last(self) -> None:
        name, _ = self._open.pop()
        self._n_open[name] -= 1
        self._out.append(f"</{name}>")

"""Records cut out of XML text by their tags, in memory that does not grow with the file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pipeline.sources.document import MAX_RECORD_CHARS, Document

MAX_CONTEXT_CHARS = 64 * 1024
"""As much of the text before a record is kept: what ACL's volumes say of their papers."""
_SHOWN_CHARS = 1000
_LOOKAHEAD = 4096  # no tag is longer, with all its namespaces
_DOCTYPE = re.compile(
    r"<!DOCTYPE\b[^\[<>]*(?:\[(?>[^\]\"'<]+|\"[^\"]*\"|'[^']*'|<!--.*?-->|<[!?](?!--))*+\]\s*)?>",
    re.DOTALL,
)
_CLOSERS = {"<!--": "-->", "<![CDATA[": "]]>"}
_NEXT = {
    opener: re.compile(f"{re.escape(opener)}|{re.escape(closer)}")
    for opener, closer in _CLOSERS.items()
}


@dataclass(frozen=True)
class RecordTag:
    """The elements that are records, by their names without a prefix."""

    names: tuple[str, ...]
    parents: tuple[str, ...]
    """What holds the records, and ends with the last of them."""
    first_child: str = ""
    """What a record begins with, where elements of the same name may stand inside one: OAI-PMH has
    records of MARC in its own."""
    prefixed: bool = False
    """Whether namespaces may have a prefix in this format; looking for one takes six times as long.
    """

    unread: tuple[str, ...] = ()
    """Elements that stand once in a record, if at all, and say nothing that is read."""

    def _name(self, names: tuple[str, ...]) -> str:
        prefix = r"(?:[\w.-]+:)?" if self.prefixed else ""
        return rf"{prefix}(?:{'|'.join(names)})(?=[\s/>])"

    @cached_property
    def token(self) -> re.Pattern[str]:
        """A start tag up to its name, an end tag, one of the parents', or what hides tags."""
        own = rf"(?P<end>/)?{self._name(self.names)}(?(end)\s*>?)"
        outer = rf"(?P<outer>/?{self._name(self.parents)})"
        return re.compile(rf"<(?:(?P<opener>!--|!\[CDATA\[)|{own}|{outer})")

    @cached_property
    def counted(self) -> re.Pattern[str]:
        """A start tag, or what hides tags or ends that."""
        child = self._rest.pattern if self.first_child else ""
        start = f"{self._name(self.names)}{child}"
        return re.compile(rf"<(?:(?P<opener>!--|!\[CDATA\[)|{start})|-->|\]\]>")

    @cached_property
    def _rest(self) -> re.Pattern[str]:
        return re.compile(rf"[^<>]*>\s*<(?:[\w.-]+:)?{self.first_child}(?=[\s/>])")

    def without_unread(self, text: str) -> str:
        """Give a record's text without the elements that are not read."""
        for name in self.unread:
            start, end = text.find(f"<{name}>"), text.rfind(f"</{name}>")
            if 0 <= start < end:
                text = text[:start] + text[end + len(f"</{name}>") :]
        return text

    def is_record(self, text: str, name_end: int) -> bool:
        """Tell whether the start tag whose name ends there begins a record even inside another."""
        return not self.first_child or self._rest.match(text, name_end) is not None


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one record."""

    line: int
    """That of its start tag, from 1."""
    text: str
    """From its start tag to its end tag or, where that is missing, to the next record or the end of
    what holds them."""
    before: str = ""
    """What stands between the record before and this one, its last `MAX_CONTEXT_CHARS`."""
    is_too_long: bool = False
    """Only the beginning of it is in `text`."""


def count(document: Document, tag: RecordTag) -> int:
    """Count the records' start tags outside comments and CDATA sections, without cutting.

    A comment that is not closed, or not before the next one is opened, hides nothing.
    """
    n_records, n_hidden, hidden_by = 0, 0, ""
    for token in _tokens(_blocks(document), tag.counted):
        found = token[0]
        if token["opener"]:
            if hidden_by in ("", found):
                n_records, n_hidden, hidden_by = n_records + n_hidden, 0, found
        elif not found.startswith("<"):
            if hidden_by and found == _CLOSERS[hidden_by]:
                n_hidden, hidden_by = 0, ""
        elif hidden_by:
            n_hidden += 1
        else:
            n_records += 1
    return n_records + n_hidden


def _blocks(document: Document) -> Iterator[str]:
    """The text without the document type, in which entities are declared and nothing is said."""
    blocks = document.blocks()
    first = next(blocks, "")
    doctype = _DOCTYPE.search(first)
    if doctype:
        blank = "\n" * doctype[0].count("\n")
        first = first[: doctype.start()] + blank + first[doctype.end() :]
    return itertools.chain([first], blocks)


def _tokens(blocks: Iterable[str], pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """What `pattern` finds in a text that comes in blocks."""
    held = ""
    for block in itertools.chain(blocks, [""]):
        held += block
        safe = len(held) - (_LOOKAHEAD if block else 0)
        done = max(safe, 0)
        for token in pattern.finditer(held):
            if token.start() >= safe:
                break
            yield token
            done = max(done, token.end())
        held = held[done:]


@dataclass(slots=True)
class _Open:
    """A record whose end is not found yet. `start` is where it begins in the text that is held."""

    line: int
    start: int
    before: str
    n_nested: int = 0
    shown: str = ""
    """How it begins, once it is too long to be held."""


class Cutter:
    """Cuts the records out of a document. Tags in comments and CDATA sections are none.

    Positions are those in the text that is held, and move with it.
    """

    def __init__(self, document: Document, tag: RecordTag) -> None:
        self._blocks, self._tag = _blocks(document), tag
        self._text = ""
        self._at = 0  # looked at up to here
        self._after = 0  # where the last record ended
        self._line, self._counted = 1, 0  # the line at `_counted`
        self._open: _Open | None = None
        self._is_all = False  # whether the text that is held is the last
        self._n_parents = 0  # that are open

    @property
    def is_cut_off(self) -> bool:
        """Whether the text, once it was read to its end, ended within what holds the records."""
        return self._n_parents > 0

    def pieces(self) -> Iterator[Piece]:
        """Yield the records' texts in their order."""
        while (token := self._next_tag()) is not None:
            opened = self._open
            if outer := token["outer"]:
                is_end = outer.startswith("/")
                self._n_parents += -1 if is_end else 1
                if opened and is_end:
                    yield self._close(opened, token.start())
            elif token["end"]:
                if opened and opened.n_nested:
                    opened.n_nested -= 1
                elif opened:
                    yield self._close(opened, token.end())
            elif opened is None:
                self._begin(token.start())
            elif self._tag.is_record(self._text, token.end()):
                yield self._close(opened, token.start())
                self._begin(token.start())
            else:
                opened.n_nested += 1
        if self._open:
            yield self._close(self._open, len(self._text))

    def _begin(self, start: int) -> None:
        self._line += self._text.count("\n", self._counted, start)
        self._counted = start
        before = self._text[max(self._after, start - MAX_CONTEXT_CHARS) : start]
        self._open = _Open(self._line, start, before)

    def _close(self, opened: _Open, end: int) -> Piece:
        self._open, self._after = None, end
        is_too_long = bool(opened.shown) or end - opened.start > MAX_RECORD_CHARS
        shown = opened.shown or self._text[opened.start : opened.start + _SHOWN_CHARS]
        text = shown if is_too_long else self._text[opened.start : end]
        return Piece(opened.line, text, opened.before, is_too_long)

    def _next_tag(self) -> re.Match[str] | None:
        """The next tag of a record that neither a comment nor a CDATA section holds."""
        while True:
            token = self._tag.token.search(self._text, self._at)
            if token is None or token.end() + _LOOKAHEAD > len(self._text):
                # It may go on in the next block.
                at = max(self._at, len(self._text) - _LOOKAHEAD)
                self._at = min(at, token.start()) if token else at
                if self._grow():
                    continue
                token = self._tag.token.search(self._text, self._at)
            if token is None:
                return None
            self._at = token.end()
            if not token["opener"]:
                return token
            self._at = token.start()
            self._skip(token[0])

    def _skip(self, opener: str) -> None:
        """Go past a comment or a CDATA section; one that is not closed is no more than its mark."""
        looked = len(opener)
        while True:
            found = _NEXT[opener].search(self._text, self._at + looked)
            if found:
                self._at = found.start() if found[0] == opener else found.end()
                return
            looked = max(looked, len(self._text) - self._at - len(opener))
            if looked > MAX_RECORD_CHARS or not self._grow():
                self._at += len(opener)
                return

    def _grow(self) -> bool:
        """Hold the next block too, and let go what is not needed any more; False at the end."""
        if self._is_all:
            return False
        block = next(self._blocks, "")
        self._is_all = not block
        opened = self._open
        if opened and not opened.shown and self._at - opened.start > MAX_RECORD_CHARS:
            opened.shown = self._text[opened.start : opened.start + _SHOWN_CHARS]
        if opened and not opened.shown:
            keep = opened.start
        else:
            keep = self._at if opened else max(self._after, self._at - MAX_CONTEXT_CHARS)
        self._line += self._text.count("\n", self._counted, keep)
        self._text = self._text[keep:] + block
        self._at, self._after = self._at - keep, max(0, self._after - keep)
        self._counted = max(0, self._counted - keep)
        if opened:
            opened.start = max(0, opened.start - keep)
        return bool(block)

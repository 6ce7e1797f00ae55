"""Walk over a JSON document of any size and hand out its records, past those that are broken.

A record is parsed where it stands. Of a broken one the end is looked for: where its brackets close
if they are sound, else before the next place that begins as its neighbours do.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.sources.document import MAX_RECORD_CHARS
from pipeline.sources.json_levels import Each, Level, Step
from pipeline.sources.json_objects import STRING, likeness, parse

_SPACE = re.compile("[\\s\x1e\ufeff]*")
_BETWEEN = re.compile("[\\s\x1e\ufeff,]*")
_DECODER = json.JSONDecoder(strict=False)
_TAIL_CHARS = 1 << 16
_AHEAD_CHARS = 1 << 20
_RAW_CHARS = 1 << 16
_MAX_ODDITIES = 2
_TOKEN = re.compile(rf'{STRING}"|[{{}}\[\]]|[^{{}}\[\]"]++|"', re.DOTALL)
_PLAIN = re.compile(r"[\s,:]*+(?:(?:-?[\d.][\d.eE+-]*+|true|false|null|-?Infinity|NaN)[\s,:]*+)*+")
_KEY = rf'{STRING}"\s*+:\s*+'
_FIRST_KEYS = re.compile(
    rf'\{{\s*+(?P<first>{STRING}")\s*+:\s*+'
    rf'(?:(?:{STRING}"|[^\s"{{\[,]++)\s*+,\s*+(?P<second>{STRING}")\s*+:)?',
    re.DOTALL,
)
_LINE_START = re.compile(rf"(?P<indent>[ \t]*)[\]}}]?\s*,?\s*\[?\s*(?:{_KEY})?", re.DOTALL)
_MEMBER = re.compile(r'\s*+,?\s*+"(?P<key>[^"\\\n]*+)"\s*+:')
_GOES_ON = re.compile(rf"\}}\s*+,\s*+{_KEY}\{{", re.DOTALL)
_CUT = re.compile(rf'\{{\s*+{_KEY}(?:{STRING}"?|[^\s"{{\[,}}]*+)\s*+(?:,[^:]*+)?\Z', re.DOTALL)
_AFTER_SCALAR = re.compile(r"\s*(?:[,\]}]|\Z)")
_INLINE = re.compile(r"(?<=[,}\]\[\s])(?P<begin>\{)(?=\s*\")")
_INLINE_KEYED = re.compile(rf"(?<=[,}}\s])(?P<begin>{_KEY})(?=\{{)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in the place of a record: its value, or the error that it was parsed with."""

    line: int
    value: object
    raw: str
    key: str = ""
    error: Exception | None = None


class TooLongError(ValueError):
    """A record that goes on past what any paper needs."""

    msg = f"longer than {MAX_RECORD_CHARS:,} characters"


class MisplacedError(ValueError):
    """No record begins where one should, or one goes on after its end."""

    msg = "brackets or quotes do not match"


class _Text:
    """The part of a text that is looked at, and the place in it."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._line, self._counted = 1, 0
        self.buffer, self.at, self.began = "", 0, 0

    def more(self, *, keep: int) -> bool:
        """Read on, twice as much as is kept from place `keep` on; False at the end."""
        self.line_at(keep)
        kept = self.buffer[keep:]
        parts, wanted = [kept], 2 * len(kept) + 1
        size = len(kept)
        while size < wanted and (block := next(self._blocks, "")):
            parts.append(block)
            size += len(block)
        self.buffer, self.at, self._counted = "".join(parts), self.at - keep, self._counted - keep
        return size > len(kept)

    def line_at(self, place: int) -> int:
        """The line of a place, from 1; places are asked for in their order."""
        self._line += self.buffer.count("\n", self._counted, place)
        self._counted = max(self._counted, place)
        return self._line

    def peek(self, skipped: re.Pattern[str] = _SPACE) -> str:
        """Go to the next character that says something, and give it; "" at the end."""
        while True:
            match = skipped.match(self.buffer, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more(keep=self.at):
                return ""

    def value(self) -> object:
        """Parse the value here and go past it, `began` being where it stood; ValueError or
        RecursionError, and stay."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                if not self._is_cut(error):
                    raise
                if len(self.buffer) - self.at > MAX_RECORD_CHARS:
                    raise TooLongError from error
                if not self.more(keep=self.at):
                    raise
            else:
                if end < len(self.buffer) or not self.more(keep=self.at):  # 12 may become 123
                    self.began, self.at = self.at, end
                    return value

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Tell whether more text may mend it."""
        is_open = error.msg.startswith("Unterminated")
        return is_open or error.pos >= len(self.buffer) - len("-Infinity")


class Scanner:
    """Reads the records of one text. Afterwards `is_cut` tells that it ends within a list, and
    `passed` below which keys there are other objects that look like papers."""

    def __init__(self, blocks: Iterator[str], level: Level) -> None:
        self._text, self._level = _Text(blocks), level
        self._openings = Openings(is_keyed=bool(level) and level[-1] is Each.MEMBER)
        self._ended_broken = False
        self.is_cut = False
        self.passed: dict[str, int] = {}

    def records(self) -> Iterator[Found]:
        """Yield what stands in the place of each record, documents one after the other."""
        while mark := self._text.peek(_BETWEEN):
            if mark in "}]:":
                self._text.at += 1
            else:
                yield from self._descend(self._level, "")

    def _descend(self, level: Level, key: str) -> Iterator[Found]:
        mark = self._text.peek()
        step, rest = (level[0], level[1:]) if level else (None, ())
        if step is None or (mark == "{" and step is Each.ITEM):
            yield self._record(key)
        elif mark == "{":
            yield from self._members(step, rest)
        elif mark == "[" and step is Each.ITEM:
            yield from self._items(rest)
        else:
            self._skip()

    def _items(self, rest: Level) -> Iterator[Found]:
        self._text.at += 1
        while (mark := self._text.peek(_BETWEEN)) != "]":
            if not mark:
                self.is_cut = not self._ended_broken
                return
            if mark in "}:":  # a bracket too many
                self._text.at += 1
            else:
                yield from self._descend(rest, "")
        self._text.at += 1

    def _members(self, step: Step, rest: Level) -> Iterator[Found]:
        """The records below one member, or below each that is a container."""
        text = self._text
        text.at += 1
        while (mark := text.peek(_BETWEEN)) != "}" or self._closes_too_early():
            if mark == "}":
                text.at += 1
                continue
            if not mark:
                self.is_cut = not self._ended_broken
                return
            key = self._key()
            if key is None and step is Each.MEMBER and not rest:
                yield self._broken(MisplacedError(), "")
            elif key is None:
                self._skip()
            elif text.peek() in ("{", "[") if isinstance(step, Each) else key in step:
                yield from self._descend(rest, key)
            else:
                line = text.line_at(text.at)
                if _holds_papers(self._skip()):
                    self.passed.setdefault(key, line)
        text.at += 1

    def _closes_too_early(self) -> bool:
        """Tell whether a document of records by id goes on after the bracket here."""
        is_whole_document = self._level == (Each.MEMBER,)
        return is_whole_document and bool(_GOES_ON.match(self._text.buffer, self._text.at))

    def _key(self) -> str | None:
        """Read `"key":` and go to its value; None where none stands."""
        text = self._text
        if text.buffer[text.at] != '"':
            return None
        try:
            key = text.value()
        except (ValueError, RecursionError):
            return None
        if text.peek() != ":":
            return None
        text.at += 1
        text.peek()
        return str(key)

    def _skip(self) -> object:
        """Go past a value where no record is, and give it; of a broken one past where it breaks."""
        text = self._text
        if text.at >= len(text.buffer):
            return None
        try:
            return text.value()
        except (ValueError, RecursionError) as error:
            brackets = _BRACKETS.match(text.buffer, text.at)
            ends = (text.at + 1, getattr(error, "pos", 0), brackets.end() if brackets else 0)
            text.at = min(max(ends), len(text.buffer))
            return None

    def _record(self, key: str) -> Found:
        text = self._text
        line = text.line_at(text.at)
        self._openings.see_start(text.buffer, text.at)
        try:
            value = text.value()
            raw = text.buffer[text.began : text.at]
            value = parse(raw) if "\\ud" in raw or "\\uD" in raw else value
        except (ValueError, RecursionError) as error:
            return self._broken(error, key)
        if not self._is_whole(value):
            text.at = text.began
            return self._broken(MisplacedError(), key)
        if isinstance(value, dict):
            self._openings.see_names(value)
        return Found(line, value, raw, key)

    def _is_whole(self, value: object) -> bool:
        """Tell whether the value just parsed may end here: no more members follow it, and, where
        records have ids, none of them is within it."""
        text, end = self._text, self._text.at - self._text.began
        if len(text.buffer) - text.at < _TAIL_CHARS:
            text.more(keep=text.began)
            text.at, text.began = end, 0
        if not isinstance(value, dict):
            return bool(_AFTER_SCALAR.match(text.buffer, text.at))
        if self._goes_on(text.at):
            return False
        is_keyed = self._openings.is_keyed
        return not (is_keyed and any(self._openings.is_like(item) for item in value.values()))

    def _goes_on(self, place: int) -> bool:
        """Tell whether members of a record follow on what should be its end."""
        match = _MEMBER.match(self._text.buffer, place)
        if match is None or not self._openings.is_keyed:
            return match is not None
        return match["key"] in self._openings.names

    def _broken(self, error: Exception, key: str) -> Found:
        """What stands here as a record in which something is wrong; go past it."""
        text = self._text
        line = text.line_at(text.at)
        self._openings.see_start(text.buffer, text.at)
        if len(text.buffer) - text.at < _AHEAD_CHARS:
            text.more(keep=text.at)
        is_lost = isinstance(error, TooLongError | MisplacedError)
        end = None if is_lost else _balanced_end(text.buffer, text.at)
        if end is not None and self._openings.begin_within(text.buffer, text.at + 1, end):
            end = None  # a bracket too many found its partner further on
        if end is None or self._goes_on(end):
            raw = self._go_to_opening()
            return Found(line, None, raw.rstrip(", \t\n"), key, error)
        raw, text.at = text.buffer[text.at : end], end
        try:
            value = parse(raw)
        except (ValueError, RecursionError):
            return Found(line, None, raw, key, error)
        return Found(line, value, raw, key)

    def _go_to_opening(self) -> str:
        """Go to where the next record begins, or to the end; give the first characters passed."""
        text, place, raw = self._text, self._text.at + 1, ""
        while True:
            found = self._openings.search(text.buffer, place)
            end = len(text.buffer) if found is None else found
            keep = max(text.at, end - _TAIL_CHARS) if found is None else end
            raw += text.buffer[text.at : min(keep, text.at + _RAW_CHARS - len(raw))]
            text.at = keep
            if found is not None:
                return raw
            if not text.more(keep=keep):
                raw += text.buffer[: max(_RAW_CHARS - len(raw), 0)]
                text.at, self._ended_broken = len(text.buffer), True
                return raw
            place = 1 if keep == 0 else 0


_BRACKETS = re.compile(r"[\[{]*")


def _holds_papers(value: object) -> bool:
    """Tell whether a value is a list of what looks like papers for certain."""
    first = value[:1] if isinstance(value, list) else []
    return any(isinstance(item, dict) and likeness(item, {}) > 2 for item in first)


class Openings:
    """What the beginnings of records have in common: their lines, their keys."""

    def __init__(self, *, is_keyed: bool) -> None:
        self.is_keyed = is_keyed
        self.names: frozenset[str] = frozenset()
        self._seen = 0
        self._indents: set[str] = set()
        self._line: re.Pattern[str] | None = None
        self._first: set[tuple[str, ...]] = set()
        self._counts_lines = False

    def see_start(self, buffer: str, place: int) -> None:
        """Learn from the first two records, or what stands in their places."""
        if self._seen >= _LEARNT_FROM:
            return
        newline = buffer.rfind("\n", max(0, place - _LINE_CHARS), place)
        if (newline >= 0 or (not self._seen and place < _LINE_CHARS)) and (
            match := _LINE_START.fullmatch(buffer, newline + 1, place)
        ):
            self._indents.add(match["indent"])
            begin = rf"(?P<begin>{_KEY if self.is_keyed else ''}\{{)"
            indents = "|".join(map(re.escape, sorted(self._indents)))
            self._line = re.compile(
                rf"\n(?:{indents})(?:[\]}}]?\s*,\s*)?(?:\[\s*)?{begin}", re.DOTALL
            )
        if match := _FIRST_KEYS.match(buffer, place):
            self._first.add(tuple(filter(None, match.group("first", "second"))))
        self._seen += 1

    def see_all(self, text: str, records: Sequence[Mapping[str, object]]) -> int:
        """Learn from the first records; 1 if `count` will miss the first one, else 0."""
        places: list[int] = []
        for record in records[:_LEARNT_FROM]:
            keys = tuple(f'"{key}"' for key in list(record)[:2])
            after = places[-1] + 1 if places else 0
            found = (m.start() for m in _FIRST_KEYS.finditer(text, after) if _has_keys(m, keys))
            places += itertools.islice(found, 1)
        for place in places:
            self.see_start(text, place)
        lines = [match.start("begin") for match in self._line.finditer(text)] if self._line else []
        self._counts_lines = 1 < len(lines) <= len(records) + 1
        return int(self._counts_lines and min(lines) > places[0])

    def count(self, text: str, place: int, end: int) -> int:
        """Count the beginnings at `place` or after it, before `end`."""
        if self._counts_lines and self._line:
            begins = (match.start("begin") for match in self._line.finditer(text))
            return sum(place <= begin < end for begin in begins)
        matches = _FIRST_KEYS.finditer(text, place)
        return sum(match.start() < end and self._begins_alike(match) for match in matches)

    def see_names(self, record: Mapping[str, object]) -> None:
        """Learn the keys of the first record that is whole."""
        self.names = self.names or frozenset(record)

    def search(self, buffer: str, place: int) -> int | None:
        """Give where the next record begins: on a line like those before, else with their keys."""
        if self._line:
            for match in self._line.finditer(buffer, place - 1):
                if self._may_begin(buffer, match.end() - 1, on_line=True):
                    return match.start("begin")
        inline = _INLINE_KEYED if self.is_keyed else _INLINE
        for match in inline.finditer(buffer, place):
            if self._may_begin(buffer, match.end() - (not self.is_keyed), on_line=False):
                return match.start("begin")
        return None

    def begin_within(self, buffer: str, place: int, end: int) -> bool:
        """Tell whether a record begins in between, on a line like those before."""
        if self._line is None:
            return False
        return any(
            self._may_begin(buffer, match.end() - 1, on_line=True)
            for match in self._line.finditer(buffer, place, end)
        )

    def _begins_alike(self, match: re.Match[str]) -> bool:
        if _CUT.match(match.string, match.start()):  # it may lie within a record that is cut
            return False
        return any(_has_keys(match, keys) for keys in self._first)

    def _may_begin(self, buffer: str, place: int, *, on_line: bool) -> bool:
        """Tell whether the object here is a record: by its keys, and where it is broken too, by
        its first ones or by the line that it stands on."""
        keys = _FIRST_KEYS.match(buffer, place)
        begins_alike = keys is not None and self._begins_alike(keys)
        try:
            value, _ = _DECODER.raw_decode(buffer, place)
        except (ValueError, RecursionError):
            return on_line or begins_alike
        if not self.names and begins_alike:
            return True
        return self.is_like(value) or (on_line and likeness(value, {}) > 1)

    def is_like(self, value: object) -> bool:
        """Tell whether a value has most of the keys that the first record had."""
        if not isinstance(value, dict):
            return False
        return 2 * len(self.names & value.keys()) >= len(self.names) if self.names else False


def _has_keys(match: re.Match[str], keys: tuple[str, ...]) -> bool:
    """Tell whether an object begins with these keys, as far as both are known."""
    return all(one == other for one, other in zip(match.groups(), keys, strict=False) if one)


_LEARNT_FROM = 2
_LINE_CHARS = 500


def _balanced_end(text: str, start: int) -> int | None:
    """Give where the value at `start` ends if its brackets and quotes are sound; None if not.

    Where a quote or a bracket is missing, text and structure change places further on: words stand
    outside quotes, a member has no key, a bracket closes another one.
    """
    open_: list[str] = []
    oddities, before = 0, ""
    for match in _TOKEN.finditer(text, start):
        piece = match[0]
        if piece in ("{", "["):
            if open_ and open_[-1] == "{" and before.rstrip()[-1:] in ("{", ","):
                return None
            open_.append(piece)
        elif piece in ("}", "]"):
            if not open_ or _CLOSES[piece] != open_.pop():
                return None
            if not open_:
                return match.end()
        elif piece == '"' or not open_ or match.end() - start > MAX_RECORD_CHARS:
            return None
        elif piece[0] != '"' and not _PLAIN.fullmatch(piece):
            oddities += 1
            if oddities > _MAX_ODDITIES:
                return None
        before = piece
    return None


_CLOSES = {"}": "{", "]": "["}

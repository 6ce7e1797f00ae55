"""Where in a JSON document the records lie, told from its beginning, however cut or broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from pipeline.sources.document import MAX_RECORD_CHARS, Document
from pipeline.sources.encodings import HEAD_BYTES
from pipeline.sources.json_objects import ENVELOPES, STRING, likeness, unwrapped, vendor_of


class Each(Enum):
    """A step into all that a container holds."""

    ITEM = "items of an array"
    MEMBER = "members of an object, by id"


Step = frozenset[str] | Each
"""A step into the members with these keys, or into each."""
Level = tuple[Step, ...]
"""The way from a document to its records: `({"results"}, Each.ITEM)`; () is the document itself."""

_Container = list[object] | dict[str, object]
_CITED = frozenset({"references", "citations", "reference", "cited_by", "related", "bibliography"})
_MAX_DEPTH = 64
_MAX_STEPS = 6
_LOOKED_AT = 5
_TOKEN = re.compile(rf'{STRING}(?:"|\\?\Z)|[{{}}\[\],]|[^\s{{}}\[\],:"]+', re.DOTALL)


def find_level(document: Document) -> Level | None:
    """Give where the records of a file lie, from as much of it as is needed; None if nowhere."""
    text, tried = "", 0
    for block in document.blocks():
        text += block
        if len(text) >= 2 * tried:
            level, tried = level_of(outline(text), document.columns), len(text)
            if level is not None or tried > MAX_RECORD_CHARS:
                return level
    return level_of(outline(text), document.columns) if len(text) > tried else None


def outline(text: str) -> list[object]:
    """Give the values of one document after the other, as far as `text` goes.

    What is cut off ends there; what is broken is read as far as it makes sense. Scalars are texts.
    """
    documents: list[object] = []
    open_: list[_Container] = [documents]
    keys: list[str | None] = [None]
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece == ",":
            keys[-1] = None
        elif piece in "}]":
            _close(open_, keys, dict if piece == "}" else list)
        elif piece[0] == '"' and keys[-1] is None and isinstance(open_[-1], dict):
            keys[-1] = piece[1:-1]
        else:
            value: object = {} if piece == "{" else [] if piece == "[" else piece.strip('"')
            _put(open_[-1], keys, value)
            if isinstance(value, dict | list):
                open_.append(value)
                keys.append(None)
                if len(open_) > _MAX_DEPTH:
                    break
    return documents


def _put(
    container: list[object] | dict[str, object], keys: list[str | None], value: object
) -> None:
    if isinstance(container, list):
        container.append(value)
    elif keys[-1] is not None:
        container[keys[-1]] = value
        keys[-1] = None


def _close(open_: list[_Container], keys: list[str | None], kind: type) -> None:
    """Close the innermost container of a kind, and what was left open within it."""
    depth = next((i for i in range(len(open_) - 1, 0, -1) if isinstance(open_[i], kind)), 0)
    if depth:
        del open_[depth:], keys[depth:]
        keys[-1] = None


def level_of(documents: Sequence[object], named: Mapping[str, str]) -> Level | None:
    """Give the level of the objects that are most like papers, of equal ones the outermost.

    `named`: the keys of fields that the user named.
    """
    found = [pair for value in documents[:_LOOKED_AT] for pair in _levels(value, (), named)]
    if not found:
        return None
    best = max(rank for rank, _ in found)
    first, *others = [level for rank, level in found if rank == best]
    for other in others:
        first = _joined(first, other)
    return first


def _joined(level: Level, other: Level) -> Level:
    """Both levels in one where they differ by a key: `accepted` and `rejected` hold records."""
    if len(level) != len(other):
        return level
    differing = [i for i in range(len(level)) if level[i] != other[i]]
    if len(differing) != 1:
        return level
    place = differing[0]
    one, another = level[place], other[place]
    if isinstance(one, Each) or isinstance(another, Each):
        return level
    return (*level[:place], one | another, *level[place + 1 :])


def _levels(value: object, way: Level, named: Mapping[str, str]) -> Iterator[tuple[int, Level]]:
    """Yield how much the objects of each level are like papers."""
    if len(way) > _MAX_STEPS:
        return
    if isinstance(value, dict):
        own = likeness(value, named)
        below = [
            pair
            for key, item in value.items()
            if isinstance(item, dict | list) and not (own and key in _CITED)
            for pair in _levels(item, (*way, frozenset({key})), named)
        ]
        is_envelope = any(
            rank > 1 and _is_envelope(level[len(way)]) and Each.ITEM in level[len(way) :]
            for rank, level in below
        )
        rank = _likeness_by_id(value, named)
        # One bracket too many puts a record's own keys among the ids of all.
        if own and not is_envelope and rank < own:
            yield own, way
        if rank:
            yield rank, (*way, Each.MEMBER)
        yield from below
    elif isinstance(value, list):
        for item in value[:_LOOKED_AT]:
            yield from _levels(item, (*way, Each.ITEM), named)


def _is_envelope(step: Step) -> bool:
    return isinstance(step, frozenset) and step <= ENVELOPES


def _likeness_by_id(value: Mapping[str, object], named: Mapping[str, str]) -> int:
    """How much the members of an object are like papers, each under its id."""
    members = [item for item in value.values() if isinstance(item, dict)][:_LOOKED_AT]
    if not members or (len(members) == 1 and len(value) > 1) or value.keys() & ENVELOPES:
        return 0
    ranks = sorted(likeness(member, named) for member in members)
    return ranks[len(ranks) // 2]


def objects_at(value: object, level: Level) -> Iterator[tuple[str, object]]:
    """Yield `(key or "", value)` of all that lies at a level of a parsed document."""
    if not level:
        yield "", value
        return
    step, rest = level[0], level[1:]
    if isinstance(value, dict) and step is Each.ITEM:  # a record among lists of records
        yield "", value
    elif isinstance(value, dict) and isinstance(step, frozenset):
        for key, item in value.items():
            if key in step:
                yield from objects_at(item, rest)
    elif isinstance(value, dict) and step is Each.MEMBER:
        for key, item in value.items():
            if isinstance(item, dict | list):
                yield from ((key, found) for _, found in objects_at(item, rest))
    elif isinstance(value, list) and step is Each.ITEM:
        for item in value:
            yield from objects_at(item, rest)


def vendor_in(document: Document, level: Level | None) -> str:
    """Give the catalogue that all records in the head of a file are of, or ""."""
    if level is None:
        return ""
    records = [
        unwrapped(record)
        for value in outline(document.head)
        for _, record in objects_at(value, level)
        if isinstance(record, dict)
    ]
    is_cut = len(document.head_bytes) == HEAD_BYTES
    vendors = {vendor_of(record) for record in (records[:-1] if is_cut else ()) or records}
    return vendors.pop() if len(vendors) == 1 else ""

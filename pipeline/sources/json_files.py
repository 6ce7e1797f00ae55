"""Read JSON files: records in an array, below some key, by their ids, or one after the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pipeline.papers import Paper, Problem, ProblemKind
from pipeline.sources.document import Document
from pipeline.sources.json_levels import (
    Each,
    Level,
    find_level,
    level_of,
    objects_at,
    outline,
    vendor_in,
)
from pipeline.sources.json_objects import ENVELOPES, broken, reply_of, to_paper, with_raw
from pipeline.sources.json_scanning import Openings, Scanner

NAME = "json"
_NO_RECORD = "JSON, but nothing in it has a title or an abstract; set aside"
_IS_CUT = "the file ends within its list of records: is it cut off?"
_BEGINNING = re.compile('[\ufeff\x1e\\s]*(?:\\{\\s*["}]|\\[\\s*[\\[{"\\d\\]tfn-])')
_WHOLE_BYTES = 64 * 1024 * 1024  # as text up to 256 MiB are held
_TAIL_CHARS = 1 << 16
_RAW_CHARS = 1000


def sniff(document: Document) -> float:
    """Say whether it is JSON with records somewhere: 0 to 1."""
    if not _BEGINNING.match(document.head):
        return 0.0
    return 0.5 if level_of(outline(document.head), document.columns) is None else 0.9


def describe(document: Document) -> str:
    """Give `openalex json` where the first records are all of that catalogue, else `json`."""
    vendor = vendor_in(document, level_of(outline(document.head), document.columns))
    return f"{vendor} {NAME}" if vendor else NAME


def count(document: Document) -> int:
    """Count the records by parsing the document as a whole, where it is not too large and sound.

    Otherwise by the places that begin as the first record does: on a line of its own, or with the
    same two keys.
    """
    level = find_level(document)
    if level is None:
        return 1
    if document.path.stat().st_size <= _WHOLE_BYTES:
        text = "".join(document.blocks())
        try:
            return sum(_count_in(value, level) for value in _skeletons(text))
        except (ValueError, RecursionError):
            pass
    return _count_openings(document, level)


def _skeletons(text: str) -> Iterator[object]:
    """Yield the containers of each document of a text; scalars are dropped as soon as parsed."""
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=_containers)
    place = 0
    while (match := _BETWEEN.match(text, place)) and match.end() < len(text):
        value, place = decoder.raw_decode(text, match.end())
        yield value


_BETWEEN = re.compile("[\\s\x1e\ufeff]*")


def _containers(members: list[tuple[str, object]]) -> dict[str, object]:
    return {key: value for key, value in members if _holds_objects(value)}


def _holds_objects(value: object) -> bool:
    if isinstance(value, list):
        return any(isinstance(item, dict | list) for item in value)
    return isinstance(value, dict)


def _count_in(value: object, level: Level) -> int:
    return sum(1 for _ in objects_at(value, level))


def _count_openings(document: Document, level: Level) -> int:
    """Count what begins as the first two records do."""
    openings = Openings(is_keyed=bool(level) and level[-1] is Each.MEMBER)
    n_found, text, place = 0, "\n", 0
    for block in document.blocks():
        if text == "\n":
            n_found += openings.see_all(text + block, _records_in(block, level))
        text += block
        end = max(len(text) - _TAIL_CHARS, place)
        n_found += openings.count(text, place, end)
        cut = max(end - _TAIL_CHARS, 0)  # what begins a line stands before the record
        text, place = text[cut:], end - cut
    return n_found + openings.count(text, place, len(text))


def _records_in(text: str, level: Level) -> list[dict[str, object]]:
    """The records of the beginning of a document, as far as they can be made out."""
    found = (record for value in outline(text) for _, record in objects_at(value, level))
    return [record for record in found if isinstance(record, dict) and record]


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper; a broken record is one problem and no more."""
    level = find_level(document)
    if level is None:
        reply = next(filter(None, map(reply_of, outline(document.head))), _NO_RECORD)
        yield Problem(1, reply, raw=document.head[:_RAW_CHARS])
        return
    named = dict(document.columns)
    scanner = Scanner(document.blocks(), level)
    line = 1
    for found in scanner.records():
        line = found.line
        if found.error is not None:
            yield broken(found.error, line, found.raw)
            continue
        own_id = "" if found.key in ENVELOPES else found.key
        paper = to_paper(found.value, document.source(line), named=named, own_id=own_id)
        yield paper if isinstance(paper, Paper) else with_raw(paper, found.raw)
    if scanner.is_cut:
        yield Problem(line, _IS_CUT, ProblemKind.DOUBT)
    for key, line in scanner.passed.items():
        reason = f"what looks like papers below {key[:40]!r} is not read; a file of its own is"
        yield Problem(line, reason, ProblemKind.DOUBT)

"""Read JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pipeline.papers import Paper, Problem, Source
from pipeline.sources.rows import has_text, map_columns, to_paper
from pipeline.sources.text_files import detect_encoding, read_lines

NAME = "jsonl"
_LINES_LOOKED_AT = 5


def sniff(head: str, _path: Path) -> float:
    """Say whether the first lines are JSON objects: 0 to 1. Broken ones are met later."""
    lines = [line for line in head.lstrip("\ufeff").splitlines() if line.strip()][:_LINES_LOOKED_AT]
    opened = [line for line in lines if line.lstrip().startswith("{")]
    if not opened:
        return 0.0
    if any(isinstance(_parse(line), dict) for line in opened):
        return 0.95
    return 0.9 if len(lines) == 1 and len(head) > 1000 else 0.0  # an object longer than the head


def count(path: Path) -> int:
    """Count lines that are not blank."""
    lines = read_lines(path, detect_encoding(path))
    return sum(1 for _, line in lines if line is None or line.strip("\ufeff \t\r\n"))


def read(path: Path, *, file: str) -> Iterator[Paper | Problem]:
    """Yield each line's paper; a broken line is one problem and no more."""
    for number, line in read_lines(path, detect_encoding(path)):
        if line is None:
            yield Problem(number, "line too long for a record; set aside")
        elif text := line.strip("\ufeff \t\r\n"):
            yield _read_line(text, Source(file, number))


def _read_line(text: str, source: Source) -> Paper | Problem:
    row = _parse(text)
    if not isinstance(row, dict):
        reason = "broken JSON" if row is None else "not a JSON object"
        return Problem(source.line, f"{reason}; set aside")
    columns = map_columns(row)
    if not has_text(columns):
        return Problem(source.line, "record has no title or abstract; set aside")
    return to_paper(row, columns, source)


def _parse(line: str) -> object:
    try:
        parsed: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return parsed

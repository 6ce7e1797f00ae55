"""Reading `labels.toml`. What it says is checked for its form here, for its sense when applied."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.edits.names import shown
from pipeline.edits.record import (
    LAYER_WORDS,
    Different,
    Edit,
    Edits,
    Group,
    LayerWish,
    Merge,
    Rename,
    Same,
    Split,
)
from pipeline.errors import InputError, UsageError

MAX_BYTES = 1_000_000
_KEYS = {
    "rename": ("papers", "name", "layer"),
    "merge": ("groups", "name", "layer"),
    "split": ("groups", "names", "layer"),
    "same": ("papers",),
    "different": ("papers",),
}
_OF_PAPERS: dict[str, type[Same | Different]] = {"same": Same, "different": Different}
_HEADING = re.compile(rf"[ \t]*\[\[[ \t]*({'|'.join(_KEYS)})[ \t]*\]\][ \t]*(?:#.*)?")
_HINT = "docs/labels.md shows the form of every edit"
_KNOWN = "known edits: " + ", ".join(f"[[{kind}]]" for kind in _KEYS)


def read_edits(path: Path) -> Edits:
    """The edits of the file at `path`, in their order there; none where there is no such file.

    Raises InputError for a file that cannot be read or is not TOML, and UsageError, with line and
    number of the edit, for one that says what no edit can.
    """
    text = _read_text(path)
    tables = _parse(path, text)
    for kind in tables:
        _require_kind(path, kind, tables[kind])
    edits = []
    numbers: Counter[str] = Counter()
    for line, kind in _order(path, text, tables):
        numbers[kind] += 1
        place = f"{path}:{line}: [[{kind}]] number {numbers[kind]}"
        edits.append(_Reader(place, line, tables[kind][numbers[kind] - 1]).read(kind))
    return tuple(edits)


def _read_text(path: Path) -> str:
    """The file's text; "" where there is none."""
    try:
        # Opened without waiting: a pipe in its place has no end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise InputError(f"{path}: is a link to a file that is not there", hint=_HINT) from None
        return ""
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError(f"{path}: is not a file", hint="move it away; " + _HINT)
    with os.fdopen(descriptor, "rb") as file:
        try:
            raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise _unreadable(path, error) from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path}: is larger than {MAX_BYTES // 10**6} MB", hint=_HINT)
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: is not UTF-8", hint="save it as UTF-8") from None


def _unreadable(path: Path, error: OSError) -> InputError:
    reason = os.strerror(error.errno or 0).lower()
    return InputError(f"{path}: cannot be read ({reason})", hint="give yourself the right to")


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers of 5,000 digits
        reason = shown(str(error), 200)[1:-1]  # it may repeat a key of any length
        raise InputError(f"{path} is not TOML: {reason}", hint=_HINT) from None


def _require_kind(path: Path, kind: str, tables: object) -> None:
    if kind not in _KEYS:
        from difflib import get_close_matches

        near = get_close_matches(kind, _KEYS, n=1, cutoff=0.5)
        hint = f"did you mean [[{near[0]}]]?" if near else _KNOWN
        raise UsageError(f"{path}: unknown entry {shown(kind)}", hint=hint)
    if not isinstance(tables, list):
        raise UsageError(
            f"{path}: {kind}: expected a list of edits",
            hint=f"write [[{kind}]] above each, with two brackets",
        )


def _order(path: Path, text: str, tables: dict[str, Any]) -> list[tuple[int, str]]:
    """Line and kind of every edit. A TOML parser gives the edits of one kind in their order, but
    not which of two kinds came first."""
    headings = [
        (number, match[1])
        for number, line in enumerate(text.split("\n"), start=1)
        if (match := _HEADING.fullmatch(line))
    ]
    found = Counter(kind for _, kind in headings)
    for kind, edits in tables.items():
        if found[kind] != len(edits):
            raise UsageError(
                f"{path}: {kind}: {len(edits)} edits, but {found[kind]} lines that are [[{kind}]]",
                hint=f"write [[{kind}]] above each edit, on a line of its own",
            )
    return [(number, kind) for number, kind in headings if kind in tables]


class _Reader:
    """One edit's values, each checked as it is read."""

    def __init__(self, place: str, line: int, values: object) -> None:
        self._place, self._line = place, line
        if not isinstance(values, dict):
            raise self._refused(f"expected a table, not {_said(values)}")
        self._values: dict[str, Any] = values

    def read(self, kind: str) -> Edit:
        for key in self._values:
            if key not in _KEYS[kind]:
                raise self._refused(
                    f"unknown key {shown(key)}", f"it takes {', '.join(_KEYS[kind])}"
                )
        if kind == "rename":
            name = self._name(self._values.get("name"), "name")
            papers = self._group(self._values.get("papers"), "papers")
            return Rename(papers, name, self._layer(), self._line)
        if kind == "merge":
            given = self._values.get("name")
            name_or_none = None if given is None else self._name(given, "name")
            return Merge(self._groups(), name_or_none, self._layer(), self._line)
        if kind in _OF_PAPERS:
            return _OF_PAPERS[kind](self._group(self._values.get("papers"), "papers"), self._line)
        return self._split()

    def _split(self) -> Split:
        groups, names = self._groups(), self._values.get("names", [])
        if not isinstance(names, list) or (names and len(names) != len(groups)):
            raise self._refused(
                f"names: expected a list of {len(groups)} names, one for each group",
                "or leave names away",
            )
        return Split(
            groups, tuple(self._name(name, "names") for name in names), self._layer(), self._line
        )

    def _name(self, value: object, key: str) -> str:
        if not isinstance(value, str):
            raise self._refused(f"{key}: expected a name in quotes, not {_said(value)}")
        return value

    def _group(self, value: object, key: str) -> Group:
        wanted = f"{key}: expected a list of two or more papers"
        if not isinstance(value, list):
            raise self._refused(f"{wanted}, not {_said(value)}")
        for paper in value:
            if not isinstance(paper, str) or not paper.strip():
                raise self._refused(
                    f"{wanted}, each an id or a title in quotes, not {_said(paper)}"
                )
        if len(set(value)) < 2:
            raise self._refused(f"{wanted}, not {_said(value)}")
        return tuple(dict.fromkeys(value))

    def _groups(self) -> tuple[Group, ...]:
        value = self._values.get("groups")
        if not isinstance(value, list) or len(value) < 2:
            raise self._refused(f"groups: expected two or more lists of papers, not {_said(value)}")
        groups = tuple(
            self._group(group, f"groups, number {number}")
            for number, group in enumerate(value, start=1)
        )
        counts = Counter(paper for group in groups for paper in group)
        if twice := [paper for paper, count in counts.items() if count > 1]:
            raise self._refused(f"groups: {shown(twice[0])} is in two of them", "leave it in one")
        return groups

    def _layer(self) -> LayerWish:
        value = self._values.get("layer", "default")
        if isinstance(value, str) and value in LAYER_WORDS:
            return value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        words = ", ".join(f'"{word}"' for word in LAYER_WORDS)
        raise self._refused(f"layer: expected {words} or a number from 0, not {_said(value)}")

    def _refused(self, what: str, hint: str = _HINT) -> UsageError:
        return UsageError(f"{self._place}: {what}", hint=hint)


def _said(value: object) -> str:
    """What stands there, in TOML's words as far as one line goes."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Sequence):
        return "an empty list" if not value else shown(str(value))[1:-1]
    return shown(str(value))[1:-1]

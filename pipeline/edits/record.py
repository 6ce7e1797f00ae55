"""What an edit is: a wish about themes that are meant by some of their papers, never by number."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

FILE_NAME = "labels.toml"

LayerWish = int | str
"""A layer's number, from 0, or one of `LAYER_WORDS`, which hold when the number of layers does
not."""
LAYER_WORDS = ("finest", "default", "coarsest")
Group = tuple[str, ...]
"""Papers of one theme, each by id, alias or title; two or more."""


@dataclass(frozen=True, slots=True)
class Rename:
    """Name the theme that holds most of `papers`. `line`: where the file says so, from 1."""

    papers: Group
    name: str
    layer: LayerWish = "default"
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Merge:
    """Make one theme of those that hold most of each group; `name`: None for a computed one."""

    groups: tuple[Group, ...]
    name: str | None = None
    layer: LayerWish = "default"
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Split:
    """Make one theme for each group of the theme that holds them all; `names`: one for each
    group, or none."""

    groups: tuple[Group, ...]
    names: tuple[str, ...] = ()
    layer: LayerWish = "default"
    line: int = field(default=0, compare=False)


Edit = Rename | Merge | Split
Edits = tuple[Edit, ...]


def edits_digest(edits: Edits) -> str:
    """SHA-256 of what the edits say, in their order; "" for none. Comments, blanks and line
    numbers do not count."""
    if not edits:
        return ""
    told = []
    for edit in edits:
        values = asdict(edit)
        del values["line"]
        told.append({"edit": type(edit).__name__, **values})
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode("ascii")).hexdigest()

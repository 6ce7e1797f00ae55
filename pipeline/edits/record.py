"""What an edit is: a wish about themes, which are meant by some of their papers and never by
number, or about which records are one paper."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
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


@dataclass(frozen=True, slots=True)
class Same:
    """Make one paper of `papers`, and of all records that are theirs."""

    papers: Group
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Different:
    """Keep `papers` apart: no two of them are in one paper."""

    papers: Group
    line: int = field(default=0, compare=False)


ThemeEdit = Rename | Merge | Split
Edit = ThemeEdit | Same | Different
Edits = tuple[Edit, ...]


def theme_edits(edits: Iterable[Edit]) -> tuple[ThemeEdit, ...]:
    """Those edits that are about themes, in their order."""
    return tuple(edit for edit in edits if not isinstance(edit, Same | Different))


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

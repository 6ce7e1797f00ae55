"""Write a BibTeX file for each theme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import ThemeRow
from pipeline.export.bibtex import write_bibtex
from pipeline.export.files import Written, make_folder, write_text
from pipeline.export.selection import Selection
from pipeline.papers import folded

FOLDER = "bib-by-theme"
_UNASSIGNED = "unassigned"
_LONGEST = 60
# Names of devices, which Windows gives to no file, whatever its ending.
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))]
)


def write_bib_by_theme(selection: Selection, folder: Path, name: str) -> list[Written]:
    """Write the papers of each theme of the layer to a file of its own, those of none to
    `unassigned.bib`. A paper has the same citation key in all files."""
    place = folder / FOLDER
    make_folder(place)
    parts = [(selection.positions_in(theme), stem) for theme, stem in _stems(selection.themes)]
    return [
        Written(path, name, "paper", _write(selection, positions, path))
        for positions, stem in parts
        if len(positions) and (path := place / f"{stem}.bib")
    ]


def _write(selection: Selection, positions: NDArray[np.int64], path: Path) -> int:
    return write_text(path, lambda file: write_bibtex(selection.entries(positions), file))


def _stems(themes: Iterable[ThemeRow]) -> Iterator[tuple[ThemeRow | None, str]]:
    """Each theme with the name of its file, no two alike in any case, and the papers in none."""
    used = {_UNASSIGNED}
    for theme in themes:
        stem = file_stem(theme.name)
        if stem in used:
            stem = f"{stem}-{theme.id}"
        used.add(stem)
        yield theme, stem
    yield None, _UNASSIGNED


def file_stem(name: str) -> str:
    """A theme's name as every file system takes it: small ASCII letters, digits and hyphens."""
    stem = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:_LONGEST].strip("-")
    if not stem or stem in _RESERVED:
        stem = f"theme-{stem}".strip("-")
    return stem

"""What a figure puts in front of all else: themes, and papers with their titles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import ThemeRow
from pipeline.errors import UsageError
from pipeline.render.view import MapView

_MOST_PAPERS = 40
"""More titles than this have no place on any map."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """Themes, of any layer, by id and papers by row; nothing of both is no highlight."""

    theme_ids: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is put in front."""
        return bool(self.theme_ids or self.rows)

    def rows_of_themes(self, view: MapView) -> NDArray[np.bool_]:
        """(n_papers,) whether a paper is in one of the themes."""
        rows = np.zeros(len(view.papers), dtype=bool)
        for theme_ids in view.theme_ids:
            rows |= np.isin(theme_ids, self.theme_ids)
        return rows

    def lit_rows(self, view: MapView) -> NDArray[np.bool_]:
        """(n_papers,) whether a paper keeps its colour."""
        lit = self.rows_of_themes(view)
        lit[list(self.rows)] = True
        return lit

    def layer_in(self, view: MapView) -> int | None:
        """The layer of the first theme; None without one."""
        for layer, themes in enumerate(view.layers):
            if self.theme_ids and self.theme_ids[0] in {theme.id for theme in themes}:
                return layer
        return None


def find_highlight(
    wanted: Sequence[str | int],
    find_theme: Callable[[str], ThemeRow],
    find_paper: Callable[[str], int],
) -> Highlight:
    """The themes and papers that are meant, each once.

    `find_theme` gives a theme and `find_paper` the row of a paper, or raise UsageError;
    what is no theme is looked for among the papers. Raises UsageError, with what is near in both,
    for what is neither, and for more papers than titles have room.
    """
    theme_ids: dict[int, None] = {}
    rows: dict[int, None] = {}
    for reference in map(str, wanted):
        try:
            theme_ids[find_theme(reference).id] = None
        except UsageError as no_theme:
            rows[_row_of(reference, find_paper, no_theme)] = None
    if len(rows) > _MOST_PAPERS:
        raise UsageError(f"{len(rows)} papers to highlight", hint=f"at most {_MOST_PAPERS}")
    return Highlight(tuple(theme_ids), tuple(rows))


def _row_of(reference: str, find_paper: Callable[[str], int], no_theme: UsageError) -> int:
    try:
        return find_paper(reference)
    except UsageError as no_paper:
        hints = [f"themes: {no_theme.hint}", f"papers: {no_paper.hint}"]
        raise UsageError(
            f"no theme and no paper {reference!r} to highlight", hint="; ".join(hints)
        ) from None

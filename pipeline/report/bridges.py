"""What lies between themes: which are near each other, and the papers that stand between two.

All of it is counted over true nearest neighbours in the embedding space; where papers lie on the
map decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Rows = NDArray[np.int64]
Counts = NDArray[np.int64]

_SPLIT = 0.25
"""A paper stands between two themes where each has at least this share of its nearest papers."""


@dataclass(frozen=True, slots=True)
class NearTheme:
    """A theme beside another one: `share` of the nearest papers of that one's papers are in it;
    `back`, of the nearest ones of its own papers, are in that one. Both in [0, 1]."""

    theme: int
    share: float
    back: float


@dataclass(frozen=True, slots=True)
class Between:
    """A paper that stands between its theme and `other`: of the `n_nearest` papers nearest to it
    `n_own` are in its theme, `n_other` in the other one."""

    row: int
    other: int
    n_own: int
    n_other: int
    n_nearest: int


class Bridges:
    """The themes of one layer as neighbours of each other.

    `theme_ids`: (n,) theme of each paper, -1 for none; `neighbors`: (n, k) rows of its nearest
    papers, nearest first, -1 where fewer are known; `similarities`: (n, k) their cosines.
    """

    def __init__(self, theme_ids: Ids, neighbors: Ids, similarities: NDArray[np.float32]) -> None:
        """Nothing is counted before it is asked for."""
        self.theme_ids = theme_ids
        self.neighbors = neighbors
        self.similarities = similarities

    @property
    def k(self) -> int:
        """Nearest papers that are known of each; 0 where none are."""
        return int(self.neighbors.shape[1])

    def near_themes(self, theme: int) -> list[NearTheme]:
        """The other themes that have any of the nearest papers of this one's papers, or the other
        way round: those with most of them first."""
        own = self._links_from.get(theme, {})
        beside = {t for t in own if t >= 0} | self._leading_to.get(theme, set())
        found = [
            NearTheme(t, self._share(theme, t), self._share(t, theme)) for t in beside - {theme}
        ]
        return sorted(found, key=lambda near: (-near.share, -near.back, near.theme))

    def share_within(self, theme: int) -> float:
        """Of the nearest papers of the theme's papers, the share that is in the theme."""
        return self._share(theme, theme)

    def between(self, theme: int, other: int) -> list[Between]:
        """The theme's papers that stand between it and the other one, those most evenly first;
        of equal ones those whose nearest papers are most like them."""
        return self._by_pair.get((theme, other), [])

    def nearest_themes_of(self, row: int) -> list[tuple[int, int]]:
        """Themes of the paper's nearest papers with how many each has, most first; -1 is none."""
        near = self.neighbors[row]
        ids, counts = np.unique(self.theme_ids[near[near >= 0]], return_counts=True)
        pairs = zip(ids.tolist(), counts.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def n_nearest_to(self, rows: Rows) -> Counts:
        """(m,) for each of these papers how many of them have it among their nearest."""
        inside = np.zeros(len(self.theme_ids), np.bool_)
        inside[rows] = True
        near = self.neighbors[rows].reshape(-1)
        near = near[near >= 0]
        counts: Counts = np.bincount(near[inside[near]], minlength=len(self.theme_ids))[rows]
        return counts

    def _share(self, theme: int, other: int) -> float:
        links = self._links_from.get(theme, {})
        return links.get(other, 0) / max(sum(links.values()), 1)

    @cached_property
    def _theme_counts(self) -> tuple[Rows, Ids, Counts]:
        """For each paper and theme of its nearest papers: row, theme and how many, by row."""
        rows = np.repeat(np.arange(len(self.neighbors)), self.k)
        near = self.neighbors.reshape(-1)
        known = near >= 0
        # -1, for none, is counted too: a paper amid papers without a theme is in no theme's midst.
        n_codes = int(self.theme_ids.max(initial=-1)) + 2
        codes = rows[known] * n_codes + self.theme_ids[near[known]] + 1
        found, counts = np.unique(codes, return_counts=True)
        return found // n_codes, (found % n_codes - 1).astype(np.int32), counts

    @cached_property
    def _links_from(self) -> dict[int, dict[int, int]]:
        """By theme and theme, how many nearest papers of the first one's are in the other."""
        rows, themes, counts = self._theme_counts
        pairs, places = np.unique(
            np.column_stack([self.theme_ids[rows], themes]), axis=0, return_inverse=True
        )
        n_links = np.bincount(places.reshape(-1), weights=counts, minlength=len(pairs))
        links: dict[int, dict[int, int]] = {}
        for (theme, other), n in zip(pairs.tolist(), n_links.tolist(), strict=True):
            if theme >= 0:
                links.setdefault(theme, {})[other] = int(n)
        return links

    @cached_property
    def _leading_to(self) -> dict[int, set[int]]:
        """By theme, the themes of papers that have papers of it among their nearest."""
        sources: dict[int, set[int]] = {}
        for theme, links in self._links_from.items():
            for other in links:
                sources.setdefault(other, set()).add(theme)
        return sources

    @cached_property
    def _by_pair(self) -> dict[tuple[int, int], list[Between]]:
        """By theme and other theme, the theme's papers that stand between them."""
        rows, themes, counts = self._theme_counts
        own_themes = self.theme_ids[rows]
        n_known = (self.neighbors >= 0).sum(axis=1)
        n_own = np.zeros(len(self.theme_ids), np.int64)
        at_home = themes == own_themes
        n_own[rows[at_home]] = counts[at_home]
        least = np.maximum(np.ceil(_SPLIT * n_known[rows]), 1)
        is_split = (themes >= 0) & ~at_home & (own_themes >= 0)
        is_split &= (counts >= least) & (n_own[rows] >= least)
        likeness = np.round(self.similarities.astype(np.float64).sum(axis=1), 4)
        balance = np.minimum(counts, n_own[rows])
        order = np.lexsort((rows, -likeness[rows], -counts, -balance))
        pairs: dict[tuple[int, int], list[Between]] = {}
        for place in order[is_split[order]].tolist():
            row, other = int(rows[place]), int(themes[place])
            found = Between(row, other, int(n_own[row]), int(counts[place]), int(n_known[row]))
            pairs.setdefault((int(own_themes[place]), other), []).append(found)
        return pairs

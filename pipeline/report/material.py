"""What a report is made from: an atlas in memory, and what is counted over it more than once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import BuildDetails, Memberships, Snapshot, ThemeRow
from pipeline.membership import Trust, trust_from
from pipeline.nearest import NearestPapers
from pipeline.papers import FileReport, Paper
from pipeline.report.bridges import Bridges
from pipeline.report.growth import recent_from

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Material:
    """An atlas, or one that is being built. Row i is the same paper in every array.

    `n_records`: records that the papers were made of; `dim`: of the vectors; `preservation`: (n,)
    in [0, 1], how well the map keeps each paper beside its nearest ones.
    """

    papers: Sequence[Paper]
    themes: Sequence[ThemeRow]
    memberships: Memberships
    nearest: NearestPapers
    preservation: NDArray[np.float32]
    reports: Sequence[FileReport]
    details: BuildDetails
    content_digest: str
    n_records: int
    dim: int

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot) -> Material:
        """That of an atlas on disk, all of whose papers are read."""
        manifest = snapshot.manifest
        return cls(
            papers=tuple(snapshot.all_papers()),
            themes=snapshot.themes(),
            memberships=snapshot.memberships,
            nearest=NearestPapers(snapshot.neighbors, snapshot.similarities),
            preservation=snapshot.preservation,
            reports=snapshot.reports(),
            details=manifest.details,
            content_digest=manifest.content_digest,
            n_records=manifest.n_records,
            dim=manifest.dim,
        )

    @property
    def n_layers(self) -> int:
        """Layers of themes."""
        return len(self.memberships.theme_ids)

    @cached_property
    def themes_by_id(self) -> dict[int, ThemeRow]:
        """Every theme of every layer."""
        return {theme.id: theme for theme in self.themes}

    @cached_property
    def all_rows(self) -> Rows:
        """Those of all papers."""
        return np.arange(len(self.papers))

    def trust(self, layer: int) -> Trust:
        """How far to believe a layer, as the build measured it."""
        return trust_from(self.details.facts.get("themes", {}), layer)

    def years_of(self, rows: Iterable[int]) -> Counter[int]:
        """Papers of each year among those of these rows."""
        return Counter(year for row in rows if (year := self.papers[row].year))


class Layer:
    """One layer of an atlas: its themes with their papers."""

    def __init__(self, material: Material, number: int, rows: Rows | None = None) -> None:
        """`rows`: look at these papers alone; at all of them where None."""
        self.material = material
        self.number = number
        self.rows = material.all_rows if rows is None else rows
        self.theme_ids = material.memberships.theme_ids[number]
        self.strengths = material.memberships.strengths[number]

    @cached_property
    def themes(self) -> list[ThemeRow]:
        """Those with papers among the rows, the ones with most of them first."""
        known = [theme for theme in self.material.themes if theme.layer == self.number]
        sizes = {theme.id: len(self.members(theme.id)) for theme in known}
        here = [theme for theme in known if sizes[theme.id]]
        return sorted(here, key=lambda theme: (-sizes[theme.id], theme.id))

    def members(self, theme: int) -> Rows:
        """Rows of a theme's papers, in the order of the layer's rows; -1 for those of none."""
        return self._members.get(theme, np.empty(0, np.int64))

    @cached_property
    def _members(self) -> dict[int, Rows]:
        ids = self.theme_ids[self.rows]
        order = np.argsort(ids, kind="stable")
        found, starts = np.unique(ids[order], return_index=True)
        parts = np.split(self.rows[order], starts[1:])
        return dict(zip(found.tolist(), parts, strict=True))

    @cached_property
    def years(self) -> Counter[int]:
        """Papers of each year."""
        return self.material.years_of(self.rows.tolist())

    @cached_property
    def theme_years(self) -> Mapping[int, Counter[int]]:
        """The same by theme, -1 for none."""
        return {
            theme: self.material.years_of(rows.tolist()) for theme, rows in self._members.items()
        }

    @cached_property
    def recent_from(self) -> int | None:
        """The year from which on a paper counts as recent, as in `growth.recent_from`."""
        return recent_from(self.years)

    @cached_property
    def bridges(self) -> Bridges:
        """How its themes are neighbours, over all papers of the atlas."""
        nearest = self.material.nearest
        return Bridges(self.theme_ids, nearest.rows, nearest.similarities)

    @cached_property
    def n_unassigned(self) -> int:
        """Papers in no theme."""
        return len(self.members(-1))

    def year_series(self, years: Mapping[int, int]) -> tuple[int, ...]:
        """Papers of each year from the layer's first to its last; () where that is one year."""
        span = range(min(self.years, default=0), max(self.years, default=0) + 1)
        return tuple(years.get(year, 0) for year in span) if 1 < len(span) <= _LONGEST else ()


_LONGEST = 150  # years that a small chart can show

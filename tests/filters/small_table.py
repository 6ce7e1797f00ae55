"""A table of few papers, and its themes, in place of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.artifacts import Memberships, ThemeRow
from pipeline.papers import Paper, Source

PAPERS = (
    Paper(
        id="a", aliases=("a-old", "arxiv:1"), title="Optimal  Transport", abstract="We move earth.",
        authors=("Sham Kakade", "Utku Şirin"), year=2019, date="2019-05-20", category="cs.LG",
        venue="ICML", doi="10.1000/x", arxiv_id="1905.00001", keywords=("OT", "maps"), code=True,
        score=7.5, kind="paper-conference", language="en",
        sources=(Source("one.csv", 1), Source("two.txt", 4)),
        extra=(("citations", "9"), ("Paper Area", "Theory"), ("year", "MMXIX")),
    ),
    Paper(
        id="b", title="100% of snow_flakes", authors=("Ada Núñez",), year=2020, date="2020-03",
        category="cs", venue=" nips ", status="retracted", sources=(Source("one.csv", 2),),
        extra=(("citations", "10"), ("Paper Area", "theory")),
    ),
    Paper(
        id="c", title="It's a \\ test", year=2020, category="cs.CL", venue="neurips",
        sources=(Source("one.csv", 3),), extra=(("citations", "n/a"), ("Paper Area", "Vision")),
    ),
    Paper(
        id="d", title="İstanbul in Fog", authors=("Devvrit",), date="--09-11", year=2021,
        category="csx", keywords=("ot",), score=-2.0, sources=(Source("two.txt", 9),),
        extra=(("citations", "9.0"),),
    ),
    Paper(id="e", title="Untold", sources=(Source("two.txt", 12),)),
)  # fmt: skip
THEME_IDS = np.array([[0, 0, 1, 1, -1], [2, 2, 3, 3, -1]], np.int32)
THEMES = tuple(
    ThemeRow(number, number // 2, name, 2, None)
    for number, name in enumerate(["transport maps", "language", "Transport", "3"])
)


class SmallTable:
    """What `PaperColumns` reads, of papers in a list."""

    def __init__(self, papers: Sequence[Paper] = PAPERS, theme_ids: np.ndarray = THEME_IDS) -> None:
        self.n_papers = len(papers)
        self.memberships = Memberships(theme_ids, np.ones(theme_ids.shape, np.float32), 0)
        self._papers = papers
        self.read: list[str] = []

    def column(self, name: str) -> list[object]:
        self.read.append(name)
        return [getattr(paper, name) for paper in self._papers]

    def themes(self) -> tuple[ThemeRow, ...]:
        return THEMES

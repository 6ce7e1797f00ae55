"""What an atlas knows of one of its papers, and what it makes of a new text."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.artifacts import ThemeRow
from pipeline.membership import Tier, tier_of
from pipeline.papers import Paper, Source
from pipeline.papers.merge import provenance
from pipeline.related import RelatedPaper


@dataclass(frozen=True, slots=True)
class ThemeOfPaper:
    """A theme that a paper belongs to, and its membership `strength` in [0, 1]."""

    theme: ThemeRow
    strength: float

    @property
    def tier(self) -> Tier | None:
        """Whether the paper is of the theme's core or its fringe; None where nobody measured."""
        return None if self.theme.stability is None else tier_of(self.strength)


@dataclass(frozen=True, slots=True)
class PaperInAtlas:
    """All that an atlas knows of one paper.

    `themes`: finest layer first; `neighbours`: its nearest papers; `records`: the source records
    it was merged from, the imported one first.
    """

    paper: Paper
    themes: tuple[ThemeOfPaper, ...]
    neighbours: tuple[RelatedPaper, ...]
    records: tuple[Paper, ...]

    @property
    def provenance(self) -> dict[str, Source]:
        """Where each field of the paper was read, by name; see `papers.merge.provenance`."""
        return provenance(self.records)


@dataclass(frozen=True, slots=True)
class PredictedPaper:
    """What the atlas makes of one text.

    `themes`: finest layer first, each with how likely it is the text's, none where no paper near
    it has one; `nearest`: the other papers nearest to it with their cosine similarities, best
    first; `known`: the paper of the atlas that it is, or None; `is_far`: nothing in the atlas is
    near, so that the themes say little.
    """

    themes: tuple[ThemeOfPaper, ...]
    nearest: tuple[tuple[Paper, float], ...]
    known: Paper | None
    is_far: bool

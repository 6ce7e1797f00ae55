"""What is known of a theme before a language model is asked: plain data, all of it from papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A typical paper of a theme; `abstract` may be its beginning alone."""

    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class ThemeEvidence:
    """A theme with its name so far and what speaks for it.

    `id` is unique over all layers; `layer`: 0 is the finest; `parent`: id of the theme of the next
    coarser layer that holds it, None in the coarsest; `terms`: its best phrases, best first;
    `evidence`: what speaks for the name, in words; `exemplars`: typical papers, best first.
    """

    id: int
    layer: int
    name: str
    parent: int | None
    terms: tuple[str, ...]
    evidence: tuple[str, ...]
    exemplars: tuple[Exemplar, ...]


class NamedTheme(Protocol):
    """A theme as the labeller makes it or an atlas holds it; `exemplars` are rows of papers."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def layer(self) -> int: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def parent(self) -> int | None: ...  # noqa: D102
    @property
    def terms(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def evidence(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def exemplars(self) -> tuple[int, ...]: ...  # noqa: D102


def gather_evidence(
    themes: Iterable[NamedTheme], titles: Sequence[str], abstracts: Sequence[str]
) -> list[ThemeEvidence]:
    """What is known of each theme; `titles` and `abstracts` are those of all papers, by row."""
    return [
        ThemeEvidence(
            id=theme.id,
            layer=theme.layer,
            name=theme.name,
            parent=theme.parent,
            terms=theme.terms,
            evidence=theme.evidence,
            exemplars=tuple(Exemplar(titles[row], abstracts[row]) for row in theme.exemplars),
        )
        for theme in themes
    ]

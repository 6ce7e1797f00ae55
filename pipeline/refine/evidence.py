"""What is known of a theme before a language model is asked: plain data, all of it from papers."""

from __future__ import annotations

from dataclasses import dataclass


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

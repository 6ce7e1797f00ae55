"""How far a long piece of work is, told to whoever wants to hear it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears how far a build is."""

    def stage(self, name: str, total: int = 0) -> None:
        """A step begins; `total` is its number of papers where that is known, else 0."""

    def advance(self, count: int) -> None:
        """`count` more papers of the current step are done."""


class Silence:
    """`Progress` that tells nobody."""

    def stage(self, name: str, total: int = 0) -> None:
        """Say nothing."""

    def advance(self, count: int) -> None:
        """Say nothing."""

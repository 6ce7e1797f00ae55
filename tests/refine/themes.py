"""Themes whose names can be worked out by hand."""

from __future__ import annotations

from pipeline.refine import Exemplar, ThemeEvidence

SUBJECTS = (
    "optimal transport",
    "graph matching",
    "model merging",
    "speech recognition",
    "protein folding",
    "causal discovery",
)


def theme(number: int, *, layer: int = 0, parent: int | None = None, **changed) -> ThemeEvidence:
    """Theme `number`: its name is `SUBJECTS[number]`, and its papers are on it."""
    subject = SUBJECTS[number]
    papers = tuple(
        Exemplar(f"{kind} {subject}", f"We study {subject} and fast {subject} solvers.")
        for kind in ("Scalable", "Robust", "Neural")
    )
    given = {
        "id": number,
        "layer": layer,
        "name": subject,
        "parent": parent,
        "terms": (subject, f"{subject} solvers"),
        "evidence": (f"“{subject}” in 3 of 3 papers",),
        "exemplars": papers,
    }
    return ThemeEvidence(**{**given, **changed})


def solver_name(subject: str) -> str:
    """What the good model calls a theme."""
    return f"{subject} solvers"

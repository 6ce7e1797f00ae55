"""Made-up maps: one like a real one, and the odd ones."""

from __future__ import annotations

import dataclasses

import numpy as np

from pipeline.papers import Paper, Source
from pipeline.render import MapView, ThemeLabel

SUBJECTS = ["optimal transport", "dataset distillation", "reasoning / search", "masked diffusion"]
KINDS = ["theory and its limits", "in practice", "benchmarks / what they miss"]
N_FINE, N_MIDDLE, N_COARSE = 24, 12, 4
N_NEIGHBORS = 10
_SIMILARITIES = np.linspace(0.9, 0.6, N_NEIGHBORS, dtype=np.float32)


def make_view(n_papers: int = 300, *, seed: int = 0, **changes: object) -> MapView:
    """Gaussian blobs in three nested layers of 24, 12 and 4 themes; a tenth is unassigned."""
    rng = np.random.default_rng(seed)
    fine = np.arange(n_papers) % N_FINE
    middle, coarse = fine // 2, fine // 6
    centres = rng.normal(size=(N_COARSE, 2)) * 6
    offsets = rng.normal(size=(N_FINE, 2)) * 2
    layout = centres[coarse] + offsets[fine] + rng.normal(size=(n_papers, 2)) * 0.5
    theme_ids = np.stack([fine, middle + N_FINE, coarse + N_FINE + N_MIDDLE]).astype(np.int32)
    strengths = rng.uniform(0.1, 1.0, n_papers).astype(np.float32)
    unassigned = rng.uniform(size=n_papers) < 0.1
    theme_ids[:, unassigned] = -1
    strengths[unassigned] = 0.0
    fields: dict[str, object] = {
        "title": "Papers of a test",
        "snapshot": "0123456789ab",
        "papers": tuple(_make_paper(i) for i in range(n_papers)),
        "layout": layout.astype(np.float32),
        "layers": _make_layers(theme_ids),
        "theme_ids": theme_ids,
        "strengths": strengths,
        "default_layer": 1,
        "neighbors": _next_of_theme(n_papers),
        "similarities": np.tile(_SIMILARITIES, (n_papers, 1)),
        # Every 29th paper lies far from what it is about.
        "preservation": np.where(np.arange(n_papers) % 29 == 7, 0.1, 0.95).astype(np.float32),
    }
    return MapView(**(fields | changes))  # type: ignore[arg-type]


WORDS = ("graph", "causal", "federated", "Bayesian", "inference", "retrieval", "segmentation", "AI")


def make_large_view(n_papers: int, *, n_fine: int = 320, seed: int = 0) -> MapView:
    """Four nested layers of n_fine, a quarter, a sixteenth and some 8 themes, of very unequal sizes
    and with names of one to six words; the second finest is the default one."""
    rng = np.random.default_rng(seed)
    counts = [n_fine, n_fine // 4, n_fine // 16, max(1, n_fine // 64)]
    centres = rng.normal(size=(counts[-1], 2)) * 8
    parents: list[np.ndarray] = []
    for finer, coarser in zip(counts[-2::-1], counts[:0:-1], strict=True):
        parent = np.arange(finer) * coarser // finer
        spread = 3.0 * (counts[-1] / finer) ** 0.5
        centres = centres[parent] + rng.normal(size=(finer, 2)) * spread
        parents.insert(0, parent)
    shares = rng.pareto(1.2, n_fine) + 0.1
    rows = [np.sort(rng.choice(n_fine, n_papers, p=shares / shares.sum()))]
    layout = centres[rows[0]] + rng.normal(size=(n_papers, 2)) * 0.25
    for parent in parents:
        rows.append(parent[rows[-1]])
    firsts = np.cumsum([0, *counts])
    theme_ids = np.stack([row + first for row, first in zip(rows, firsts, strict=False)])
    layers = tuple(
        tuple(
            ThemeLabel(
                int(firsts[k] + i),
                " ".join(rng.choice(WORDS, rng.integers(1, 7))),
                int((rows[k] == i).sum()),
                int(firsts[k + 1] + parents[k][i]) if k < len(parents) else None,
            )
            for i in range(count)
        )
        for k, count in enumerate(counts)
    )
    return bare_view(
        n_papers,
        layout=layout.astype(np.float32),
        layers=layers,
        theme_ids=theme_ids.astype(np.int32),
        strengths=np.ones(n_papers, dtype=np.float32),
        default_layer=1,
    )


def _next_of_theme(n_papers: int) -> np.ndarray:
    """(n_papers, N_NEIGHBORS) the next papers of the same fine theme, in a circle; -1 where it has
    no more."""
    theme, place = np.arange(n_papers) % N_FINE, np.arange(n_papers) // N_FINE
    n_members = -(-(n_papers - theme) // N_FINE)[:, None]
    steps = np.arange(1, N_NEIGHBORS + 1)
    rows = theme[:, None] + N_FINE * ((place[:, None] + steps) % n_members)
    return np.where(steps < n_members, rows, -1).astype(np.int32)


def _make_paper(i: int) -> Paper:
    subject = SUBJECTS[i % N_FINE // 6]
    return Paper(
        id=f"p-{i}",
        title="" if i % 17 == 5 else f"Paper {i}: on {subject}",
        abstract=f"We study {subject} and find result number {i}. It holds in general.",
        authors=("Ada Lovelace", "Şirin Öz"),
        year=2000 + i % 25,
        url=f"https://papers.example/{i}",
        sources=(Source("list.txt", 10 * i + 1),),
    )


def _make_layers(theme_ids: np.ndarray) -> tuple[tuple[ThemeLabel, ...], ...]:
    def size(layer: int, theme_id: int) -> int:
        return int((theme_ids[layer] == theme_id).sum())

    first = N_FINE + N_MIDDLE
    fine = tuple(
        ThemeLabel(i, f"{SUBJECTS[i // 6]} {i}", size(0, i), N_FINE + i // 2) for i in range(N_FINE)
    )
    middle = tuple(
        ThemeLabel(N_FINE + i, f"{KINDS[i % 3]} {i}", size(1, N_FINE + i), first + i // 3)
        for i in range(N_MIDDLE)
    )
    coarse = tuple(ThemeLabel(first + i, SUBJECTS[i], size(2, first + i), None) for i in range(4))
    return fine, middle, coarse


def bare_view(n_papers: int, **changes: object) -> MapView:
    view = MapView(
        title="",
        snapshot="",
        papers=tuple(Paper(id=str(i), abstract="A text.") for i in range(n_papers)),
        layout=np.zeros((n_papers, 2), dtype=np.float32),
        layers=((),),
        theme_ids=np.full((1, n_papers), -1, dtype=np.int32),
        strengths=np.zeros(n_papers, dtype=np.float32),
        default_layer=0,
        neighbors=np.full((n_papers, N_NEIGHBORS), -1, np.int32),
        similarities=np.zeros((n_papers, N_NEIGHBORS), np.float32),
        preservation=np.ones(n_papers, np.float32),
    )
    return dataclasses.replace(view, **changes)  # type: ignore[arg-type]


def one_theme(n_papers: int) -> MapView:
    return bare_view(
        n_papers,
        layers=((ThemeLabel(0, "one theme $x^2$", n_papers, None),),),
        theme_ids=np.zeros((1, n_papers), dtype=np.int32),
        strengths=np.ones(n_papers, dtype=np.float32),
    )


ODD_VIEWS = {
    "empty": bare_view(0),
    "empty_without_layers": bare_view(0, layers=(), theme_ids=np.zeros((0, 0), dtype=np.int32)),
    "one_paper": one_theme(1),
    "two_papers": bare_view(2, layout=np.array([[0, 0], [3, 0]], dtype=np.float32)),
    "five_identical_papers": one_theme(5),
    "all_unassigned": bare_view(
        50, layout=np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    ),
    "on_one_line": dataclasses.replace(
        one_theme(9), layout=np.stack([np.zeros(9), np.arange(9)], axis=1).astype(np.float32)
    ),
    "huge_coordinates": dataclasses.replace(
        one_theme(3), layout=np.array([[-1e30, 0], [1e30, 1], [0, 1e30]], dtype=np.float32)
    ),
}

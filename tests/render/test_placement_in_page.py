"""The page places names as figures do: the same algorithm in two languages."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.render.placement import place_labels


@pytest.fixture
def page(open_map, view):
    return open_map(view).page


def made_input(seed: int) -> dict:
    """Arguments of a placement: few or many labels, tight or wide, with odd ones among them."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([0, 1, 2, 7, 25, 60, 120]))
    width, height = rng.uniform(150, 1500, 2)
    spread = rng.choice([0.0, 30.0, 200.0, 800.0])
    middle = np.array([width, height]) * rng.uniform(0.3, 0.7, 2)
    anchors = middle + rng.normal(size=(n, 2)) * spread * rng.uniform(0.2, 1, 2)
    if seed % 5 == 0:
        anchors = np.round(anchors / 20) * 20  # many of equal cost, and several at one place
    sizes = np.stack([rng.uniform(10, 180, n), rng.choice([14.0, 19.0, 33.5], n)], axis=1)
    low = rng.uniform(0, [width, height], (int(rng.integers(0, 4)), 2))
    given = {
        "anchors": anchors,
        "sizes": sizes,
        "priorities": rng.integers(0, 5, n).astype(float),
        "bounds": (6.0, 6.0, 6.0 + width, 6.0 + height),
        "crowd": middle + rng.normal(size=(int(rng.choice([0, 40, 900])), 2)) * (spread + 10.0),
        "obstacles": np.concatenate([low, low + rng.uniform(5, 200, low.shape)], axis=1),
        "padding": float(rng.choice([0.0, 3.0, 4.5])),
        "reach": np.where(rng.uniform(size=n) < 0.3, np.inf, rng.uniform(0, 90, n)),
        "lined": rng.uniform(size=n) < 0.8,
    }
    return given | ({"crowd": None} if seed % 7 == 0 else {})


def test_page_and_figures_place_the_same_names_at_the_same_places(page):
    shown = 0
    for seed in range(40):
        given = made_input(seed)
        ours = place_labels(
            given["anchors"],
            given["sizes"],
            given["priorities"],
            given["bounds"],
            **{k: given[k] for k in ("crowd", "obstacles", "padding", "reach", "lined")},
        )
        # JSON has no infinity: null stands for an endless reach.
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in given.items()}
        plain["reach"] = [None if r == np.inf else r for r in plain["reach"]]
        theirs = page.evaluate("(given) => paperatlas.place(given)", plain)
        assert theirs["visible"] == ours.visible.tolist(), seed
        assert theirs["centres"] == ours.centres.tolist(), seed
        shown += int(ours.visible.sum())
    assert shown > 300

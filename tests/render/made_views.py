"""Made-up maps: one like a real one, and the odd ones."""

from __future__ import annotations

import dataclasses

import numpy as np

from pipeline.papers import Paper, Source
from pipeline.render import MapView, ThemeLabel

SUBJECTS = ["optimal transport", "dataset distillation", "reasoning / search", "masked diffusion"]
KINDS = ["theory and its limits", "in practice", "benchmarks / what they miss"]
N_FINE, N_MIDDLE, N_COARSE = 24, 12, 4


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
    }
    return MapView(**(fields | changes))  # type: ignore[arg-type]


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


PAYLOADS = [
    "</script><script>PWN</script>",
    "</script><img src=x onerror=PWN>",
    "<img src=x onerror=PWN>",
    "<svg onload=PWN>",
    "<!--<script>PWN//",
    "--><script>PWN</script>",
    "]]><script>PWN</script>",
    '"><script>PWN</script>',
    "'><script>PWN</script>",
    '" autofocus onfocus=PWN x="',
    "javascript:PWN",
    "JaVaScRiPt:PWN",
    "java\tscript:PWN",
    "data:text/html,<script>PWN</script>",
    "\u2028PWN\u2029",
    "\\u003cscript\\u003ePWN\\u003c/script\\u003e",
    "&lt;script&gt;PWN&lt;/script&gt;",
    "&#60;img src=x onerror=PWN&#62;",
    "${PWN}",
    "{{constructor.constructor('PWN')()}}",
    "</title><script>PWN</script>",
    "</style><script>PWN</script>",
    "<iframe srcdoc='<script>parent.PWN</script>'>",
    "<a href=javascript:PWN>x</a>",
    "<math><mi//xlink:href='data:x,<script>PWN</script>'>",
    "<template><script>PWN</script></template>",
    "\x00<script>PWN</script>",
    "\ud800<script>PWN</script>",
    "`;PWN;`",
    "</noscript><img src=x onerror=PWN>",
]


def hostile_view() -> MapView:
    attacks = [p.replace("PWN", "(window.pwned=1,alert(1))") for p in PAYLOADS]
    view = make_view(2 * len(attacks))
    papers = tuple(
        Paper(
            id=attacks[i % len(attacks)],
            title=attacks[i % len(attacks)] if i % 2 else "",
            abstract=attacks[i % len(attacks)],
            authors=(attacks[(i + 3) % len(attacks)],),
            venue=attacks[(i + 5) % len(attacks)],
            url=attacks[(i + 7) % len(attacks)],
        )
        for i in range(len(view.papers))
    )
    layers = tuple(
        tuple(ThemeLabel(t.id, attacks[t.id % len(attacks)], t.size, t.parent) for t in layer)
        for layer in view.layers
    )
    return dataclasses.replace(
        view, papers=papers, layers=layers, title=attacks[1], snapshot=attacks[2]
    )

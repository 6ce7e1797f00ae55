"""UMAP over given neighbours: a 2-D layout for the map, and several spaces for the themes."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

FloatRows = NDArray[np.float32]

# UMAP starts from principal components on a grid this coarse, in units of a tenth of its usual
# extent. Its random numbers are seeded from the bits of the start, so that noise of 1e-7 on the
# vectors would otherwise give every paper other ones: measured on 169 abstracts, themes agreed
# with themselves under noise of 1e-6 at ARI .98 with this start and .91 with a spectral one.
_START_EXTENT = 10.0
_START_DECIMALS = 1
# Fewer points than this have no neighbourhoods to speak of; their principal components serve.
_FEWEST_FOR_UMAP = 5
_MANY = 10_000


class Graph(Protocol):
    """Neighbours as `index.neighbor_graph` gives them."""

    @property
    def rows(self) -> NDArray[np.int64]:
        """(n, k) row numbers, the row itself first."""

    @property
    def distances(self) -> FloatRows:
        """(n, k) cosine distances, 0 in the first column."""


def map_layout(
    vectors: FloatRows, graph: Graph, *, n_neighbors: int, min_dist: float, seed: int
) -> FloatRows:
    """Positions on the map: (n, 2) float32, centred on 0, arbitrary units.

    UMAP (McInnes, Healy, Melville 2018) over the given neighbours, one thread, seeded: the same
    input gives the same bytes.
    """
    layout = _umap(
        vectors, graph, n_neighbors=n_neighbors, dimensions=2, min_dist=min_dist, seed=seed
    )
    centred: FloatRows = (layout - layout.mean(axis=0)).astype(np.float32)
    return centred


def theme_spaces(
    vectors: FloatRows,
    graph: Graph,
    *,
    runs: int,
    run_neighbors: tuple[int, int],
    dimensions: int,
    seed: int,
) -> Iterator[FloatRows]:
    """`runs` spaces of shape (n, dimensions) float32, one after the other.

    The neighbourhood grows from the first to the last run as `run_neighbors` says, and each run
    has a seed of its own, so that what they agree on depends on neither.
    """
    sizes = np.linspace(*run_neighbors, runs).round().astype(int)
    for run, n_neighbors in enumerate(sizes):
        yield _umap(
            vectors,
            graph,
            n_neighbors=int(n_neighbors),
            dimensions=dimensions,
            min_dist=0.0,
            seed=seed + run,
        )


def _umap(
    vectors: FloatRows,
    graph: Graph,
    *,
    n_neighbors: int,
    dimensions: int,
    min_dist: float,
    seed: int,
) -> FloatRows:
    start = _principal_start(vectors, dimensions)
    # UMAP stretches each dimension of its start to the same width: one without any becomes NaN.
    wide = np.ptp(start, axis=0) > 0
    n_neighbors = min(n_neighbors, graph.rows.shape[1], len(vectors) - 1)
    if len(vectors) < _FEWEST_FOR_UMAP or n_neighbors < 2 or not wide.any():
        return start
    umap = _import_umap()
    space = np.zeros_like(start)
    with warnings.catch_warnings(), threadpool_limits(1):
        # UMAP warns each time that a seed means one thread, and that given neighbours mean no
        # `transform`: both are meant.
        warnings.filterwarnings("ignore", message="n_jobs value", category=UserWarning)
        warnings.filterwarnings("ignore", message="precomputed_knn", category=UserWarning)
        space[:, wide] = umap.UMAP(
            n_neighbors=n_neighbors,
            n_components=int(wide.sum()),
            min_dist=min_dist,
            metric="cosine",
            init=start[:, wide],
            n_epochs=200 if len(vectors) > _MANY else 500,
            random_state=seed,
            n_jobs=1,
            precomputed_knn=(graph.rows[:, :n_neighbors], graph.distances[:, :n_neighbors]),
            force_approximation_algorithm=True,
            # Else it cuts opposite vectors apart, in the very arrays it is given.
            disconnection_distance=math.inf,
        ).fit_transform(vectors)
    return space


def _principal_start(vectors: FloatRows, dimensions: int) -> FloatRows:
    """The first principal components, scaled to +-10 and rounded: (n, dimensions) float32."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    start = np.zeros((len(vectors), dimensions))
    with threadpool_limits(1):  # more threads change the last bits of a sum
        _, axes = np.linalg.eigh(centred.T @ centred)
        axes = axes[:, ::-1][:, :dimensions]
        # An eigenvector's sign is free: its largest entry shall be positive, the first of several.
        largest = np.round(np.abs(axes), 6).argmax(axis=0)
        axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
        start[:, : axes.shape[1]] = centred @ axes
    extent = np.abs(start).max(initial=0.0)
    if extent < 1e-6:  # all papers alike
        return np.zeros((len(vectors), dimensions), dtype=np.float32)
    rounded: FloatRows = np.round(start / extent * _START_EXTENT, _START_DECIMALS).astype(
        np.float32
    )
    return rounded


def _import_umap() -> Any:  # noqa: ANN401 - umap ships no types
    """UMAP, with what numba compiles for it kept beside the package for the next process.

    UMAP 0.5 caches almost none of its compiled functions: measured, a first small fit in a new
    process took 8 s, and 1 s with this. They are decorated while the module loads, so that is
    when the default is changed.

    pynndescent, which UMAP imports to find neighbours, states its signatures, so that loading it
    the first time compiles all of it: 15 processor seconds. We give the neighbours, so nothing of
    it is called; without its signatures nothing of it is compiled either.
    """
    import numba

    compile_function = numba.njit

    def compile_and_keep(*args: Any, **options: Any) -> Any:  # noqa: ANN401
        options = {"cache": True, **options}
        if not args or callable(args[0]):
            return compile_function(*args, **options)

        def with_signature(function: Any) -> Any:  # noqa: ANN401
            unused = function.__module__.startswith("pynndescent")
            return compile_function(*(() if unused else args), **options)(function)

        return with_signature

    numba.njit = compile_and_keep
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Tensorflow", category=ImportWarning)
            import umap
    finally:
        numba.njit = compile_function
    return umap

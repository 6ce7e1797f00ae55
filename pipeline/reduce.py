"""UMAP's view of a corpus: one weighted graph of neighbours, and a 2-D layout of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

FloatRows = NDArray[np.float32]

# UMAP starts from principal components on a grid this coarse, in units of a tenth of its usual
# extent. Its random numbers are seeded from the bits of the start, so that noise of 1e-7 on the
# vectors would otherwise give every paper other ones, and another map.
_START_EXTENT = 10.0
_START_DECIMALS = 1
# Fewer points than this have no neighbourhoods to speak of; their principal components serve.
_FEWEST_FOR_UMAP = 5
_MANY = 10_000

MAP_REPULSION = 3.0
"""For a map to look at: it keeps up to a third more of the nearest papers than 1 does, and themes
lie more apart (docs/performance.md)."""


class Graph(Protocol):
    """Neighbours as `index.neighbor_graph` gives them."""

    @property
    def rows(self) -> NDArray[np.int64]:
        """(n, k) row numbers, the row itself first; -1 where a row has fewer neighbours."""

    @property
    def distances(self) -> FloatRows:
        """(n, k) cosine distances, 0 in the first column."""


def consensus_graph(
    views: Sequence[Graph], weights: Sequence[float], *, sizes: Sequence[int]
) -> csr_matrix:
    """How firmly each pair of papers is joined, in the mean of all looks: (n, n) symmetric CSR
    float64 in [0, 1], zero diagonal.

    A look is UMAP's fuzzy simplicial set (McInnes, Healy, Melville 2018, section 3.1) of one view
    with one of the neighbourhood `sizes`, the paper itself counted; those of a view share its
    weight. What only one view or one size sees counts in proportion less.
    """
    n = len(views[0].rows)
    total = csr_matrix((n, n), dtype=np.float64)
    for view, weight in zip(views, weights, strict=True):
        for size in sizes:
            look = _fuzzy_set(view, min(size, view.rows.shape[1]))
            total = total + look * (weight / (sum(weights) * len(sizes)))
    total = csr_matrix(total)
    total.setdiag(0.0)
    total.eliminate_zeros()
    total.sort_indices()
    return total


def map_layout(
    vectors: FloatRows,
    graph: csr_matrix,
    *,
    dimensions: int = 2,
    min_dist: float,
    repulsion: float = 1.0,
    seed: int,
) -> FloatRows:
    """Positions on the map: (n, dimensions) float32, centred on 0, arbitrary units.

    UMAP's layout (McInnes, Healy, Melville 2018, section 3.2) of a graph as `consensus_graph`
    makes it, from the principal components of `vectors`, (n, dim); one thread, seeded: the same
    input gives the same bytes. `repulsion`: how hard papers that are not joined push each other
    away; UMAP's default is 1, and the more of it, the nearer to t-SNE (Böhm, Berens, Kobak 2022).
    """
    start = _principal_start(vectors, dimensions)
    if len(vectors) >= _FEWEST_FOR_UMAP and np.ptp(start, axis=0).any() and graph.nnz:
        start = _optimise(start, vectors, graph, min_dist=min_dist, repulsion=repulsion, seed=seed)
    centred: FloatRows = (start - start.mean(axis=0)).astype(np.float32)
    return centred


def _fuzzy_set(view: Graph, size: int) -> csr_matrix:
    n = len(view.rows)
    if size < 2 or n < _FEWEST_FOR_UMAP:
        return csr_matrix((n, n), dtype=np.float64)
    umap = _import_umap()
    with _quiet():
        graph, _, _ = umap.umap_.fuzzy_simplicial_set(
            view.rows,  # read for its length alone
            size,
            random_state=None,
            metric="precomputed",
            knn_indices=view.rows[:, :size],
            knn_dists=view.distances[:, :size],
        )
    return csr_matrix(graph, dtype=np.float64)


def _optimise(
    start: FloatRows,
    vectors: FloatRows,
    graph: csr_matrix,
    *,
    min_dist: float,
    repulsion: float,
    seed: int,
) -> FloatRows:
    umap = _import_umap()
    # UMAP stretches each dimension of its start to the same width: one without any becomes NaN.
    wide = np.ptp(start, axis=0) > 0
    a, b = umap.umap_.find_ab_params(1.0, min_dist)
    layout = np.zeros_like(start)
    with _quiet():
        layout[:, wide], _ = umap.umap_.simplicial_set_embedding(
            vectors,
            graph.tocoo().astype(np.float32),
            n_components=int(wide.sum()),
            initial_alpha=1.0,
            a=a,
            b=b,
            gamma=repulsion,
            negative_sample_rate=5,
            n_epochs=200 if len(start) > _MANY else 500,
            init=start[:, wide],
            random_state=np.random.RandomState(seed),
            metric="cosine",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
            parallel=False,
        )
    return layout


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.filterwarnings("ignore", module="umap")
        yield


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

"""Diffusion maps: coordinates in which papers are near that many short paths join."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from threadpoolctl import threadpool_limits

FloatRows = NDArray[np.float32]
FloatArray = NDArray[np.float64]

# No graph has more than this many directions that themes are told apart by; a third of the papers
# bounds it for small ones, whose last directions are single papers.
_MAX_DIMENSIONS = 128
_PAPERS_PER_DIMENSION = 3
# Up to here all eigenvectors at once are quicker, and have no start to choose.
_FEW = 400
# Beyond this many papers Lanczos's one column at a time takes a minute.
_MANY = 20_000
_SPARE_COLUMNS = 16
_ROUNDS = 5
_ROUNDS_FROM_START = 2
_FILTER_DEGREE = 8
_PRODUCT_THREADS = 2
# Lanczos restarts after which the filter is taken instead; a graph of 20,000 abstracts needs few.
_MOST_RESTARTS = 300
_TOLERANCE = 1e-6
_LEAST_LENGTH = 1e-100
# Added to the walk's diagonal, at random: far below what is asked of the eigenvectors.
_JITTER = 1e-9


@dataclass(frozen=True, slots=True)
class DiffusionSpace:
    """The slowest directions of a random walk on a graph of n papers.

    `eigenvalues`: (d,) float64 in [0, 1], largest first; `eigenvectors`: (n, d) float32, one in
    each column. The walk's own resting state is none of them.
    """

    eigenvalues: FloatArray
    eigenvectors: FloatRows

    def at(self, time: float) -> FloatRows:
        """Unit rows (n, d) float32: where a walk of `time` steps may be, seen from each paper.

        The longer the walk, the less of the finer structure is left (Coifman and Lafon 2006,
        section 2). Rows have length 1 (Ng, Jordan, Weiss 2001), so that papers with few and with
        many neighbours compare; a paper without any has a row of zeros.
        """
        # Against the largest: only proportions count, and thousands of steps would leave nothing.
        shares = self.eigenvalues / max(self.eigenvalues.max(initial=0.0), _TOLERANCE)
        rows = self.eigenvectors * shares**time
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: FloatRows = (rows / np.maximum(lengths, _LEAST_LENGTH)).astype(np.float32)
        return unit


def diffusion_space(graph: csr_matrix, *, start: FloatRows | None = None) -> DiffusionSpace:
    """The diffusion space of a symmetric graph with weights of at least 0, (n, n) CSR.

    `start`: (n, d) float32, eigenvectors of nearly the same graph, which large graphs are then
    quicker from. The same input gives the same bytes, whatever the threads.
    """
    n = graph.shape[0]
    degrees = np.asarray(graph.sum(axis=1), dtype=np.float64).ravel()
    n_dimensions = min(_MAX_DIMENSIONS, n // _PAPERS_PER_DIMENSION)
    if n_dimensions < 1 or not graph.nnz:
        return DiffusionSpace(np.zeros(1), np.zeros((n, 1), np.float32))
    scale = diags(1.0 / np.sqrt(np.maximum(degrees, 1e-12)))
    walk = csr_matrix(scale @ graph @ scale)
    resting = np.sqrt(degrees) / np.linalg.norm(np.sqrt(degrees))
    with threadpool_limits(1):  # more threads change the last bits of a sum
        if n <= _FEW:
            values, vectors = np.linalg.eigh(walk.toarray() - np.outer(resting, resting))
            values, vectors = values[-n_dimensions:], vectors[:, -n_dimensions:]
        elif n <= _MANY and _in_one_piece(graph):
            values, vectors = _lanczos(walk, resting, n_dimensions)
        else:
            values, vectors = _filtered_subspace(walk, resting, n_dimensions, start)
    order = np.argsort(-values, kind="stable")[:n_dimensions]
    vectors = vectors[:, order].astype(np.float32)
    vectors[degrees == 0] = 0.0  # what is there is rounding, which unit rows would show
    values = np.where(values[order] < _TOLERANCE, 0.0, np.minimum(values[order], 1.0))
    return DiffusionSpace(values, vectors)


def _in_one_piece(graph: csr_matrix) -> bool:
    """Whether a path joins any two papers. Each piece has an eigenvalue of 1: of 39 of these,
    Lanczos found 24, the filter all."""
    from scipy.sparse.csgraph import connected_components

    return int(connected_components(graph, directed=False, return_labels=False)) == 1


def _lanczos(
    walk: csr_matrix, resting: FloatArray, n_dimensions: int
) -> tuple[FloatArray, FloatArray]:
    """The largest eigenvalues and their eigenvectors, without the resting state (ARPACK).

    ARPACK goes on with random numbers of its own, other ones each time, where the start has no
    part in further eigenvectors, as in a graph whose pieces are alike: a little noise on the
    diagonal leaves none out.
    """
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    n = len(resting)
    rng = np.random.default_rng(0)
    start, noise = rng.uniform(-1.0, 1.0, n), rng.uniform(0.0, _JITTER, n)
    rest_of_walk = LinearOperator(
        (n, n), matvec=lambda x: walk @ x + noise * x - resting * (resting @ x), dtype=np.float64
    )
    try:
        values, vectors = eigsh(
            rest_of_walk,
            k=n_dimensions,
            which="LA",
            v0=start,
            tol=_TOLERANCE,
            maxiter=_MOST_RESTARTS,
        )
    except ArpackError:
        return _filtered_subspace(walk, resting, n_dimensions, None)
    return values, vectors


def _filtered_subspace(
    walk: csr_matrix, resting: FloatArray, n_dimensions: int, start: FloatRows | None
) -> tuple[FloatArray, FloatArray]:
    """The same to some digits, by subspace iteration with a Chebyshev filter (Zhou and Saad 2007),
    whose products of the matrix with many columns at once take a fraction of Lanczos's time.

    On 9,000 abstracts five rounds left cosines of the rows within .01 of Lanczos's, and the themes
    at ARI .91 to .98 with those; a new fit without a fifth of the papers agrees at .65.
    """
    n = len(resting)
    matrix, rest = walk.astype(np.float32), resting.astype(np.float32)[:, None]
    columns = np.random.default_rng(0).normal(size=(n, n_dimensions + _SPARE_COLUMNS))
    basis = columns.astype(np.float32)
    rounds = _ROUNDS
    if start is not None:
        basis[:, : start.shape[1]] = start
        rounds = _ROUNDS_FROM_START
    values = np.zeros(basis.shape[1], np.float32)
    cut = 0.5  # eigenvalues below it are damped; known better after each round
    for _ in range(rounds):
        filtered = _filtered(matrix, basis - rest @ (rest.T @ basis), cut)
        basis = _orthonormal(filtered - rest @ (rest.T @ filtered))
        inside = basis.T @ _product(matrix, basis)
        values, turn = np.linalg.eigh((inside + inside.T) / 2)
        basis = basis @ turn
        cut = float(np.clip(values[0], 0.1, 0.95))
    return values.astype(np.float64), basis.astype(np.float64)


def _filtered(matrix: csr_matrix, columns: FloatRows, cut: float) -> FloatRows:
    """The columns times a Chebyshev polynomial that is small on [-1, `cut`] and grows above."""
    middle, half = (cut - 1.0) / 2.0, (cut + 1.0) / 2.0
    before = columns
    now: FloatRows = ((_product(matrix, columns) - middle * columns) / half).astype(np.float32)
    for _ in range(_FILTER_DEGREE - 1):
        after = 2.0 / half * (_product(matrix, now) - middle * now) - before
        before, now = now, after.astype(np.float32)
    return now


def _product(matrix: csr_matrix, columns: FloatRows) -> FloatRows:
    """Matrix times columns, some rows a thread: a row's sum is the same in any of them.

    SciPy's own product holds the interpreter's lock, and takes twice as long.
    """
    product = np.empty((matrix.shape[0], columns.shape[1]), np.float32)
    multiply = _compiled_product()
    columns = np.ascontiguousarray(columns)
    ends = np.linspace(0, matrix.shape[0], _PRODUCT_THREADS + 1).astype(np.int64)
    with ThreadPoolExecutor(_PRODUCT_THREADS) as threads:
        done = [
            threads.submit(
                multiply,
                *(matrix.indptr, matrix.indices, matrix.data, columns, product, start, end),
            )
            for start, end in pairwise(ends)
        ]
    for part in done:
        part.result()
    return product


@lru_cache(maxsize=1)
def _compiled_product() -> Callable[..., None]:
    import numba

    def multiply(indptr, indices, data, columns, product, start, end):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        n_columns = columns.shape[1]
        for row in range(start, end):
            for column in range(n_columns):
                product[row, column] = 0.0
            for at in range(indptr[row], indptr[row + 1]):
                weight, other = data[at], indices[at]
                for column in range(n_columns):
                    product[row, column] += weight * columns[other, column]

    compiled: Callable[..., None] = numba.njit(nogil=True)(multiply)
    return compiled


def _orthonormal(columns: FloatRows) -> FloatRows:
    basis: FloatRows = np.linalg.qr(columns)[0]
    return basis

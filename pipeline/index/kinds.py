"""The kinds of index that look at a part of the rows: how FAISS makes and searches each.

All rotate the vectors to principal components or at random, and compare codes by Euclidean
distance: on unit rows it orders as cosine does, it does not change when the rows are centred, and
over the first components alone it is the better judge of the two. On 60,000 abstracts the first 64
components, with 100 rows compared in full, find .976 of the ten nearest by distance and .943 by
inner product (.939 with centred rows, .901 with centred queries too).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

_LISTS_PER_ROOT = 4
_TRAINED_PER_LIST = 40
_PROBES = (8, 16, 32, 64, 128, 256, 512)
_LIST_ID_BYTES = 8


class Kind(Protocol):
    """How one kind of index is made and searched."""

    @property
    def breadths(self) -> tuple[int, ...]:
        """How much of the index a query may look at, from little to much."""

    def factory(self, n_rows: int, dim: int) -> str:
        """FAISS's words for it."""

    def expected_bytes(self, n_rows: int, dim: int) -> int:
        """About the size of its file."""

    def least_breadth(self, n_listed: int, share: float) -> float:
        """The breadth that a shortlist of this length takes where a filter lets this share of the
        rows pass."""

    def prepare(self, index: Any) -> None:  # noqa: ANN401 - faiss has no types
        """Set what training needs."""

    def parameters(self, breadth: float, selector: Any | None) -> Any:  # noqa: ANN401
        """FAISS's search parameters for this breadth and, but for None, this selector of rows."""


@dataclass(frozen=True, slots=True)
class Links:
    """A hierarchical navigable small world graph (Malkov and Yashunin 2018) over half of the
    principal components in 8 bits. Breadth is efSearch.

    Half of them: on 60,000 abstracts recall as over all 384 (.999 with efSearch 128), with 478
    bytes a row for 657, in 6 s for 10.
    """

    n_links: int = 32
    """For each row; twice as many in the lowest level."""

    @property
    def breadths(self) -> tuple[int, ...]:
        """Values of efSearch."""
        return (20, 40, 80, 160, 320, 640, 1280)

    def factory(self, n_rows: int, dim: int) -> str:
        """Principal components, the graph, codes of 8 bits."""
        del n_rows
        return f"PCA{_half(dim)},HNSW{self.n_links},SQ8"

    def expected_bytes(self, n_rows: int, dim: int) -> int:
        """Codes, four bytes a link, level and offset; one row in `n_links` has upper levels."""
        return n_rows * (_half(dim) + 8 * self.n_links + 4 + 12)

    def least_breadth(self, n_listed: int, share: float) -> float:
        """FAISS's queue is at least as long as the list, and holds rows outside a filter too."""
        return n_listed / share

    def prepare(self, index: Any) -> None:  # noqa: ANN401
        """Nothing: FAISS's own values serve."""

    def parameters(self, breadth: float, selector: Any | None) -> Any:  # noqa: ANN401
        """The queue stays bounded: else FAISS 1.15.1 ignores the selector (its issue 5504)."""
        import faiss

        parameters = faiss.SearchParametersHNSW(efSearch=round(breadth))
        return _through_transform(parameters, selector)


@dataclass(frozen=True, slots=True)
class Lists:
    """Inverted lists (Jégou et al. 2011), four times the square root of the rows, of which a query
    looks at the nearest ones. Breadth is their number, nprobe."""

    codes: str
    """SQ8: half of the principal components in 8 bits. PQ: product quantisation of eight dimensions
    to one byte after a random rotation. RaBitQ: one bit a dimension after a random rotation, around
    the centre of the row's list, which estimates distances without bias (Gao and Long 2024)."""

    @property
    def breadths(self) -> tuple[int, ...]:
        """Numbers of lists."""
        return _PROBES

    def factory(self, n_rows: int, dim: int) -> str:
        """Rotation, lists, codes."""
        lists = f"IVF{_n_lists(n_rows)}"
        if self.codes == "SQ8":
            return f"PCA{_half(dim)},{lists},SQ8"
        if self.codes == "PQ":
            width = -(-dim // 8) * 8  # the rotation pads what is not a multiple of eight
            return f"RR{width},{lists},PQ{width // 8}x8"
        return f"RR{dim},{lists},RaBitQ"

    def expected_bytes(self, n_rows: int, dim: int) -> int:
        """Codes with their row numbers, the lists' centres, and the codebook of products."""
        bytes_of_row = {"SQ8": _half(dim), "PQ": -(-dim // 8), "RaBitQ": -(-dim // 8) + 8}
        centre = 4 * (_half(dim) if self.codes == "SQ8" else dim)
        codebook = 4 * 256 * dim if self.codes == "PQ" else 0
        of_rows = n_rows * (bytes_of_row[self.codes] + _LIST_ID_BYTES)
        return of_rows + _n_lists(n_rows) * centre + codebook

    def least_breadth(self, n_listed: int, share: float) -> float:
        """One list may be long enough."""
        del n_listed, share
        return 1

    def prepare(self, index: Any) -> None:  # noqa: ANN401
        """Train without warnings on standard error, and without tables that FAISS would make anew
        from codes of residuals at each opening: 200 MB for a million rows."""
        import faiss

        lists = faiss.downcast_index(faiss.extract_index_ivf(index))
        lists.cp.min_points_per_centroid = 1
        lists.cp.max_points_per_centroid = _TRAINED_PER_LIST
        if self.codes == "PQ":
            lists.by_residual = False
            lists.do_polysemous_training = False  # 50 s of 51, for a filter that is not used
            lists.pq.cp.niter = 10
            lists.pq.cp.min_points_per_centroid = 1
            lists.pq.cp.max_points_per_centroid = 64

    def parameters(self, breadth: float, selector: Any | None) -> Any:  # noqa: ANN401
        """FAISS takes no more lists than there are."""
        import faiss

        n_probes = max(1, round(breadth))
        if self.codes == "RaBitQ":
            parameters = faiss.IVFRaBitQSearchParameters(nprobe=n_probes)
            parameters.qb = 8  # bits of a query's dimension
        else:
            parameters = faiss.SearchParametersIVF(nprobe=n_probes)
        return _through_transform(parameters, selector)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Adaptive retrieval (Kusupati et al. 2022, section 4.3; Rege et al. 2023): the first quarter
    of the dimensions of every row makes the shortlist, in 8 bits, and all dimensions order it.

    The dimensions are the principal components, whose beginning holds more of the rows' variance
    than any other choice of as many directions, so also than the prefix of a model that was
    trained to have a telling one.
    """

    @property
    def breadths(self) -> tuple[int, ...]:
        """One: every row is looked at."""
        return (1,)

    def factory(self, n_rows: int, dim: int) -> str:
        """Principal components, codes of 8 bits."""
        del n_rows
        return f"PCA{_quarter(dim)},SQ8"

    def expected_bytes(self, n_rows: int, dim: int) -> int:
        """The codes."""
        return n_rows * _quarter(dim)

    def least_breadth(self, n_listed: int, share: float) -> float:
        """Every row is looked at."""
        del n_listed, share
        return 1

    def prepare(self, index: Any) -> None:  # noqa: ANN401
        """Nothing: FAISS's own values serve."""

    def parameters(self, breadth: float, selector: Any | None) -> Any:  # noqa: ANN401
        """A selector alone."""
        import faiss

        del breadth
        return _through_transform(faiss.SearchParameters(), selector)


KINDS: dict[str, Kind] = {
    "hnsw": Links(),
    "binary": Lists("RaBitQ"),
    "ivf-pq": Lists("PQ"),
    "ivf-sq": Lists("SQ8"),
    "adaptive": Prefix(),
}
"""By name, the fastest first: see `benchmarks/index_kinds.py` and docs/performance.md."""


def _n_lists(n_rows: int) -> int:
    return max(1, round(_LISTS_PER_ROOT * math.sqrt(n_rows)))


def _half(dim: int) -> int:
    """Half of the dimensions, of few dimensions all."""
    return min(dim, max(96, dim // 2))


def _quarter(dim: int) -> int:
    """A quarter of the dimensions, of few dimensions all."""
    return min(dim, max(32, dim // 4))


def _through_transform(parameters: Any, selector: Any | None) -> Any:  # noqa: ANN401
    """The parameters of the index behind the rotation."""
    import faiss

    if selector is not None:
        parameters.sel = selector
    return faiss.SearchParametersPreTransform(index_params=parameters)

"""Which index suits these rows and this machine, by measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.index.approximate import (
    CALIBRATED_K,
    FEWEST_ROWS,
    ApproximateIndex,
    Effort,
    make_faiss_index,
)
from pipeline.index.exact import ExactIndex
from pipeline.index.kinds import KINDS, Kind
from pipeline.index.memory import machine_bytes
from pipeline.index.protocol import FloatRows, Index

EXACT = "exact"
AUTO = "auto"
_EXACT_UP_TO = 200_000
_N_QUERIES = 200
_RERANKED = (20, 40, 80, 160, 320, 640, 1280)


@dataclass(frozen=True, slots=True)
class IndexReport:
    """Which index was taken and how well it does.

    `wanted` and `kind`: what the settings ask for and what was taken; `n_bytes`: of its file, 0 for
    none; `recall`: share of the `k` nearest rows that it finds for `n_queries` of the atlas's own
    rows, themselves not counted, 1 for the exact index; `effort`: None for the exact one; `told`:
    in words, why another kind than the wanted or a faster one was not taken.
    """

    wanted: str
    kind: str
    n_rows: int
    n_bytes: int = 0
    recall: float = 1.0
    k: int = CALIBRATED_K
    n_queries: int = 0
    effort: Effort | None = None
    told: tuple[str, ...] = ()

    def as_facts(self) -> dict[str, Any]:
        """The report as plain, JSON-ready values."""
        return {**asdict(self), "told": list(self.told)}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> IndexReport:
        """The report that `as_facts` gave; TypeError or ValueError for anything else."""
        values = dict(facts)
        effort = values.pop("effort")
        report = cls(
            **{**values, "told": tuple(values["told"])}, effort=Effort(**effort) if effort else None
        )
        numbers = (
            report.n_rows,
            report.n_bytes,
            *(asdict(report.effort).values() if report.effort else ()),
        )
        if any(type(number) is not int or number < 0 for number in numbers):
            raise ValueError(f"numbers of an index: {numbers}")
        if report.kind != EXACT and (report.kind not in KINDS or report.effort is None):
            raise ValueError(f"kind of an index: {report.kind!r}")
        return report


@dataclass(frozen=True, slots=True)
class ChosenIndex:
    """An index, what was measured of it, and FAISS's part of it, None for the exact one."""

    index: Index
    report: IndexReport
    faiss_index: Any | None = None


def choose_index(
    vectors: FloatRows,
    *,
    kind: str = AUTO,
    min_recall: float = 0.99,
    max_memory_share: float = 0.25,
) -> ChosenIndex:
    """The index of this kind over unit rows (n, dim) or, for `auto`, the one that suits them.

    That is the exact one up to 200,000 rows. Beyond, and for a kind that is named, it is the
    fastest kind (the order is that of `KINDS`) which finds `min_recall` of the ten nearest rows
    and takes at most `max_memory_share` of the machine's memory, with the least effort that does
    so. Where there is none it is the exact one, and the report says why.
    """
    n_rows, dim = vectors.shape
    told = []
    if kind == EXACT or (kind == AUTO and n_rows <= _EXACT_UP_TO):
        return _exact_choice(vectors, kind)
    if n_rows < FEWEST_ROWS:
        return _exact_choice(vectors, kind, f"{n_rows} rows are too few for {kind}")
    max_bytes = int(max_memory_share * machine_bytes())
    for name in KINDS if kind == AUTO else [kind]:
        n_bytes = KINDS[name].expected_bytes(n_rows, dim)
        if n_bytes > max_bytes:
            told.append(_too_large(name, n_bytes, max_bytes))
            continue
        made = make_faiss_index(KINDS[name], vectors)
        n_bytes = count_bytes(made)
        effort, recall = calibrate(KINDS[name], made, vectors, min_recall=min_recall)
        if n_bytes > max_bytes:
            told.append(_too_large(name, n_bytes, max_bytes))
        elif recall < min_recall:
            told.append(f"{name} finds {recall:.3f} of the nearest rows, not {min_recall:g}")
        else:
            n_queries = len(held_out_rows(n_rows))
            report = IndexReport(
                kind, name, n_rows, n_bytes, recall, CALIBRATED_K, n_queries, effort, tuple(told)
            )
            return ChosenIndex(ApproximateIndex(made, vectors, KINDS[name], effort), report, made)
    return _exact_choice(vectors, kind, *told)


def calibrate(
    kind: Kind,
    faiss_index: Any,  # noqa: ANN401
    vectors: FloatRows,
    *,
    min_recall: float,
) -> tuple[Effort, float]:
    """The least effort that finds `min_recall` of the ten nearest rows, and what it finds; where
    none does, the greatest one.

    Asked are 200 of the rows, and a row's own number does not count. A row that is as near as the
    tenth counts as found: of equal rows it does not matter which.
    """
    asked = held_out_rows(len(vectors))
    queries = np.ascontiguousarray(vectors[asked], np.float32)
    exact = ExactIndex(vectors)
    least = tenth_similarities(exact, queries, asked)
    effort, recall = Effort(kind.breadths[-1], _RERANKED[-1]), 0.0
    for breadth in kind.breadths:
        # A longer list than the breadth allows would widen the search that is measured.
        lengths = [n for n in _RERANKED if kind.least_breadth(n, 1.0) <= breadth]
        index = ApproximateIndex(faiss_index, vectors, kind, Effort(breadth, lengths[-1]))
        listed = index.shortlist(queries, min(lengths[-1], len(vectors)), k=CALIBRATED_K)
        found = _found_by_place(exact, queries, asked, listed, least)
        for n_reranked in lengths:
            recall = float(found[:, min(n_reranked, found.shape[1]) - 1].mean())
            if recall >= min_recall:
                return Effort(breadth, n_reranked), recall
    return effort, recall


def held_out_rows(n_rows: int) -> NDArray[np.int64]:
    """The rows that are asked, ascending: 200 drawn with a fixed seed."""
    rows = np.random.default_rng(0).choice(n_rows, min(_N_QUERIES, n_rows), replace=False)
    return np.sort(rows).astype(np.int64)


def tenth_similarities(
    exact: ExactIndex, queries: FloatRows, asked: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Similarity of each query's tenth neighbour, its own row not counted, (n_queries,)."""
    similarities, rows = exact.search(queries, CALIBRATED_K + 1)
    is_other = rows != asked[:, None]
    # Of many equal rows a query's own may not be among the first: then the last one goes.
    is_other[is_other.all(axis=1), -1] = False
    tenth: NDArray[np.float32] = similarities[is_other].reshape(len(queries), -1)[:, -1]
    return tenth


def _found_by_place(
    exact: ExactIndex,
    queries: FloatRows,
    asked: NDArray[np.int64],
    listed: NDArray[np.int64],
    least: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Share of the ten nearest rows that are among the first 1, 2, ... of each query's list."""
    listed = np.where(listed == asked[:, None], -1, listed)
    listed = np.take_along_axis(listed, np.argsort(listed < 0, axis=1, kind="stable"), axis=1)
    near = exact.similarities(queries, listed).astype(np.float32) >= least[:, None]
    found: NDArray[np.float64] = np.minimum(near.cumsum(axis=1), CALIBRATED_K) / CALIBRATED_K
    return found


def count_bytes(faiss_index: Any) -> int:  # noqa: ANN401
    """Bytes of the file that FAISS would write."""
    import faiss

    n_bytes = 0

    def count(piece: bytes) -> None:
        nonlocal n_bytes
        n_bytes += len(piece)

    writer = faiss.PyCallbackIOWriter(count)
    faiss.write_index(faiss_index, writer)
    return n_bytes


def _exact_choice(vectors: FloatRows, wanted: str, *told: str) -> ChosenIndex:
    return ChosenIndex(
        ExactIndex(vectors), IndexReport(wanted, EXACT, len(vectors), told=tuple(told))
    )


def _too_large(name: str, n_bytes: int, max_bytes: int) -> str:
    return (
        f"{name} would take {n_bytes / 1e6:,.0f} MB of memory, with {max_bytes / 1e6:,.0f} allowed"
    )

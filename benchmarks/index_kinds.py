"""What each kind of index finds, how fast, and what it weighs.

    python benchmarks/index_kinds.py vectors.npy
    python benchmarks/index_kinds.py sentences.npy --source papers.parquet --n 1000000

`vectors.npy` holds unit rows, (n, dim) float32. With `--source` it is made where it is not there:
the sentences of the abstracts and, when those are used up, pairs of neighbouring ones, embedded by
the default embedder. For every kind, usearch and hnswlib (where they are installed: `pip install
usearch==2.26.6 hnswlib==0.8.0`) it prints a line for each value of the search parameter: recall of
the ten nearest of 200 rows, themselves not counted, median and 95th percentile of one query's time
on one thread, and the bytes that a query touches, as a part of what the exact index touches. Recall
among a tenth and among nine tenths of the rows follows, and the picture.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from pipeline.cache import EmbeddingCache
from pipeline.embed import make_embedder
from pipeline.index import ExactIndex
from pipeline.index.approximate import ApproximateIndex, Effort, make_faiss_index
from pipeline.index.choice import calibrate, count_bytes, held_out_rows, tenth_similarities
from pipeline.index.kinds import KINDS
from pipeline.index.threads import one_thread
from pipeline.reading import read_table
from pipeline.settings import Settings

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Search = Callable[[Vectors], Rows]

K = 10
N_TIMED = 200
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z“\"(])")
_FEWEST_WORDS = 4
_EMBEDDED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a search parameter: what it finds, its times in ms, and its bytes a query."""

    setting: str
    recall: float
    median_ms: float
    late_ms: float
    n_bytes: float


@dataclass(frozen=True, slots=True)
class Question:
    """The rows that are asked, their vectors, and how near the tenth neighbour of each is."""

    exact: ExactIndex
    rows: Rows
    queries: Vectors
    least: Vectors


def main() -> None:
    """Make the vectors where they are not there, measure every kind, draw the curves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vectors", type=Path, help="unit rows, .npy")
    parser.add_argument("--source", type=Path, help="papers to cut into sentences")
    parser.add_argument("--n", type=int, default=1_000_000, help="so many sentences")
    parser.add_argument("--kinds", nargs="+", choices=[*KINDS], default=[*KINDS])
    parser.add_argument("--picture", type=Path, default=Path("docs/images/index-kinds.png"))
    options = parser.parse_args()
    if options.source is not None and not options.vectors.exists():
        embed_sentences(options.source, options.vectors, options.n)
    vectors = np.load(options.vectors, mmap_mode="r")
    with one_thread():
        curves = measure_all(vectors, options.kinds)
    draw(curves, options.picture, f"{len(vectors):,} rows of {vectors.shape[1]} dimensions")


def measure_all(vectors: Vectors, kinds: Sequence[str]) -> dict[str, list[Point]]:
    """Measure the exact index, the kinds and the other libraries; print each as it comes."""
    asked = held_out_rows(len(vectors))
    queries = np.ascontiguousarray(vectors[asked])
    exact = ExactIndex(vectors)
    question = Question(exact, asked, queries, tenth_similarities(exact, queries, asked))
    print(f"{len(vectors):,} rows of {vectors.shape[1]} dimensions, {vectors.nbytes / 1e6:,.0f} MB")
    curves = {"exact": [measure_exact(question, vectors)]}
    for name in kinds:
        curves[name] = measure_kind(name, question, vectors)
    for name, peer in PEERS.items():
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed")
        else:
            curves[name] = peer(question, vectors)
    return curves


def measure_exact(question: Question, vectors: Vectors) -> Point:
    """The yardstick, and how much faster a thousand queries at once are than one by one."""
    tell("exact", 0.0, 0)
    search = question.exact.search
    point = measure("all rows", question, lambda one: search(one, K + 1)[1], vectors.nbytes)
    tell_point(point, vectors.nbytes)
    many = np.ascontiguousarray(vectors[:1000])
    search(many, K)
    begun = time.perf_counter()
    search(many, K)
    each_ms = 1000 * (time.perf_counter() - begun) / len(many)
    print(f"  {each_ms:.2f} ms for each of {len(many)} at once")
    return point


def measure_kind(name: str, question: Question, vectors: Vectors) -> list[Point]:
    """A point for each breadth, with as many rows re-ranked as a recall of .99 takes, and what
    filters change at the effort that a build would choose."""
    kind = KINDS[name]
    begun = time.perf_counter()
    made = make_faiss_index(kind, vectors)
    tell(name, time.perf_counter() - begun, count_bytes(made))
    effort, _ = calibrate(kind, made, vectors, min_recall=0.99)
    if len(kind.breadths) > 1:
        efforts = [Effort(breadth, effort.n_reranked) for breadth in kind.breadths]
    else:
        efforts = [Effort(1, n) for n in (20, 40, 80, 160, 320, 640, 1280)]
    points = []
    for some in efforts:
        index = ApproximateIndex(made, vectors, kind, some)
        touched = touched_bytes(index, made, some, question, vectors)
        setting = f"breadth {some.breadth}, {some.n_reranked} re-ranked"
        search = index.search
        points.append(measure(setting, question, lambda one, s=search: s(one, K + 1)[1], touched))
        tell_point(points[-1], vectors.nbytes)
    tell_filters(ApproximateIndex(made, vectors, kind, effort), effort, question, len(vectors))
    return points


def measure(setting: str, question: Question, search: Search, n_bytes: float) -> Point:
    """Ask one query at a time; `search` gives eleven rows, of which the query's own is dropped."""
    times, found = [], []
    for query in question.queries[:N_TIMED]:
        begun = time.perf_counter()
        rows = search(query[None])
        times.append(1000 * (time.perf_counter() - begun))
        found.append(rows[0])
    median, late = np.percentile(times, [50, 95])
    return Point(setting, recall(question, np.array(found)), float(median), float(late), n_bytes)


def recall(question: Question, found: Rows) -> float:
    """Share of the ten nearest rows that were found; any as near as the tenth counts."""
    found = np.where(found == question.rows[:, None], -1, found)
    near = question.exact.similarities(question.queries, found) >= question.least[:, None] - 1e-7
    return float(np.minimum(near.sum(axis=1), K).mean() / K)


def touched_bytes(
    index: ApproximateIndex,
    made: Any,  # noqa: ANN401 - faiss has no types
    effort: Effort,
    question: Question,
    vectors: Vectors,
) -> float:
    """Bytes of codes, links, centres and vectors that a query looks at, on average."""
    faiss.cvar.hnsw_stats.reset()
    faiss.cvar.indexIVF_stats.reset()
    index.shortlist(question.queries, effort.n_reranked, k=K)
    reranked = 4.0 * vectors.shape[1] * effort.n_reranked
    inner = faiss.downcast_index(made.index)
    n_queries = len(question.queries)
    if isinstance(inner, faiss.IndexHNSW):
        stats = faiss.cvar.hnsw_stats
        codes = stats.ndis * faiss.downcast_index(inner.storage).code_size
        return reranked + (codes + stats.nhops * 4 * inner.hnsw.nb_neighbors(0)) / n_queries
    if isinstance(inner, faiss.IndexIVF):
        codes = faiss.cvar.indexIVF_stats.ndis * (inner.code_size + 8) / n_queries
        return float(reranked + codes + inner.nlist * inner.d * 4)
    return float(reranked + len(vectors) * inner.code_size)


def tell_filters(index: ApproximateIndex, effort: Effort, question: Question, n_rows: int) -> None:
    """Print recall without a filter, with a tenth of the rows taken out, and with a tenth left."""
    shuffled = np.random.default_rng(1).permutation(n_rows)
    told = []
    for share in (1.0, 0.9, 0.1):
        among = np.sort(shuffled[: round(share * n_rows)])
        _, true = question.exact.search(question.queries, K, among=among)
        begun = time.perf_counter()
        _, found = index.search(question.queries, K, among=None if share == 1 else among)
        each_ms = 1000 * (time.perf_counter() - begun) / len(found)
        pairs = zip(found.tolist(), true.tolist(), strict=True)
        share_found = np.mean([len(set(some) & set(best)) / K for some, best in pairs])
        told.append(f"{share:.0%}: {share_found:.3f} in {each_ms:.2f} ms")
    print(f"  {effort}: recall among " + ", ".join(told))


def measure_usearch(question: Question, vectors: Vectors) -> list[Point]:
    """usearch's graph over codes of 8 bits, which it does not compare again, one query on one
    thread."""
    from usearch.index import Index

    index = Index(ndim=vectors.shape[1], metric="cos", dtype="i8", connectivity=32)
    begun = time.perf_counter()
    index.add(np.arange(len(vectors)), np.ascontiguousarray(vectors), threads=1)
    seconds = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.usearch"
        index.save(path)
        tell("usearch", seconds, path.stat().st_size)
    points = []
    for breadth in (16, 32, 64, 128, 256, 512):
        index.expansion_search = breadth

        def search(one: Vectors) -> Rows:
            return index.search(one[0], K + 1, threads=1).keys.astype(np.int64)[None]

        points.append(measure(f"expansion {breadth}", question, search, float("nan")))
        tell_point(points[-1], vectors.nbytes)
    return points


def measure_hnswlib(question: Question, vectors: Vectors) -> list[Point]:
    """hnswlib's graph over whole vectors, one query on one thread."""
    import hnswlib

    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(len(vectors), M=32, ef_construction=100, random_seed=0)
    begun = time.perf_counter()
    index.add_items(np.ascontiguousarray(vectors), num_threads=1)
    tell("hnswlib", time.perf_counter() - begun, index.index_file_size())
    points = []
    for breadth in (16, 32, 64, 128, 256, 512):
        index.set_ef(breadth)

        def search(one: Vectors) -> Rows:
            return index.knn_query(one, K + 1, num_threads=1)[0].astype(np.int64)

        points.append(measure(f"ef {breadth}", question, search, float("nan")))
        tell_point(points[-1], vectors.nbytes)
    return points


PEERS: dict[str, Callable[[Question, Vectors], list[Point]]] = {
    "usearch": measure_usearch,
    "hnswlib": measure_hnswlib,
}


def tell(name: str, seconds: float, n_bytes: int) -> None:
    """Print what an index took to build, and weighs."""
    print(f"{name}: built in {seconds:.1f} s, {n_bytes / 1e6:,.1f} MB", flush=True)


def tell_point(point: Point, whole: float) -> None:
    """Print one point; bytes as a part of those of all vectors."""
    touched = f"{whole / point.n_bytes:6.1f} x fewer bytes" if point.n_bytes > 0 else ""
    print(
        f"  {point.setting:32} recall@10 {point.recall:.3f}  p50 {point.median_ms:7.3f} ms  "
        f"p95 {point.late_ms:7.3f} ms  {touched}",
        flush=True,
    )


def embed_sentences(source: Path, path: Path, n: int) -> None:
    """Write the vectors of `n` texts to `path`, a part at a time; a file that is there is whole."""
    texts = cut_texts(source, n)
    staged = path.with_suffix(".part.npy")
    with closing(EmbeddingCache()) as cache:
        embedder = make_embedder(Settings().embed, store=cache)
        rows = np.lib.format.open_memmap(
            staged, mode="w+", dtype=np.float32, shape=(len(texts), embedder.dim)
        )
        for start in range(0, len(texts), _EMBEDDED_AT_ONCE):
            part = texts[start : start + _EMBEDDED_AT_ONCE]
            rows[start : start + len(part)] = embedder.encode(part)
            print(f"{start + len(part):,} of {len(texts):,} texts embedded", flush=True)
    rows.flush()
    staged.replace(path)


def cut_texts(source: Path, n: int) -> list[str]:
    """`n` texts in a drawn order: the distinct sentences of all abstracts and, where they do not
    suffice, some of the distinct pairs of neighbouring ones."""
    cut = [
        [text for text in _SENTENCE_END.split(paper.abstract) if len(text.split()) >= _FEWEST_WORDS]
        for paper in read_table([source]).table.papers
        if paper.abstract
    ]
    texts = list(dict.fromkeys(text for sentences in cut for text in sentences))
    pairs = [f"{a} {b}" for sentences in cut for a, b in itertools.pairwise(sentences)]
    pairs = list(dict.fromkeys(pairs))
    drawn = np.random.default_rng(0).permutation(len(pairs))[: max(n - len(texts), 0)]
    texts = [*texts, *(pairs[place] for place in np.sort(drawn))][:n]
    return [texts[place] for place in np.random.default_rng(0).permutation(len(texts))]


def draw(curves: dict[str, list[Point]], path: Path, title: str) -> None:
    """Save the curves of recall against the median time of a query."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for (name, points), mark in zip(curves.items(), itertools.cycle("*osD^vPX"), strict=False):
        times, found = [p.median_ms for p in points], [p.recall for p in points]
        axes.plot(times, found, marker=mark, label=name, linewidth=1.5, markersize=6)
    axes.set_xscale("log")
    axes.set_ylim(max(0.6, min(p.recall for points in curves.values() for p in points)), 1.005)
    axes.axhline(0.99, color="grey", linewidth=0.8, linestyle="--")
    axes.set_xlabel("median time of one query on one thread, ms")
    axes.set_ylabel("recall@10")
    axes.set_title(title)
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend(loc="lower right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    print(f"drawn: {path}")


if __name__ == "__main__":
    main()

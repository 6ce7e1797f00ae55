"""How well the map keeps what is near, beside UMAP's, openTSNE's and PaCMAP's own layouts.

    python benchmarks/layout_quality.py papers.parquet --labels area

Every method lays out the same vectors of the same papers with each seed; ours has the papers'
words beside them, as a build has, and without them too. UMAP, openTSNE and PaCMAP have their
defaults; the latter two are taken where they can be imported (`pip install openTSNE pacmap`).
Accuracy is that of the labels of the 10 nearest papers on the map, over 10 folds, the same for
every method; a label of fewer than 10 papers is left out. Each difference to ours has two 95%
intervals by the paired bootstrap: over the papers, each with its mean hit over the seeds, and over
the seeds.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from pipeline.cache import EmbeddingCache
from pipeline.chart import find_neighbors
from pipeline.embed import make_embedder
from pipeline.embed.lexical import lexical_rows
from pipeline.layout_quality import LayoutQuality, judge_layout
from pipeline.nearest import NearestPapers, first_of_equals, nearest_papers
from pipeline.papers import embedding_text
from pipeline.reading import read_table
from pipeline.reduce import MAP_REPULSION, map_layout
from pipeline.settings import Settings

Vectors = NDArray[np.float32]
Lay = Callable[[int], NDArray[np.floating[Any]]]

N_FOLDS = N_NEAREST = 10
N_DRAWS = 10_000
OURS = "paperatlas"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Papers whose vectors (n, dim) differ, with texts and labels (n,), -1 for none that counts."""

    texts: Sequence[str]
    vectors: Vectors
    labels: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Measured:
    """Layouts of one method: `hits` (n_seeds, n) whether each labelled paper is told its label."""

    qualities: tuple[LayoutQuality, ...]
    hits: NDArray[np.bool_]
    seconds: float


def main() -> None:
    """Measure and print the figures of each method, then the differences to ours."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="papers, such as a Parquet file")
    parser.add_argument("--labels", required=True, help="the column to tell from the map")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(10)))
    parser.add_argument("--limit", type=int, help="take a random part of so many papers")
    options = parser.parse_args()
    corpus = read_corpus(options.source, options.labels, options.limit)
    n_labelled = int((corpus.labels >= 0).sum())
    n_kinds = len(np.unique(corpus.labels[corpus.labels >= 0]))
    print(f"{len(corpus.texts)} papers, {n_labelled} of them with one of {n_kinds} labels")
    nearest = nearest_papers(corpus.vectors)
    measured = {}
    for name, lay in layouts(corpus):
        measured[name] = measure(corpus, nearest, lay, options.seeds)
        print(f"{name}: {measured[name].hits.mean():.4f}", flush=True)
    console = Console(width=110)
    console.print(quality_table(measured))
    console.print(difference_table(measured))


def read_corpus(source: Path, column: str, limit: int | None) -> Corpus:
    """Papers with an abstract and a label; a label of fewer than ten papers is none."""
    papers = [paper for paper in read_table([source]).table.papers if paper.abstract]
    if limit is not None and limit < len(papers):
        chosen = np.random.default_rng(0).choice(len(papers), limit, replace=False)
        papers = [papers[row] for row in np.sort(chosen)]
    texts = [embedding_text(paper) for paper in papers]
    with closing(EmbeddingCache()) as cache:
        vectors = make_embedder(Settings().embed, store=cache).encode(texts)
    first, _ = first_of_equals(vectors)
    names = np.array(
        [str(dict(papers[row].extra).get(column) or getattr(papers[row], column, None) or "")
         for row in first]
    )  # fmt: skip
    kinds, numbers, sizes = np.unique(names, return_inverse=True, return_counts=True)
    counts = (sizes >= N_FOLDS) & (kinds != "")
    if not counts.any():
        raise SystemExit(f"no label of ten papers or more in the column {column!r}")
    labels = np.where(counts[numbers], numbers, -1).astype(np.int32)
    return Corpus([texts[row] for row in first], np.ascontiguousarray(vectors[first]), labels)


def layouts(corpus: Corpus) -> Iterator[tuple[str, Lay]]:
    """What is compared, by name: each gives the places of all papers, (n, 2), for a seed."""
    yield OURS, own_layout(corpus, lexical_rows(corpus.texts, seed=0))
    yield f"{OURS}, vectors alone", own_layout(corpus, None)
    vectors = corpus.vectors

    def umap(**options: str) -> Lay:
        from umap import UMAP

        return lambda seed: UMAP(random_state=seed, n_jobs=1, **options).fit_transform(vectors)

    yield "UMAP, defaults", umap()
    yield "UMAP, defaults but cosine", umap(metric="cosine")
    if has("openTSNE"):
        from openTSNE import TSNE

        yield "openTSNE, defaults", lambda seed: np.asarray(TSNE(random_state=seed).fit(vectors))
    if has("pacmap"):
        from pacmap import PaCMAP

        yield "PaCMAP, defaults", lambda seed: PaCMAP(random_state=seed).fit_transform(vectors)


def has(package: str) -> bool:
    """Whether a reference can be imported; told where it cannot."""
    found = importlib.util.find_spec(package) is not None
    if not found:
        print(f"{package} is not installed: left out (pip install {package})")
    return found


def own_layout(corpus: Corpus, lexical: Vectors | None) -> Lay:
    """The map's layout as a build makes it, with words beside the vectors or without."""
    settings = Settings()
    graph = find_neighbors(corpus.vectors, lexical, settings).graph()
    options = {"min_dist": settings.reduce.map_min_dist, "repulsion": MAP_REPULSION}
    return lambda seed: map_layout(corpus.vectors, graph, **options, seed=seed)


def measure(corpus: Corpus, nearest: NearestPapers, lay: Lay, seeds: Sequence[int]) -> Measured:
    """The figures of one method's layouts, one for each seed."""
    qualities, hits, seconds = [], [], []
    for seed in seeds:
        begun = time.process_time()
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layout = np.asarray(lay(seed), np.float32)
        seconds.append(time.process_time() - begun)
        quality, _ = judge_layout(layout, corpus.vectors, nearest.rows, corpus.labels)
        qualities.append(quality)
        hits.append(labels_told(layout, corpus.labels))
    return Measured(tuple(qualities), np.stack(hits), float(np.median(seconds)))


def labels_told(layout: NDArray[np.float32], labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether each labelled paper's label is the one that most of its 10 nearest papers on the map
    have, (n_labelled,), those of its own fold left out."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    known = labels >= 0
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    voters = KNeighborsClassifier(N_NEAREST)
    told = cross_val_predict(voters, layout[known], labels[known], cv=folds)
    hits: NDArray[np.bool_] = told == labels[known]
    return hits


def quality_table(measured: Mapping[str, Measured]) -> Table:
    """Mean figures over the seeds, and the standard deviation of the accuracy over them."""
    table = Table(title="Means over the seeds", show_lines=False)
    columns = (
        "accuracy",
        "over seeds",
        "trust.",
        "contin.",
        "10-NN kept",
        "centres",
        "far",
        "CPU s",
    )
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for name, one in measured.items():
        accuracy = one.hits.mean(axis=1)
        fields = ("trustworthiness", "continuity", "neighbors_kept", "arrangement", "far_share")
        means = [np.mean([getattr(q, field) for q in one.qualities]) for field in fields]
        cells = [f"{accuracy.mean():.4f}", f"{accuracy.std():.4f}", *(f"{m:.3f}" for m in means)]
        table.add_row(name, *cells, f"{one.seconds:.1f}")
    return table


def difference_table(measured: Mapping[str, Measured]) -> Table:
    """How much more often ours tells the label, with a 95% interval over papers and one over
    seeds."""
    table = Table(title="Accuracy of ours less that of the other")
    for column in ("", "difference", "95% over papers", "95% over seeds", "seeds won"):
        table.add_column(column, justify="right" if column else "left")
    own = measured[OURS].hits
    for name, other in measured.items():
        if name == OURS:
            continue
        gains = own.astype(float) - other.hits
        over_papers, over_seeds = interval(gains.mean(axis=0)), interval(gains.mean(axis=1))
        won = int((gains.mean(axis=1) > 0).sum())
        table.add_row(
            name, f"{gains.mean():+.4f}", over_papers, over_seeds, f"{won} of {len(gains)}"
        )
    return table


def interval(values: NDArray[np.floating[Any]]) -> str:
    """The 95% interval of a mean by the bootstrap, 10,000 draws, seeded."""
    rng = np.random.default_rng(0)
    means = [rng.choice(values, len(values)).mean() for _ in range(N_DRAWS)]
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{low:+.4f} to {high:+.4f}"


if __name__ == "__main__":
    main()

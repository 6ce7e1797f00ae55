"""How well themes agree with what is known of the papers, and with themselves.

    python benchmarks/theme_quality.py
    python benchmarks/theme_quality.py --source papers.parquet --labels area --placed

The first takes the seeds and a grouping of them made by hand, the second any source and one of its
columns. Each figure is the median over three seeds (agreement) or three draws of noise (stability).
The yardsticks beside paperatlas start from the same vectors; BERTopic and EVoC are among them where
they can be imported. A paper without a theme counts as a group of one, or, with --placed, joins the
theme whose mean vector is nearest; paperatlas then builds with cluster.max_unassigned=0.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import statistics
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
from pipeline.chart import chart_papers
from pipeline.embed import make_embedder
from pipeline.papers import PaperTable, embedding_text
from pipeline.reading import read_table
from pipeline.settings import Settings, settings_from

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ROOT / "benchmarks" / "data" / "seed_groups.tsv"
NOISE = 1e-6
# BERTopic's defaults for the two steps (0.17): UMAP(15, 5, 0.0, cosine), HDBSCAN(10, eom).
_BERTOPIC_SIZE = 10

Labels = NDArray[np.int64]
Vectors = NDArray[np.float32]
Grouper = Callable[[Vectors, int], Mapping[str, Labels]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The papers' texts, the model's vectors (n, dim), and the group of each by hand (n,)."""

    texts: Sequence[str]
    vectors: Vectors
    groups: Labels


@dataclass(frozen=True, slots=True)
class Agreement:
    """One labelling against the groups by hand."""

    n_themes: int
    unassigned: float
    ari: float
    ami: float


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds to take")
    parser.add_argument("--draws", type=int, default=3, help="draws of noise")
    parser.add_argument("--groups", type=Path, default=GROUPS, help="a grouping made by hand")
    parser.add_argument("--source", type=Path, help="papers in place of the seeds")
    parser.add_argument("--labels", default="", help="the column of --source to compare with")
    parser.add_argument("--placed", action="store_true", help="every paper in a theme")
    options = parser.parse_args()
    console = Console(width=100)
    if options.source is None:
        corpus = read_corpus(ROOT / "seeds", lambda table: hand_made_groups(table, options.groups))
    else:
        corpus = read_corpus(options.source, lambda table: column_groups(table, options.labels))
    n_groups = len(np.unique(corpus.groups))
    print(f"{len(corpus.texts)} papers in {n_groups} groups; seeds {options.seeds}")
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        groupers = dict(all_groupers(corpus, placed=options.placed))
        console.print(agreement_table(corpus, groupers, options.seeds))
        console.print(stability_table(corpus, groupers, options.draws))


def read_corpus(source: Path, groups_of: Callable[[PaperTable], Labels]) -> Corpus:
    """The papers of `source`, with vectors and groups; ValueError where a paper has no group."""
    table = read_table([source]).table
    texts = [embedding_text(paper) for paper in table.papers]
    with closing(EmbeddingCache()) as cache:
        vectors = make_embedder(Settings().embed, store=cache).encode(texts)
    return Corpus(texts, vectors, groups_of(table))


def column_groups(table: PaperTable, column: str) -> Labels:
    """(n,) the group of each paper, as a number, by a column of its source."""
    names = [
        dict(paper.extra).get(column) or getattr(paper, column, None) for paper in table.papers
    ]
    if any(name is None for name in names):
        raise ValueError(f"{names.count(None)} papers have no {column!r}")
    return np.unique([str(name) for name in names], return_inverse=True)[1].astype(np.int64)


def hand_made_groups(table: PaperTable, groups: Path) -> Labels:
    """(n,) the group of each paper, as a number; all its records must be in one."""
    with groups.open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        group_of = {(row["file"], int(row["line"])): row["group"] for row in rows}
    names = []
    for paper in table.papers:
        found = {group_of[source.file, source.line] for source in paper.sources}
        if len(found) != 1:
            raise ValueError(f"{paper.title}: its records are in the groups {sorted(found)}")
        names += found
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def all_groupers(corpus: Corpus, *, placed: bool) -> Iterator[tuple[str, Grouper]]:
    """What is compared, by name: each takes vectors and a seed and gives labels by layer."""
    own = {"cluster.max_unassigned": 0.0} if placed else {}
    yield "paperatlas", with_settings(corpus, own)
    alone = {**own, "reduce.lexical_weight": 0}
    yield "paperatlas, model's vectors alone", with_settings(corpus, alone)
    others = {
        "UMAP + HDBSCAN, at least 10": umap_and_hdbscan(_BERTOPIC_SIZE),
        "UMAP + HDBSCAN, at least 5": umap_and_hdbscan(5),
    }
    if importlib.util.find_spec("bertopic"):
        others["BERTopic"] = bertopic(corpus)
    if importlib.util.find_spec("evoc"):
        others["EVoC"] = evoc
    for name, group in others.items():
        yield name, with_all_placed(group) if placed else group


def with_all_placed(group: Grouper) -> Grouper:
    """The same, each paper that is left out in the group whose mean vector is nearest."""

    def place(vectors: Vectors, seed: int) -> Mapping[str, Labels]:
        return {name: placed(vectors, labels) for name, labels in group(vectors, seed).items()}

    return place


def placed(vectors: Vectors, labels: Labels) -> Labels:
    """(n,) the labels, -1 replaced by that of the nearest mean vector."""
    means = np.stack([vectors[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return np.where(labels >= 0, labels, (vectors @ means.T).argmax(axis=1))


def with_settings(corpus: Corpus, values: Mapping[str, Any]) -> Grouper:
    """Paperatlas with `values` over its default settings."""

    def group(vectors: Vectors, seed: int) -> Mapping[str, Labels]:
        settings = settings_from({"cluster.refits": 0, **values, "seed": seed})
        clustering = chart_papers(vectors, corpus.texts, settings, with_layout=False).clustering
        default = clustering.default_layer
        names = {default - 1: "finer", default: "default", default + 1: "broader"}
        return {
            f"{name} layer": clustering.labels[layer].astype(np.int64)
            for layer, name in names.items()
            if 0 <= layer < clustering.n_layers
        }

    return group


def evoc(vectors: Vectors, seed: int) -> Mapping[str, Labels]:
    """EVoC with its defaults: the layer that it prefers."""
    from evoc import EVoC

    found = EVoC(random_state=seed).fit_predict(vectors)
    return {"only layer": np.asarray(found, dtype=np.int64)}


def umap_and_hdbscan(min_cluster_size: int) -> Grouper:
    """One run of each, as BERTopic calls them, with this least size of a cluster."""

    def group(vectors: Vectors, seed: int) -> Mapping[str, Labels]:
        import hdbscan
        import umap

        space = umap.UMAP(
            n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed
        ).fit_transform(vectors)
        found = hdbscan.HDBSCAN(min_cluster_size=min_cluster_size).fit_predict(space)
        return {"only layer": found.astype(np.int64)}

    return group


def bertopic(corpus: Corpus) -> Grouper:
    """BERTopic with its defaults, but for the seed of its UMAP; its names are printed."""

    def group(vectors: Vectors, seed: int) -> Mapping[str, Labels]:
        from bertopic import BERTopic
        from umap import UMAP

        reducer = UMAP(
            n_neighbors=15,
            n_components=5,
            min_dist=0.0,
            metric="cosine",
            low_memory=False,
            random_state=seed,
        )
        model = BERTopic(umap_model=reducer)
        topics, _ = model.fit_transform(list(corpus.texts), vectors)
        if seed == 0:
            print("BERTopic's names, seed 0:", ", ".join(model.get_topic_info().Name))
        return {"only layer": np.asarray(topics, dtype=np.int64)}

    return group


def agreement_table(corpus: Corpus, groupers: Mapping[str, Grouper], seeds: Sequence[int]) -> Table:
    """Medians over `seeds` of each layer's agreement with the groups by hand, with the ARIs."""
    table = Table("method", "layer", title="Agreement with the groups")
    for column in ("themes", "unassigned", "ARI", "ARI by seed", "AMI"):
        table.add_column(column, justify="right")
    for method, group in groupers.items():
        by_seed = [group(corpus.vectors, seed) for seed in seeds]
        for layer in by_seed[0]:
            found = [agreement(corpus.groups, labels[layer]) for labels in by_seed]
            table.add_row(method, layer, *as_cells(found))
    return table


def as_cells(found: Sequence[Agreement]) -> list[str]:
    """The medians, and each ARI."""
    return [
        f"{statistics.median(a.n_themes for a in found):.0f}",
        f"{statistics.median(a.unassigned for a in found):.0%}",
        f"{statistics.median(a.ari for a in found):.2f}",
        " ".join(f"{a.ari:.2f}" for a in found),
        f"{statistics.median(a.ami for a in found):.2f}",
    ]


def agreement(groups: Labels, labels: Labels) -> Agreement:
    """Adjusted Rand index (Hubert and Arabie 1985) and adjusted mutual information."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    themes = alone_where_unassigned(labels)
    return Agreement(
        n_themes=len(np.unique(labels[labels >= 0])),
        unassigned=float((labels < 0).mean()),
        ari=float(adjusted_rand_score(groups, themes)),
        ami=float(adjusted_mutual_info_score(groups, themes)),
    )


def alone_where_unassigned(labels: Labels) -> Labels:
    """The same groups, each paper without one in a group of its own."""
    own = labels.max(initial=0) + 1 + np.arange(len(labels))
    return np.where(labels < 0, own, labels)


def stability_table(corpus: Corpus, groupers: Mapping[str, Grouper], draws: int) -> Table:
    """ARI of the layer that a user sees first with itself under noise on the vectors, seed 0."""
    from sklearn.metrics import adjusted_rand_score

    table = Table("method", title=f"Agreement with itself under noise of {NOISE:g}")
    for column in ("ARI", "by draw"):
        table.add_column(column, justify="right")
    for method, group in groupers.items():
        if method == "BERTopic":  # its clusters are those of a row above
            continue
        first = shown_first(group(corpus.vectors, 0))
        found = [
            adjusted_rand_score(first, shown_first(group(noisy(corpus.vectors, draw), 0)))
            for draw in range(draws)
        ]
        table.add_row(
            method, f"{statistics.median(found):.2f}", " ".join(f"{ari:.2f}" for ari in found)
        )
    return table


def shown_first(labels: Mapping[str, Labels]) -> Labels:
    """The default layer, or the only one."""
    name = "default layer" if "default layer" in labels else "only layer"
    return alone_where_unassigned(labels[name])


def noisy(vectors: Vectors, draw: int) -> Vectors:
    """Unit rows with Gaussian noise of `NOISE` on every number."""
    noise = np.random.default_rng(draw).normal(0.0, NOISE, vectors.shape)
    moved = vectors + noise
    rows: Vectors = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return rows


if __name__ == "__main__":
    main()

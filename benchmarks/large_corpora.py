"""What many papers cost, and what a sample of landmarks changes.

    python benchmarks/large_corpora.py papers.parquet --n 3000 --runs 3
    python benchmarks/large_corpora.py papers.parquet
    python benchmarks/large_corpora.py papers.parquet --n 40000 --landmarks 5000 20000

The first two time themes with names, and the map's layout, from given vectors, beside BERTopic's
fit with the same vectors where it can be imported; each method in a process of its own, so that
the peak of memory is its own too. The first run of each is told apart: it compiles. The third
compares the themes of two numbers of landmarks with each other and, as a yardstick, with those of a
refit without a fifth of the papers. Papers that are not in the cache are embedded first.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.cache import EmbeddingCache
from pipeline.chart import Clustering, chart_papers
from pipeline.embed import make_embedder
from pipeline.papers import Paper, embedding_text
from pipeline.reading import read_table
from pipeline.settings import Settings, settings_from
from pipeline.themes import name_clustering

Vectors = NDArray[np.float32]


def main() -> None:
    """Time the methods, or compare landmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="papers")
    parser.add_argument("--n", type=int, default=0, help="so many of them, drawn with seed 0")
    parser.add_argument("--runs", type=int, default=1, help="runs after the first one")
    parser.add_argument("--landmarks", type=int, nargs=2, help="compare these two numbers")
    parser.add_argument("--method", choices=sorted(METHODS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.method:
        run_method(options.method, options.source, options.runs)
        return
    papers, vectors = read_papers(options.source, options.n)
    if options.landmarks:
        compare_landmarks(papers, vectors, options.landmarks)
    else:
        compare_methods(papers, vectors, options.runs)


def read_papers(source: Path, n: int) -> tuple[list[Paper], Vectors]:
    """`n` papers with an abstract, in the table's order, and their vectors; all for 0."""
    papers = [paper for paper in read_table([source]).table.papers if paper.abstract]
    if 0 < n < len(papers):
        rows = np.random.default_rng(0).choice(len(papers), n, replace=False)
        papers = [papers[row] for row in np.sort(rows)]
    with closing(EmbeddingCache()) as cache:
        embedder = make_embedder(Settings().embed, store=cache)
        return papers, embedder.encode([embedding_text(paper) for paper in papers])


def compare_methods(papers: Sequence[Paper], vectors: Vectors, runs: int) -> None:
    """Print times, memory and their ratios, each method in its own process."""
    methods = [name for name in METHODS if name != "bertopic" or find_bertopic()]
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "vectors.npy", vectors)
        texts = [[paper.title, paper.abstract] for paper in papers]
        (Path(folder) / "texts.json").write_text(json.dumps(texts))
        for name in methods:
            command = [sys.executable, __file__, folder, "--method", name, "--runs", str(runs)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            figures[name] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{len(papers)} papers, seconds by wall clock (processor), median of {runs} after a first"
    )
    base = figures.get("bertopic")
    for name, found in figures.items():
        ratio = f"  {found['wall'] / base['wall']:.2f} of BERTopic's" if base else ""
        print(
            f"{name:32} {found['wall']:7.1f} ({found['processor']:.1f}) first {found['first']:.1f} "
            f"peak {found['peak_gb']:.2f} GB  {found['told']}{ratio}"
        )


def find_bertopic() -> bool:
    """True where BERTopic can be imported."""
    return importlib.util.find_spec("bertopic") is not None


def run_method(name: str, folder: Path, runs: int) -> None:
    """Run one method and print its figures as a line of JSON."""
    vectors = np.load(folder / "vectors.npy")
    texts = json.loads((folder / "texts.json").read_text())
    walls, processors, told = [], [], ""
    for run in range(runs + 1):
        wall, processor = time.perf_counter(), time.process_time()
        told = METHODS[name](texts, vectors, run)
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    figures = {
        "wall": statistics.median(walls[1:] or walls),
        "processor": statistics.median(processors[1:] or processors),
        "first": walls[0],
        "peak_gb": peak,
        "told": told,
    }
    print(json.dumps(figures))


def run_themes(texts: Sequence[Sequence[str]], vectors: Vectors, seed: int) -> str:
    """Themes of all layers, strengths, stabilities and names."""
    return run_paperatlas(texts, vectors, seed, with_layout=False)


def run_themes_and_map(texts: Sequence[Sequence[str]], vectors: Vectors, seed: int) -> str:
    """The same and the layout of the map."""
    return run_paperatlas(texts, vectors, seed, with_layout=True)


def run_paperatlas(
    texts: Sequence[Sequence[str]], vectors: Vectors, seed: int, *, with_layout: bool
) -> str:
    """What a build does between embedding and writing."""
    settings = settings_from({"seed": seed})
    papers = [Paper(id=str(i), title=t, abstract=a) for i, (t, a) in enumerate(texts)]
    chart = chart_papers(
        vectors, [embedding_text(paper) for paper in papers], settings, with_layout=with_layout
    )
    with closing(EmbeddingCache()) as cache:
        encode = make_embedder(settings.embed, store=cache).encode
        named = name_clustering(papers, chart.clustering, vectors, (), settings, encode=encode)
    sizes = [sum(theme.layer == layer for theme in named.themes) for layer in range(9)]
    return " ".join(str(size) for size in sizes if size) + " themes"


def run_bertopic(texts: Sequence[Sequence[str]], vectors: Vectors, _seed: int) -> str:
    """BERTopic's fit with its defaults."""
    from bertopic import BERTopic

    topics, _ = BERTopic().fit_transform(["\n".join(text) for text in texts], vectors)
    left_out = sum(topic < 0 for topic in topics) / len(topics)
    return f"{len(set(topics)) - 1} topics, {left_out:.0%} in none"


METHODS: dict[str, Callable[[Sequence[Sequence[str]], Vectors, int], str]] = {
    "themes": run_themes,
    "themes and map": run_themes_and_map,
    "bertopic": run_bertopic,
}


def compare_landmarks(papers: Sequence[Paper], vectors: Vectors, numbers: Sequence[int]) -> None:
    """Print how well the themes of two numbers of landmarks agree, layer by layer."""
    texts = [embedding_text(paper) for paper in papers]
    few, many = (cluster(texts, vectors, number) for number in numbers)
    print(f"{len(papers)} papers: {numbers[0]} and {numbers[1]} landmarks agree")
    tell_agreement(few, many)
    kept = np.sort(
        np.random.default_rng(0).choice(len(papers), round(0.8 * len(papers)), replace=False)
    )
    again = cluster([texts[row] for row in kept], vectors[kept], numbers[1])
    print(f"{numbers[1]} landmarks, all papers and four fifths of them agree")
    tell_agreement(again, many, kept)


def cluster(texts: Sequence[str], vectors: Vectors, n_landmarks: int) -> Clustering:
    """The themes by this many landmarks."""
    values = {
        "reduce.max_landmarks": n_landmarks,
        "cluster.refits": 0,
        "cluster.max_unassigned": 0.0,
    }
    return chart_papers(vectors, texts, settings_from(values), with_layout=False).clustering


def tell_agreement(
    some: Clustering, others: Clustering, rows: NDArray[np.int64] | None = None
) -> None:
    """ARI and AMI of the layers that both have, counted from the default one."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    for place in range(max(some.n_layers, others.n_layers)):
        a, b = some.default_layer + place, others.default_layer + place
        if a < some.n_layers and b < others.n_layers:
            known = others.labels[b] if rows is None else others.labels[b][rows]
            ari = adjusted_rand_score(some.labels[a], known)
            ami = adjusted_mutual_info_score(some.labels[a], known)
            print(f"  {some.labels[a].max() + 1:4} themes: ARI {ari:.2f}, AMI {ami:.2f}")


if __name__ == "__main__":
    main()

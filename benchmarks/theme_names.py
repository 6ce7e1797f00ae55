"""How well the names of themes find their own papers, stay the same, and read.

    python benchmarks/theme_names.py SOURCE [--limit N] [--names LAYER]

For each layer, over themes of at least five papers: the share of the min(10, size) papers nearest
to the embedded name that are in the theme, of all papers and of those held out from naming (two
folds), by the embedder and by TF-IDF; the share of names that are nearest to their own theme's
centre; the share of themes that keep their name when 5% of the papers are taken out at random and
the others stay where they are.
"""

from __future__ import annotations

import argparse
import re
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

from pipeline.cache import EmbeddingCache
from pipeline.chart import Clustering, chart_papers, charted_rows
from pipeline.embed import make_embedder
from pipeline.label import Theme, name_themes
from pipeline.papers import embedding_text
from pipeline.phrases import MAX_CHARACTERS, MAX_WORDS, STOP_WORDS
from pipeline.reading import read_table
from pipeline.settings import settings_from

FEWEST = 5
DRAWS = 3
_LEFT_OUT = 0.05

Rows = NDArray[np.int64]
Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Papers with an abstract, their vectors (n, dim), and the themes that they were given."""

    titles: Sequence[str]
    abstracts: Sequence[str]
    vectors: Vectors
    clustering: Clustering
    lexical: csr_matrix
    words: TfidfVectorizer

    def name(self, rows: Rows, encode: Encode) -> list[Theme]:
        """Themes named from these papers alone; members are rows of the whole corpus."""
        labels = np.full_like(self.clustering.labels, -1)
        labels[:, rows] = self.clustering.labels[:, rows]
        return name_themes(
            labels,
            self.clustering.strengths,
            self.vectors,
            self.titles,
            self.abstracts,
            encode=encode,
        )

    def group(self, theme: Theme) -> NDArray[np.bool_]:
        """(n,) True for all papers of a theme, however many it was named from."""
        labels = self.clustering.labels[theme.layer]
        whole: NDArray[np.bool_] = labels == labels[theme.members[0]]
        return whole


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="what `paperatlas build` would read")
    parser.add_argument("--limit", type=int, help="a random part of so many papers")
    parser.add_argument("--seed", type=int, default=0, help="seed of the themes and of all draws")
    parser.add_argument("--names", type=int, help="print the names of this layer, 0 the finest")
    options = parser.parse_args()
    console = Console(width=150)
    with threadpool_limits(2), warnings.catch_warnings(), closing(EmbeddingCache()) as cache:
        warnings.simplefilter("ignore")
        embedder = make_embedder(settings_from({}).embed, store=cache)
        corpus = read_corpus(options.source, options.limit, options.seed, embedder.encode)
        encode = embedder.encode
        begun = time.perf_counter()
        themes = corpus.name(np.arange(len(corpus.titles)), encode)
        print(f"{len(corpus.titles)} papers named in {time.perf_counter() - begun:.1f} s")
        find = embedder.for_queries().encode
        console.print(metrics_table(corpus, themes, encode, find, options.seed))
        layer = corpus.clustering.default_layer if options.names is None else options.names
        console.print(names_table(corpus, [t for t in themes if t.layer == layer]))


def read_corpus(source: Path, limit: int | None, seed: int, encode: Encode) -> Corpus:
    """The papers of `source`, embedded, with the themes of a build with default settings."""
    table = read_table([source]).table
    rows = charted_rows(table, title_only=False)
    if limit is not None and limit < len(rows):
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:limit])
    papers = [table.papers[row] for row in rows]
    texts = [embedding_text(paper) for paper in papers]
    vectors = encode(texts)
    settings = settings_from({"seed": seed})
    clustering = chart_papers(vectors, texts, settings, with_layout=False).clustering
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english", ngram_range=(1, 2))
    return Corpus(
        [paper.title for paper in papers],
        [paper.abstract for paper in papers],
        vectors,
        clustering,
        words.fit_transform(texts),
        words,
    )


def metrics_table(
    corpus: Corpus, themes: Sequence[Theme], encode: Encode, find: Encode, seed: int
) -> Table:
    """One row for each layer."""
    n_papers = len(corpus.titles)
    everyone = np.arange(n_papers)
    in_first = np.random.default_rng(seed).random(n_papers) < 0.5
    folds = [np.flatnonzero(in_first), np.flatnonzero(~in_first)]
    held_out = [(corpus.name(folds[i], encode), folds[1 - i]) for i in (0, 1)]
    kept = kept_names(corpus, themes, encode, seed)
    table = Table("layer", title=f"Themes of at least {FEWEST} papers")
    for column in ("themes", "P", "P TF-IDF", "P held out", "P TF-IDF held out", "own nearest",
                   "unique", "malformed", "two phrases", "covered", "kept under -5%"):  # fmt: skip
        table.add_column(column, justify="right")
    for layer in range(corpus.clustering.n_layers):
        own = [t for t in themes if t.layer == layer]
        large = [t for t in own if t.size >= FEWEST]
        if not large:
            continue
        held = [([t for t in named if t.layer == layer], rows) for named, rows in held_out]
        table.add_row(
            f"{layer}{' (default)' if layer == corpus.clustering.default_layer else ''}",
            f"{len(large)} of {len(own)}",
            f"{precision(corpus, large, everyone, find):.3f}",
            f"{precision(corpus, large, everyone, None):.3f}",
            f"{np.mean([precision(corpus, named, rows, find) for named, rows in held]):.3f}",
            f"{np.mean([precision(corpus, named, rows, None) for named, rows in held]):.3f}",
            f"{own_nearest(corpus, own, find):.1%}",
            f"{len({t.name.casefold() for t in own}) / len(own):.0%}",
            str(sum(is_malformed(t.name) for t in own)),
            f"{np.mean([' / ' in t.name for t in own]):.0%}",
            f"{np.mean([t.covered_share for t in large]):.2f}",
            f"{kept[layer]:.1%}",
        )
    return table


def precision(corpus: Corpus, themes: Sequence[Theme], rows: Rows, find: Encode | None) -> float:
    """Mean share of the min(10, size) papers of `rows` that a name finds first and that are its
    theme's; over themes of at least five papers, by the embedder `find` or by TF-IDF."""
    large = [t for t in themes if corpus.group(t).sum() >= FEWEST and corpus.group(t)[rows].any()]
    names = [theme.name for theme in large]
    if not names:
        return float("nan")
    if find is None:
        scores = (corpus.words.transform(names) @ corpus.lexical[rows].T).toarray()
    else:
        scores = find(names) @ corpus.vectors[rows].T
    shares = []
    for theme, row in zip(large, scores, strict=True):
        own = corpus.group(theme)[rows]
        n_found = min(10, int(own.sum()))
        shares.append(own[np.argsort(-row, kind="stable")[:n_found]].mean())
    return float(np.mean(shares))


def own_nearest(corpus: Corpus, themes: Sequence[Theme], find: Encode) -> float:
    """Share of themes of at least five papers whose name lies nearest to its own theme's centre,
    among all of the layer, the corpus's mean taken off."""
    mean = corpus.vectors.mean(axis=0)
    centres = np.stack([corpus.vectors[theme.members].mean(axis=0) for theme in themes])
    found = _unit(find([theme.name for theme in themes]) - mean) @ _unit(centres - mean).T
    right = found.argmax(axis=1) == np.arange(len(themes))
    return float(np.mean([r for r, t in zip(right, themes, strict=True) if t.size >= FEWEST]))


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit


def kept_names(
    corpus: Corpus, themes: Sequence[Theme], encode: Encode, seed: int
) -> dict[int, float]:
    """By layer, the share of themes that keep their name when papers are taken out, over draws."""
    labels = corpus.clustering.labels
    names = {(t.layer, int(labels[t.layer][t.members[0]])): t for t in themes}
    kept: dict[int, list[bool]] = {layer: [] for layer in range(len(labels))}
    for draw in range(DRAWS):
        order = np.random.default_rng([seed, draw]).permutation(len(corpus.titles))
        rows = np.sort(order[round(_LEFT_OUT * len(order)) :])
        renamed = name_themes(
            labels[:, rows],
            corpus.clustering.strengths[:, rows],
            corpus.vectors[rows],
            [corpus.titles[row] for row in rows],
            [corpus.abstracts[row] for row in rows],
            encode=encode,
        )
        for theme in renamed:
            before = names[theme.layer, int(labels[theme.layer][rows[theme.members[0]]])]
            if theme.size >= 0.5 * before.size and before.size >= 2:
                kept[theme.layer].append(theme.name == before.name)
    return {layer: float(np.mean(same)) for layer, same in kept.items()}


def is_malformed(name: str) -> bool:
    """True for a name that is too long, has too many parts or words, or a stop word at an end."""
    parts = name.removeprefix("mixed: ").split(" / ")
    return (
        len(name) > MAX_CHARACTERS
        or len(parts) > 2
        or any(
            not 1 <= len(part.split()) <= MAX_WORDS
            or part.lower().split()[0] in STOP_WORDS
            or part.lower().split()[-1] in STOP_WORDS
            or bool(re.search(r"[<>{}|\\]", part))
            for part in parts
        )
    )


def names_table(corpus: Corpus, themes: Sequence[Theme]) -> Table:
    """The names of one layer, with what speaks for them."""
    table = Table("name", "papers", "covered", "evidence", "typical papers")
    for theme in themes:
        papers = "; ".join(corpus.titles[row][:40] for row in theme.exemplars[:2])
        evidence = "; ".join(theme.evidence)
        table.add_row(theme.name, str(theme.size), f"{theme.covered_share:.2f}", evidence, papers)
    return table


if __name__ == "__main__":
    main()

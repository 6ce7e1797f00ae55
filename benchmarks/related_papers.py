"""How well related papers are found, by meaning, by words and by both, and how quickly.

    python benchmarks/related_papers.py known papers.parquet
    python benchmarks/related_papers.py areas aaai2022.parquet --labels area
    python benchmarks/related_papers.py areas papers.parquet --labels authors
    python benchmarks/related_papers.py latency papers.parquet

The first looks for known papers among all: for 5,000 drawn ones by the title, where the papers are
their abstracts alone, and by the first half of the abstract, where they are its second half. It
prints MRR@10 and recall@10 of each mode and of reciprocal ranks (Cormack, Clarke and Buettcher
2009), and how much better than its better half the hybrid is. The second tells how many of a
paper's ten nearest share its label, or two of its authors, with paired bootstrap intervals; the
hybrid for papers is told apart from that for texts. The third times one query at a
time on one thread, warm. Papers that are not in the cache are embedded first.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from pipeline.cache import EmbeddingCache
from pipeline.embed import make_embedder
from pipeline.evaluate.label_columns import find_labels
from pipeline.index import ExactIndex
from pipeline.lexical import WeightedTerms, index_words
from pipeline.papers import Paper, embedding_text
from pipeline.reading import read_table
from pipeline.search import MODES, Hit, Query, Ranking, Searcher
from pipeline.settings import Settings

Vectors = NDArray[np.float32]
Ranks = NDArray[np.int64]

CUTOFF = 10
RRF_CONSTANT = 60


def main() -> None:
    """Run the part that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["known", "areas", "latency"])
    parser.add_argument("source", type=Path, help="papers")
    parser.add_argument("--n", type=int, default=5000, help="papers to look for")
    parser.add_argument("--labels", default="area", help="a column, or authors")
    options = parser.parse_args()
    papers = [paper for paper in read_table([options.source]).table.papers if paper.abstract]
    if options.part == "known":
        find_known(papers, options.n)
    elif options.part == "areas":
        compare_areas(papers, options.labels, options.n)
    else:
        time_queries(papers)


def find_known(papers: Sequence[Paper], n: int) -> None:
    """Look for `n` papers by their titles and by half of their abstracts."""
    n = min(n, len(papers))
    chosen = np.sort(np.random.default_rng(0).choice(len(papers), n, replace=False))
    halves = [halve(paper.abstract) for paper in papers]
    tasks = {
        "title -> abstract": ([p.abstract for p in papers], [papers[i].title for i in chosen]),
        "first half -> second": ([b for _, b in halves], [halves[i][0] for i in chosen]),
    }
    print(f"{n:,} of {len(papers):,} papers looked for; MRR@{CUTOFF}, recall@{CUTOFF}")
    for task, (documents, texts) in tasks.items():
        searcher = searcher_over([Paper(abstract=text) for text in documents])
        queries = queries_of(texts)
        ranks = {mode: ranks_of(searcher, queries, chosen, mode) for mode in MODES}
        ranks["reciprocal rank"] = reciprocal_ranks(searcher, queries, chosen)
        for name, found in ranks.items():
            print(f"{task:22} {name:16} {mrr(found):.4f}  {recall(found):.4f}")
        halves_mrr = {name: mrr(ranks[name]) for name in ("dense", "lexical")}
        better = max(halves_mrr, key=halves_mrr.__getitem__)
        gain = reciprocals(ranks["hybrid"]) - reciprocals(ranks[better])
        low, high = bootstrap(gain)
        told = f"hybrid above {better}: {100 * gain.mean():+.2f} points of MRR"
        print(f"{task:22} {told} (95%: {100 * low:+.2f} to {100 * high:+.2f})")


def halve(text: str) -> tuple[str, str]:
    """The first and the second half of a text's words."""
    words = text.split()
    middle = len(words) // 2
    return " ".join(words[:middle]), " ".join(words[middle:])


def searcher_over(papers: Sequence[Paper]) -> Searcher:
    """A searcher as an atlas of these papers has it, up to 200,000 of them."""
    vectors = embed([embedding_text(paper) for paper in papers])
    words = index_words([p.title for p in papers], [p.abstract for p in papers])
    return Searcher(
        vectors, ExactIndex(vectors), words, lambda rows: [papers[row] for row in rows], _no_theme
    )


def _no_theme(_row: int) -> None:
    return None


def embed(texts: Sequence[str]) -> Vectors:
    """Vectors of texts, from the cache where they are in it."""
    with closing(EmbeddingCache()) as cache:
        return make_embedder(Settings().embed, store=cache).encode(texts)


def queries_of(texts: Sequence[str]) -> list[Query]:
    """Queries as `Atlas.related` makes them."""
    return [Query.of_text(text, row) for text, row in zip(texts, embed(texts), strict=True)]


def ranks_of(
    searcher: Searcher, queries: Sequence[Query], wanted: NDArray[np.int64], mode: str
) -> Ranks:
    """Place of each wanted row among its query's first ten, 0 where it is not there."""
    ranking = Ranking(mode=mode, reasons=False)  # type: ignore[arg-type]
    found = []
    for start in range(0, len(queries), 500):
        found += searcher.search(queries[start : start + 500], k=CUTOFF, ranking=ranking)
    return np.array([rank_in(hits, int(row)) for hits, row in zip(found, wanted, strict=True)])


def rank_in(hits: Sequence[Hit], row: int) -> int:
    """Its place, from 1, or 0."""
    return next((hit.rank for hit in hits if hit.row == row), 0)


def reciprocal_ranks(
    searcher: Searcher, queries: Sequence[Query], wanted: NDArray[np.int64]
) -> Ranks:
    """The same by the sum of reciprocal ranks of the first 200 of both halves."""
    ranking = Ranking(reasons=False)
    places = []
    for query, row in zip(queries, wanted, strict=True):
        (hits,) = searcher.search([query], k=400, ranking=ranking)
        ranked = [(sum_of_reciprocals(hit), -hit.row) for hit in hits]
        order = [-row_number for _, row_number in sorted(ranked, reverse=True)[:CUTOFF]]
        places.append(order.index(row) + 1 if row in order else 0)
    return np.array(places)


def sum_of_reciprocals(hit: Hit) -> float:
    """Of one paper's two ranks."""
    return sum(1 / (RRF_CONSTANT + rank) for rank in (hit.dense_rank, hit.lexical_rank) if rank)


def reciprocals(ranks: Ranks) -> NDArray[np.float64]:
    """1 / rank, 0 where there is none."""
    return np.where(ranks > 0, 1 / np.maximum(ranks, 1), 0.0)


def mrr(ranks: Ranks) -> float:
    """Mean reciprocal rank."""
    return float(reciprocals(ranks).mean())


def recall(ranks: Ranks) -> float:
    """Share of the wanted that is found."""
    return float((ranks > 0).mean())


def bootstrap(differences: NDArray[np.float64]) -> tuple[float, float]:
    """95% interval of the mean of paired differences, 2,000 resamples, seed 0."""
    rng = np.random.default_rng(0)
    means = [rng.choice(differences, len(differences)).mean() for _ in range(2000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def compare_areas(papers: Sequence[Paper], column: str, n: int) -> None:
    """Print how many of the ten papers nearest to each of `n` are of its kind."""
    n = min(n, len(papers))
    chosen = np.sort(np.random.default_rng(0).choice(len(papers), n, replace=False)).tolist()
    is_kin = kinship(papers, column)
    searcher = searcher_over(papers)
    texts = [embedding_text(papers[row]) for row in chosen]
    queries = {
        by_example: [
            Query(text, WeightedTerms.of(text), vector, excluded=(row,), by_example=by_example)
            for row, text, vector in zip(chosen, texts, embed(texts), strict=True)
        ]
        for by_example in (True, False)
    }

    def precision(mode: str, by_example: bool) -> NDArray[np.float64]:
        ranking = Ranking(mode=mode, reasons=False)  # type: ignore[arg-type]
        answers = searcher.search(queries[by_example], k=CUTOFF, ranking=ranking)
        kin = [
            sum(is_kin(row, hit.row) for hit in hits)
            for row, hits in zip(chosen, answers, strict=True)
        ]
        return np.array(kin) / CUTOFF

    print(f"{n:,} of {len(papers):,} papers; precision@{CUTOFF} of {column}")
    found = {mode: precision(mode, by_example=True) for mode in MODES}
    found["hybrid, as for texts"] = precision("hybrid", by_example=False)
    for name, values in found.items():
        print(f"{name:20} {values.mean():.4f}")
    for other in ("dense", "lexical", "hybrid, as for texts"):
        gain = found["hybrid"] - found[other]
        low, high = bootstrap(gain)
        print(f"hybrid above {other}: {gain.mean():+.4f} (95%: {low:+.4f} to {high:+.4f})")


def kinship(papers: Sequence[Paper], column: str) -> Callable[[int, int], bool]:
    """Whether two rows are of one kind: two authors in common, or one label."""
    if column == "authors":
        authors = [frozenset(name.casefold() for name in paper.authors) for paper in papers]
        return lambda a, b: len(authors[a] & authors[b]) >= 2
    venues = {"venue": [paper.venue for paper in papers]}
    _, labels = find_labels(column, [paper.extra for paper in papers], venues)
    return lambda a, b: labels[a] == labels[b]


def time_queries(papers: Sequence[Paper]) -> None:
    """Print what single queries and batches take on one thread, and their ratios."""
    import faiss

    searcher = searcher_over(papers)
    vectors = embed([embedding_text(paper) for paper in papers])
    index = ExactIndex(vectors)
    rows = np.random.default_rng(1).choice(len(papers), 1000, replace=False)
    kinds = {"titles": [papers[i].title for i in rows]}
    kinds["abstracts"] = [papers[i].abstract for i in rows]
    print(f"{len(papers):,} papers, one thread, warm; medians of 200 queries")
    with threadpool_limits(1):
        faiss.omp_set_num_threads(1)
        asked = queries_of(kinds["titles"])
        batch = np.stack([query.vector for query in asked if query.vector is not None])

        def bare(row: int) -> None:
            faiss.knn(batch[row : row + 1], vectors, CUTOFF, metric=faiss.METRIC_INNER_PRODUCT)

        def dense(row: int) -> None:
            index.search(batch[row : row + 1], CUTOFF)

        times = alternate({"bare": bare, "dense": dense})
        print(f"bare FAISS {ms(times['bare'])}; dense part {ms(times['dense'])}: "
              f"{times['dense'] / times['bare']:.2f} times")  # fmt: skip
        together = alternate({"batch": lambda _: index.search(batch, CUTOFF)}, 5, n_warm=1)
        each = together["batch"] / len(batch)
        print(f"a batch of {len(batch):,}: {ms(each)} each, {times['dense'] / each:.1f} times the "
              "single rate")  # fmt: skip
        for kind, texts in kinds.items():
            time_whole(searcher, texts, kind)
        time_papers(searcher, [embedding_text(papers[i]) for i in rows], vectors[rows], rows)


def time_whole(searcher: Searcher, texts: Sequence[str], kind: str) -> None:
    """Print what hybrid queries of one kind take, given their vectors and in all."""
    embedder = make_embedder(Settings().embed).for_queries()
    queries = queries_of(texts)

    def given(i: int) -> None:
        query = Query.of_text(texts[i], queries[i].vector)
        searcher.search([query], k=CUTOFF, ranking=Ranking(reasons=False))

    def whole(i: int) -> None:
        vector = embedder.encode([texts[i]])[0]
        searcher.search([Query.of_text(texts[i], vector)], k=CUTOFF)

    times = alternate({"given its vector": given, "with encoding and reasons": whole})
    told = "; ".join(f"{name} {ms(taken)}" for name, taken in times.items())
    print(f"hybrid, {kind}: {told}")


def time_papers(searcher: Searcher, texts: Sequence[str], vectors: Vectors, rows: Ranks) -> None:
    """Print what queries by one paper take: it has its vector, and its company is looked for."""

    def query(i: int) -> Query:
        return replace(
            Query.of_text(texts[i], vectors[i]), excluded=(int(rows[i]),), by_example=True
        )

    def bare(i: int) -> None:
        searcher.search([query(i)], k=CUTOFF, ranking=Ranking(reasons=False))

    def whole(i: int) -> None:
        searcher.search([query(i)], k=CUTOFF)

    times = alternate({"without reasons": bare, "with reasons": whole})
    told = "; ".join(f"{name} {ms(taken)}" for name, taken in times.items())
    print(f"hybrid, papers: {told}")


def alternate(
    tasks: dict[str, Callable[[int], object]], n: int = 200, *, n_warm: int = 20
) -> dict[str, float]:
    """Median seconds of each task over `n` rounds that do all of them, after `n_warm` others."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for i in range(n + n_warm):
        for name, task in tasks.items():
            begun = time.perf_counter()
            task(i)
            if i >= n_warm:
                taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(values) for name, values in taken.items()}


def ms(seconds: float) -> str:
    """In milliseconds."""
    return f"{1000 * seconds:.2f} ms"


if __name__ == "__main__":
    main()

"""How often a paper's nearest neighbours are of its own area, by embedder and reading of the text.

    python benchmarks/embedding_quality.py

Every paper is given the area that most of its 10 nearest others have, by cosine; of areas with as
many votes, the one with the larger sum of similarities. Differences to the reference are of the
same papers, with 95% intervals of the bootstrap over papers, and over 10 folds as the unit.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from embedding_speed import (
    REFERENCE,
    ROOT,
    SEED,
    FloatRows,
    Kind,
    load_reference,
    print_machine,
    read_texts,
    require_papers,
    tell,
    why_not,
)
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from pipeline.errors import PipelineError
from pipeline.settings import EmbedSettings

LABELS = ROOT.parent / "shared" / "data" / "aaai2022.parquet"
_N_NEIGHBOURS = 10
_N_RESAMPLES = 2000
_N_FOLDS = 10

Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an embedder made of the texts: `correct` (n,) bool, papers that were given their own
    area; `n_split` texts are read in several pieces, `n_cut` are not read to their end."""

    kind: Kind
    correct: NDArray[np.bool_]
    n_split: int | None
    n_cut: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Of two accuracies, with two intervals."""

    mean: float
    over_papers: tuple[float, float]
    over_folds: tuple[float, float]


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=Path, default=LABELS, help="Parquet file with `area`")
    parser.add_argument("--limit", type=int, help="papers, the first of the file (all)")
    options = parser.parse_args()
    require_papers(options.labels)
    texts = read_texts(options.labels, options.limit)
    areas = read_areas(options.labels)[: len(texts)]
    if len(texts) <= _N_NEIGHBOURS:
        sys.exit(f"{len(texts)} papers: too few for {_N_NEIGHBOURS} neighbours each")
    with tempfile.TemporaryDirectory() as folder:
        # Not with models that an earlier version of the code may have converted.
        os.environ["PAPERATLAS_CACHE"] = folder
        readings = read_all(texts, areas)
    Console(width=100).print(as_table(readings, n_areas=len(np.unique(areas))))
    print_machine()


def read_areas(path: Path) -> Labels:
    """(n,) the area of each paper, as a number."""
    import pyarrow.parquet as pq

    names = pq.read_table(path, columns=["area"])["area"].to_pylist()
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1].astype(np.intp)


def all_kinds() -> list[Kind]:
    """The reference, and what is measured beside it."""

    first = partial(EmbedSettings, max_pieces=1)
    settings = {
        REFERENCE: None,
        "fp32, first window": first(precision="fp32"),
        "bf16, first window": first(precision="bf16"),
        "int8, first window": first(precision="int8"),
        "whole texts in pieces": EmbedSettings(max_pieces=8),
        "one window of 512 tokens": first(max_length=512),
        "lexical": EmbedSettings(backend="lexical"),
        "fused": EmbedSettings(backend="fused"),
    }
    return [Kind(name, chosen, rate=None) for name, chosen in settings.items()]


def read_all(texts: Sequence[str], areas: Labels) -> list[Reading]:
    """The reference first; what cannot be measured here is left out, with a line that says why."""
    readings = []
    for kind in all_kinds():
        reason = why_not(kind)
        try:
            if not reason:
                readings.append(read(kind, texts, areas))
                tell(f"{kind.name}: {readings[-1].correct.mean():.3f}")
        except PipelineError as error:
            reason = str(error)
        if reason:
            print(f"{kind.name}: not measured, {reason}")
    return readings


def read(kind: Kind, texts: Sequence[str], areas: Labels) -> Reading:
    """Embed the texts and ask the neighbours of each."""
    if kind.settings is None:
        return Reading(kind, is_own_area(load_reference().encode(texts), areas), None, None)
    from pipeline.embed import make_embedder

    embedder = make_embedder(kind.settings).fit(texts)
    correct = is_own_area(embedder.encode(texts), areas)
    if kind.is_lexical:
        return Reading(kind, correct, None, None)
    long = embedder.count_long(texts)
    return Reading(kind, correct, long.n_split, long.n_cut)


def is_own_area(rows: FloatRows, areas: Labels) -> NDArray[np.bool_]:
    """(n,) True where the nearest other rows, most of them, are of a row's own area."""
    cosines = (rows @ rows.T).astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :_N_NEIGHBOURS]
    own = np.arange(len(rows))[:, None]
    votes = np.zeros((len(rows), areas.max() + 1))
    sums = np.zeros_like(votes)
    np.add.at(votes, (own, areas[nearest]), 1)
    np.add.at(sums, (own, areas[nearest]), cosines[own, nearest])
    most = votes == votes.max(axis=1, keepdims=True)
    given: Labels = np.where(most, sums, -np.inf).argmax(axis=1)
    correct: NDArray[np.bool_] = given == areas
    return correct


def difference(correct: NDArray[np.bool_], reference: NDArray[np.bool_]) -> Difference:
    """What `correct` has over `reference` on the same papers."""
    rng = np.random.default_rng(SEED)
    gained = correct.astype(np.float64) - reference
    folds = np.array([fold.mean() for fold in np.array_split(rng.permutation(gained), _N_FOLDS)])
    return Difference(float(gained.mean()), interval(gained), interval(folds))


def interval(units: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95% of the mean of as many units, drawn with replacement."""
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(len(units), size=(_N_RESAMPLES, len(units)))
    least, most = np.percentile(units[drawn].mean(axis=1), [2.5, 97.5])
    return float(least), float(most)


def as_table(readings: Sequence[Reading], n_areas: int) -> Table:
    """Accuracies, and differences to the reference in percentage points."""
    reference = readings[0].correct
    table = Table("embedder", title=f"10-NN accuracy of {n_areas} areas, {len(reference)} papers")
    columns = ("accuracy", "difference", "over papers", "over folds", "split", "cut")
    for column in columns:
        table.add_column(column, justify="right")
    for reading in readings:
        found = ["", "", ""]
        if reading is not readings[0]:
            gained = difference(reading.correct, reference)
            spans = (gained.over_papers, gained.over_folds)
            found = [f"{100 * gained.mean:+.1f}"]
            found += [f"{100 * least:+.1f} to {100 * most:+.1f}" for least, most in spans]
        counts = ["" if n is None else str(n) for n in (reading.n_split, reading.n_cut)]
        accuracy = f"{reading.correct.mean():.1%}"
        table.add_row(reading.kind.name, accuracy, *found, *counts)
    table.caption = (
        "Differences in percentage points, with 95% intervals. Split: texts in several pieces; "
        "cut: texts whose end is not read. Without a precision: the default one."
    )
    return table


if __name__ == "__main__":
    main()

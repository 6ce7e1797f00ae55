"""What counting duplicates among millions of records takes, in seconds and memory.

    python benchmarks/many_records.py papers.parquet
    python benchmarks/many_records.py papers.parquet --n 200000

Titles and abstracts are put together from short runs of words of the given papers, drawn by the
record's number, so that they repeat themselves as little as papers do; every tenth record is a
copy of an earlier one with initials, without its DOI, its abstract cut. They go through a
`RecordStore` as a reader's would, in a process of its own: its peak of memory is told.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.papers import FileReport, Paper, RecordStore, Source, count_duplicates

_POOL = 20_000
_WORDS = 150


def main() -> None:
    """Print what each step takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="papers to take words from")
    parser.add_argument("--n", type=int, default=2_000_000, help="records")
    parser.add_argument("--step", choices=("texts", "count"), help=argparse.SUPPRESS)
    parser.add_argument("--texts", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step == "texts":
        write_texts(options.source, options.texts)
        return
    if options.step == "count":
        count_copies(options.texts, options.n)
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, str(options.source), "--n", str(options.n),
                   "--texts", str(Path(folder) / "texts.json"), "--step"]  # fmt: skip
        # A process that others start begins with their peak: this one stays small.
        subprocess.run([*command, "texts"], check=True)
        subprocess.run([*command, "count"], check=True)


def write_texts(source: Path, out: Path) -> None:
    """Write words and names of some papers: reading a table takes more memory than all else."""
    from pipeline.sources import read_sources

    papers = list(read_sources([source]).records)[:: max(1, 80_000 // _POOL)][:_POOL]
    names = sorted({name for paper in papers for name in paper.authors})
    words = [f"{paper.title}. {paper.abstract}" for paper in papers]
    out.write_text(json.dumps({"words": words, "names": names[:_POOL]}))


def count_copies(texts: Path, n: int) -> None:
    """Make the records, count duplicates, and print seconds and peak memory of each step."""
    pool = json.loads(texts.read_text())
    begun = time.perf_counter()
    with RecordStore() as store:
        for record in make_records(pool["words"], pool["names"], n):
            store.append(record)
        tell("made and stored", begun)
        records = store.in_order()
        tell("put in order", begun)
        (report,) = count_duplicates(records, [FileReport("made.jsonl", "jsonl", n, n, 0, 0)])
        tell("duplicates counted", begun)
    copies = sum(is_copy(number) for number in range(n))
    print(f"{n} records, {copies} copies, {report.merged} merged")


def tell(what: str, begun: float) -> None:
    """Print a step, the seconds since the beginning, and the peak of memory so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{what:20} {time.perf_counter() - begun:8.0f} s  peak {peak:.0f} MB", flush=True)


def make_records(texts: Sequence[str], names: Sequence[str], n: int) -> Iterator[Paper]:
    """`n` records; every tenth is a copy of the one that is half as far."""
    for number in range(n):
        original = make_record(texts, names, number // 2 if is_copy(number) else number)
        record = as_copy(original, number) if is_copy(number) else original
        yield replace(record, sources=(Source("made.jsonl", number + 1),))


def is_copy(number: int) -> bool:
    """True for every tenth record whose half is none itself: of each paper are two at most."""
    return number % 10 == 9 and (number // 2) % 10 != 9


def make_record(texts: Sequence[str], names: Sequence[str], number: int) -> Paper:
    """The record of a number."""
    drawn = random.Random(number)  # noqa: S311
    words: list[str] = []
    while len(words) < _WORDS + 10:
        text = texts[int(drawn.random() * len(texts))]
        at = int(drawn.random() * len(text))
        words += text[at : at + 40].split(" ")[1:-1]
    authors = tuple(names[int(drawn.random() * len(names))] for _ in range(4))
    return Paper(
        title=" ".join(words[:10]),
        abstract=" ".join(words[10:]),
        authors=authors,
        year=2000 + number % 20,
        doi=f"10.5555/{number}" if number % 2 else None,
    )


def as_copy(paper: Paper, number: int) -> Paper:
    """The paper in another catalogue."""
    authors = tuple(f"{name.split()[-1]} {name[0]}" for name in paper.authors)
    share = 0.4 + number % 7 / 10
    return replace(
        paper,
        authors=authors,
        doi=None,
        abstract=paper.abstract[: int(share * len(paper.abstract))],
    )


if __name__ == "__main__":
    main()

"""How fast lists of papers are read, beside the bare parser of each format.

    python benchmarks/import_speed.py ../shared/data/papers.parquet [--records 100000] [--runs 3]

Writes the papers (again under other titles, if there are fewer than asked) as BibTeX, RIS, JSON
Lines and CSV into a temporary folder, and reads each with paperatlas (counting, parsing, cleaning
the texts, making papers) and with what does nothing but parse: bibtexparser, rispy if it is
installed, `json` and `csv`. Both sides run in turn in one process; the medians are printed with
their ratio, and the records that paperatlas reads in a second.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from pipeline.papers import Paper
from pipeline.sources.document import Document
from pipeline.sources.registry import FORMATS, detect_format


def main() -> None:
    """Make the files, time both sides, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, help="a Parquet file of papers")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    papers = list(some_papers(given.papers, given.records))
    print(f"{len(papers):,} records, medians of {given.runs}")
    print(f"{'format':8}{'records/s':>12}{'bare parser':>14}{'time beside it':>16}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (write, parse) in KINDS.items():
            path = Path(folder, f"papers.{name}")
            with path.open("w", encoding="utf-8", newline="") as file:
                write(papers, file)
            ours, bare = times(path, parse, given.runs)
            told = [f"{name:8}", f"{len(papers) / ours:12,.0f}"]
            if bare is not None:
                told += [f"{len(papers) / bare:14,.0f}", f"{ours / bare:15.2f}x"]
            print("".join(told), flush=True)
            path.unlink()


def some_papers(path: Path, count: int) -> Iterator[Paper]:
    """`count` papers with title, abstract and authors, those of the file again and again."""
    document = Document(path, path.name, str(path))
    reader = next(fmt for fmt in FORMATS if fmt.name == "parquet")
    known = [paper for paper in reader.read(document) if isinstance(paper, Paper)]
    for number in range(count):
        yield known[number % len(known)]


def times(path: Path, parse: Callable[[Path], int] | None, runs: int) -> tuple[float, float | None]:
    """Median seconds of reading a file: ours, and those of the bare parser."""
    ours, bare = [], []
    for _ in range(runs):
        begun = time.perf_counter()
        document = Document(path, path.name, str(path))
        reader, why = detect_format(document)
        if reader is None:
            raise SystemExit(f"{path}: {why}")
        found = reader.count(document)
        read = sum(isinstance(record, Paper) for record in reader.read(document))
        ours.append(time.perf_counter() - begun)
        if found != read:
            raise SystemExit(f"{path}: {found} records counted, {read} read")
        if parse is not None:
            begun = time.perf_counter()
            parse(path)
            bare.append(time.perf_counter() - begun)
    return statistics.median(ours), statistics.median(bare) if bare else None


def write_bibtex(papers: list[Paper], file: TextIO) -> None:
    """As reference managers write it, without what braces would break."""
    for number, paper in enumerate(papers):
        fields = {
            "title": f"{paper.title} {number}",
            "author": " and ".join(paper.authors),
            "abstract": paper.abstract,
            "booktitle": paper.venue or "",
            "year": str(paper.year or ""),
            "url": paper.url or "",
        }
        lines = ",\n".join(f"  {name} = {{{bare(text)}}}" for name, text in fields.items())
        file.write(f"@inproceedings{{key{number},\n{lines}\n}}\n\n")


def bare(text: str) -> str:
    """A text without the characters that mean something to BibTeX."""
    return text.translate(str.maketrans("", "", "{}\\"))


def write_ris(papers: list[Paper], file: TextIO) -> None:
    """As publishers write it."""
    for number, paper in enumerate(papers):
        lines = ["TY  - CONF", f"TI  - {paper.title} {number}"]
        lines += [f"AU  - {inverted(name)}" for name in paper.authors]
        lines += [f"AB  - {paper.abstract}", f"T2  - {paper.venue}", f"PY  - {paper.year}"]
        lines += [f"UR  - {paper.url}", "ER  - ", ""]
        file.write("\n".join(lines) + "\n")


def inverted(name: str) -> str:
    """`Last, First`."""
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first else last


def write_jsonl(papers: list[Paper], file: TextIO) -> None:
    """One object a line."""
    for number, paper in enumerate(papers):
        row = {"id": f"key{number}", "title": f"{paper.title} {number}", "abstract": paper.abstract,
               "authors": list(paper.authors), "venue": paper.venue, "year": paper.year,
               "url": paper.url}  # fmt: skip
        file.write(json.dumps(row) + "\n")


def write_csv(papers: list[Paper], file: TextIO) -> None:
    """As Scopus writes it."""
    rows = csv.writer(file)
    rows.writerow(["Authors", "Title", "Year", "Source title", "Link", "Abstract"])
    for number, paper in enumerate(papers):
        names = "; ".join(map(inverted, paper.authors))
        title = f"{paper.title} {number}"
        rows.writerow([names, title, paper.year, paper.venue, paper.url, paper.abstract])


def parse_bibtex(path: Path) -> int:
    """By bibtexparser alone."""
    from bibtexparser.entrypoint import parse_file

    return len(parse_file(str(path)).entries)


def parse_ris(path: Path) -> int:
    """By rispy alone."""
    import rispy

    with path.open(encoding="utf-8") as file:
        return len(rispy.load(file))


def parse_jsonl(path: Path) -> int:
    """By `json` alone."""
    with path.open(encoding="utf-8") as file:
        return sum(1 for line in file if json.loads(line))


def parse_csv(path: Path) -> int:
    """By `csv` alone."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file))


def has_rispy() -> bool:
    """True where rispy, which paperatlas does not use, is there to be compared with."""
    from importlib.util import find_spec

    return find_spec("rispy") is not None


KINDS = {
    "bib": (write_bibtex, parse_bibtex),
    "ris": (write_ris, parse_ris if has_rispy() else None),
    "jsonl": (write_jsonl, parse_jsonl),
    "csv": (write_csv, parse_csv),
}

if __name__ == "__main__":
    main()

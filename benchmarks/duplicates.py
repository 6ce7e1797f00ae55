"""What finding duplicates costs, and how many it finds, with none found wrongly.

    python benchmarks/duplicates.py papers.parquet
    python benchmarks/duplicates.py papers.parquet --seed 1 --missed 20

Beside the papers, which must be distinct, lie copies of some as other catalogues and reference
managers have them, and records that look like copies and are none (errata, second parts, replies).
The baseline is what reference managers do: one DOI, or one title by letters and digits and one
year. A pair is two records of one paper; precision and recall are over pairs. Peak memory is that
of the process, the papers included, up to the end of the grouping.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from pipeline.papers import Paper, Source, build_table, comparison_key, normalise_title
from pipeline.sources import read_sources

Pairs = set[tuple[int, int]]


def main() -> None:
    """Print seconds, memory, precision and recall of both methods."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="distinct papers")
    parser.add_argument("--n", type=int, default=100_000, help="records in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--missed", type=int, default=0, help="print so many missed pairs")
    options = parser.parse_args()
    records, origins, styles = make_records(options.source, options.n, options.seed)
    truth = pairs_of(by_group(origins))
    print(f"{len(records)} records, {len(truth)} true pairs, seed {options.seed}")
    begun, begun_at_work = time.perf_counter(), time.process_time()
    table = build_table(records)
    seconds, at_work = time.perf_counter() - begun, time.process_time() - begun_at_work
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    found = pairs_of([[r.sources[0].line for r in group] for group in table.records])
    tell(
        "paperatlas",
        found,
        truth,
        f"{seconds:.1f} s ({at_work:.1f} s of a processor), peak {peak:.2f} GB",
    )
    begun = time.perf_counter()
    plain = pairs_of(match_plainly(records))
    tell("DOI or title", plain, truth, f"{time.perf_counter() - begun:.1f} s")
    tell_styles(found, truth, styles)
    for i, j in sorted(truth - found)[: options.missed]:
        print(f"missed {styles[i]}, {styles[j]}:\n  {show(records[i])}\n  {show(records[j])}")
    for i, j in sorted(found - truth)[: options.missed]:
        print(f"wrong {styles[i]}, {styles[j]}:\n  {show(records[i])}\n  {show(records[j])}")


def make_records(source: Path, n: int, seed: int) -> tuple[list[Paper], list[int], list[str]]:
    """`n` records, the number of the paper that each is of, and how each was made; a record's
    line is its number here."""
    drawn = random.Random(seed)  # noqa: S311
    papers = list(read_sources([source]).records)[:n]
    papers = [with_ids(paper, number, drawn) for number, paper in enumerate(papers)]
    records, origins, styles = (
        list(papers),
        list(range(len(papers))),
        ["as published"] * len(papers),
    )
    made: Callable[[Paper, random.Random], Paper]
    others: dict[tuple[int, str], int] = {}
    while len(records) < n:
        number = drawn.randrange(len(papers))
        name, made = drawn.choice(NO_COPIES if drawn.random() < 0.05 else COPIES)
        record = made(papers[number], drawn)
        records.append(record)
        # Two second editions of one paper are one.
        known = others.setdefault((number, record.title), -len(records))
        origins.append(number if (name, made) in COPIES else known)
        styles.append(name)
    placed = [
        replace(r, sources=(Source(f"{styles[line]}.txt", line),)) for line, r in enumerate(records)
    ]
    return placed, origins, styles


def with_ids(paper: Paper, number: int, drawn: random.Random) -> Paper:
    """The paper, each author once, with a DOI as half of all have."""
    doi = f"10.5555/{number}" if drawn.random() < 0.5 else None
    return replace(paper, doi=doi, authors=tuple(dict.fromkeys(paper.authors)))


def in_pubmed(paper: Paper, drawn: random.Random) -> Paper:
    """`Smith JA`, a title in small letters with a full stop, a number of its own."""
    return replace(
        paper,
        title=f"{paper.title[:1]}{paper.title[1:].lower()}.",
        authors=tuple(map(as_pubmed_name, paper.authors)),
        identifiers=(f"pmid:{10**7 + number_of(paper)}",),
        **without_address(drawn),
    )


def in_scopus(paper: Paper, drawn: random.Random) -> Paper:
    """Initials, and a publisher's line behind the abstract."""
    return replace(
        paper,
        abstract=f"{paper.abstract} © {paper.year} The publisher. All rights reserved.",
        authors=tuple(map(as_initials, paper.authors)),
        **without_address(drawn) | {"doi": paper.doi if drawn.random() < 0.5 else None},
    )


def in_manager(paper: Paper, drawn: random.Random) -> Paper:
    """Title, authors and year alone, now and then without the year."""
    year = None if drawn.random() < 0.1 else paper.year
    return replace(paper, abstract="", year=year, keywords=(), **without_address(drawn))


def as_preprint(paper: Paper, drawn: random.Random) -> Paper:
    """A year before, with words of the abstract that were taken out later."""
    words = paper.abstract.split()
    kept = (word for word in words if drawn.random() > 0.12)
    return replace(
        paper,
        abstract=" ".join(kept),
        year=paper.year - drawn.randrange(2) if paper.year else None,
        arxiv_id="{}.{:05}".format(*divmod(150_100_000 + number_of(paper), 10**5)),
        kind="article",
        **without_address(drawn),
    )


def in_html(paper: Paper, drawn: random.Random) -> Paper:
    """Markup in the title, entities for its signs, read as a reader reads it."""
    words = paper.title.replace("&", "&amp;").split()
    at = drawn.randrange(len(words))
    words[at] = f"<i>{words[at]}</i>"
    return replace(paper, title=normalise_title(" ".join(words)), **without_address(drawn))


def cut_short(paper: Paper, drawn: random.Random) -> Paper:
    """The first sentences of the abstract, the first author and others."""
    length = int(len(paper.abstract) * drawn.uniform(0.25, 0.8))
    return replace(
        paper,
        abstract=f"{paper.abstract[:length]}...",
        authors=paper.authors[:1],
        authors_truncated=True,
        **without_address(drawn),
    )


def without_subtitle(paper: Paper, drawn: random.Random) -> Paper:
    """The title before its colon, where four words or more stand there."""
    main = paper.title.split(": ")[0]
    title = main if len(main.split()) >= 4 else paper.title
    abstract = paper.abstract if drawn.random() < 0.5 else ""
    return replace(paper, title=title, abstract=abstract, **without_address(drawn))


def in_bare_letters(paper: Paper, drawn: random.Random) -> Paper:
    """Titles in capitals, names without accents and with the family name before."""
    return replace(
        paper,
        title=paper.title.upper(),
        authors=tuple(comparison_key(name).title() for name in paper.authors),
        **without_address(drawn),
    )


def in_other_place(paper: Paper, drawn: random.Random) -> Paper:
    """An id of a catalogue, the venue in full, the same DOI."""
    name = f"openalex:W{drawn.randrange(10**8, 10**9)}"  # it knows some papers twice
    return replace(
        paper, identifiers=(name,), **without_address(drawn) | {"venue": None, "doi": paper.doi}
    )


def erratum(paper: Paper, drawn: random.Random) -> Paper:
    """A correction of a paper, with its abstract or without."""
    word = drawn.choice(("Erratum to", "Correction", "Corrigendum", "Comment on", "Reply to"))
    abstract = paper.abstract if drawn.random() < 0.5 else ""
    return replace(
        paper, title=f"{word}: {paper.title}", abstract=abstract, **without_address(drawn)
    )


def second_part(paper: Paper, drawn: random.Random) -> Paper:
    """A sequel by the same people."""
    ending = drawn.choice((" II", ", Part 2", ": Part II", " (2nd edition)", ": a survey"))
    return replace(paper, title=paper.title + ending, **without_address(drawn))


def copied_doi(paper: Paper, drawn: random.Random) -> Paper:
    """Another paper by others under a DOI that was copied wrongly."""
    words = paper.title.split()
    drawn.shuffle(words)
    title = f"On {' '.join(words[: max(3, len(words) // 2)])} in the towns of the north"
    return replace(paper, title=title, abstract="", authors=("Somebody Else",), url=None, id="")


COPIES: Sequence[tuple[str, Callable[[Paper, random.Random], Paper]]] = (
    ("PubMed", in_pubmed),
    ("Scopus", in_scopus),
    ("reference manager", in_manager),
    ("preprint", as_preprint),
    ("HTML", in_html),
    ("cut short", cut_short),
    ("no subtitle", without_subtitle),
    ("capitals", in_bare_letters),
    ("OpenAlex", in_other_place),
)
NO_COPIES: Sequence[tuple[str, Callable[[Paper, random.Random], Paper]]] = (
    ("erratum", erratum),
    ("sequel", second_part),
    ("copied DOI", copied_doi),
)


def number_of(paper: Paper) -> int:
    """A number of eight digits that the same paper always has."""
    return zlib.crc32(paper.title.encode()) % 10**8


def without_address(drawn: random.Random) -> dict[str, str | None]:
    """What a copy in another catalogue has in place of the paper's own address."""
    return {"id": f"key{drawn.randrange(10**9)}", "url": None, "doi": None}


def as_pubmed_name(name: str) -> str:
    """`John A. Smith` is `Smith JA`."""
    *given, family = name.split()
    return f"{family} {''.join(part[0] for part in given if part[0].isalpha()).upper()}".strip()


def as_initials(name: str) -> str:
    """`John A. Smith` is `J. A. Smith`."""
    *given, family = name.split()
    return " ".join([*(f"{part[0]}." for part in given), family])


def match_plainly(records: Sequence[Paper]) -> Iterable[list[int]]:
    """Groups of one DOI, or one title by letters and digits and one year."""
    keys: dict[Hashable, list[int]] = defaultdict(list)
    for row, paper in enumerate(records):
        keys[re.sub(r"[\W_]", "", paper.title.casefold()), paper.year].append(row)
        if paper.doi:
            keys[paper.doi].append(row)
    return keys.values()


def by_group(origins: Sequence[int]) -> Iterable[list[int]]:
    """The records of each paper."""
    groups: dict[int, list[int]] = defaultdict(list)
    for row, origin in enumerate(origins):
        groups[origin].append(row)
    return groups.values()


def pairs_of(groups: Iterable[Sequence[int]]) -> Pairs:
    """All pairs of records in one group."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def tell(name: str, found: Pairs, truth: Pairs, cost: str) -> None:
    """Print a method's figures."""
    right = len(found & truth)
    wrong = len(found) - right
    print(
        f"{name:14} {cost}; wrong pairs {wrong}, precision {right / max(1, len(found)):.5f}, "
        f"recall {right / max(1, len(truth)):.4f}"
    )


def tell_styles(found: Pairs, truth: Pairs, styles: Sequence[str]) -> None:
    """Print how many pairs were found between a published paper and each kind of copy."""
    all_of, found_of = Counter[str](), Counter[str]()
    for i, j in truth:
        if styles[i] == "as published":
            all_of[styles[j]] += 1
            found_of[styles[j]] += (i, j) in found
    for style, count in sorted(all_of.items()):
        print(f"  {style:18} {found_of[style]} of {count} ({found_of[style] / count:.4f})")


def show(record: Paper) -> str:
    """A record in one line."""
    authors = ", ".join(record.authors[:4])
    return f"{record.title} | {authors} | {record.year} {record.venue} | {record.abstract[:80]}"


if __name__ == "__main__":
    main()

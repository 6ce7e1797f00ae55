"""Which records are one paper; above all, which are not."""

from __future__ import annotations

import json
import random
from itertools import combinations
from pathlib import Path

import pytest

from papers.made import TOPICS, paper
from pipeline.papers import build_table
from pipeline.papers.likeness import Candidate, Verdict, judge
from pipeline.sources import read_sources

ANA, JAN, LI = "Ana Vega", "Jan de Boer", "Li Wu"
SEEDS = Path(__file__).parents[2] / "seeds"
GROUPS = json.loads(Path(__file__).with_name("seed_groups.json").read_text(encoding="utf-8"))


def is_one(*records) -> bool:
    forward, backward = build_table(records), build_table(reversed(records))
    assert forward == backward
    return len(forward) == 1


def swapped(text: str, **words: str) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text


def test_the_seeds_are_169_papers():
    table = build_table(read_sources([SEEDS]).records)
    found = {
        frozenset((s.file[:3], s.line) for s in p.sources)
        for p in table.papers
        if len(p.sources) > 1
    }
    assert len(table) == 169
    assert found == {frozenset((file, line) for file, line in group) for _, group in GROUPS}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_records_does_not_matter(seed):
    records = list(read_sources([SEEDS]).records)
    table = build_table(records)
    random.Random(seed).shuffle(records)  # noqa: S311
    assert build_table(records) == table


ONE_PAPER = {
    "a copy without a title": (
        paper("On Moss", TOPICS["moss"], [ANA]),
        paper("", TOPICS["moss"], file="b"),
    ),
    "the same title with a rewritten abstract": (
        paper("How Cushions of Moss Keep Water", TOPICS["moss"], [ANA, LI]),
        paper(
            "How cushions of moss keep water.",
            "Mosses curl their leaves to keep water. We show by lamps and a sponge model with two "
            "constants that shade decides when cushions dry in summers, which helps to choose "
            "species for roofs.",
            ["A. Vega", "Wu, Li"],
            file="b",
        ),
    ),
    "a cut author list": (
        paper("On Moss", TOPICS["moss"], [ANA, JAN, LI]),
        paper("On Moss", TOPICS["moss"], ["Ana Vega"], authors_truncated=True, file="b"),
    ),
    "one DOI": (
        paper("Moss and How It Keeps Water", TOPICS["moss"], [ANA], doi="10.1/x"),
        paper("Moss and how it keeps water: a study", "", [ANA], doi="10.1/x", file="b"),
    ),
    "titles that differ in hyphens": (
        paper("Data-sets of Moss Cushions", TOPICS["moss"], [ANA]),
        paper("Datasets of moss cushions", TOPICS["moss"], [ANA], file="b"),
    ),
    "a title without an abstract by the same people": (
        paper("How Cushions of Moss Keep Water", TOPICS["moss"], [ANA, LI]),
        paper("How Cushions of Moss Keep Water", "", [ANA, LI], file="b"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("records", ONE_PAPER.values(), ids=ONE_PAPER)
def test_one_paper(records):
    assert is_one(*records)


TEMPLATE = (
    "We report the complete genome of {a}, sequenced with long reads to a depth of {n} times. "
    "The assembly of {a} has {m} contigs and encodes many proteins of unknown function. "
    "Comparison with relatives shows a large inversion near the origin. The genome will help "
    "studies of how {a} survives in cold water and of its role in the food web of coastal "
    "seas, where it is among the most common organisms of winter."
)
PERCH = TEMPLATE.format(a="Perca fluviatilis", n=80, m=24)
PIKE = TEMPLATE.format(a="Esox lucius", n=95, m=31)

TWO_PAPERS = {
    "the same people on the same topic": (
        paper("On Moss", TOPICS["moss"], [ANA, LI]),
        paper("More on Moss", TOPICS["moss"][:100] + TOPICS["tides"], [ANA, LI], file="b"),
    ),
    "part one and part two": (
        paper("Moss and Water, Part I", TOPICS["moss"], [ANA]),
        paper("Moss and Water, Part II", TOPICS["moss"], [ANA], file="b"),
    ),
    "a reply": (
        paper("Moss Keeps Water", TOPICS["moss"], [ANA]),
        paper("Reply to: Moss Keeps Water", TOPICS["moss"], [ANA], file="b"),
    ),
    "a correction": (
        paper("Moss Keeps Water", TOPICS["moss"], [ANA]),
        paper("Correction to Moss Keeps Water", TOPICS["moss"], [ANA], file="b"),
    ),
    "titles that differ in one number": (
        paper("Report of the 2019 Moss Count", TOPICS["moss"], [ANA]),
        paper("Report of the 2020 Moss Count", TOPICS["moss"], [ANA], file="b"),
    ),
    "titles that differ in one word": (
        paper("Moss on Northern Walls", TOPICS["moss"], [ANA]),
        paper(
            "Moss on Southern Walls", swapped(TOPICS["moss"], northern="southern"), [ANA], file="b"
        ),
    ),
    "a generic title": (
        paper("Introduction", TOPICS["moss"], [ANA]),
        paper("Introduction", TOPICS["tides"], [ANA], file="b"),
    ),
    "editorials of two years without abstracts": (
        paper("Editorial", "", [ANA], year=2001, venue="J"),
        paper("Editorial", "", [ANA], year=2002, venue="J", file="b"),
    ),
    "a template with other species, titled": (
        paper("Genome of Perca fluviatilis", PERCH, [ANA, LI]),
        paper("Genome of Esox lucius", PIKE, [ANA, LI], file="b"),
    ),
    "a template with other species, one untitled": (
        paper("Genome of Perca fluviatilis", PERCH, [ANA, LI]),
        paper("", PIKE, file="b"),
    ),
    "a template with other species under one title": (
        paper("A New Genome from Cold Coastal Water", PERCH, [ANA, LI]),
        paper("A New Genome from Cold Coastal Water", PIKE, [ANA, LI], file="b"),
    ),
    "the same title by other people": (
        paper("Moss and Water in Old Towns", TOPICS["moss"], [ANA]),
        paper("Moss and Water in Old Towns", TOPICS["tides"], [JAN], file="b"),
    ),
    "the same title by other people, no abstracts": (
        paper("Moss and Water in Old Towns", "", [ANA]),
        paper("Moss and Water in Old Towns", "", [JAN], file="b"),
    ),
    "the same title and people, other content": (
        paper("Moss and Water in Old Towns", TOPICS["moss"], [ANA]),
        paper("Moss and Water in Old Towns", TOPICS["loom"], [ANA], file="b"),
    ),
    "a shared first sentence": (
        paper("", TOPICS["moss"]),
        paper("", TOPICS["moss"].split(". ")[0] + ". " + TOPICS["loom"], file="b"),
    ),
    "an abstract of one shared sentence": (
        paper("On Moss", TOPICS["moss"], [ANA]),
        paper("", TOPICS["moss"].split(". ")[0] + ".", file="b"),
    ),
    "different arXiv ids": (
        paper("On Moss", TOPICS["moss"], [ANA], arxiv_id="2401.00001"),
        paper("On Moss", TOPICS["moss"], [ANA], arxiv_id="2401.00002", file="b"),
    ),
    "titles that differ in a number word": (
        paper("Cooperation of Two Mosses", TOPICS["moss"] + " Two.", [ANA, LI]),
        paper("Cooperation of Three Mosses", TOPICS["moss"] + " Three.", [ANA, LI], file="b"),
    ),
    "a DOI of a whole volume": (
        paper("Moss and How It Keeps Water", TOPICS["moss"], [ANA], doi="10.1/x"),
        paper("Boats that Measure the Tides", TOPICS["tides"], [ANA], doi="10.1/x", file="b"),
    ),
    "a sequel in the same list": (
        paper("Cooperation of Old Mosses", TOPICS["moss"] + " Old.", [ANA, LI]),
        paper("Cooperation of Mosses", TOPICS["moss"], [ANA, LI], line=9),
    ),
    "one sentence of difference": (
        paper("", TOPICS["moss"] + " We treat 12 walls."),
        paper("", TOPICS["moss"] + " We treat 19 walls.", file="b"),
    ),
}


@pytest.mark.parametrize("records", TWO_PAPERS.values(), ids=TWO_PAPERS)
def test_two_papers(records):
    assert not is_one(*records)


def test_no_two_made_papers_meet():
    records = [
        paper(f"A Study of {name} in Old Towns", text, [ANA]) for name, text in TOPICS.items()
    ]
    assert len(build_table(records)) == len(TOPICS)


def test_a_chain_does_not_join_its_ends():
    """An untitled copy is like both, but two titled papers that differ stay two."""
    one = paper("Genome of Perca fluviatilis", PERCH, [ANA, LI])
    other = paper("Genome of Esox lucius", PIKE, [ANA, LI], file="b")
    between = paper("", PERCH, file="c")
    table = build_table([one, between, other])
    assert len(table) == 2
    assert {len(group) for group in table.records} == {1, 2}


def test_judging_is_symmetric_on_the_seeds():
    candidates = [Candidate(r) for r in read_sources([SEEDS]).records][::4]
    for a, b in combinations(candidates, 2):
        assert judge(a, b) == judge(b, a)


def test_five_identical_papers_are_one():
    assert is_one(*(paper("On Moss", TOPICS["moss"], [ANA], file=f) for f in "abcde"))


def test_hundreds_of_near_copies_under_one_title_are_one():
    text = TOPICS["moss"]
    assert is_one(
        *(
            paper("On Moss", f"{text} © {1800 + i} The archive.", [ANA], file=str(i))
            for i in range(200)
        )
    )


def test_untitled_abstracts_that_differ_in_a_number_stay_apart():
    records = [
        paper("", f"{TOPICS['moss']} Copyright notice of the archive, page {i}.", file=str(i))
        for i in range(60)
    ]
    assert len(build_table(records)) == 60


def test_a_rewritten_pair_is_judged_with_a_reason():
    a, b = ONE_PAPER["the same title with a rewritten abstract"]
    judgement = judge(Candidate(a), Candidate(b))
    assert judgement.verdict is Verdict.SAME
    assert "title" in judgement.reason

"""Titles and names that run into each other."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.headings import split_heading

SHARED = Path(os.environ.get("PAPERATLAS_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Parsing with an LSTM", ["Ada Quill", "Bo Ferri"]),
        ("Is it (really) so?", ["Ömer Çelik"]),
        ("A Survey (2020)", ["J.-P. Durand", "A. B. Cole"]),
        ("The Role of “Context”", ["Mei-Ling Wu", "Ana Vega"]),
        ("Graphs, Trees, and Stars", ["Ana de la Cruz", "Jan van den Berg", "Li Wu"]),
        ("Learning from SLAM", ["A. Diosi", "L. Kleeman"]),
        ("Motion from Range Images", ["M.D. Lichter", "S. Dubowsky"]),
        ("Word Games", ["Andrew McCallum", "Sean O'Brien", "Fiona MacLeod"]),
        ("Rates for MDPs", ["Nishant A. Mehta", "Bo Li"]),
        ("Bandits in 3D", ["Xi Chen"]),
        ("Vision 2", ["Ana Vega", "Bo Li"]),
        ("Using 'genbu'", ["H. Kimura", "S. Hirose"]),
    ],
)
@pytest.mark.parametrize("ending", ["", " et al.", " · mit, eth-zurich", " et al. · mit"])
def test_unseen_headings(title, names, ending):
    heading = split_heading(title + ", ".join(names) + ending)
    assert (heading.title, list(heading.authors)) == (title, names)
    assert heading.truncated == ("et al." in ending)
    assert heading.affiliations == (("mit", "eth-zurich") if "eth" in ending else
                                    ("mit",) if "mit" in ending else ())  # fmt: skip


def test_the_abstract_tells_a_camel_case_word_from_a_joint():
    line = "Graph Learning in PyTorch Geometric"
    assert split_heading(line, context="We use PyTorch Geometric.").title == line


def test_a_single_name_word_is_split_when_others_follow():
    heading = split_heading("Elastic ModelsPrince, Ana Vega et al.")
    assert (heading.title, heading.authors) == ("Elastic Models", ("Prince", "Ana Vega"))


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_line_is_taken_apart_without_loss(line, context):
    heading = split_heading(line, context=context)
    assert set("".join((heading.title, *heading.authors)).replace(" ", "")) <= set(line)


@pytest.mark.skipif(not (SHARED / "data" / "papers.parquet").exists(), reason="no shared data here")
def test_98_of_100_real_titles_and_names_are_parted():
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(
        SHARED / "data" / "papers.parquet", columns=["title", "abstract", "authors"]
    )
    rows = random.Random(0).sample(  # noqa: S311
        range(table.num_rows), 1500
    )
    right = total = 0
    for row in table.take(rows).to_pylist():
        names = [
            " ".join(name.split()) for name in (row["authors"] or "").split(";") if name.strip()
        ]
        title = " ".join(row["title"].split())
        if names:
            line = title + ", ".join(names[:3]) + (" et al." if len(names) > 3 else "")
            heading = split_heading(line, context=row["abstract"])
            total += 1
            right += heading.title == title and list(heading.authors) == names[:3]
    assert right / total >= 0.98

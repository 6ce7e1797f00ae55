"""Pairs of similar papers, from the command line and in Python."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline import Atlas


def values(done):
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["schema"] == "paperatlas.similar/1"
    return told


def all_scores(atlas, rows=slice(None)):
    vectors = np.asarray(atlas._snapshot.vectors[rows], np.float64)
    return np.sort(np.round(vectors @ vectors.T, 6)[np.triu_indices(len(vectors), 1)])[::-1]


def test_the_best_pairs_of_all_are_told_with_their_number(run_here, seed_atlas):
    told = values(run_here("similar", seed_atlas, "--over", "0.5", "-k", 5, "--json"))
    with Atlas.open(seed_atlas) as atlas:
        scores = all_scores(atlas)
        years = {paper.id: paper.year for paper in atlas.papers}
    assert (told["over"], told["papers"]) == (0.5, 50)
    assert told["found"] == np.count_nonzero(scores >= 0.5) > 5
    assert [pair["score"] for pair in told["pairs"]] == scores[:5].tolist()
    for pair in told["pairs"]:
        for paper in (pair["a"], pair["b"]):
            assert sorted(paper) == ["id", "title", "year"]
            assert paper["year"] == years[paper["id"]]
        assert pair["a"]["id"] != pair["b"]["id"]


def test_a_filter_holds_for_both_papers(run_here, seed_atlas):
    given = ("--over", "-0.9", "-k", 10**9, "--where", "year >= 2021", "--json")
    told = values(run_here("similar", seed_atlas, *given))
    with Atlas.open(seed_atlas) as atlas:
        rows = [row for row, paper in enumerate(atlas.papers) if (paper.year or 0) >= 2021]
        scores = all_scores(atlas, rows)
    n = len(rows)
    assert 2 < n < 50
    assert (told["papers"], told["found"]) == (n, n * (n - 1) // 2)
    assert [pair["score"] for pair in told["pairs"]] == scores.tolist()
    assert min(min(pair["a"]["year"], pair["b"]["year"]) for pair in told["pairs"]) >= 2021


def test_the_page_names_both_papers_and_how_many_more_there_are(run_here, seed_atlas):
    told = values(run_here("similar", seed_atlas, "--over", "0.5", "-k", 1, "--json"))
    page = " ".join(run_here("similar", seed_atlas, "--over", "0.5", "-k", 1).stdout.split())
    (pair,) = told["pairs"]
    for paper in (pair["a"], pair["b"]):
        assert paper["title"] in page
        assert paper["id"] in page
    assert f"{pair['score']:.4f}" in page
    assert page.endswith(
        f"Of 50 papers, {told['found']} pairs have a similarity of 0.5 or more; the best one is "
        "shown."
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--over", "1"), "Of 50 papers, no two have a similarity of 1 or more.\n"),
        (("--where", "year = 1900"), "No paper of this atlas passes the filters.\n"),
    ],
)
def test_that_there_are_none_is_told(run_here, seed_atlas, given, told):
    done = run_here("similar", seed_atlas, *given)
    assert (done.returncode, done.stdout) == (0, told)
    assert values(run_here("similar", seed_atlas, *given, "--json"))["pairs"] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--over", "-1"), "over = -1 - expected a number above -1, and at most 1"),
        (("--over", "1.01"), "over = 1.01"),
        (("--over", "nan"), "over = nan"),
        (("-k", "0"), "k = 0"),
        (("--where", "year >="), "filter, column 8: expected a value, not the end"),
        (("--where", "yeer = 1"), "no field 'yeer' - did you mean year?"),
        (("--where", ""), "filter: it is empty"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(run_here, seed_atlas, given, told):
    done = run_here("similar", seed_atlas, *given)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1

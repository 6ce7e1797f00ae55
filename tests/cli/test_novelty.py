"""What is told of the novelty of a text."""

from __future__ import annotations

import json

import numpy as np

from pipeline.cli.novelty import novelty_lines, novelty_values
from pipeline.novelty import Reference, judge_novelty
from pipeline.papers import Paper

N = 60


def paper_of(row):
    return Paper(id=f"p-{row}", title=f"Paper {row}")


def novelty_of(values, years):
    similarities = np.zeros(N, np.float32)
    similarities[: len(values)] = values
    ascending = np.linspace(0.4, 0.8, 5, dtype=np.float32)
    return judge_novelty(similarities, years, Reference(ascending, ascending, N))


def test_the_page_names_the_papers_and_counts_the_years():
    years = [2004, 2020, 2020, 2018] + [None] * 56
    lines = [*novelty_lines(novelty_of([0.7, 0.9, 0.8, 0.61, 0.6], years), None, paper_of)]
    page = "\n".join(lines)
    assert "nearest (0.90, nearer than that of 100% of the atlas's papers): Paper 1 (p-1)" in page
    assert "the first of 4 (2004): Paper 0 (p-0)" in page
    bars = [line for line in lines if line.endswith("█")]
    assert bars == [
        f"  before 2009  1  {'█' * 15}",
        f"         2018  1  {'█' * 15}",
        f"         2020  2  {'█' * 30}",
    ]
    assert "         2019  0" in lines


def test_no_line_is_wider_than_asked():
    lines = novelty_lines(novelty_of([0.9] * 12, [1990 + i for i in range(N)]), 60, paper_of)
    assert max(map(len, lines)) <= 60


def test_programs_get_the_figures_and_null_for_what_is_not_known():
    told = json.loads(json.dumps(novelty_values(novelty_of([0.7, 0.5], [None] * N), paper_of)))
    assert told["place"] == "sparse"
    assert told["nearest"] == {"score": 0.7, "share": 0.6, "id": "p-0"}
    assert told["tenth"] == {"score": 0.0, "share": 0.0}
    assert (told["typical_tenth"], told["crowd"], told["dated"]) == (0.6, 1, 0)
    assert told["earliest"] is told["median_year"] is told["shift"] is None


def test_an_empty_atlas_has_nothing_to_tell_but_that():
    none = np.empty(0, np.float32)
    novelty = judge_novelty(none, [], Reference(none, none, 0))
    assert "0 papers are too few" in "\n".join(novelty_lines(novelty, None, paper_of))
    told = json.loads(json.dumps(novelty_values(novelty, paper_of), allow_nan=False))
    assert told["nearest"] is told["tenth"] is told["crowd"] is None

"""Novelty on similarities and years that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.novelty import Reference, Shift, judge_novelty, neighbourhood_reference


def reference_of(n_papers, tenths=(0.4, 0.5, 0.6, 0.7)):
    nearest = np.array([0.6, 0.7, 0.8, 0.9], np.float32)
    return Reference(nearest, np.array(tenths, np.float32), n_papers)


def similarities_of(*values, n=60):
    """The given ones, spread over the rows from the end, and 0 for all others."""
    similarities = np.zeros(n, np.float32)
    similarities[::-1][: len(values)] = values
    return similarities


def angles(degrees):
    turned = np.deg2rad(np.asarray(degrees, np.float64))
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def test_a_reference_is_each_papers_nearest_and_tenth_nearest_other():
    found = neighbourhood_reference(angles(range(12)), 0)  # 0 to 11 degrees
    np.testing.assert_allclose(found.nearest, [np.cos(np.deg2rad(1))] * 12, atol=1e-6)
    # The tenth other one of the outer two is at 10 degrees; then the row between has 9, and so on.
    degrees = sorted((sorted(abs(i - j) for j in range(12))[10] for i in range(12)), reverse=True)
    np.testing.assert_allclose(found.tenth, np.cos(np.deg2rad(degrees)), atol=1e-6)
    assert degrees[0] == 10
    assert found.n_papers == 12
    assert found.typical_tenth == pytest.approx(np.median(found.tenth))


def test_a_paper_is_not_its_own_neighbour_also_among_copies():
    found = neighbourhood_reference(np.concatenate([angles([0] * 30), angles([90])]), 0)
    assert sorted(set(found.nearest.tolist())) == [0.0, 1.0]
    assert len(found.tenth) == 31


@pytest.mark.parametrize(("n", "n_nearest", "n_tenth"), [(0, 0, 0), (1, 0, 0), (2, 2, 0),
                                                        (10, 10, 0), (11, 11, 11)])  # fmt: skip
def test_few_papers_have_no_tenth_neighbour(n, n_nearest, n_tenth):
    found = neighbourhood_reference(angles(range(n)), 0)
    assert (len(found.nearest), len(found.tenth)) == (n_nearest, n_tenth)
    assert (found.typical_tenth is None) == (n_tenth == 0)


def test_a_reference_is_the_same_for_the_same_seed_and_of_no_more_than_500_papers():
    rows = np.random.default_rng(0).normal(size=(700, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    one, same, other = (neighbourhood_reference(rows, seed) for seed in (3, 3, 4))
    assert one.tenth.tolist() == same.tenth.tolist() != other.tenth.tolist()
    assert (len(one.tenth), one.n_papers) == (500, 700)
    assert (np.diff(one.nearest) >= 0).all()


def test_a_crowd_is_what_is_nearer_than_a_typical_tenth_paper():
    # typical: .55; twelve papers are nearer, one is just at it, one below
    similarities = similarities_of(0.85, 0.8, *[0.75] * 9, 0.6, 0.55, 0.3)
    years = (
        [None] * 30
        + [2015] * 16
        + [2010, 2020, 2012, 2019]
        + [2020] * 4
        + [2018] * 4
        + [2023, 2018]
    )
    found = judge_novelty(similarities, years, reference_of(60, (0.4, 0.5, 0.6, 0.7)))
    assert found.typical_tenth == pytest.approx(0.55)
    assert (found.nearest, found.nearest_row) == (pytest.approx(0.85), 59)
    assert found.nearest_share == 0.75  # .6, .7 and .8 of four are less
    assert (found.tenth, found.tenth_share) == (pytest.approx(0.75), 1.0)
    assert found.crowd == found.n_dated == 12
    # the rows 48 to 59: 2012, 2019, 4 of 2020, 4 of 2018, 2023, 2018
    assert found.by_year == ((2012, 1), (2018, 5), (2019, 1), (2020, 4), (2023, 1))
    assert (found.earliest_row, found.earliest_year) == (48, 2012)
    assert found.median_year == 2018.5
    # of 30 papers with a year, one is of 2021 or later: that of the crowd
    assert found.shift == Shift(2021, 1.0, 11 / 29)
    assert found.place == "crowded"
    assert found.verdict == (
        "Crowded: the tenth nearest paper is at 0.75, nearer than that of 100% of the atlas's "
        "papers, and 12 papers are nearer than is typical of a tenth one (0.55); the first is of "
        "2012; the crowd is 38% of all papers before 2021 and 100% since."
    )


def test_of_the_first_year_the_most_similar_paper_is_named():
    found = judge_novelty(similarities_of(0.9, 0.7, 0.8), [2000] * 59 + [2001], reference_of(60))
    assert (found.earliest_row, found.earliest_year) == (57, 2000)


def test_a_sparse_place_has_no_crowd_and_says_so():
    found = judge_novelty(similarities_of(*[0.3] * 10), [2000] * 60, reference_of(60))
    assert (found.place, found.crowd, found.earliest_row, found.shift) == ("sparse", 0, None, None)
    assert found.verdict == (
        "Sparse: the tenth nearest paper is at 0.30, nearer than that of 0% of the atlas's papers, "
        "and 0 papers are nearer than is typical of a tenth one (0.55)."
    )


def test_a_typical_place_lies_between_the_quartiles():
    found = judge_novelty(similarities_of(0.7, *[0.55] * 9), [2000] * 60, reference_of(60))
    assert (found.place, found.tenth_share, found.crowd) == ("typical", 0.5, 1)
    assert "1 paper is nearer than is typical" in found.verdict


def test_unknown_years_are_told():
    similarities = similarities_of(*[0.8] * 12)
    none = judge_novelty(similarities, [None] * 60, reference_of(60))
    assert none.verdict.endswith("; their years are not known.")
    assert (none.n_dated, none.median_year, none.by_year, none.shift) == (0, None, (), None)
    some = judge_novelty(similarities, [None] * 57 + [2001, None, 2003], reference_of(60))
    assert some.verdict.endswith("; the first is of 2001 (of 2 the year is known).")
    assert (some.median_year, some.shift) == (2002.0, None)


def test_an_atlas_of_the_last_years_alone_has_no_shift():
    found = judge_novelty(similarities_of(*[0.8] * 12), [2023] * 59 + [2025], reference_of(60))
    assert found.shift is None
    assert found.verdict.endswith("; the first is of 2023.")


def test_a_near_duplicate_is_told_first():
    found = judge_novelty(similarities_of(0.97, 0.2), [2000] * 60, reference_of(60))
    assert found.place == "near duplicate"
    assert "says almost the same (similarity 0.97)" in found.verdict
    assert found.nearest_row == 59


@pytest.mark.parametrize("n", [0, 1, 12, 49])
def test_few_papers_are_too_few_to_tell(n):
    reference = neighbourhood_reference(angles(range(n)), 0)
    found = judge_novelty(np.full(n, 0.5, np.float32), [2000] * n, reference)
    assert found.place == "unknown"
    papers = "1 paper is" if n == 1 else f"{n} papers are"
    assert found.verdict == f"Unknown: {papers} too few to tell what is crowded."


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="3 similarities, 2 years, 60 papers"):
        judge_novelty(np.zeros(3, np.float32), [None, None], reference_of(60))


def test_papers_that_are_left_out_are_no_neighbours():
    # Ten papers, one of which asks: nine others have no tenth.
    told = np.append(similarities_of(*[0.5] * 9)[-9:], -np.inf).astype(np.float32)
    found = judge_novelty(told, [2000] * 10, neighbourhood_reference(angles(range(10)), 0))
    assert (found.n_papers, found.nearest_row, found.tenth) == (10, 0, None)
    alone = judge_novelty(
        np.array([-np.inf], np.float32), [2000], neighbourhood_reference(angles([0]), 0)
    )
    assert (alone.n_papers, alone.nearest_row, alone.place) == (1, None, "unknown")
    nobody = judge_novelty(
        np.full(10, -np.inf, np.float32), [2000] * 10, neighbourhood_reference(angles(range(10)), 0)
    )
    assert (nobody.nearest_row, nobody.nearest_share) == (None, None)

"""How far to believe a theme: every number by hand, and what holds on made papers."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import membership
from pipeline.membership import Refit, calibration_error, measure_membership


def numbers(*labels: int) -> np.ndarray:
    return np.array(labels, np.int32)


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def refit(labels, rows=None) -> Refit:
    labels = np.array(labels, np.int32)
    return Refit(np.arange(len(labels)) if rows is None else np.array(rows), labels)


# matching


def stays(labels, found) -> list[int]:
    return membership._stays(numbers(*labels), numbers(*found)).astype(int).tolist()


def test_papers_stay_that_are_in_the_theme_with_the_largest_overlap():
    """Theme 0 is found again as 1 but for its last paper, theme 1 as 0."""
    assert stays([0, 0, 0, 1, 1], [1, 1, 0, 0, 0]) == [1, 1, 0, 1, 1]


def test_two_themes_never_match_the_same_one():
    """Both are best found as theme 0; the larger overlap takes it, the other one gets the rest."""
    assert stays([0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1]) == [1, 1, 1, 0, 0, 1]


def test_matching_is_the_best_for_all_papers_together():
    """Theme 0 overlaps with 3 in found 0 and 2 in found 1, theme 1 with 2 in found 0 and 0 in
    found 1: 2 + 2 papers stay, not 3 + 0."""
    assert stays([0] * 5 + [1] * 2, [0, 0, 0, 1, 1, 0, 0]) == [0, 0, 0, 1, 1, 1, 1]


def test_theme_that_no_other_matches_has_nobody_staying():
    assert stays([0, 0, 0, 1, 2], [0, 0, 0, 0, 0]) == [1, 1, 1, 0, 0]
    assert stays([0, 0, 0, 0, 0], [0, 0, 0, 1, 2]) == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("found", [[2, 0, 1], [0, 1, 2]])
def test_numbers_of_themes_mean_nothing(found):
    assert stays([0, 1, 2], found) == [1, 1, 1]


# stabilities


def stabilities(labels, *refits) -> list[float]:
    labels = numbers(*labels)
    return membership._together(labels, int(labels.max()) + 1, refits).tolist()


def test_stability_is_the_share_of_pairs_that_are_together():
    """Of theme 0's six pairs three are together, of theme 1's single pair all."""
    shares = stabilities([0, 0, 0, 0, 1, 1], refit([0, 0, 0, 1, 1, 1]))
    np.testing.assert_allclose(shares, [3 / 6, 1])


def test_stability_counts_pairs_over_all_refits():
    """Without paper 3, three pairs, all together; in the other refit one of six."""
    with_three = refit([5, 5, 5, 0, 0], rows=[0, 1, 2, 4, 5])
    with_all = refit([0, 0, 1, 2, 3, 3])
    shares = stabilities([0, 0, 0, 0, 1, 1], with_three, with_all)
    np.testing.assert_allclose(shares, [(3 + 1) / (3 + 6), 1])


def test_theme_without_a_pair_is_as_stable_as_can_be():
    """One paper is its whole theme, another theme's only pair was never looked at."""
    left_out = refit([0, 0, 1], rows=[0, 1, 2])
    assert stabilities([0, 0, 1, 2, 2], left_out) == [1, 1, 1]


# calibration


def error(strengths, happened) -> float:
    return calibration_error(floats(*strengths), np.array(happened, bool))


def test_calibration_error_is_the_mean_gap_of_the_bins():
    """In [.2, .3): mean .25, one of four happened, gap 0; in [.9, 1]: mean .95, one of two
    happened, gap .45, for two of six papers."""
    strengths = [0.2, 0.24, 0.28, 0.28, 0.9, 1.0]
    np.testing.assert_allclose(error(strengths, [1, 0, 0, 0, 1, 0]), 0.45 * 2 / 6, atol=1e-6)


def test_gaps_within_a_bin_cancel_and_between_bins_do_not():
    assert error([0.55, 0.55], [1, 0]) == pytest.approx(0.05)
    assert error([0.0, 1.0], [1, 0]) == pytest.approx(1)
    assert error([0.0, 1.0], [0, 1]) == 0


def test_calibration_error_of_nothing_is_zero():
    assert calibration_error(floats(), np.zeros(0, bool)) == 0


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=50))
def test_calibration_error_is_a_share(pairs):
    strengths, happened = zip(*pairs, strict=True)
    assert 0 <= error(strengths, happened) <= 1 + 1e-6


# measure_membership


def test_without_refits_strengths_are_fits_and_nothing_is_known():
    measured = measure_membership(numbers(0, 0, 1), floats(0.5, -2, 1), [])
    assert measured.strengths.tolist() == [0.5, 0, 1]
    assert np.isnan(measured.stabilities).tolist() == [True, True]
    assert np.isnan(measured.calibration_error)


def test_single_theme_has_the_fits_and_a_stability_that_was_measured():
    one = numbers(0, 0, 0, 0)
    together = measure_membership(one, np.ones(4, np.float32), [refit([0, 0, 0, 0])])
    assert together.strengths.tolist() == [1, 1, 1, 1]
    assert together.stabilities.tolist() == [1]
    apart = measure_membership(one, np.ones(4, np.float32), [refit([0, 0, 1, 1])])
    np.testing.assert_allclose(apart.stabilities, [2 / 6])


def test_one_refit_tells_nothing_of_calibration():
    measured = measure_membership(
        numbers(0, 0, 1, 1), np.ones(4, np.float32), [refit([0, 0, 1, 1])]
    )
    assert np.isnan(measured.calibration_error)


def test_nothing_that_always_stayed_is_certain():
    labels = numbers(0, 0, 0, 1, 1, 1)
    measured = measure_membership(labels, np.ones(6, np.float32), [refit(labels)] * 3)
    np.testing.assert_allclose(measured.strengths, 0.99)
    assert measured.stabilities.tolist() == [1, 1]
    np.testing.assert_allclose(measured.calibration_error, 0.01, atol=1e-6)


def test_papers_that_stay_more_often_are_stronger():
    """Paper 0 goes to theme 1 in every refit, paper 11 in none; both fit alike."""
    labels = np.repeat([0, 1], 10).astype(np.int32)
    moved = labels.copy()
    moved[0] = 1
    measured = measure_membership(labels, np.full(20, 0.5, np.float32), [refit(moved)] * 5)
    assert measured.strengths[0] < 0.5 < measured.strengths[11]
    assert measured.strengths[0] == measured.strengths.min()


def test_better_fitting_papers_are_stronger_where_fits_tell_who_stays():
    labels = np.repeat([0, 1], 50).astype(np.int32)
    fits = np.tile(np.linspace(-0.5, 1, 50), 2).astype(np.float32)
    rng = np.random.default_rng(0)
    refits = []
    for _ in range(5):
        rows = np.sort(rng.choice(100, 80, replace=False))
        moves = fits[rows] < rng.uniform(-0.5, 0.7, 80)
        refits.append(refit(np.where(moves, 1 - labels[rows], labels[rows]), rows))
    strengths = measure_membership(labels, fits, refits).strengths
    assert np.corrcoef(strengths, fits)[0, 1] > 0.7


def test_theme_that_is_in_no_refit_is_measured_too():
    """All papers of theme 2, the last number, were left out."""
    labels = numbers(0, 0, 0, 1, 1, 1, 2)
    refits = [refit([0, 0, 1, 1, 1, 1], rows=range(6)), refit([0, 0, 0, 1, 1, 1], rows=range(6))]
    measured = measure_membership(labels, np.ones(7, np.float32), refits)
    assert measured.strengths.shape == (7,)
    assert measured.stabilities.shape == (3,)


@st.composite
def measurements(draw):
    n = draw(st.integers(2, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    n_themes = draw(st.integers(1, min(n, 8)))
    labels = np.r_[np.arange(n_themes), rng.integers(n_themes, size=n - n_themes)]
    fits = np.clip(rng.normal(size=n) * draw(st.sampled_from([0, 0.3, 9])), -9, 1)
    refits = []
    for _ in range(draw(st.integers(0, 4))):
        rows = np.sort(rng.choice(n, max(1, round(0.8 * n)), replace=False))
        found = np.where(rng.random(len(rows)) < 0.7, labels[rows], rng.integers(9, size=len(rows)))
        refits.append(Refit(rows, np.unique(found, return_inverse=True)[1].astype(np.int32)))
    return labels.astype(np.int32), fits.astype(np.float32), refits


@settings(max_examples=80, deadline=None)
@given(measurements())
def test_any_membership_is_sound_and_quiet(case):
    labels, fits, refits = case
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        measured = measure_membership(labels, fits, refits)
    assert (measured.strengths.dtype, measured.stabilities.dtype) == (np.float32, np.float32)
    assert measured.strengths.shape == labels.shape
    assert ((measured.strengths >= 0) & (measured.strengths <= 1)).all()
    assert measured.stabilities.shape == (labels.max() + 1,)
    assert np.isnan(measured.stabilities).all() == (not refits)
    if refits:
        assert ((measured.stabilities >= 0) & (measured.stabilities <= 1)).all()
    known = len(refits) > 1 and labels.max() > 0
    assert np.isfinite(measured.calibration_error) == known

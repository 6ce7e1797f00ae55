"""Agreement with labels: as scikit-learn has it, worked out by hand, and its spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from pipeline.evaluate import agreement
from pipeline.evaluate.agreement import MEASURES, agree, alone_where_unassigned, score


def groups(*numbers) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_equal_groups_under_other_numbers_agree_wholly():
    assert score(groups(0, 0, 1, 1, 2), groups(4, 4, 0, 0, 1)) == pytest.approx((1,) * 5)


def test_values_worked_out_by_hand():
    # Labels aabb, groups aaab: cells 2, 1, 1. Pairs together: 1 in both, 2 by label, 3 by group,
    # 6 in all. ARI = (1 - 2*3/6) / ((2+3)/2 - 1) = 0; FMI = 1 / sqrt(6).
    values = dict(zip(MEASURES, score(groups(0, 0, 1, 1), groups(0, 0, 0, 1)), strict=True))
    assert values["ari"] == pytest.approx(0.0)
    assert values["fmi"] == pytest.approx(6**-0.5)
    # H(labels) = 1 bit; of the group of three, two thirds are a: .918 bits of the 3/4.
    left = 0.75 * -(2 / 3 * np.log2(2 / 3) + 1 / 3 * np.log2(1 / 3))
    assert values["homogeneity"] == pytest.approx(1 - left)
    # H(groups) = .811 bits; of label b half is in each group: 1 bit of the 1/2.
    of_groups = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    assert values["completeness"] == pytest.approx(1 - 0.5 / of_groups)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=2, max_size=40))
def test_every_value_is_that_of_scikit_learn(pairs):
    labels, found = (np.array(part, dtype=np.int64) for part in zip(*pairs, strict=True))
    expected = (
        metrics.adjusted_mutual_info_score(labels, found),
        metrics.adjusted_rand_score(labels, found),
        metrics.fowlkes_mallows_score(labels, found),
        metrics.homogeneity_score(labels, found),
        metrics.completeness_score(labels, found),
    )
    assert score(labels, found) == pytest.approx(expected, abs=1e-9)


def mixed(n: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, n)
    return labels, np.where(rng.random(n) < 0.6, labels, rng.integers(0, 8, n))


def test_intervals_hold_their_value_and_come_back_with_the_same_seed():
    labels, found = mixed(200)
    once, again, other = (agree(labels, found, seed=s, n_draws=200) for s in (1, 1, 2))
    assert once == again
    assert once != other
    for measure in MEASURES:
        figure = getattr(once, measure)
        assert figure.low < figure.value < figure.high
        assert figure.value == getattr(other, measure).value


def test_the_interval_is_as_wide_as_the_spread_of_other_papers():
    values = [score(*mixed(300, seed=seed))[1] for seed in range(200)]
    figure = agree(*mixed(300, seed=1), seed=0, n_draws=400).ari
    assert figure.high - figure.low == pytest.approx(4 * np.std(values), rel=0.25)


def test_more_papers_give_a_narrower_interval():
    widths = []
    for n in (100, 400, 3000):  # the last by fitted chance
        figure = agree(*mixed(n), seed=0, n_draws=200).ami
        widths.append(figure.high - figure.low)
    assert widths[0] > 1.5 * widths[1] > 2 * widths[2] > 0


def test_fitted_chance_gives_the_intervals_of_exact_chance(monkeypatch):
    labels, found = mixed(900)
    exact = agree(labels, found, seed=0, n_draws=300).ami
    monkeypatch.setattr(agreement, "_MOST_FOR_EXACT_CHANCE", 0)
    fitted = agree(labels, found, seed=0, n_draws=300).ami
    assert fitted.value == exact.value
    assert (fitted.low, fitted.high) == pytest.approx((exact.low, exact.high), abs=1e-3)


def test_few_papers_have_figures_without_intervals():
    told = agree(groups(0, 0, 1, 1), groups(0, 0, 1, 1), seed=0)
    assert (told.ari.value, told.ari.low, told.ari.high) == (1.0, None, None)


@pytest.mark.parametrize("labels", [groups(), groups(0), groups(0, 0, 0)])
def test_labels_that_tell_nothing_apart_give_no_figure(labels):
    told = agree(labels, labels, seed=0)
    assert told.n_papers == len(labels)
    assert all(getattr(told, measure).value is None for measure in MEASURES)
    assert told.ami.missing


def test_every_unassigned_paper_is_a_group_of_its_own():
    assert alone_where_unassigned(groups(1, -1, 0, -1)).tolist() == [1, 2, 0, 3]
    assert alone_where_unassigned(groups(-1, -1)).tolist() == [0, 1]

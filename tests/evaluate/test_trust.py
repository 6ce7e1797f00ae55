"""Tiers, unstable themes and what was never measured."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.evaluate.trust import UNMEASURED, trust_quality
from pipeline.membership import Trust

IDS = np.array([4, 4, 4, 7, 7, 9, -1, -1], dtype=np.int32)
STRENGTHS = np.array([0.9, 0.7, 0.69, 0.2, 0.8, 0.1, 0.0, 0.0], dtype=np.float32)
KNOWN = Trust(stability=0.8, calibration_error=0.03, agreement=0.9)


def test_tiers_share_out_all_papers():
    told = trust_quality(IDS, STRENGTHS, KNOWN, [])
    assert (told.core.value, told.fringe.value, told.unassigned.value) == (3 / 8, 3 / 8, 2 / 8)


def test_unstable_themes_are_counted_with_the_papers_that_they_hold():
    told = trust_quality(IDS, STRENGTHS, KNOWN, [7, 9, 1000])
    assert told.n_unstable == 2
    assert told.unstable_share.value == pytest.approx(3 / 6)
    none = trust_quality(IDS, STRENGTHS, KNOWN, [])
    assert (none.n_unstable, none.unstable_share.value) == (0, 0.0)


def test_what_the_build_measured_is_told_as_it_is():
    told = trust_quality(IDS, STRENGTHS, KNOWN, [])
    assert told.stability.value == 0.8
    assert told.calibration_error.value == 0.03
    assert told.agreement.value == 0.9


def test_without_refits_there_are_no_tiers():
    told = trust_quality(IDS, STRENGTHS, Trust(agreement=0.9), [])
    for figure in (told.stability, told.calibration_error, told.core, told.fringe):
        assert (figure.value, figure.missing) == (None, UNMEASURED)
    assert told.unassigned.value == 2 / 8
    assert told.agreement.value == 0.9


def test_a_single_theme_has_a_stability_but_no_calibration():
    told = trust_quality(IDS * 0, STRENGTHS, Trust(stability=1.0, agreement=1.0), [])
    assert told.stability.value == 1.0
    assert told.calibration_error.missing == "it takes two refits and two themes"


def test_where_no_paper_has_a_theme_all_are_unassigned():
    told = trust_quality(np.full(3, -1, np.int32), np.zeros(3, np.float32), KNOWN, [])
    assert told.unassigned.value == 1.0
    assert told.core.missing == told.stability.missing == "no paper has a theme"

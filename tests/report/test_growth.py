"""What recent means, and when a share is more than chance."""

from __future__ import annotations

import pytest

from pipeline.report.growth import differs, n_since, recent_from


@pytest.mark.parametrize(
    ("years", "first"),
    [
        ({2019: 30, 2020: 40, 2021: 20, 2022: 10}, 2021),
        ({2019: 3, 2020: 1}, 2020),
        ({2020: 5}, None),
        ({}, None),
        # One paper dated wrongly makes nothing old.
        ({2019: 50, 2020: 49, 2099: 1}, 2020),
        # Most papers are of the first year: from then on are all.
        ({2019: 90, 2020: 10}, None),
    ],
)
def test_recent_is_the_last_quarter_of_the_papers(years, first):
    assert recent_from(years) == first


def test_papers_are_counted_from_a_year_on():
    assert n_since({2019: 1, 2020: 2, 2021: 4}, 2020) == 6


@pytest.mark.parametrize(
    ("part", "whole", "share", "expected"),
    [
        (8, 10, 0.5, 0),  # Wilson's interval is .490 to .943
        (9, 10, 0.5, 1),  # .596 to .982
        (1, 10, 0.5, -1),  # .018 to .404
        (0, 0, 0.5, 0),
        (5, 10, 0.5, 0),
    ],
)
def test_a_share_differs_where_chance_would_hardly_give_it(part, whole, share, expected):
    assert differs(part, whole, share) == expected

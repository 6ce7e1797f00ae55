"""Which column is meant, and what papers have there."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.evaluate.label_columns import find_labels, label_numbers

EXTRA = [(("Paper Area", "Botany"), ("Track", "oral")), (("Paper Area", "Sea"),), ()]
FIELDS = {"venue": ["J. Moss", None, None], "year": [2020, 2021, None], "category": [None] * 3}


@pytest.mark.parametrize("column", ["Paper Area", "paper_area", " paper  area "])
def test_a_column_is_meant_by_its_letters(column):
    assert find_labels(column, EXTRA, FIELDS) == ("Paper Area", ["Botany", "Sea", ""])


def test_fields_of_a_paper_serve_too_by_every_name_that_sources_have_for_them():
    for column in ("year", "Publication Year"):
        assert find_labels(column, EXTRA, FIELDS) == ("year", ["2020", "2021", ""])
    assert find_labels("journal", EXTRA, FIELDS) == ("venue", ["J. Moss", "", ""])


@pytest.mark.parametrize("column", ["area", "category", "title", "", "?"])
def test_an_unknown_column_lists_the_known_ones(column):
    with pytest.raises(UsageError, match="no column") as told:
        find_labels(column, EXTRA, FIELDS)
    assert told.value.hint == "known columns: Paper Area, Track, venue, year"


def test_a_column_that_could_be_two_is_not_guessed():
    extra = [(("Area", "a"), ("area_", "b"))]
    with pytest.raises(UsageError):
        find_labels("AREA", extra, {})
    assert find_labels("Area", extra, {})[1] == ["a"]


def test_papers_without_columns_say_so():
    with pytest.raises(UsageError) as told:
        find_labels("area", [(), ()], {})
    assert "no columns" in told.value.hint


def test_labels_are_numbered_by_their_order():
    assert label_numbers(["b", "", "a", "b"]).tolist() == [1, -1, 0, 1]

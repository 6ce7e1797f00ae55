"""What a map's papers can be filtered and coloured by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import Paper, Source
from pipeline.render import columns as columns_module
from pipeline.render.columns import (
    MAX_PLAIN_NUMBERS,
    N_RANGES,
    NO_YEAR,
    CategoryColumn,
    YearColumn,
    page_columns,
)


def columns_of(*papers: Paper) -> dict[str, CategoryColumn]:
    return {c.name: c for c in page_columns(papers).offered if isinstance(c, CategoryColumn)}


def with_extra(name: str, *texts: str) -> list[Paper]:
    return [Paper(extra=((name, text),) if text else ()) for text in texts]


def test_an_empty_atlas_has_no_columns():
    assert page_columns([]).offered == ()
    assert page_columns([]).left_out == ()


def test_the_commonest_value_comes_first_and_equals_by_the_alphabet():
    venues = ["B", "A", "C", "B", "A", "C", "C", None]
    (column,) = page_columns([Paper(venue=v) for v in venues]).offered
    assert isinstance(column, CategoryColumn)
    assert (column.name, column.label, column.values) == ("venue", "Venue", ("C", "A", "B"))
    assert column.codes.tolist() == [3, 2, 1, 3, 2, 1, 1, 0]
    assert column.codes.dtype == np.uint16


def test_years_are_numbers_and_a_paper_without_one_is_told():
    (column,) = page_columns([Paper(year=2020), Paper(), Paper(year=2024)]).offered
    assert isinstance(column, YearColumn)
    assert column.numbers.tolist() == [2020, NO_YEAR, 2024]
    assert column.n_values == 2


def test_years_that_no_calendar_has_are_none():
    (column,) = page_columns([Paper(year=y) for y in (-(10**9), 2020, 10**9)]).offered
    assert column.numbers.tolist() == [NO_YEAR, 2020, NO_YEAR]


def test_what_is_the_same_everywhere_is_left_out_with_the_reason():
    found = page_columns([Paper(year=2022, venue="AAAI")] * 3)
    assert found.offered == ()
    assert found.left_out == (
        ("Year", "the same for every paper"),
        ("Venue", "the same for every paper"),
    )


def test_what_nearly_every_paper_has_for_itself_is_left_out():
    papers = with_extra("address", "a", "b", "c", "c", "d")
    assert page_columns(papers).left_out == (("address", "nearly every paper has its own"),)
    assert "address" in columns_of(*with_extra("address", "a", "a", "b", "b"))


def test_one_value_that_some_papers_have_is_offered():
    column = columns_of(Paper(status="retracted"), Paper(), Paper(code=True))["status"]
    assert (column.values, column.codes.tolist()) == (("retracted",), [1, 0, 0])
    assert columns_of(Paper(code=True), Paper())["code"].values == ("available",)


def test_a_paper_of_several_files_counts_in_each():
    both = Paper(sources=(Source("b.txt", 1), Source("b.txt", 9), Source("a.txt", 1)))
    one = Paper(sources=(Source("a.txt", 2),))
    column = columns_of(both, one, one, both)["source"]
    assert column.values == ("a.txt", "b.txt")
    assert column.codes.tolist() == [2, 1, 1, 2]
    assert column.further.tolist() == [[0, 1], [3, 1]]


def test_spaces_do_not_make_another_value():
    assert columns_of(*with_extra("area", " a  b ", "a b", "\t", "c", "c"))["area"].values == (
        "a b",
        "c",
    )


def test_rare_values_stand_together(monkeypatch):
    monkeypatch.setattr(columns_module, "MAX_VALUES", 3)
    texts = ["a"] * 4 + ["b"] * 3 + ["c"] * 2 + ["d"] * 2 + ["e"]
    column = columns_of(*with_extra("area", *texts))["area"]
    assert column.values == ("a", "b", "3 others")
    assert column.n_others == 3
    assert column.codes.tolist() == [1] * 4 + [2] * 3 + [3] * 5


def test_a_column_called_as_a_field_keeps_apart_from_it():
    papers = [Paper(venue=v, extra=(("venue", x),)) for v, x in ("aX", "aX", "bY", "bY")]
    found = columns_of(*papers)
    assert found["venue"].values == ("a", "b")
    assert found["venue (column)"].values == ("X", "Y")


def test_many_numbers_become_ranges_of_about_as_many_papers():
    citations = [i * i for i in range(120)] + [0]  # twice 0: these are no ids
    column = columns_of(*with_extra("citations", *map(str, citations)))["citations"]
    assert column.values == (
        "under 360",
        "360 to under 1500",
        "1500 to under 3500",
        "3500 to under 6200",
        "6200 to under 9800",
        "9800 and over",
    )
    assert column.is_ordered
    assert column.codes[20] == 2
    assert np.bincount(column.codes)[1:].tolist() == [20, 20, 21, 19, 20, 21]


def test_few_numbers_and_numbers_that_are_ids_stay_as_they_are():
    few = columns_of(*with_extra("grade", *"123123"))["grade"]
    assert (few.values, few.is_ordered) == (("1", "2", "3"), False)
    ids = with_extra("number", *map(str, range(MAX_PLAIN_NUMBERS + 5)))
    assert page_columns(ids).left_out == (("number", "nearly every paper has its own"),)


@given(st.lists(st.lists(st.text(max_size=4), max_size=3), max_size=40))
def test_every_paper_has_the_values_that_its_codes_say(texts):
    papers = [Paper(keywords=tuple(own)) for own in texts]
    for column in columns_of(*papers).values():
        said = [{column.values[code - 1]} if code else set() for code in column.codes.tolist()]
        for row, code in column.further.tolist():
            said[row].add(column.values[code - 1])
        if not column.is_ordered:
            assert said == [{" ".join(t.split()) for t in own if t.split()} for own in texts]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1))
def test_each_number_lies_in_one_range(numbers):
    papers = with_extra("measure", *(f"{n:g}" for n in numbers))
    for column in columns_of(*papers).values():
        assert (column.codes > 0).all()
        if column.is_ordered:
            assert len(column.values) <= N_RANGES
            order = np.argsort([float(f"{n:g}") for n in numbers], kind="stable")
            assert (np.diff(column.codes[order].astype(int)) >= 0).all()


@pytest.mark.parametrize("name", ["__proto__", "constructor", "theme", "year"])
def test_names_that_mean_something_to_a_page_are_only_names(name):
    found = columns_of(*with_extra(name, "a", "a", "b", "b"))
    assert set(found) == {f"{name} (column)" if name in {"theme", "year"} else name}

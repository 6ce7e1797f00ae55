"""Names: one form, many lists, and who may be whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import display_name, same_person, split_authors


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Alvarez-Melis, David", "David Alvarez-Melis"),
        ("David Alvarez-Melis", "David Alvarez-Melis"),
        ("van der Berg, Jan", "Jan van der Berg"),
        ("King, Jr., Ann", "Ann King Jr."),
        ("Ann King, Jr.", "Ann King Jr."),
        ("  Ou ,  Li ", "Li Ou"),
    ],
)
def test_display_names(written, shown):
    assert display_name(written) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fusi, Nicolò", "Nicolo Fusi"),
        ("Sham M. Kakade", "Sham Kakade"),
        ("S. Kakade", "Sham M. Kakade"),
        ("S. M. Kakade", "Kakade, Sham"),
        ("S.M. Kakade", "Sham Kakade"),
        ("Jean-Paul Roy", "J.-P. Roy"),
        ("Jean-Paul Roy", "Jean Paul Roy"),
        ("Kim Min Su", "Min Su Kim"),
    ],
)
def test_one_person(one, other):
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sham Kakade", "Sam Kakade"),
        ("S. Kakade", "T. Kakade"),
        ("Ana Vega", "Ana Vera"),
        ("Vega", "Ana Vega"),
        ("Ana B. Vega", "Ana C. Vega"),
        ("", ""),
    ],
)
def test_two_people(one, other):
    assert not same_person(one, other)


@pytest.mark.parametrize(
    ("text", "names", "truncated"),
    [
        ("A B; C D", ("A B", "C D"), False),
        ("Vega, Ana; Boer, Jan de", ("Ana Vega", "Jan de Boer"), False),
        ("Vega, Ana, Boer, Jan", ("Ana Vega", "Jan Boer"), False),
        ("Ana Vega, Jan Boer, and Li Wu", ("Ana Vega", "Jan Boer", "Li Wu"), False),
        ("Vega, Ana and Boer, Jan", ("Ana Vega", "Jan Boer"), False),
        ("Ana Vega & Li Wu", ("Ana Vega", "Li Wu"), False),
        ("Ana Vega, Li Wu et al.", ("Ana Vega", "Li Wu"), True),
        ("Ana Vega and others", ("Ana Vega",), True),
        ("Ana Vega", ("Ana Vega",), False),
        ("Kakade, Sham M., Malach, Eran", ("Sham M. Kakade", "Eran Malach"), False),
        ("", (), False),
    ],
)
def test_author_lists(text, names, truncated):
    assert split_authors(text) == (names, truncated)


@given(st.text(max_size=60), st.text(max_size=60))
def test_comparing_is_symmetric_and_total(one, other):
    assert same_person(one, other) == same_person(other, one)
    split_authors(one)

"""Names: one form, many lists, and who may be whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import display_name, same_person, split_authors, split_name


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Alvarez-Melis, David", "David Alvarez-Melis"),
        ("David Alvarez-Melis", "David Alvarez-Melis"),
        ("van der Berg, Jan", "Jan van der Berg"),
        ("King, Jr., Ann", "Ann King Jr."),
        ("Ann King, Jr.", "Ann King Jr."),
        ("  Ou ,  Li ", "Li Ou"),
        ("Wei Wang 0001", "Wei Wang"),
        ("Wang, Wei 0017", "Wei Wang"),
        ("KDD Cup 2012", "KDD Cup 2012"),
        ("0001", "0001"),
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
        ("Smith JA", "John A. Smith"),
        ("Smith JA", "J.A. Smith"),
        ("Smith J A", "Smith, John Albert"),
        ("JA Smith", "John A. Smith"),
        ("García Márquez G", "Gabriel García Márquez"),
        ("van der Berg J", "Johan van der Berg"),
        ("Berg J", "Johan van der Berg"),
        ("Li XM", "Xiao-Ming Li"),
        ("Müller K", "Klaus Mueller"),
        ("JOHN LI", "Li J"),
        ("Serre JP", "Jean-Pierre Serre"),
        ("Zhang Xiaoming", "Xiao-Ming Zhang"),
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
        ("Smith JB", "John A. Smith"),
        ("JA Smith", "JB Smith"),
        ("Jane S", "Smith J"),
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
        ("Smith, J., Jones, K., & Lee, M. (2019)", ("J. Smith", "K. Jones", "M. Lee"), False),
        ("Smith, J. K., and Jones, P.", ("J. K. Smith", "P. Jones"), False),
        ("Vega, A.(1); Boer, J. (1,2); Ng, L.[*]", ("A. Vega", "J. Boer", "L. Ng"), False),
        ("Moss Society (MS)", ("Moss Society (MS)",), False),
        ("A Vega, J Boer…", ("A Vega", "J Boer"), True),
        ("A Vega, J Boer, ...", ("A Vega", "J Boer"), True),
        ("", (), False),
    ],
)
def test_author_lists(text, names, truncated):
    assert split_authors(text) == (names, truncated)


@given(st.text(max_size=60), st.text(max_size=60))
def test_comparing_is_symmetric_and_total(one, other):
    assert same_person(one, other) == same_person(other, one)
    split_authors(one)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Sham M. Kakade", ("Kakade", "Sham M.", "")),
        ("Ludwig van der Berg", ("van der Berg", "Ludwig", "")),
        ("Jane Doe Jr.", ("Doe", "Jane", "Jr.")),
        ("OpenAI", ("OpenAI", "", "")),
        ("Md Kowsher", ("Md Kowsher", "", "")),
        ("van Gogh", ("Gogh", "van", "")),
        ("", ("", "", "")),
    ],
)
def test_the_parts_of_a_name(name, parts):
    assert split_name(name) == parts


@given(st.lists(st.sampled_from(["Ann", "van", "der", "Li", "Jr", "III", "Md", "é"])).map(" ".join))
def test_a_name_comes_back_from_its_parts(name):
    family, given_names, suffix = split_name(name)
    assert display_name(", ".join(part for part in (family, given_names, suffix) if part)) == name
    assert display_name(", ".join(part for part in (family, suffix, given_names) if part)) == name

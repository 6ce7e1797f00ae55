"""Titles: what they are without marks, and what makes two of them two papers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import comparison_key
from pipeline.papers.titles import Title, are_respellings, differ_in_signs, is_main_of, status_in
from pipeline.papers.wording import spaced_words


@pytest.mark.parametrize(
    ("title", "status", "rest"),
    [
        ("RETRACTED: Moss on Walls", "retracted", "Moss on Walls"),
        ("Retracted Article: Moss on Walls", "retracted", "Moss on Walls"),
        ("[Retracted] Moss on Walls", "retracted", "Moss on Walls"),
        ("WITHDRAWN: Moss on Walls", "withdrawn", "Moss on Walls"),
        ("Moss on Walls (Retracted article. See vol. 3)", "retracted", "Moss on Walls"),
        ("Retraction: Moss on Walls", None, "Retraction: Moss on Walls"),
        ("Withdrawn from Walls", None, "Withdrawn from Walls"),
        ("Retracted claws of cats", None, "Retracted claws of cats"),
    ],
)
def test_marks_of_publishers(title, status, rest):
    assert status_in(title) == status
    assert Title(title).text == rest


@pytest.mark.parametrize(
    ("title", "main"),
    [
        ("Moss on walls: a study", "Moss on walls"),
        ("Moss on walls - a study", "Moss on walls"),
        ("Moss on walls? A study", "Moss on walls?"),
        ("St. Gall moss on walls \u2014 a study", "St. Gall moss on walls"),
    ],
)
def test_a_title_without_its_subtitle(title, main):
    assert is_main_of(Title(main), Title(title))


@pytest.mark.parametrize("title", ["Moss: a study", "Moss on walls 1:2", "Well-kept moss on walls"])
def test_what_is_too_short_or_no_subtitle(title):
    assert Title(title).mains == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Data-sets of moss & stone", "Datasets of Moss and Stone"),
        ("[Moss on walls].", "Moss on walls"),
        ("The \u03b2-carotene of moss", "The beta-carotene of moss"),
        ("CO\u2082 in moss", "CO2 in moss"),
    ],
)
def test_titles_that_do_not_differ(one, other):
    assert Title(one).squashed == Title(other).squashed


def test_numbers_of_parts_and_chapters():
    assert Title("On Moss. Part III").markers == Title("On Moss .3.").markers == {"3"}
    assert Title("2-2D Moss").markers != Title("2-2D Moss: Part II").markers
    assert Title("Chapter 15 - On Moss").key == "on moss"
    assert Title("Chapter and Verse").key == "chapter and verse"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CD4+ T cells", "CD4- T cells"),
        ("CD4(+) T cells", "CD4⁻ T cells"),
        ("Production of π^+ in lead", "Production of π− in lead"),
        ("Safe programs in C", "Safe programs in C++"),
        ("Safe programs in C#", "Safe programs in C"),
        ("A field of 1.5 T", "A field of 15 T"),
        ("1,2-dichloride", "12-dichloride"),
    ],
)
def test_signs_that_letters_do_not_say(one, other):
    assert Title(one).squashed == Title(other).squashed
    assert differ_in_signs(Title(one), Title(other))
    assert differ_in_signs(Title(other), Title(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CD4+ T cells", "CD4(+) T cells"),
        ("CD4+ T cells", "CD4 T cells"),
        ("Uptake of CO2", "Uptake of CO 2"),
        ("Of 10,000 mosses", "Of 10 000 mosses"),
        ("Of 10,000 mosses", "Of 10000 mosses"),
        ("Moss - a study", "Moss: a study"),
        ("State-of-the-art mosses", "State of the art mosses"),
    ],
)
def test_signs_that_tell_nothing(one, other):
    assert not differ_in_signs(Title(one), Title(other))


def test_respellings_are_told_from_opposites():
    assert are_respellings(Title("Modelling of moss"), Title("Modeling of moss"))
    assert not are_respellings(Title("Typical moss"), Title("Atypical moss"))
    assert not are_respellings(Title("Moss in 2001"), Title("Moss in 2002"))


@pytest.mark.parametrize(
    ("title", "is_serial"),
    [
        ("Annual Report of the Moss Society", True),
        ("Proceedings of the Moss Days", True),
        ("Editorial", True),
        ("State of the Art in Moss", False),
        ("How Moss Keeps Water", False),
    ],
)
def test_titles_that_come_back_every_year(title, is_serial):
    assert Title(title).is_serial is is_serial


@given(st.text(max_size=80))
def test_words_are_those_of_the_comparison_key(text):
    assert spaced_words(text).split() == comparison_key(text).split()


@given(st.text(max_size=80))
def test_every_text_is_a_title(text):
    title = Title(text)
    assert title.squashed not in title.mains
    assert title.n_words >= 0
    assert len(title.markers) <= len(title.key.split())

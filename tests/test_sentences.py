"""Where sentences end, and what looks like an end and is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sentences import MAX_CHARS, beginning_of, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("  ", []),
        ("Ice melts", ["Ice melts"]),
        ("Ice melts. Snow falls! Does it? Yes.", ["Ice melts.", "Snow falls!", "Does it?", "Yes."]),
        ("It “melts.” Snow (often.) So.", ["It “melts.”", "Snow (often.)", "So."]),
        ("Ice melts.We study snow.", ["Ice melts.", "We study snow."]),
        ("It melts [1]. (See Bern.)", ["It melts [1].", "(See Bern.)"]),
    ],
)  # fmt: skip
def test_a_sentence_ends_before_a_capital(text, sentences):
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    "text",
    [
        "Ice, e.g. Alpine ice, melts.", "Ice, i.e. Water, melts.", "Smith et al. Bern say so.",
        "See Fig. A for ice.", "By Eq. (3) it melts.", "It melts by 1.5 K.", "It has 0.5 Percent.",
        "Ice vs. Snow is old.", "J. Smith and A. B. Bern agree.", "Dr. Smith agrees.",
        "We use v1.Alpha of it.", "Hosted at www.ice.We",
    ],
)  # fmt: skip
def test_abbreviations_initials_and_decimals_end_none(text):
    assert split_sentences(text) == [text]


def test_an_abbreviation_at_an_end_is_told_by_what_follows():
    assert split_sentences("So did Smith et al. We differ.") == [
        "So did Smith et al.",
        "We differ.",
    ]
    assert split_sentences("Ice, snow, etc. The sun.") == ["Ice, snow, etc.", "The sun."]


@given(st.text(alphabet='aB.?! \n("“”)e1', max_size=60))
def test_no_letter_is_lost(text):
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("short", "short"),
        ("x" * 5000, "x" * MAX_CHARS),
        ("a " + "水" * 5000, "a " + "水" * (MAX_CHARS - 2)),
        ("a. " + "ice " * 2000, ("a. " + "ice " * 2000)[: MAX_CHARS - 2]),
    ],
)  # fmt: skip
def test_a_long_text_is_used_to_the_end_of_a_word_where_it_has_words(text, used):
    assert beginning_of(text).rstrip() == used.rstrip()

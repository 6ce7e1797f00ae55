"""Titles and abstracts of plain text by its lines."""

from __future__ import annotations

import pytest

from pipeline.drafts.plain import find_abstract, read_plain, split_title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("On Mass\nMass moves.", "On Mass"),
        ("On Mass\n\nMass moves.", "On Mass"),
        ("On the Motion of\nGreat Mass\n\nMass moves.", "On the Motion of Great Mass"),
        ("Title: On Mass\n\nMass moves.", "On Mass"),
        ("\n\nOn Mass\nMass moves.\nIt rests.", "On Mass"),
        # Broken where the line was full: prose.
        (
            "Mass moves along the geodesics of some plane\n"
            "underneath it and rests on them for ever.\nOr not.",
            "",
        ),
        ("Mass moves along\nthe plane.", ""),
        ("Mass moves.", ""),
        ("Abstract\nMass moves.", ""),
        ("- one\n- two\n\nMass moves.", ""),
    ],
)
def test_the_title_of_a_text(text, title):
    assert split_title(text.split("\n"))[0] == title


@pytest.mark.parametrize(
    "heading",
    ["Abstract", "ABSTRACT", "Abstract:", "A B S T R A C T", "A BSTRACT", "0. Abstract",
     "**Abstract**", "Summary"],
)  # fmt: skip
@pytest.mark.parametrize(
    "end",
    ["1 Introduction", "1. Introduction", "I. INTRODUCTION", "1 I NTRODUCTION", "Introduction",
     "Keywords: mass", "Index Terms—mass", "CCS Concepts", "Contents"],
)  # fmt: skip
def test_an_abstract_stands_between_its_heading_and_what_follows_it(heading, end):
    lines = ["On Mass", "A. Body", heading, "Mass moves.", "It rests.", end, "Long ago."]
    assert find_abstract(lines) == ("\nMass moves.\nIt rests.", [end, "Long ago."])


@pytest.mark.parametrize("line", ["Abstract: Mass moves.", "Abstract—Mass moves.", "Abstract. Mass "
                                  "moves.", "Abstract - Mass moves."])  # fmt: skip
def test_an_abstract_may_begin_on_its_heading_s_line(line):
    assert find_abstract(["On Mass", line, "1 Introduction"])[0] == "Mass moves."


@pytest.mark.parametrize(
    "line",
    ["Abstract Syntax Notation One", "Abstract algebra is fun", "abstracts of papers",
     "Summaries of texts", "summary statistics matter"],
)  # fmt: skip
def test_a_word_in_running_text_is_no_heading(line):
    assert find_abstract([line, "Mass moves."]) == ("", [line, "Mass moves."])


def test_an_abstract_that_nothing_ends_is_one_paragraph_of_a_long_text():
    lines = ["Abstract", "Mass moves.", "", *["It rests and moves again."] * 400]
    assert find_abstract(lines)[0] == "Mass moves."


def test_a_label_that_nothing_follows_is_no_abstract():
    assert read_plain("On Mass\n\nMass moves.\nAbstract\n").abstract == ""

from __future__ import annotations

import json

import pytest

from pipeline.cli.layout import cell_len, fit, fit_list, pad, plain, wrap
from pipeline.cli.stream import encodable, write_json


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("short", None, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("cut at a word", 11, "cut at a…"),
        ("cut at a, word", 11, "cut at a…"),
        ("unbreakable", 6, "unbre…"),
        ("a unbreakable", 8, "a unbre…"),
        ("氷河の後退", 6, "氷河…"),
        ("any", 0, "…"),
    ],
)
def test_what_is_too_long_is_cut_with_a_mark(text, width, fitted):
    assert fit(text, width) == fitted


def test_a_list_is_cut_between_its_parts():
    assert fit_list(["one", "two", "three"], 99) == "one, two, three"
    assert fit_list(["one", "two", "three"], 13) == "one, two, …"
    assert fit_list(["one", "two"], 2) == "…"
    assert fit_list([], 2) == ""
    assert fit_list(["one", "two"], None) == "one, two"


def test_paragraphs_wrap_by_what_a_terminal_shows_with_a_hanging_indent():
    assert wrap("a bb ccc dddd", 8, first="1. ", indent="   ") == ["1. a bb", "   ccc", "   dddd"]
    assert wrap("", 8, first="- ") == ["- "]
    wide = wrap("氷河の後退" * 9, 20, indent="  ")
    assert max(map(cell_len, wide)) <= 20
    assert "".join(line.strip() for line in wide) == "氷河の後退" * 9
    assert max(map(len, wrap("word " * 200, None))) <= 100


def test_padding_counts_columns():
    assert pad("氷", 4) == "氷  "
    assert pad("long", 2) == "long"


def test_text_of_a_file_cannot_steer_a_terminal():
    assert plain("a\x1b[31mred\x07\r\n b\u202e") == "a [31mred b"


def test_what_an_encoding_lacks_is_written_in_its_nearest_form():
    assert encodable("“Şirin” … Nicolò · 氷", "ascii") == '"Sirin" ... Nicolo | ?'
    assert encodable("“Nicolò”", "latin-1") == '"Nicolò"'
    assert encodable("“氷”", "utf-8") == "“氷”"
    assert encodable("a\udcffb", "utf-8") == "a?b"


def test_json_has_no_number_that_json_has_not(capsys):
    write_json("any", {"a": float("inf"), "b": [float("nan"), {"c": -float("inf")}], "d": 0.5})
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told == {"schema": "paperatlas.any/1", "a": None, "b": [None, {"c": None}], "d": 0.5}

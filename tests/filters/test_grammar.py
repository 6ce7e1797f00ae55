"""What is read as which filter, and what is refused where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.filters import Filter, all_of, parse_filter
from pipeline.filters.columns import FIELDS, SYNONYMS
from pipeline.filters.conditions import (
    KEYWORDS,
    AllOf,
    Among,
    AnyOf,
    Between,
    Comparison,
    Field,
    Like,
    Missing,
    Not,
)

YEAR, VENUE = Field("year"), Field("venue")
NEW = Comparison(YEAR, ">=", "2020")
ICML = Comparison(VENUE, "=", "icml")


def conditions():
    """Any condition that a filter can say."""
    texts = st.text(max_size=8) | st.sampled_from([*KEYWORDS, "it's", "5", "-2.5", "cs.LG", "a b"])
    names = st.sampled_from(["year", "venue", "Ünïcode", "paper-area"])
    fields = st.builds(Field, names) | st.builds(Field, texts, st.just(True))
    operators = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    values = st.lists(texts, min_size=1, max_size=3).map(tuple)
    tests = (
        st.builds(Comparison, fields, operators, texts)
        | st.builds(Among, fields, values, st.booleans())
        | st.builds(Like, fields, texts, st.booleans())
        | st.builds(Between, fields, texts, texts, st.booleans())
        | st.builds(Missing, fields, st.booleans())
    )

    def wider(parts):
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        return st.builds(Not, parts) | st.builds(AllOf, several) | st.builds(AnyOf, several)

    return st.recursive(tests, wider, max_leaves=8)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("year>=2020", NEW),
        ("YEAR >= '2020'", Comparison(Field("YEAR"), ">=", "2020")),
        ("year == 5", Comparison(YEAR, "=", "5")),
        ("year <> -5.5", Comparison(YEAR, "!=", "-5.5")),
        ("venue = icml", ICML),
        ('venue = "icml"', ICML),
        ("venue = android", Comparison(VENUE, "=", "android")),
        ("venue = 'it''s'", Comparison(VENUE, "=", "it's")),
        ('venue = "a ""b"" \'c\'"', Comparison(VENUE, "=", "a \"b\" 'c'")),
        ("venue = 'a\0\nb'", Comparison(VENUE, "=", "a\0\nb")),
        ("venue = ''", Comparison(VENUE, "=", "")),
        ("doi = 10.1000/x-y.z", Comparison(Field("doi"), "=", "10.1000/x-y.z")),
        ("date > 2020-05-31", Comparison(Field("date"), ">", "2020-05-31")),
        ("venue in (icml,'nips' , 3)", Among(VENUE, ("icml", "nips", "3"))),
        ("venue NOT  In (icml)", Among(VENUE, ("icml",), is_negated=True)),
        ("venue like 10%", Like(VENUE, "10%")),
        ("venue not like 'x'", Like(VENUE, "x", is_negated=True)),
        ("year between 1 and 2", Between(YEAR, "1", "2")),
        ("year not between 1 and 2 and year >= 2020",
         AllOf((Between(YEAR, "1", "2", is_negated=True), NEW))),
        ("venue is null", Missing(VENUE)),
        ("venue IS Missing", Missing(VENUE)),
        ("venue is not null", Missing(VENUE, is_negated=True)),
        ("[Paper Area] = x", Comparison(Field("Paper Area", is_column=True), "=", "x")),
        ("[a]]b] = x", Comparison(Field("a]b", is_column=True), "=", "x")),
        ("`a``b` = x", Comparison(Field("a`b", is_column=True), "=", "x")),
        ("[and] = x", Comparison(Field("and", is_column=True), "=", "x")),
        ("not venue = icml", Not(ICML)),
        ("not not venue = icml", Not(Not(ICML))),
        ("year >= 2020 and venue = icml and year >= 2020", AllOf((NEW, ICML, NEW))),
        ("year >= 2020 or venue = icml and year >= 2020", AnyOf((NEW, AllOf((ICML, NEW))))),
        ("(year >= 2020 or venue = icml)and year >= 2020", AllOf((AnyOf((NEW, ICML)), NEW))),
        ("not (year >= 2020 or venue = icml)", Not(AnyOf((NEW, ICML)))),
        ("not year >= 2020 or venue = icml", AnyOf((Not(NEW), ICML))),
        ("(" * 4000 + "year >= 2020" + ")" * 4000, NEW),
    ],
)  # fmt: skip
def test_read_as(text, condition):
    assert parse_filter(text) == Filter(condition)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("year >=", "column 8: expected a value, not the end"),
        ("year", "column 5: expected a comparison such as = or <, 'not', 'in', 'like', 'between'"),
        ("venue = ICML 2020", "column 14: expected 'and', 'or' or the end, not '2020'"),
        ("venue = and", "column 9: expected a value, not 'and'"),
        ("(year = 1", "column 10: expected ')', not the end"),
        ("year = 1)", "column 9: expected the end, not ')'"),
        ("year in ()", "column 10: expected a value, not ')'"),
        ("year in (1 2)", "column 12: expected a comma or ')', not '2'"),
        ("year between 1 or 2", "column 16: expected 'and', not 'or'"),
        ("'year' = 1", "column 1: expected a field, 'not' or '(', not \"'year'\""),
        ("year is 3", "column 9: expected 'not', 'null' or 'missing', not '3'"),
        ("venue = 'icml", "column 9: what begins with ' has no end"),
        ("[venue = 1", "column 1: what begins with [ has no end"),
        ("year = 1; drop table papers", "column 9: no filter has ';' here"),
        ("year = 1 -- and so on", "column 10: no filter has '-' here"),
        ("year = 1 /* x */", "column 10: no filter has '/' here"),
        ("year = 1 union select * from papers", "column 10: expected 'and', 'or' or the end"),
        ("year = count(*)", "column 13: expected 'and', 'or' or the end, not '('"),
        ("year = 1 or 1 = 1", None),
        ("year = " + "9" * 5000, "column 8: a number of 5,000 characters"),
        ("not " * 200 + "year = 1", "201 levels of and, or and not"),
        ("year = 1 or " * 1000, "12,000 characters"),
        ("\ud800 = 1", "column 1: no filter has '\\ud800' here"),
    ],
)
def test_refused_at(text, told):
    if told is None:  # no trick: a field named 1, of which only an atlas can say that it is none
        assert parse_filter(text).condition.parts[1].field == Field("1")
        return
    with pytest.raises(UsageError) as refused:
        parse_filter(text)
    assert told in refused.value.message
    assert refused.value.hint
    assert "\n" not in refused.value.message + refused.value.hint


@given(conditions())
def test_what_a_filter_says_is_read_as_the_same_filter(condition):
    assert parse_filter(str(Filter(condition))) == Filter(condition)


@given(st.text() | st.lists(st.sampled_from([*KEYWORDS, *"()[],=<'\"`", "year", "!=", "1", " "]))
       .map(" ".join))  # fmt: skip
def test_any_text_is_a_filter_or_refused(text):
    try:
        found = parse_filter(text)
    except UsageError:
        return
    assert parse_filter(str(found)) == found


def test_several_conditions_are_joined_and_nothing_is_no_filter():
    assert all_of() is None
    since = Comparison(Field("date"), ">=", "2020-05")
    assert all_of(since="2020-05") == Filter(since)
    assert all_of("year >= 2020 or venue = icml", "2020-05", "cs", "a b") == Filter(
        AllOf(
            (
                AnyOf((NEW, ICML)),
                since,
                Comparison(Field("category"), "=", "cs"),
                Comparison(Field("theme"), "=", "a b"),
            )
        )
    )


@pytest.mark.parametrize(
    "given", [{"since": "yesterday"}, {"since": ""}, {"category": " "}, {"theme": ""},
              {"where": ""}, {"since": "2020 or 1=1"}]
)  # fmt: skip
def test_what_is_joined_must_say_something(given):
    with pytest.raises(UsageError):
        all_of(**given)


def test_every_filter_of_the_documentation_is_read():
    page = (Path(__file__).parents[2] / "docs" / "filters.md").read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| \d+ \|", page, re.MULTILINE)
    assert len(rows) == 11
    for text in [*rows, *re.findall(r"parse_filter\(\"([^\"]+)\"\)", page)]:
        assert parse_filter(text)
    for name in [*FIELDS, *SYNONYMS, *KEYWORDS]:
        assert f"`{name}`" in page

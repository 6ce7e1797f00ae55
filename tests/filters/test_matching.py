"""Which rows a filter wants: by hand, and held against a plain evaluation paper by paper."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.filters import PaperColumns, all_of, parse_filter
from pipeline.filters.columns import FIELDS as EVERY_FIELD
from pipeline.filters.columns import SYNONYMS
from pipeline.filters.conditions import (
    AllOf,
    Among,
    AnyOf,
    Between,
    Comparison,
    Field,
    Filter,
    Like,
    Missing,
    Not,
)
from tests.filters.small_table import PAPERS, THEME_IDS, SmallTable

COLUMNS = PaperColumns(SmallTable())


def ids_of(text):
    return "".join(PAPERS[row].id for row in parse_filter(text).rows(COLUMNS))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        # what was published, and what became of it
        ("status = retracted", "b"), ("status is missing", "acde"), ("kind like 'paper%'", "a"),
        ("language = EN", "a"), ("language != en", ""),
        # numbers
        ("year = 2020", "bc"), ("year == '2020'", "bc"), ("year = 2020.0", "bc"),
        ("year != 2020", "ad"), ("year <> 2020", "ad"), ("year < 2020", "a"),
        ("year <= 2020", "abc"), ("year > 2020", "d"), ("year >= 2020", "bcd"),
        ("year between 2019 and 2020", "abc"), ("year not between 2019 and 2020", "d"),
        ("year between 2020 and 2019", ""), ("year in (2019, 2021)", "ad"),
        ("year not in (2019, 2021)", "bc"), ("year like '202_'", "bcd"),
        ("score > -3", "ad"), ("score = 7.5", "a"), ("score >= 7.6", ""), ("score < 1e1", "ad"),
        # dates: a month or a year counts as its first day, a paper's year where it has no date
        ("date >= 2020", "bcd"), ("date >= 2020-03", "bd"), ("date >= 2020-03-02", "d"),
        ("date = 2020", "bc"), ("date = 2020-03", "b"), ("date < 2020-03", "ac"),
        ("date <= 2020-03", "abc"), ("date > 2019-05-20", "bcd"), ("date > 2019-05", "bcd"),
        ("date > 2020", "d"), ("date = 2021-09-11", "d"), ("date is missing", "e"),
        ("date between 2019-05-20 and 2020-01", "ac"), ("date like '%-09-%'", "d"),
        ("date != 2020", "ad"),
        # texts: no case, no accents, no spare spaces
        ("venue = icml", "a"), ("venue = ' Nips '", "b"), ("venue in (ICML, nips)", "ab"),
        ("venue != icml", "bc"), ("venue not in (icml, nips)", "c"), ("venue < n", "a"),
        ("venue >= nips", "b"), ("title = 'optimal transport'", "a"), ("title = 'x'", ""),
        ("title like 'ISTANBUL'", "d"), ("title like 'al t'", "a"), ("title not like 'o'", "c"),
        ("title not like 'n'", "c"), ("abstract like earth", "a"),
        ("title = 'it''s a \\ test'", "c"),
        # wildcards: with % the whole text, else a part of it
        ("title like 'o%'", "a"), ("title like '%o'", ""), ("title like '%o%t'", "a"),
        ("title like 'u_t'", "e"), ("title like 'n_old'", "e"), ("title like 'n_ld'", ""),
        ("title like '100\\%'", "b"),
        ("title like '%snow\\_%'", "b"), ("title like '%t\\_%'", ""), ("title like '\\\\'", "c"),
        ("title like ''", "abcde"), ("title like '%'", "abcde"), ("title like 'unt%tol%'", ""),
        # lists: one of them is
        ("author = 'sham kakade'", "a"), ("authors like kakade", "a"), ("author = kakade", ""),
        ("author like 'sirin'", "a"), ("author = 'ada nunez'", "b"), ("author != devvrit", "ab"),
        ("author not like kakade", "bd"), ("not author like kakade", "bd"),
        ("author is missing", "ce"), ("keyword = OT", "ad"), ("keywords in (maps, x)", "a"),
        ("keyword between m and n", "a"), ("affiliation is null", "abcde"),
        ("id = A-OLD", "a"), ("id = 'arxiv:1'", "a"), ("id in (b, c)", "bc"), ("id != a", "bcde"),
        ("source = two.txt", "ade"), ("file like 'one%'", "abc"), ("source not like two", "bc"),
        # categories: a prefix that ends at a dot
        ("category = cs", "abc"), ("category = CS.LG", "a"), ("category = c", ""),
        ("category != cs", "d"), ("category in (cs.LG, csx)", "ad"), ("categories = cs.", ""),
        # code
        ("code = yes", "a"), ("code = False", "bcde"), ("code != 1", "bcde"), ("code is null", ""),
        # columns of the sources
        ("citations = 9", "ad"), ("citations > 9", "b"), ("citations >= 9", "abd"),
        ("citations <= 9.5", "ad"), ("citations != 9", "bc"), ("not citations > 9", "ad"),
        ("citations = 'N/A'", "c"), ("citations is null", "e"),
        ("citations between 9 and 10", "abd"),
        ("citations like '9%'", "ad"), ("citations > m", "c"),
        ("[Paper Area] = theory", "ab"), ("`paper area` = Vision", "c"),
        ("paper_area = vision", "c"),
        ("[Paper Area] != theory", "c"), ("paper-area < u", "ab"), ("paper_area > 5", "abc"),
        ("[year] = mmxix", "a"), ("[venue] = icml", "a"),
        # themes, of any layer
        ("theme = 0", "ab"), ("theme = 2", "ab"), ("theme = 3", "cd"), ("theme = language", "cd"),
        ("theme = TRANSPORT", "ab"), ("theme like transport", "ab"), ("theme like 'l%'", "cd"),
        ("theme in (0, language)", "abcd"), ("theme != 0", "cde"), ("not theme = 0", "cde"),
        ("theme not like transport", "cde"), ("theme is missing", "e"),
        ("theme is not null", "abcd"), ("themes like nothing", ""),
        # together
        ("year>=2020 and venue in ('neurips','nips')", "bc"),
        ("venue = icml or year = 2021", "ad"), ("venue = icml or venue is missing", "ade"),
        ("not (venue = icml or year = 2021)", "bc"), ("not (venue = icml and year = 2019)", "bcd"),
        ("venue is not missing and not year = 2020", "a"), ("arxiv like '1905.'", "a"),
        ("arxiv_id >= 1905.00000", "a"), ("doi = 10.1000/X", "a"), ("url is missing", "abcde"),
        ("title = 'x'' or 1=1 --'", ""), ("title like '%; drop table papers%'", ""),
    ],
)  # fmt: skip
def test_rows_of(text, ids):
    assert ids_of(text) == ids


def test_rows_are_ascending_whole_numbers():
    rows = parse_filter("year >= 2020").rows(COLUMNS)
    assert rows.dtype == np.int64
    assert rows.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({"since": "2020"}, "bcd"),
        ({"since": "2020-03"}, "bd"),
        ({"category": "cs", "since": "2020"}, "bc"),
        ({"theme": "transport", "where": "year = 2020 or year = 2019"}, "ab"),
        ({"theme": "transport", "where": "year = 2020 or year = 2019", "category": "cs.LG"}, "a"),
    ],
)
def test_rows_of_several(given, ids):
    assert "".join(PAPERS[row].id for row in all_of(**given).rows(COLUMNS)) == ids


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        ("yeer = 2020", "column 1: no field 'yeer'", "did you mean year? known fields: id, title"),
        ("year = 1 and autor = x", "column 14: no field 'autor'", "did you mean author?"),
        ("x = 1", "no field 'x'", "theme, Paper Area, citations, year"),
        ("[citation] = 3", "no field 'citation'", "did you mean citations?"),
        ("year = abc", "column 1: year holds numbers, not 'abc'", "number"),
        ("year > 1e999", "year holds numbers, not '1e999'", "number"),
        ("year > 2020-05", "year holds numbers, not '2020-05'", "number"),
        ("date = 2020-13", "date holds dates, not '2020-13'", "2024-09"),
        ("date = 2021-02-29", "date holds dates, not '2021-02-29'", "2024-09"),
        ("code = maybe", "code is not 'maybe'", "code = yes"),
        ("code > 0", "code is not > anything", "code = yes"),
        ("code like y", "code is not like 'y'", "code = yes"),
        ("theme = 12", "no theme '12' in this atlas", "paperatlas themes"),
        ("theme = transprt", "no theme 'transprt'", "nearest: Transport (2)"),
        ("theme > 1", "themes are in no order", "theme = ID"),
        ("title like '" + "_" * 101 + "'", "a pattern with 101 wildcards", "at most 100"),
    ],
)
def test_what_an_atlas_does_not_have_is_told(text, told, hint):
    with pytest.raises(UsageError) as refused:
        parse_filter(text).rows(COLUMNS)
    assert told in refused.value.message
    assert hint in refused.value.hint


def test_what_was_given_apart_from_a_filter_is_told_without_a_place():
    with pytest.raises(UsageError, match=r"^no theme 'x' in this atlas"):
        all_of(theme="x").rows(COLUMNS)


def test_whole_numbers_beyond_floats_are_compared_as_they_are_written():
    papers = [
        type(PAPERS[0])(id=str(i), extra=(("corpus", text),))
        for i, text in enumerate(["9007199254740993", "9007199254740992", "9007199254740994.0"])
    ]
    columns = PaperColumns(SmallTable(papers, np.full((1, 3), -1, np.int32)))
    assert parse_filter("corpus = 9007199254740993").rows(columns).tolist() == [0]


def test_many_wildcards_take_no_more_time_than_few():
    paper = type(PAPERS[0])(id="long", abstract="a" * 20_000)
    columns = PaperColumns(SmallTable([paper], np.full((1, 1), -1, np.int32)))
    # Tried in every way, this would go on for ever.
    assert parse_filter("abstract like '" + "%a" * 49 + "%b'").rows(columns).tolist() == []
    assert parse_filter("abstract like '" + "%a" * 50 + "'").rows(columns).tolist() == [0]


# ---- the same filters, paper by paper --------------------------------------------------------

FIELDS = ["year", "date", "venue", "authors", "category", "keywords", "citations", "title", "theme"]
VALUES = {
    "year": ["2019", "2020", "2021.0"],
    "date": ["2019", "2020-03", "2021-09-11", "2020-03-02"],
    "citations": ["9", "9.0", "n/a", "10", "m"],
    "theme": ["0", "3", "transport", "Language"],
}
WORDS = ["icml", "Nips", "cs", "cs.LG", "devvrit", "OT", "maps", "optimal transport", "", "o", "u"]
PATTERNS = ["o", "%o%", "9%", "_", "s_", "%", "", "t%t", "2020", "\\%", "_%_%n"]


def one_test(name):
    values = st.sampled_from(VALUES.get(name, WORDS))
    field = st.just(Field(name))
    orders = ["=", "!="] if name == "theme" else ["=", "!=", "<", "<=", ">", ">="]
    kinds = [
        st.builds(Comparison, field, st.sampled_from(orders), values),
        st.builds(Among, field, st.lists(values, min_size=1).map(tuple), st.booleans()),
        st.builds(Like, field, st.sampled_from(PATTERNS), st.booleans()),
        st.builds(Missing, field, st.booleans()),
    ]
    if name != "theme":
        kinds.append(st.builds(Between, field, values, values, st.booleans()))
    return st.one_of(kinds)


def filters():
    def wider(parts):
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        return st.builds(Not, parts) | st.builds(AllOf, several) | st.builds(AnyOf, several)

    return st.recursive(st.sampled_from(FIELDS).flatmap(one_test), wider, max_leaves=6)


def plain(text):
    bare = text.replace("İ", "I").replace("Ş", "S").replace("ú", "u").replace("ñ", "n")
    return " ".join(bare.lower().split())


def texts_of(row, name):
    paper = PAPERS[row]
    if name == "citations":
        return [text for column, text in paper.extra if column == name]
    if name == "date":
        known = paper.date or (str(paper.year) if paper.year else "")
        return [f"{paper.year}{known[1:]}"] if known.startswith("--") else [known] * bool(known)
    value = getattr(paper, name)
    return list(value) if isinstance(value, tuple) else [] if value is None else [str(value)]


def number(text):
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def first_and_last(text):
    parts = [int(part) for part in text.split("-")]
    return date(*[*parts, 1, 1][:3]), tuple(parts)


def compares(name, text, order, value):
    """One text of a paper against one value; None where nobody knows."""
    if name == "date":
        (day, _), (start, parts) = first_and_last(text), first_and_last(value)
        seen = (day.year, day.month, day.day)[: len(parts)]
        place = 0 if seen == parts else -1 if day < start else 1
    elif name == "category" and order == "=":
        return plain(text) == plain(value) or plain(text).startswith(plain(value) + ".")
    elif name in ("year", "citations") and number(value) is not None:
        if number(text) is None:
            return False if order == "=" else None
        place = (number(text) > number(value)) - (number(text) < number(value))
    else:
        place = (plain(text) > plain(value)) - (plain(text) < plain(value))
    return {"=": place == 0, "<": place < 0, ">": place > 0, "<=": place <= 0, ">=": place >= 0}[
        order
    ]


def is_like(text, pattern):
    regex = "".join(
        {"%": ".*", "_": "."}.get(sign) or re.escape(sign[-1])
        for sign in re.findall(r"\\.|.", pattern, re.DOTALL)
    )
    has_percent = "%" in pattern.replace("\\%", "")
    find = re.fullmatch if has_percent else re.search
    return find(regex, plain(text), re.DOTALL) is not None


def theme_truth(row, test):
    names = {0: "transport maps", 1: "language", 2: "transport", 3: "3"}
    own = [int(theme) for theme in THEME_IDS[:, row] if theme >= 0]
    match test:
        case Missing():
            return not own
        case Like():
            return any(is_like(names[theme], test.pattern) for theme in own)
    values = test.values if isinstance(test, Among) else [test.value]
    return any(plain(v) in (str(theme), names[theme]) for v in values for theme in own)


def some(truths):
    """Whether one is true, in three values."""
    return True if True in truths else None if None in truths else False


def truth_of_test(row, test):
    name = test.field.name
    if name == "theme":
        return theme_truth(row, test)
    texts = texts_of(row, name)
    if isinstance(test, Missing):
        return not [text for text in texts if plain(text)]
    if not texts:
        return None
    match test:
        case Like():
            return any(is_like(text, test.pattern) for text in texts)
        case Among():
            return some([compares(name, t, "=", value) for t in texts for value in test.values])
        case Between():
            bounds = [(">=", test.low), ("<=", test.high)]
        case Comparison():
            bounds = [(test.operator.replace("!=", "="), test.value)]
    if name == "citations" and not all(number(value) is not None for _, value in bounds):
        name = "text"
    return some([every([compares(name, t, *bound) for bound in bounds]) for t in texts])


def every(truths):
    return False if False in truths else None if None in truths else True


def truth(row, condition):
    match condition:
        case Not():
            found = truth(row, condition.part)
            return None if found is None else not found
        case AllOf():
            return every([truth(row, part) for part in condition.parts])
        case AnyOf():
            return some([truth(row, part) for part in condition.parts])
    found = truth_of_test(row, condition)
    negated = getattr(condition, "is_negated", False) or getattr(condition, "operator", "") == "!="
    return found if found is None or not negated else not found


@given(filters())
def test_every_filter_wants_the_papers_that_a_plain_evaluation_wants(condition):
    expected = [row for row in range(len(PAPERS)) if truth(row, condition)]
    assert Filter(condition).rows(COLUMNS).tolist() == expected
    assert parse_filter(str(Filter(condition))).rows(COLUMNS).tolist() == expected


@given(
    st.sampled_from([*EVERY_FIELD, *SYNONYMS, "citations", "paper area", "x"]),
    st.sampled_from(["=", "!=", "<", ">=", "like", "not like"]),
    st.text() | st.from_regex(r"[-+]?[0-9.eE²٣%_\\-]{1,12}", fullmatch=True),
)
def test_any_value_of_any_field_is_compared_or_refused(name, operator, value):
    quoted = "'" + value.replace("'", "''") + "'"
    try:
        rows = parse_filter(f"[{name}] {operator} {quoted}").rows(COLUMNS)
    except UsageError:
        return
    assert set(rows.tolist()) <= set(range(len(PAPERS)))

"""Delimited tables as they should not be: quotes that do not match, rows cut, bytes changed."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.papers import Problem
from pipeline.sources import csv_tables, read_sources
from pipeline.sources.delimited import Dialect, split_rows
from sources.conftest import abstract_of, document

HEAD = "id,title,abstract,year\n"
REST = "".join(f'"{i}","T{i}","a, {i}\nand more","200{i}"\n' for i in range(3, 9))
PLAIN = "".join(f"{i},T{i},a{i},200{i}\n" for i in range(3, 9))


def only_report(path):
    result = read_sources([path])
    (report,) = result.reports
    assert report.found == report.imported + report.set_aside
    return result.records, report


@pytest.mark.parametrize(
    ("broken", "rest", "titles"),
    [
        ('2,"Two,y,2002\n', PLAIN, ["Two"]),
        ('"2","Two,"y","2002"\n', REST, ["Two"]),
        ('"2","Two","y","2002\n', REST, ["Two"]),
        ('"2","Two","y\nmore of it\n', REST, []),
        ('"2,Two,y\nmore,"2002"\n', REST, []),
        ('"2","Two" said he","y","2002"\n', REST, ['Two" said he']),
        ('"2",Two"," y","2002"\n', REST, ['Two"']),
    ],
)
def test_a_quote_too_few_costs_no_other_row(page, broken, rest, titles):
    text = HEAD + '"1","One","x\ny","2001"\n' + broken + rest
    records, report = only_report(page(text, "a.csv"))
    assert [r.title for r in records] == ["One", *titles, "T3", "T4", "T5", "T6", "T7", "T8"]
    assert (report.found, report.set_aside) == (8, 1 - len(titles))
    assert [p.line for p in report.problems if p.kind != "note"][:1] in ([4], [])


def test_what_was_read_in_spite_of_its_quotes_is_told_with_its_text(page):
    path = page(HEAD + '"1","He said "hello" to them","x","2001"\n"2","Two","y","2002"\n', "a.csv")
    paper, doubt, _ = csv_tables.read(document(path))
    assert paper.title == 'He said "hello" to them'
    assert doubt == Problem(2, "quotes do not match; check the record", "doubt")
    assert doubt.raw == '"1","He said "hello" to them","x","2001"'


def test_quotes_after_a_backslash(page):
    rows = [r'"1","He said \"hello\", to us","x \"a\"","2001"', r'"2","Two","y\\","2002"']
    first, second = csv_tables.read(document(page(HEAD + "\n".join(rows), "a.csv")))
    assert (first.title, first.raw_abstract) == ('He said "hello", to us', 'x "a"')
    assert (second.title, second.year) == ("Two", 2002)


def test_quotes_that_mean_nothing(page):
    lines = [f'{i}\t"Moss" and {i}\tan "abstract\t2001' for i in range(5)]
    text = HEAD.replace(",", "\t") + "\n".join(lines)
    records, report = only_report(page(text, "a.tsv"))
    assert [r.title for r in records] == [f'"Moss" and {i}' for i in range(5)]
    assert report.problems == ()


def test_a_space_before_each_quote(page):
    text = HEAD + '1, "One, more", "x, y", 2001\n2 , "Two" , "y" , 2002\n'
    records, report = only_report(page(text, "a.csv"))
    assert [(r.title, r.abstract, r.year) for r in records] == [
        ("One, more", "x, y", 2001), ("Two", "y", 2002),
    ]  # fmt: skip
    assert (report.found, report.problems) == (2, ())


def test_a_file_that_ends_within_a_cell(page):
    records, report = only_report(page(HEAD + '1,One,x,2001\n2,Two,"y that was cu', "a.csv"))
    assert [r.abstract for r in records] == ["x", "y that was cu"]
    (doubt,) = report.problems
    assert (doubt.line, doubt.kind) == (3, "doubt")
    assert "may be cut" in doubt.reason


def test_rows_of_other_widths(page):
    text = HEAD + "1,One,x,2001,,\n2,Two,y,2002,more\n3,Three\nTotal: 3 records\n"
    records, report = only_report(page(text, "a.csv"))
    assert [(r.title, r.sources[0].line) for r in records] == [("One", 2), ("Three", 4)]
    reasons = [(p.line, p.reason) for p in report.problems if p.kind == "set aside"]
    assert reasons == [
        (3, "row has 5 cells where the header has 4; set aside"),
        (5, "row has one cell where the header has 4; set aside"),
    ]


def test_rows_before_the_headings_and_headings_again_are_no_papers(page):
    text = 'Exported\n\n"query: moss, fern"\n' + (HEAD + "1,One,x,2001\n\n") * 2 + ",,,\n"
    records, report = only_report(page(text, "a.csv"))
    assert [r.sources[0].line for r in records] == [5, 8]
    assert (report.found, report.problems) == (2, ())


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_line_ends_and_encodings(page, newline, encoding):
    text = HEAD + '1,Öne,"x\n\ny",2001\n2,Two,y,2002\n'
    path = page(text, "a.csv", encoding=encoding, newline=newline)
    records, report = only_report(path)
    assert [(r.title, r.abstract, r.sources[0].line) for r in records] == [
        ("Öne", "x y", 2), ("Two", "y", 5),
    ]  # fmt: skip
    assert (report.found, report.problems) == (2, ())


def test_formulas_made_harmless_are_freed(page):
    (paper,) = csv_tables.read(document(page(HEAD + "1,'=One,'-x 'and' y,2001\n", "a.csv")))
    assert (paper.title, paper.abstract) == ("=One", "-x 'and' y")


def test_nuls_are_taken_off(page):
    text = HEAD + f'1,O\0ne,"{abstract_of("moss")}",2001\n'
    (paper,) = csv_tables.read(document(page(text, "a.csv")))
    assert (paper.title, paper.year) == ("One", 2001)


def test_a_million_columns_are_no_table(page):
    text = ",".join(f"c{i}" for i in range(1_000_000)) + "\n" + "1," * 999_999 + "1\n"
    with pytest.raises(InputError, match="1,000,000 columns"):
        read_sources([page(text, "a.csv")])


def test_what_is_too_long_is_one_record_set_aside(page):
    line = '1,One,"' + "moss " * 4_000_000 + '",2001\n'
    lines = '2,Two,"' + "moss fern kelp\n" * 1_200_000 + '",2002\n'
    records, report = only_report(page(HEAD + line + lines + "3,Three,z,2003\n", "a.csv"))
    assert [r.title for r in records] == ["Three"]
    assert (report.found, report.set_aside) == (3, 2)


def test_a_line_too_long_within_an_open_quote_keeps_its_place(page):
    text = HEAD + '1,"One,x,2001\n2,Two,y,2002\n' + "moss " * 4_000_000 + "\n3,Three,z,2003\n"
    records, report = only_report(page(text, "a.csv"))
    assert [r.title for r in records] == ["One", "Two", "Three"]
    assert [(p.line, p.reason) for p in report.problems if p.kind == "set aside"] == [
        (4, "line too long for a record; set aside")
    ]


def test_many_quotes_never_closed_take_no_time(page):
    text = HEAD.replace(",", "\t") + "".join(f'{i}\t"T{i}\ta\t2001\n' for i in range(3000))
    records, report = only_report(page(text, "a.tsv"))
    assert (len(records), report.found) == (3000, 3000)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8)


@given(ROWS, st.sampled_from(",\t;|"))
@settings(max_examples=150, deadline=None)
def test_what_the_standard_library_writes_is_read(rows, mark):
    stream = io.StringIO()
    csv.writer(stream, delimiter=mark, lineterminator="\n").writerows(rows)
    lines = [*enumerate(stream.getvalue().split("\n"), 1)]
    filled = [list(row) for row in rows if "".join(row).strip(mark + '" \t\ufeff\xa0\n')]
    read = [row.cells for row in split_rows(lines, Dialect(mark), width=3)]
    assert [row for row in read if "".join(row or ()).strip(mark + '" \t\ufeff\xa0\n')] == filled


def whole_rows(n):
    return [
        f'"{i}","Moss, number {i}","An abstract, ""quoted""\nover {i} lines.","20{i:02}"\n'
        for i in range(1, n + 1)
    ]


@st.composite
def damaged_tables(draw):
    """The bytes of a table with damage, and how many of its rows are whole before it."""
    rows = whole_rows(draw(st.integers(3, 12)))
    content = (HEAD + "".join(rows)).encode()
    at = draw(st.integers(len(HEAD), len(content) - 1))
    kind = draw(st.sampled_from(["cut", "quote lost", "byte changed", "quote added", "line lost"]))
    if kind == "cut":
        content = content[:at]
    elif kind == "quote lost":
        at = max(content.rfind(b'"', 0, at), len(HEAD))
        content = content[:at] + content[at + 1 :]
    elif kind == "quote added":
        content = content[:at] + b'"' + content[at:]
    elif kind == "line lost":
        end = content.find(b"\n", at) + 1 or len(content)
        content = content[:at] + content[end:]
    else:
        content = content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]
    ends = [len(HEAD) + sum(map(len, rows[: i + 1])) for i in range(len(rows))]
    return content, sum(end < at for end in ends), len(rows)


@given(damaged_tables())
@settings(max_examples=300, deadline=None)
def test_damage_costs_few_neighbours_and_is_never_an_error(damaged):
    content, n_before, n_rows = damaged
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(content)
        try:
            records, _ = only_report(path)
        except InputError:
            assert n_before == 0
            return
    assert [r.id for r in records[:n_before]] == [str(i) for i in range(1, n_before + 1)]
    if len(content) > len(HEAD) + 0.9 * n_rows * len(whole_rows(1)[0]):  # not cut
        assert len(records) >= n_rows - 3


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_behind_a_header(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(HEAD.encode() + b"1,One,x,2001\n" + content)
        try:
            only_report(path)
        except InputError as error:
            assert "a.csv" in error.message  # noqa: PT017  most bytes are a table

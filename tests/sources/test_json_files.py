"""JSON files: where the records lie, how they are counted, and what a broken one costs."""

from __future__ import annotations

import json
import re

import pytest

from pipeline.papers import Paper, Problem, ProblemKind
from pipeline.sources import detect_format, json_files, jsonl, read_sources
from pipeline.sources.document import MAX_RECORD_CHARS
from sources.conftest import document
from sources.json_layouts import LAYOUTS, record

RECORDS = [record(number) for number in range(7)]


def read(path, **columns):
    """The format's name in reports, and what it reads."""
    doc = document(path, **columns)
    found, why = detect_format(doc)
    assert found is not None, why
    return found.describe(doc), found.count(doc), list(found.read(doc))


def ids(records):
    return [one.id for one in records if isinstance(one, Paper)]


def aside(records):
    return [one for one in records if isinstance(one, Problem)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_its_records_once(page, layout):
    name, counted, records = read(page(LAYOUTS[layout](RECORDS), "a.json"))
    assert ids(records) == [one["id"] for one in RECORDS]
    assert aside(records) == []
    assert counted == len(RECORDS)
    assert name == ("jsonl" if layout in ("lines", "text sequence") else "json")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_with_one_record_is_read(page, layout):
    _, counted, records = read(page(LAYOUTS[layout]([record(1)]), "a.json"))
    assert (ids(records), counted) == (["r1"], 1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_record_has_the_line_on_which_it_begins(page, layout):
    text = LAYOUTS[layout](RECORDS)
    _, _, records = read(page(text, "a.json"))
    for paper in records:
        begin = text.rindex("{", 0, text.index(f'"{paper.id}"'))
        assert paper.sources[0].line == text.count("\n", 0, begin) + 1


@pytest.mark.parametrize(
    "layout", ["indented", "not indented", "one line", "a record a line", "comma first", "joined",
               "below a key", "by id", "by id on one line", "one after the other", "pages"],
)  # fmt: skip
def test_what_begins_as_the_first_records_do_is_counted_where_the_whole_cannot_be(
    page, layout, monkeypatch
):
    monkeypatch.setattr(json_files, "_WHOLE_BYTES", 0)
    monkeypatch.setattr(json_files, "_TAIL_CHARS", 300)
    monkeypatch.setattr("pipeline.sources.document._BLOCK_CHARS", 2000)
    assert json_files.count(document(page(LAYOUTS[layout](RECORDS), "a.json"))) == len(RECORDS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_may_end_anywhere(page, layout, monkeypatch):
    doc = document(page(LAYOUTS[layout](RECORDS), "a.json"))
    whole = list(json_files.read(doc))
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr("pipeline.sources.document._BLOCK_CHARS", size)
        assert list(json_files.read(doc)) == whole


FAULTS = {
    "a comma is missing": ('"doi": "10.5555/moss.3",', '"doi": "10.5555/moss.3"'),
    "a quote is missing at the end": ('"title": "Moss number 3"', '"title": "Moss number 3'),
    "a quote is missing at the beginning": ('"title": "Moss number 3"', '"title": Moss number 3"'),
    "a quote is within": ('"Moss number 3"', '"Moss "number" 3"'),
    "an escape is none": ('"Moss number 3"', r'"Moss \alpha 3"'),
    "a colon is missing": ('"year": 2003', '"year" 2003'),
    "a character is astray": ('"year": 2003', '"year": 2003 x'),
    "Python's None": ('"year": 2003', '"year": None'),
    "an object is not closed": ('"volume": "3"}', '"volume": "3"'),
    "an object is not opened": ('"journal": {', '"journal": '),
    "a list is not closed": ('"topics": []', '"topics": ['),
    "a bracket too many is closed": ('"topics": []', '"topics": []]'),
    "a bracket too many is opened": ('"topics": []', '"topics": [[]'),
}


def _with_fault(text, sound, broken):
    """`text` with the fault in the fourth record, whatever white space the layout has."""
    begin, end = text.index('"r3"'), text.index('"r4"')
    pieces = re.findall(r'"[^"]*"|\S', sound)
    match = re.search(r"\s*".join(map(re.escape, pieces)), text[begin:end])
    return text[:begin] + text[begin:end].replace(match[0], broken, 1) + text[end:]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_broken_record_is_one_problem_and_its_neighbours_survive(page, layout, fault):
    text = _with_fault(LAYOUTS[layout](RECORDS), *FAULTS[fault])
    path = page(text, "a.json")
    _, counted, records = read(path)
    assert ids(records) == ["r0", "r1", "r2", "r4", "r5", "r6"]
    (problem,) = aside(records)
    assert problem.kind is ProblemKind.SET_ASIDE
    assert problem.reason.startswith("broken JSON (")
    assert "Moss number" in problem.raw or '"r3"' in problem.raw
    assert '"r2"' not in problem.raw
    assert '"r4"' not in problem.raw
    if layout != "one after the other on one line":
        assert problem.line == text.count("\n", 0, text.rindex("{", 0, text.index('"r3"'))) + 1
    (report,) = read_sources([path]).reports
    assert report.found == report.imported + report.set_aside
    assert (counted, report.imported) == (7, 6)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_first_and_the_last_record_may_be_the_broken_one(page, layout):
    text = LAYOUTS[layout](RECORDS)
    for number in (0, 6):
        broken = text.replace(f"Moss number {number}", f"Moss \\alpha {number}")
        _, _, records = read(page(broken, "a.json"))
        assert ids(records) == [f"r{i}" for i in range(7) if i != number]
        assert len(aside(records)) == 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("sound", "taken"),
    [
        ('"year": 2003', '"year": NaN'),
        ('"year": 2003', '"year": -Infinity'),
        ('"topics": []', '"topics": [1,]'),
        ('"topics": []', '"topics": [],'),
        ('"Moss number 3"', '"Moss\tnumber 3"'),
        ('"Moss number 3"', r'"Moss\ud800 number 3"'),
        ('"Moss number 3"', '"Moss number 3", "title": "Moss number 3"'),
    ],
)
def test_what_common_programs_write_is_taken(page, layout, sound, taken):
    _, _, records = read(page(_with_fault(LAYOUTS[layout](RECORDS), sound, taken), "a.json"))
    assert ids(records) == [one["id"] for one in RECORDS]
    assert records[3].title == "Moss number 3"
    assert aside(records) == []


@pytest.mark.parametrize("layout", ["indented", "one line", "a record a line", "below a key"])
def test_a_file_that_ends_between_two_records_is_told(page, layout):
    text = LAYOUTS[layout](RECORDS)
    end = text.rindex("}", 0, text.index('"r5"')) + 1
    _, _, records = read(page(text[:end], "a.json"))
    assert ids(records) == ["r0", "r1", "r2", "r3", "r4"]
    assert [(p.kind, p.reason) for p in aside(records)] == [
        (ProblemKind.DOUBT, "the file ends within its list of records: is it cut off?")
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_that_ends_within_a_record_loses_that_record(page, layout):
    text = LAYOUTS[layout](RECORDS)
    _, _, records = read(page(text[: text.index("Moss number 5")], "a.json"))
    assert ids(records) == ["r0", "r1", "r2", "r3", "r4"]
    assert [p.kind for p in aside(records)] == [ProblemKind.SET_ASIDE]


def test_a_record_longer_than_any_paper_is_set_aside_without_its_neighbours(page):
    huge = record(9) | {"abstract": "moss " * (50_000_000 // 5)}
    assert len(huge["abstract"]) > MAX_RECORD_CHARS
    for layout in ("indented", "one line", "lines"):
        for records in ([record(0), huge, record(1)], [huge, record(0), record(1)]):
            _, counted, found = read(page(LAYOUTS[layout](records), "a.json"))
            assert ids(found) == ["r0", "r1"]
            assert counted == 3
            (problem,) = aside(found)
            assert len(problem.raw) < 200_000


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[{" * 100_000, '["' * 9999])
def test_brackets_without_end_are_no_papers(page, text):
    _, counted, records = read(page(text, "a.json"))
    assert counted == 1
    assert [type(one) for one in records] == [Problem]


def test_a_record_of_brackets_without_end_costs_no_other(page):
    deep = '{"id": "deep", "doi": "10.5555/deep", "title": ' + "[" * 100_000 + "}"
    text = json.dumps(RECORDS)[:-1] + f", {deep}, {json.dumps(record(8))}]"
    _, _, records = read(page(text, "a.json"))
    assert ids(records) == ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8"]
    assert [p.reason for p in aside(records)] == ["broken JSON (nested too deeply); set aside"]


@pytest.mark.parametrize("text", ["[]", "{}", "[1, 2]", '["a"]', '{"results": []}', '[{"x": 1}]'])
def test_json_without_papers_says_so(page, text):
    _, counted, records = read(page(text, "a.json"))
    assert counted == 1
    assert ["title or abstract" in p.reason or "title or an abstract" in p.reason
            for p in records] == [True]  # fmt: skip


def test_what_is_no_object_among_records_is_set_aside(page):
    _, counted, records = read(page(json.dumps([record(0), 5, "text", record(1)]), "a.json"))
    assert ids(records) == ["r0", "r1"]
    assert [p.reason for p in aside(records)] == ["not a JSON object; set aside"] * 2
    assert counted == 4


def test_the_key_of_a_record_is_its_id_where_it_has_none(page):
    texts = {"x1": {"title": "One"}, "x2": {"title": "Two", "id": "own"}}
    assert ids(read(page(json.dumps(texts), "a.json"))[2]) == ["x1", "own"]
    work = {"DOI": "10.5555/a", "member": "1", "title": ["One"]}
    (paper,) = read(page(json.dumps({"status": "ok", "message": work}), "a.json"))[2]
    assert (paper.id, paper.doi) == ("", "10.5555/a")


def test_the_papers_that_a_record_cites_are_no_records(page):
    row = {"title": "One", "references": [{"title": "Two", "abstract": "Cited."}]}
    for text in (json.dumps(row, indent=1), json.dumps([row]), json.dumps({"data": [row]})):
        assert [one.title for one in read(page(text, "a.json"))[2]] == ["One"]


def test_a_title_of_the_whole_does_not_hide_its_records(page):
    for key in ("papers", "myList"):
        whole = {"title": "A library", "owner": {"name": "Ana Vega"}, key: RECORDS}
        assert len(ids(read(page(json.dumps(whole), "a.json"))[2])) == 7
    person = {"name": "Ana Vega", "papers": [{"title": "One", "abstract": "A text."}]}
    assert [one.title for one in read(page(json.dumps(person), "a.json"))[2]] == ["One"]


def test_several_lists_of_records_are_read(page):
    whole = {"accepted": RECORDS[:3], "topics": [{"name": "light"}], "rejected": RECORDS[3:]}
    for text in (json.dumps(whole), json.dumps(whole, indent=2)):
        _, counted, records = read(page(text, "a.json"))
        assert ids(records) == [one["id"] for one in RECORDS]
        assert (counted, aside(records)) == (7, [])


def test_papers_that_lie_elsewhere_are_not_read_but_told(page):
    whole = {"results": RECORDS, "pad": ["x" * 99] * 20_000, "more": [record(8)]}
    _, counted, records = read(page(json.dumps(whole, indent=1), "a.json"))
    assert (len(ids(records)), counted) == (7, 7)
    (problem,) = aside(records)
    assert problem.kind is ProblemKind.DOUBT
    assert "papers below 'more'" in problem.reason


def test_records_may_lie_far_behind_the_beginning(page):
    whole = {"config": {f"k{i}": "x" * 50 for i in range(40_000)}, "items": RECORDS}
    _, counted, records = read(page(json.dumps(whole), "a.json"))
    assert (len(ids(records)), counted) == (7, 7)


def test_lines_that_are_pages_are_read_as_pages(page):
    lines = [json.dumps({"meta": {}, "results": [record(i), record(i + 3)]}) for i in range(3)]
    _, counted, records = read(page("\n".join(lines), "a.jsonl"))
    assert ids(records) == ["r0", "r3", "r1", "r4", "r2", "r5"]
    assert counted == 6


def test_the_keys_that_the_user_named_win(page):
    row = {
        "title": "A page",
        "abstract": "Of the site.",
        "meta": {"title": "One"},
        "de": "Ein",
    }
    path = page(json.dumps([row, row], indent=1), "a.json")
    _, _, records = read(path, title="meta.title", abstract="de")
    assert [(one.title, one.abstract) for one in records] == [("One", "Ein")] * 2
    path = page(f"{json.dumps(row)}\n{json.dumps(row)}\n", "a.jsonl")
    _, _, records = read(path, title="meta.title")
    assert [(one.title, one.abstract) for one in records] == [("One", "Of the site.")] * 2


def test_a_table_of_other_keys_is_found_by_those_that_the_user_named(page):
    row = {"Titel": "One", "Zusammenfassung": "A text."}
    for text in (json.dumps([row, row]), f"{json.dumps(row)}\n{json.dumps(row)}\n"):
        _, counted, records = read(page(text, "a.json"), title="Titel", abstract="Zusammenfassung")
        assert [one.title for one in records] == ["One", "One"]
        assert counted == 2


def test_byte_order_marks_and_line_separators_part_no_records(page):
    rows = [record(i) | {"title": "On\u2028moss"} for i in range(3)]
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        for text in (json.dumps(rows, ensure_ascii=False),
                     "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)):  # fmt: skip
            _, counted, records = read(page(text, "a.json", encoding))
            assert [one.title for one in records] == ["On moss"] * 3
            assert counted == 3


def test_lone_carriage_returns_end_lines(page):
    path = page("\n".join(map(json.dumps, RECORDS)), "a.jsonl", newline="\r")
    name, counted, records = read(path)
    assert (name, counted, len(ids(records))) == ("jsonl", 7, 7)


def test_the_first_line_may_be_the_broken_one_of_lines(page):
    lines = ['{"title": "One"', *map(json.dumps, RECORDS)]
    assert jsonl.sniff(document(page("\n".join(lines), "a.jsonl"))) > 0.9

"""Workbooks: real ones made by openpyxl, and what lies in them that should not."""

from __future__ import annotations

import datetime
import re
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.sources import read_sources, unpacking, xlsx
from sources.conftest import abstract_of, document

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
SPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MOSS = abstract_of("moss")
HEAD = ["Title", "Abstract", "Year", "Published", "Volume"]
ROW = ["On moss", MOSS, 2021, datetime.date(2021, 5, 6), 12.0]


@pytest.fixture
def book(tmp_path):
    """Write a workbook of sheets by title, each a list of rows, and give its path."""

    def write(**sheets):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, rows in sheets.items():
            sheet = made.create_sheet(title)
            for row in rows:
                sheet.append(row)
        made.save(tmp_path / "a.xlsx")
        return tmp_path / "a.xlsx"

    return write


def only_report(path, **columns):
    result = read_sources([path], columns=columns)
    (report,) = result.reports
    assert report.found == report.imported + report.set_aside
    return result.records, report


def changed(path, member, change):
    """The workbook with the content of one member changed."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents[member] = change(contents[member])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def with_shared_strings(path):
    """The workbook with its texts kept apart from the cells, as Excel does."""
    texts = []

    def share(cell):
        if cell[1] not in texts:
            texts.append(cell[1])
        return b't="s"><v>%d</v>' % texts.index(cell[1])

    inline = re.compile(rb't="inlineStr"><is>(.*?)</is>')
    changed(path, SHEET, lambda xml: inline.sub(share, xml))
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = b'<Override PartName="/%s" ContentType="%s"/></Types>' % (STRINGS.encode(), kind)
    changed(path, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", part))
    strings = b"".join(b"<si>%s</si>" % text for text in texts)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(STRINGS, b'<sst xmlns="%s">%s</sst>' % (SPACE, strings))
    return path


def test_blank_texts_that_are_shared_are_no_rows(book):
    rows = [["SEARCH QUERY", "moss"], [" "], HEAD, ROW, [" ", "\n"], HEAD, ROW]
    papers, report = only_report(with_shared_strings(book(a=rows)))
    assert [p.sources[0].line for p in papers] == [4, 7]
    assert (report.found, report.problems) == (2, ())


def test_cells_of_every_kind_are_texts(book):
    odd = ["On ferns", "'=SUM of ferns", 2020.0, datetime.datetime(2020, 1, 2, 3, 4), True]  # noqa: DTZ001
    wrong = ["On kelp", "#N/A", "2019", "#REF!", "1_x000D_2"]
    (moss, fern, kelp), report = only_report(book(a=[HEAD, ROW, odd, wrong]))
    assert (moss.title, moss.abstract, moss.year, moss.date) == (
        "On moss", MOSS, 2021, "2021-05-06",
    )  # fmt: skip
    assert moss.extra == (("volume", "12"),)
    assert (fern.abstract, fern.year, fern.date) == ("=SUM of ferns", 2020, "2020-01-02")
    assert (kelp.abstract, kelp.year, kelp.date) == ("", 2019, None)
    assert kelp.extra == (("volume", "1 2"),)
    assert (report.format, report.found, report.set_aside) == ("xlsx", 3, 0)


def test_rows_before_the_headings_blank_ones_and_headings_again_are_no_papers(book):
    rows = [["SEARCH QUERY", "moss"], [""], [], HEAD, ROW, [None, " "], [], HEAD, ROW]
    papers, report = only_report(book(a=rows))
    assert [p.sources[0].line for p in papers] == [5, 9]
    assert (report.found, report.problems) == (2, ())


def test_every_sheet_with_papers_is_read_and_the_others_are_named(book):
    path = book(
        Papers=[HEAD, ROW], Notes=[["who", "what"], ["x", "y"]], Blank=[],
        More=[HEAD, ["On ferns"], ["", "", 2020]],
    )  # fmt: skip
    papers, report = only_report(path)
    assert [p.title for p in papers] == ["On moss", "On ferns"]
    assert report.found == 3
    told = [(p.kind, p.reason) for p in report.problems]
    assert ("note", "sheet 'Notes' has no titles or abstracts; not read") in told
    reason = "sheet 'More': record has no title or abstract; set aside"
    assert ("set aside", reason) in told
    assert ("note", "papers read from 2 sheets: 'Papers' (1), 'More' (1)") in told
    assert [dict(p.extra)["sheet"] for p in papers] == ["Papers", "More"]


def test_a_total_below_the_papers_is_set_aside(book):
    rows = [["ID", *HEAD], [1, *ROW], ["Total", 1]]
    papers, report = only_report(book(a=rows, Notes=[["who", "what"], ["x", "y"]]))
    assert [(p.title, dict(p.extra)) for p in papers] == [("On moss", {"volume": "12"})]
    told = [(p.line, p.reason) for p in report.problems if p.kind == "set aside"]
    assert told == [(3, "a row of figures, such as a total, not a paper; set aside")]


def test_columns_by_content_only_where_no_sheet_has_headings(book):
    rows = [
        [f"On the life of {name}", abstract_of(name), 2020] for name in ("moss", "kelp", "rust")
    ]
    papers, report = only_report(book(a=rows))
    assert [p.title for p in papers] == [row[0] for row in rows]
    assert any("abstract = 'column 2'" in p.reason for p in report.problems)
    papers, _ = only_report(book(a=rows, b=[HEAD, ROW]))
    assert [p.title for p in papers] == ["On moss"]


def test_columns_by_the_users_word(book):
    path = book(a=[["Kopf", "Inhalt"], ["On moss", "A text."]], b=[["x"], ["y"]])
    (paper,), _ = only_report(path, title="kopf", abstract="Inhalt")
    assert (paper.title, paper.abstract) == ("On moss", "A text.")
    with pytest.raises(InputError, match="no column 'Kopff' for"):
        read_sources([path], columns={"title": "Kopff"})


@pytest.mark.parametrize("stated", [b"A1", b"A1:B2", b"A1:XFD1048576"])
def test_a_wrong_dimension_is_not_believed(book, stated):
    path = book(a=[HEAD, ROW, ROW])
    change = lambda xml: xml.replace(b'ref="A1:E3"', b'ref="' + stated + b'"')  # noqa: E731
    _, report = only_report(changed(path, SHEET, change))
    assert (report.found, report.imported) == (2, 2)


def test_merged_cells_and_links_cost_nothing(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["Papers on moss"])
    sheet.merge_cells("A1:C1")
    sheet.append(["Title", "Abstract", "URL"])
    sheet.append(["On moss", MOSS, "open"])
    sheet["C3"].hyperlink = "https://moss.example/1"
    sheet["D3"] = "=1+1"
    made.save(tmp_path / "a.xlsx")
    (paper,), report = only_report(tmp_path / "a.xlsx")
    assert (paper.title, report.found) == ("On moss", 1)


def test_a_sheet_formatted_to_its_end_is_soon_read(book):
    def format_rows(xml):
        rows = b"".join(
            b'<row r="%d" s="1"><c r="A%d" s="0"/></row>' % (i, i) for i in range(4, 120_000)
        )
        return xml.replace(b"</sheetData>", rows + b"</sheetData>")

    path = changed(book(a=[HEAD, ROW, ROW]), SHEET, format_rows)
    _, report = only_report(path)
    assert (report.found, report.imported, report.problems) == (2, 2, ())


def test_a_row_far_behind_the_others_is_counted_even_where_it_is_not_read(book):
    far = b'<row r="900000"><c r="A900000" t="inlineStr"><is><t>Far</t></is></c></row>'
    change = lambda xml: xml.replace(b"</sheetData>", far + b"</sheetData>")  # noqa: E731
    _, report = only_report(changed(book(a=[HEAD, ROW]), SHEET, change))
    assert (report.found, report.imported, report.set_aside) == (2, 1, 1)


def test_a_workbook_that_unpacks_to_too_much_is_refused(book, monkeypatch):
    path = book(a=[HEAD, ROW, ["x" * 30_000, "y"]])
    monkeypatch.setattr(xlsx, "FLOOR_BYTES", 10)
    monkeypatch.setattr(xlsx, "MAX_RATIO", 2)
    with pytest.raises(InputError, match="unpacks to more than 2 times its size"):
        read_sources([path])
    assert unpacking.MAX_RATIO == 100


@pytest.mark.parametrize("member", [SHEET, STRINGS, "xl/workbook.xml"])
def test_entities_are_not_expanded(book, member):
    path = with_shared_strings(book(a=[HEAD, ROW]))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

    def arm(xml):
        head, mark, rest = xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"", b"", xml)
        return head + mark + bomb + rest.replace(b"On moss", b"&b;")

    with pytest.raises(InputError, match=r"a\.xlsx"):
        read_sources([changed(path, member, arm)])


def ole(*names):
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "".join(names).encode("utf-16-le")


def other(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        (ole("EncryptedPackage"), "an encrypted workbook", "without a password"),
        (ole("Workbook"), r"the old Excel format \(.xls\)", "save it as .xlsx or CSV"),
        (ole("WordDocument"), r"the old Word format \(.doc\)", "save it as"),
        (ole("Other"), "an old office document", "save it as"),
        ({"word__document_xml": "<x/>"}, "a Word document", "save it as"),
        ({"xl__workbook.bin": ""}, "a binary workbook", "save it as"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "OpenDocument", "save"),
        ({"xl__workbook_xml": "<x/>"}, "damaged workbook", "open and save it"),
    ],
)
def test_other_office_files_are_named(tmp_path, content, said, hint):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content if isinstance(content, bytes) else other(path, **content))
    with pytest.raises(InputError, match=said) as error:
        read_sources([path])
    assert hint in error.value.hint
    assert "\n" not in error.value.message


def test_a_workbook_without_papers_is_refused_with_its_columns(book):
    with pytest.raises(InputError, match=r"no column of titles or abstracts \(columns: a, b\)"):
        read_sources([book(x=[["a", "b"], [1, 2]])])
    with pytest.raises(InputError, match="no rows in any sheet"):
        read_sources([book(x=[])])


@cache
def whole():
    made = openpyxl.Workbook()
    for row in [HEAD, *([f"On moss {i}", MOSS, 2000 + i, None, i] for i in range(20))]:
        made.active.append(row)
    with tempfile.TemporaryDirectory() as folder:
        made.save(Path(folder, "a.xlsx"))
        with zipfile.ZipFile(Path(folder, "a.xlsx")) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damage_inside_is_never_anything_but_an_input_error(data):
    name = data.draw(st.sampled_from(sorted(whole())))
    content = whole()[name]
    at = data.draw(st.integers(0, len(content)))
    some = data.draw(st.binary(max_size=4))
    cut = data.draw(st.sampled_from([0, 1, 20, len(content)]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.xlsx")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for other_name, other_content in whole().items():
                changed_content = content[:at] + some + content[at + cut :]
                archive.writestr(
                    other_name, changed_content if other_name == name else other_content
                )
        try:
            only_report(path)
        except InputError as error:
            assert "\n" not in error.message  # noqa: PT017  most damage does not show


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_file_with_bytes_changed_is_never_anything_but_an_input_error(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.xlsx")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in whole().items():
                archive.writestr(name, content)
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2]))])
        try:
            only_report(path)
        except InputError as error:
            assert "\n" not in error.message  # noqa: PT017  most damage does not show


def test_what_is_counted_is_counted_apart_from_the_parser(book):
    path = book(a=[HEAD, ROW, [], [" "], ROW])
    assert xlsx.count(document(path)) == 2

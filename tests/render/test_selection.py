"""The papers in focus as a list, and as files that come back whole."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import pytest

from pipeline.papers import Paper
from pipeline.reading import read_table

from .made_views import make_view
from .payloads import hostile_view

ODD = (
    Paper(id="1", title="=cmd|' /C calc'!A0", abstract="@SUM(1)", authors=("Ada Moss",), year=1999),
    Paper(
        id="2",
        title='A "quoted", title',
        abstract="One\nline; two.",
        authors=("Bo Fen", "Ada Moss"),
        year=2001,
        venue="Bogs & Fens",
        doi="10.1000/x",
    ),
    Paper(
        id="3",
        title="Über Moose und BERT",
        abstract="Übersicht.",
        authors=("Şirin Öz", "Institute of Moss and Bogs"),
        year=2003,
    ),
    Paper(
        id="4",
        abstract="A paper without a title tells what it is by this alone.",
        authors=("Ada Moss",),
        authors_truncated=True,
    ),
    Paper(
        id="5",
        title="ER - ends nothing",
        abstract="TY  - JOUR\nER  - \n@article(x)",
        authors=("Li Wei",),
        year=2005,
    ),
)


def odd_view():
    view = make_view(30)
    papers = (*ODD, *view.papers[len(ODD) :])
    return dataclasses.replace(view, papers=papers)


def list_papers(opened, **part: object) -> None:
    opened.page.evaluate("(part) => paperatlas.change({ ...part, listed: true })", part)
    opened.page.wait_for_selector("#panel .paper-row")


def listed(opened) -> list[int]:
    return opened.page.eval_on_selector_all(
        "#panel .paper-row", "all => all.map((n) => +n.dataset.paper)"
    )


def saved(opened, name: str, folder: Path) -> Path:
    opened.page.select_option(".export select", label=name)
    with opened.page.expect_download() as waiting:
        opened.page.get_by_role("button", name="Download").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_the_list_holds_what_is_in_focus_and_says_why(open_map, view):
    opened = open_map(view)
    opened.page.fill("#search", "distillation")
    opened.wait_until_said("found")
    opened.page.evaluate("paperatlas.change({ theme: 36 })")
    opened.page.click("#toggle-listed")
    assert opened.page.inner_text("#panel h2") == "0 papers"
    opened.page.evaluate("paperatlas.change({ theme: 37 })")
    opened.page.wait_for_selector("#panel .paper-row")
    inside = opened.page.evaluate("paperatlas.inFocusRows()")
    assert len(inside) > 20
    assert opened.page.inner_text("#panel h2") == f"{len(inside)} papers"
    assert set(listed(opened)) <= set(inside)
    what = opened.page.inner_text("#panel .byline")
    assert what == f"{view.layers[2][1].name} · “distillation”"


@pytest.mark.parametrize(
    "order", ["Best fit first", "Newest first", "Oldest first", "Title, A to Z"]
)
def test_the_list_is_sorted_as_one_likes(open_map, view, order):
    opened = open_map(view)
    list_papers(opened)
    opened.page.focus("#panel select >> nth=0")
    opened.page.select_option("#panel select >> nth=0", label=order)
    opened.page.wait_for_selector("#panel .paper-row")
    opened.rest()
    rows = listed(opened)[:40]
    keys = {
        "Best fit first": lambda i: -round(float(view.strengths[i]) * 255),
        "Newest first": lambda i: -view.papers[i].year,
        "Oldest first": lambda i: view.papers[i].year,
    }
    if order in keys:
        wanted = sorted(range(300), key=lambda i: (keys[order](i), i))[:40]
        assert rows == wanted
    else:
        titles = opened.page.locator("#panel .paper-row > span").all_inner_texts()[:40]
        quoted = [title for title in titles if title.startswith("“")]
        assert titles[: len(quoted)] == quoted  # signs before letters
        numbers = [int(title.split()[1].rstrip(":")) for title in titles[len(quoted) :]]
        assert numbers == sorted(numbers)  # 2 before 10


FILES = {"BibTeX": "papers.bib", "RIS": "papers.ris", "CSV": "papers.csv"}


@pytest.mark.parametrize(("name", "file"), FILES.items(), ids=FILES)
def test_a_downloaded_file_is_read_back_as_the_same_papers(open_map, tmp_path, name, file):
    view = odd_view()
    opened = open_map(view, accept_downloads=True)
    list_papers(opened)
    path = saved(opened, name, tmp_path)
    assert path.name == file
    found = read_table([path])
    assert [r.set_aside for r in found.table.reports] == [0]
    told = {p.title or p.abstract: p for p in found.table.papers}
    assert set(told) == {p.title or p.abstract for p in view.papers}
    for paper in view.papers:
        back = told[paper.title or paper.abstract]
        assert (back.authors, back.authors_truncated) == (paper.authors, paper.authors_truncated)
        assert (back.year, back.doi) == (paper.year, paper.doi)
        if name != "BibTeX":
            assert " ".join(back.abstract.split()) == " ".join(paper.abstract.split())
    assert opened.complaints == []
    assert opened.foreign == []


def test_a_spreadsheet_runs_no_cell(open_map, tmp_path):
    opened = open_map(odd_view(), accept_downloads=True)
    list_papers(opened)
    raw = saved(opened, "CSV", tmp_path).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert len(rows) == 31
    assert {len(row) for row in rows} == {10}
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r"))]
    assert "'=cmd|' /C calc'!A0" in {row[1] for row in rows}
    assert raw.count(b"\r\n") == raw.count(b"\n") == 31


def test_hostile_texts_come_back_whole_too(open_map, tmp_path):
    view = hostile_view()
    opened = open_map(view, accept_downloads=True)
    list_papers(opened)
    for name in ("BibTeX", "RIS", "CSV"):
        found = read_table([saved(opened, name, tmp_path)])
        assert sum(r.found for r in found.table.reports) == len(view.papers)
    assert opened.page.evaluate("window.pwned") is None
    assert opened.complaints == []


def test_papers_are_copied_by_keys_in_the_order_of_the_list(open_map, view):
    opened = open_map(view, permissions=["clipboard-read", "clipboard-write"])
    list_papers(opened, theme=24)
    opened.page.focus(".export select")
    opened.press("R")
    opened.press("Tab", "Enter")
    opened.page.wait_for_function("() => document.querySelector('.told').textContent")
    text = opened.page.evaluate("navigator.clipboard.readText()")
    ids = [line[6:] for line in text.splitlines() if line.startswith("ID  - ")]
    assert ids == [f"p-{row}" for row in listed(opened)]
    assert opened.page.inner_text(".told") == f"Copied: {len(ids)} papers as RIS."


def test_the_list_is_opened_and_left_by_keys(open_map, view):
    opened = open_map(view)
    opened.page.focus("#toggle-listed")
    opened.press("Enter")
    assert opened.focused() == "panel-title"
    assert opened.page.inner_text("#panel h2") == "300 papers"
    assert opened.page.inner_text("#panel .byline") == "All papers of the map"
    opened.press("Escape")
    assert opened.page.is_hidden("#panel")
    assert opened.focused() == "toggle-listed"


# What is unpacked from then on waits until `release` is called.
HOLD_BLOCKS = """() => {
  const Real = DecompressionStream;
  const held = new Promise((resolve) => { window.release = resolve; });
  window.DecompressionStream = class {
    constructor(format) {
      const real = new Real(format);
      const gate = new TransformStream({
        async transform(part, out) { await held; out.enqueue(part); },
      });
      this.writable = real.writable;
      this.readable = real.readable.pipeThrough(gate);
    }
  };
}"""


def test_an_order_that_comes_late_does_not_replace_a_newer_one(open_map, view):
    opened = open_map(view)
    list_papers(opened)
    best = listed(opened)
    opened.page.evaluate(HOLD_BLOCKS)
    opened.page.select_option("#panel select >> nth=0", label="Newest first")
    opened.page.select_option("#panel select >> nth=0", label="Best fit first")
    opened.page.evaluate("release()")
    opened.page.wait_for_timeout(150)
    assert listed(opened)[:40] == best[:40]


def test_a_file_waits_for_the_papers_that_are_in_focus_now(open_map, view, tmp_path):
    opened = open_map(view, accept_downloads=True)
    list_papers(opened, theme=24)
    opened.page.evaluate(HOLD_BLOCKS)
    opened.page.select_option("#panel select >> nth=0", label="Newest first")
    opened.page.select_option(".export select", label="CSV")
    with opened.page.expect_download() as waiting:
        opened.page.get_by_role("button", name="Download").click()
        opened.page.evaluate("paperatlas.change({ theme: 25, listed: true })")
        opened.page.evaluate("release()")
    waiting.value.save_as(tmp_path / "papers.csv")
    text = (tmp_path / "papers.csv").read_text("utf-8-sig")
    ids = [row["id"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    inside = opened.page.evaluate("paperatlas.inFocusRows()")
    assert ids == [f"p-{i}" for i in sorted(inside, key=lambda i: (-view.papers[i].year, i))]


def test_papers_that_cannot_be_read_are_told_and_the_buttons_come_back(open_map, view):
    opened = open_map(view)
    list_papers(opened)
    opened.page.evaluate("() => { JSON.parse = () => { throw new SyntaxError('damaged'); }; }")
    opened.page.get_by_role("button", name="Download").click()
    opened.page.wait_for_function(
        "() => document.querySelector('.told').textContent.includes('damaged')"
    )
    assert opened.page.is_enabled(".export button >> nth=0")
    assert opened.page.is_enabled(".export button >> nth=1")


def test_a_long_list_is_sorted_in_turns_as_at_once(open_map):
    view = make_view(2600)
    opened = open_map(view)
    opened.page.evaluate("paperatlas.change({ listed: true })")
    opened.page.select_option("#panel select >> nth=0", label="Oldest first")
    wanted = sorted(range(2600), key=lambda i: (view.papers[i].year, i))[:40]
    opened.page.wait_for_function(
        "(first) => document.querySelector('#panel .paper-row')?.dataset.paper === first",
        arg=str(wanted[0]),
    )
    assert listed(opened)[:40] == wanted

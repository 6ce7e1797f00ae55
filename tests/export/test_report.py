"""The report in Markdown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from export.made import WILD
from pipeline.export.markdown import escaped


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("snake_case and 3 * 4 in C#", "snake_case and 3 * 4 in C#"),
        ("*bold* _em_ [link](x) `code`", r"\*bold\* \_em\_ \[link\](x) \`code\`"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("a | b < c &amp; $x$", r"a \| b \< c \&amp; \$x\$"),
    ],
)
def test_markup_in_a_title_is_text(text, markdown):
    assert escaped(text) == markdown


@given(WILD)
def test_any_title_is_shown_as_it_is(text):
    title = " ".join(text.replace("\x00", "").replace("\x1b", "").split())
    html = MarkdownIt().render(f"- {escaped(text)}\n")
    shown = MarkdownIt().parseInline(escaped(text))[0].children or []
    assert "".join(token.content for token in shown) == title
    assert re.fullmatch(r"<ul>\s*<li>[^\0]*</li>\s*</ul>\s*", html)
    assert not re.search(r"<(?!/?(?:ul|li)>)", html)


@pytest.fixture
def report(opened, tmp_path):
    return opened.export(tmp_path, "report")


def test_all_themes_and_years_are_told_with_their_numbers(opened, report, tmp_path):
    text = (tmp_path / "report.md").read_text("utf-8")
    n = len(opened.papers)
    assert text.startswith(f"# Themes of {n} papers\n\n{n} papers from 2002 to 2025 in ")
    for theme in opened.themes():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {theme.name} "))
        assert [cell.strip() for cell in row.split("|")][2] == str(theme.size)
    years = dict(re.findall(r"^\| (\d{4}) \| +(\d+) \|$", text, re.MULTILINE))
    counted = [paper.year for paper in opened.papers if paper.year]
    assert years == {str(year): str(counted.count(year)) for year in set(counted)}
    assert "1 paper has no year." in text


def test_the_report_says_how_it_was_made(opened, report, tmp_path):
    text = (tmp_path / "report.md").read_text("utf-8")
    for told in (opened.snapshot, opened.manifest.content_digest, "numpy ", "cluster.refits=2",
                 opened.manifest.details.model_name, "Seed: 0"):  # fmt: skip
        assert told in text


def test_its_tables_stand_straight_in_plain_text(report, tmp_path):
    text = (tmp_path / "report.md").read_text("utf-8")
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        assert len({len(line) for line in table.splitlines()}) == 1


def test_its_figures_are_there(report, tmp_path):
    text = (tmp_path / "report.md").read_text("utf-8")
    figures = re.findall(r"!\[[^\]]+\]\((.+)\)", text)
    assert figures == ["report-map.png", "report-years.png"]
    assert sorted(file.path.name for file in report) == sorted(["report.md", *figures])
    for name in figures:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_a_query_has_a_report_of_its_papers(opened, tmp_path):
    opened.export(tmp_path, "report", query="*moss* in bogs", k=4)
    text = (tmp_path / "report.md").read_text("utf-8")
    assert text.startswith("# Papers on “\\*moss\\* in bogs”\n\n4 papers from ")
    assert f"They are some of the {len(opened.papers)} papers of the atlas." in text
    moss = opened.find_theme(re.search(r"^### (.+)$", text, re.MULTILINE)[1])
    assert f" of the theme's {moss.size} papers. Its name: " in text

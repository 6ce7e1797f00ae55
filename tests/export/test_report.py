"""The report as an export: its files, for all papers, a theme and a query."""

from __future__ import annotations

import base64
import re

import pytest

FILES = ["report.html", "report.md", "report-map.png", "report-years.png"]


@pytest.fixture
def report(opened, tmp_path):
    return opened.export(tmp_path, "report")


def test_all_themes_and_years_are_told_with_their_numbers(opened, report, tmp_path):
    text = (tmp_path / "report.md").read_text("utf-8")
    n, n_themes = len(opened.papers), len(opened.themes())
    assert text.startswith(f"# {n} papers in {n_themes} themes\n\n")
    for theme in opened.themes():
        name = f"{theme.name}{' (unstable)' if theme.is_unstable else ''}"
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {name} "))
        assert [cell.strip() for cell in row.split("|")][2] == str(theme.size)
    years = dict(re.findall(r"^\| (\d{4}) \| +(\d+) \|", text, re.MULTILINE))
    counted = [paper.year for paper in opened.papers if paper.year]
    assert years == {str(year): str(counted.count(year)) for year in set(counted)}
    assert "1 paper has no year." in text


def test_the_report_says_how_it_was_made(opened, report, tmp_path):
    text = " ".join((tmp_path / "report.md").read_text("utf-8").split())
    for told in (opened.manifest.content_digest, "numpy ", "--set cluster.refits=2",
                 opened.manifest.details.model_name, "- Seed: 0"):  # fmt: skip
        assert told in text


def test_its_figures_are_there_and_in_the_page(report, tmp_path):
    text = (tmp_path / "report.md").read_text("utf-8")
    assert re.findall(r"!\[[^\]]+\]\((.+)\)", text) == FILES[2:]
    assert [file.path.name for file in report] == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    for name in FILES[2:]:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    drawn = base64.b64encode((tmp_path / FILES[2]).read_bytes()).decode()
    assert f'src="data:image/png;base64,{drawn}"' in (tmp_path / "report.html").read_text("utf-8")


def test_the_report_in_the_atlas_has_no_other_words(awkward_atlas, report, tmp_path):
    exported = (tmp_path / "report.md").read_text("utf-8").replace("(report-map.png)", "(map.png)")
    beside = (awkward_atlas / "report.md").read_text("utf-8")
    assert beside == re.sub(r"!\[[^\]]+\]\(report-years.png\)\n\n", "", exported)


def test_the_same_atlas_gives_the_same_bytes(opened, report, tmp_path):
    (tmp_path / "again").mkdir()
    opened.export(tmp_path / "again", "report")
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_a_theme_has_a_report_of_its_own(opened, tmp_path):
    theme = opened.themes()[0]
    opened.export(tmp_path, "report", theme=theme.id)
    text = (tmp_path / "report.md").read_text("utf-8")
    assert text.startswith(f"# Theme: {theme.name}\n")
    listed = text.partition("## The papers, newest first\n\n")[2].partition("\n\n")[0]
    assert len(re.findall(r"^- ", listed, re.MULTILINE)) == theme.size
    assert "## Bridges to other themes" in text or "Nearest to it" not in text


def test_a_query_has_a_report_of_its_papers(opened, tmp_path):
    opened.export(tmp_path, "report", query="*moss* in bogs", k=4)
    text = (tmp_path / "report.md").read_text("utf-8")
    assert text.startswith("# Papers on “\\*moss\\* in bogs”\n")
    assert f"\n4 papers of the atlas's {len(opened.papers)} answer best; they are in " in text
    listed = text.partition("## The papers, best first\n\n")[2].partition("\n\n")[0]
    assert len(re.findall(r"^- ", listed, re.MULTILINE)) == 4

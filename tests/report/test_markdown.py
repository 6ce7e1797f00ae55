"""Markdown that reads as plain text, whatever the titles hold."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from export.made import WILD
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.papers.plain import one_line
from pipeline.report import report_on_atlas, report_on_theme, write_markdown
from pipeline.report.document import (
    Code,
    Column,
    Document,
    Listing,
    Paragraph,
    Picture,
    Section,
    Span,
    Table,
    cell,
    line,
)
from pipeline.report.markdown import escaped, width

from .made import EARTH, make_material, with_texts

READER = MarkdownIt().enable("table")


def written(*blocks, pictures=None) -> str:
    return write_markdown(Document("T", "S", blocks, ()), pictures or {}).partition("S\n\n")[2]


def shown(markdown: str) -> list[str]:
    """The texts that a reader of Markdown shows, block by block."""
    texts = []
    for token in READER.parse(markdown):
        if token.type == "inline":
            parts = ((child.type, child.content) for child in token.children or [])
            texts.append("".join(" " if kind == "softbreak" else text for kind, text in parts))
    return texts


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
    title = one_line(text)
    html = MarkdownIt().render(f"- {escaped(text)}\n")
    assert "".join(shown(f"- {escaped(text)}")) == title
    assert re.fullmatch(r"<ul>\s*<li>[^\0]*</li>\s*</ul>\s*", html)
    assert not re.search(r"<(?!/?(?:ul|li)>)", html)


@given(st.lists(st.one_of(WILD, st.sampled_from(["-", "1.", "#", "===", "+", ">", "2023."])),
                min_size=1, max_size=60))  # fmt: skip
def test_a_long_text_is_broken_into_lines_and_stays_one_paragraph(words):
    text = one_line(" ".join(words))
    markdown = written(Paragraph(line(text or "x")))
    assert shown(markdown) == [text or "x"]
    assert shown(written(Listing((line(text or "x"),)))) == [text or "x"]


@given(st.lists(st.lists(WILD, min_size=2, max_size=2), min_size=1, max_size=5))
def test_a_table_stands_straight_and_has_its_texts(rows):
    table = Table(
        "caption",
        (Column("first"), Column("漢字", is_number=True)),
        tuple(tuple(cell(text) for text in row) for row in rows),
    )
    markdown = written(table)
    lines = markdown.strip().split("\n")
    assert len({width(told) for told in lines}) == 1
    assert len(lines) == len(rows) + 2
    found = shown(markdown)
    assert found == ["first", "漢字", *(one_line(text) for row in rows for text in row)]


def test_wide_letters_take_two_columns():
    assert width("漢字") == 4
    assert width("é") == 1
    assert width("e\u0301") == 1


@given(st.text("`a b", min_size=1, max_size=12).filter(str.strip))
def test_code_ends_where_it_ends(text):
    (told,) = READER.parse(written(Paragraph(line(Span(text, is_code=True), " end"))))[1:2]
    kinds = [child.type for child in told.children]
    assert kinds == ["code_inline", "text"]
    assert told.children[0].content == one_line(text)


def test_an_address_is_linked_and_an_anchor_is_text():
    told = written(
        Paragraph(line(Span("a", href="https://a.example/(b)"), " ", Span("c", anchor="d")))
    )
    assert told == "[a](<https://a.example/(b)>) c\n"


def test_a_picture_that_is_not_there_is_not_linked():
    picture = Picture("map", "A map", "caption")
    assert written(picture, Paragraph(line("x"))) == "x\n"
    assert written(picture, pictures={"map": "m.png"}) == "![A map](m.png)\n"


def test_code_is_indented():
    assert written(Code("a\n  b")) == "    a\n      b\n"


@pytest.mark.parametrize("material", [make_material(), with_texts("<b>*x*</b> | [y](z) & `q`")])
def test_a_report_has_no_html_and_no_line_too_long(material):
    theme = next(theme for theme in material.themes if theme.id == EARTH)
    for document in (
        report_on_atlas(material, 0, version="1"),
        report_on_theme(material, theme, 1, version="1"),
    ):
        text = write_markdown(document, {"map": "map.png"})
        assert not re.search(r"(?<!\\)<(?!https?://)", text.replace("`", ""))
        for told in text.splitlines():
            assert len(told) <= 99 or told.startswith(("|", "![", "    "))
            assert told == told.rstrip()
        assert "\n\n\n" not in text


def test_headings_go_down_one_level_at_a_time():
    text = write_markdown(report_on_atlas(make_material(), 0, version="1"), {})
    levels = [len(found) for found in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_same_atlas_gives_the_same_text():
    texts = {write_markdown(report_on_atlas(make_material(), 0, version="1"), {}) for _ in range(3)}
    assert len(texts) == 1


def test_sections_follow_each_other():
    inner = Section("In", "in", (Paragraph(line("b")),))
    document = Document("T", "S", (), (Section("Out", "out", (Paragraph(line("a")),), (inner,)),))
    assert write_markdown(document, {}) == "# T\n\nS\n\n## Out\n\na\n\n### In\n\nb\n"

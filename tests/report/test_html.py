"""One HTML file that is whole, well formed, and in which nothing of an atlas is markup."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from render.payloads import ATTACKS

from pipeline.render.palette import BACKGROUND_DARK, BACKGROUND_LIGHT, ThemeColours, contrast
from pipeline.report import (
    Document,
    Drawing,
    Material,
    report_on_atlas,
    report_on_theme,
    write_html,
    write_markdown,
)
from pipeline.report.document import all_sections

from .made import (
    EARTH,
    make_material,
    with_one_paper,
    with_one_theme,
    with_texts,
    without_themes,
    without_years,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (1920).to_bytes(4) + (1080).to_bytes(4) + bytes(9)
COLOURS = {theme: ThemeColours("#112233", "#ddeeff", "#111111", "#eeeeee") for theme in range(5)}
_VOID = {"source", "meta", "link", "img", "br", "hr", "input"}
_WHOLE_ATLASES = {
    "usual": make_material(),
    "no themes": without_themes(),
    "no years": without_years(),
    "one theme": with_one_theme(),
    "one paper": with_one_paper(),
}


class Page(HTMLParser):
    """The elements of a page; fails where one is not closed in its place."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.declarations: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_starttag(self, tag, attrs) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        assert "svg" in self._open  # only there may an element close itself
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def html_of(material: Material | None = None, theme: int | None = None) -> str:
    return write_html(document_of(material, theme), {"map": Drawing(PNG, PNG)}, COLOURS)


def document_of(material: Material | None = None, theme: int | None = None) -> Document:
    material = material or make_material()
    if theme is None:
        return report_on_atlas(material, 0, version="1.2")
    return report_on_theme(material, material.themes_by_id[theme], 0, version="1.2")


@pytest.fixture(params=[*_WHOLE_ATLASES, "theme"])
def page(request) -> Page:
    if request.param == "theme":
        return Page(html_of(theme=EARTH))
    return Page(html_of(_WHOLE_ATLASES[request.param]))


def test_it_is_well_formed_and_says_its_language(page):
    assert page.declarations == ["DOCTYPE html"]
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_link_inside_leads_to_one(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    targets = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert targets <= set(ids)
    assert "report" in targets  # the link that skips the contents
    for _, attributes in page.elements:
        assert attributes.get("aria-labelledby", ids[0]) in ids


def test_tables_have_captions_and_their_headings_a_scope(page):
    assert len(page.all("caption")) == len(page.all("table"))
    assert {th["scope"] for th in page.all("th")} <= {"col", "row"}


def test_pictures_are_inside_and_told_in_words(page):
    assert all(
        image["src"].startswith("data:image/png;base64,") and image["alt"]
        for image in page.all("img")
    )
    for chart in page.all("svg"):
        assert chart.get("aria-hidden") == "true" or (chart["role"], bool(chart["aria-label"])) == (
            "img",
            True,
        )


def test_nothing_is_loaded_or_run(page):
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint(
        {"script", "iframe", "object", "embed", "form", "base", "audio", "video"}
    )
    assert page.all("link") == [{"rel": "icon", "href": "data:,"}]
    for _, attributes in page.elements:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
    for link in page.all("a"):
        assert link["href"].startswith(("#", "https://papers.example/"))


def test_the_policy_allows_the_style_sheet_by_its_hash_and_nothing_else():
    html = html_of()
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("payload", ATTACKS)
def test_hostile_text_is_data(payload):
    for theme in (None, EARTH):
        page = Page(html_of(with_texts(payload), theme))
        usual = Page(html_of(theme=theme))
        assert {tag for tag, _ in page.elements} <= {tag for tag, _ in usual.elements} | {"a"}
        for _, attributes in page.elements:
            assert not any(name.startswith("on") for name in attributes)
            assert attributes.get("href", "#").startswith(("#", "data:,", "http:", "https:"))


def test_colours_of_themes_are_those_of_the_map():
    html = html_of()
    assert ".c0{fill:#112233}" in html
    assert ".c0{fill:#ddeeff}" in html
    assert '<circle class="c2" ' in html
    assert "swatch" not in write_html(document_of(), {}, {}).partition("</style>")[2]


def test_the_page_and_the_plain_text_tell_the_same():
    for theme in (None, EARTH):
        document = document_of(theme=theme)
        # Whatever is no letter or digit is a matter of the writer.
        told = _letters("".join(Page(html_of(theme=theme)).texts))
        for line in write_markdown(document, {}).splitlines():
            for part in re.split(r" \| |\. |, <|[|<>`]|\(", line):
                if not part.startswith("https://"):
                    assert _letters(part) in told, part


def test_every_section_is_in_the_page_with_its_title():
    html = html_of()
    for section in all_sections(document_of().sections):
        assert f'<section id="{section.anchor}"' in html


def _letters(text: str) -> str:
    return re.sub(r"\W|_", "", text)


def test_the_same_atlas_gives_the_same_page():
    assert len({html_of(make_material()) for _ in range(3)}) == 1


def test_texts_can_be_read_on_their_grounds():
    style = re.search(r"<style>(.*?)</style>", html_of(), re.DOTALL)[1]
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    for block, ground in ((light, BACKGROUND_LIGHT), (dark, BACKGROUND_DARK)):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        assert colours["ground"] == ground
        for under in ("ground", "surface", "band"):
            for ink in ("ink", "ink-soft", "accent"):
                assert contrast(colours[ink], colours[under]) >= 4.5, (ink, under)
        assert contrast(colours["bar"], colours["ground"]) >= 3

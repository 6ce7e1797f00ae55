"""For everyone: checked by axe, read aloud, magnified, printed. By keys: test_keyboard.py."""

from __future__ import annotations

import numpy as np
import pytest

from .made_views import ODD_VIEWS
from .pictures import block_means

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Tags of axe-core: WCAG 2.2 at level AA with what it takes over from older ones, and more."""


@pytest.fixture
def opened(open_map, view):
    return open_map(view)


def assert_axe_is_content(opened) -> None:
    from axe_playwright_python.base import AXE_SCRIPT

    opened.page.evaluate(AXE_SCRIPT)
    report = opened.page.evaluate(
        "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", RULES
    )
    assert len(report["passes"]) > 20
    found = [
        (rule["id"], node["target"], node["failureSummary"])
        for rule in report["violations"]
        for node in rule["nodes"]
    ]
    assert found == []
    assert opened.complaints == []


def open_paper(opened) -> None:
    opened.page.evaluate("paperatlas.open(36)")
    opened.page.wait_for_selector("#panel .abstract:not(:empty)")


def choose_theme(opened) -> None:
    opened.page.click(".theme[aria-pressed] >> nth=1")


def search(opened) -> None:
    opened.page.fill("#search", "distillation")
    opened.page.wait_for_selector("#results button")


def read_on(opened) -> None:
    opened.page.evaluate("paperatlas.change({ query: 'study', paper: 7 })")  # one that lies far
    opened.page.wait_for_selector(".far-note")
    opened.page.wait_for_selector(".near .reason")


def list_papers(opened) -> None:
    opened.page.click("#toggle-listed")
    opened.page.wait_for_selector("#panel .paper-row")


def copy_by_hand(opened) -> None:
    opened.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    opened.page.click("#copy-link")
    opened.page.wait_for_selector(".copying")


STATES = {
    "home": lambda _: None,
    "filters": lambda opened: opened.press("f"),
    "a paper": open_paper,
    "a theme": choose_theme,
    "a search": search,
    "help": lambda opened: opened.page.click("#help-open"),
    "a paper's nearest": read_on,
    "a list": list_papers,
    "an outline": lambda opened: opened.press("l"),
    "a text to copy": copy_by_hand,
}


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(open_map, view, state, mode):
    opened = open_map(view, color_scheme=mode)
    STATES[state](opened)
    opened.rest()
    assert_axe_is_content(opened)


@pytest.mark.parametrize("state", ["home", "a paper", "a search", "help", "a list", "an outline"])
def test_axe_finds_nothing_on_a_phone(open_map, view, state):
    opened = open_map(view, width=390, height=800, has_touch=True)
    STATES[state](opened)
    opened.rest()
    assert_axe_is_content(opened)


def test_axe_finds_nothing_in_a_sheet(open_map, view):
    opened = open_map(view, width=390, height=800)
    opened.page.click("#side-toggle")
    assert_axe_is_content(opened)


def test_axe_finds_nothing_with_forced_colours(open_map, view):
    assert_axe_is_content(open_map(view, forced_colors="active"))


@pytest.mark.parametrize("name", ["empty", "one_paper", "all_unassigned"])
def test_axe_finds_nothing_in_an_odd_atlas(open_map, name):
    assert_axe_is_content(open_map(ODD_VIEWS[name]))


def test_what_happens_is_said(opened, view):
    opened.page.fill("#search", "distillation")
    opened.wait_until_said(r"^\d+ of 300 papers found\.$")
    opened.page.fill("#search", "")
    opened.wait_until_said("^All 300 papers shown")
    theme = max(view.layers[2], key=lambda t: t.size)
    opened.page.click(".theme[aria-pressed] >> nth=0")
    opened.wait_until_said(f"^Theme {theme.name}. {theme.size} of 300 papers shown")
    open_paper(opened)
    opened.wait_until_said("^Paper opened")
    opened.press("Escape")
    opened.wait_until_said("^Paper closed")


def test_the_map_says_what_it_shows(opened):
    seen = opened.page.inner_text("#map-seen")
    assert seen.startswith("300 papers in view. Themes: ")
    for label in opened.labels()[:12]:
        assert label["name"] in seen
    opened.page.focus("#map")
    opened.press("+", "+", "+")
    opened.wait_until_said(r"^\d+ of 300 papers in view")
    described = opened.page.get_attribute("#map", "aria-describedby").split()
    assert described == ["map-seen", "map-help"]


def test_themes_are_a_list_of_buttons_within_lists(opened, view):
    side = opened.page.locator("#side").aria_snapshot()
    assert side.startswith('- navigation "Themes and filters"')
    opened.page.click(".twist[aria-expanded=false] >> nth=0")
    assert opened.page.locator("#tree ul ul li button.theme").count() > 0
    choose_theme(opened)
    papers = opened.page.locator("#panel").aria_snapshot()
    assert "- list" in papers
    assert papers.count("- listitem") >= 10


@pytest.mark.parametrize("width", [320, 360, 400, 640])
def test_nothing_is_wider_than_a_phone(open_map, view, width):
    opened = open_map(view, width=width, height=640)
    for act in (lambda: None, lambda: open_paper(opened), lambda: search(opened)):
        act()
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.click("#help-open")
    box = opened.page.locator("#help").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_targets_are_large_enough(open_map, view, width):
    """24 by 24 CSS pixels (WCAG 2.2, 2.5.8), in the list of themes as well."""
    opened = open_map(view, width=width, height=800)
    if width < 700:
        opened.page.click("#side-toggle")
    small = opened.page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, summary")]
          .filter((node) => node.checkVisibility({ visibilityProperty: true }))
          .filter((node) => !node.closest("label"))
          .map((node) => [node.className || node.id, node.getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24)
          .map(([name, box]) => `${name} ${box.width} x ${box.height}`)"""
    )
    assert small == []


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (400, 800), (640, 400)])
def test_text_twice_as_large_is_all_there(open_map, view, width, height):
    opened = open_map(view, width=width, height=height)
    opened.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    opened.rest()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    for target in ("#search", "#side-toggle", "#help-open", "#zoom-fit"):
        opened.page.locator(target).scroll_into_view_if_needed()
        box = opened.page.locator(target).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    open_paper(opened)
    opened.page.locator("#panel .abstract").scroll_into_view_if_needed()
    assert opened.page.locator("#panel").bounding_box()["height"] > 100
    assert opened.page.locator("#map").bounding_box()["height"] > 200


def test_less_motion_means_none(open_map, view):
    opened = open_map(view, reduced_motion="reduce")
    opened.page.focus("#map")
    opened.press("+")
    opened.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert opened.zoom() == pytest.approx(1.6)
    durations = opened.page.evaluate(
        """() => [...document.querySelectorAll("*")]
          .map((node) => getComputedStyle(node).transitionDuration)"""
    )
    assert {part.strip() for text in durations for part in text.split(",")} == {"0s"}


def test_the_page_prints_the_map_with_its_themes(open_map, view):
    opened = open_map(view, color_scheme="dark", width=1280, height=800)
    opened.page.emulate_media(media="print")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    picture = opened.picture("#map").astype(int)
    assert picture.mean() > 200  # white paper
    assert (np.ptp(picture, axis=2) > 30).mean() > 0.01
    assert opened.page.is_visible("#tree")
    for part in ("#search", "#zoom", "#tools"):
        assert opened.page.is_hidden(part)
    assert (
        opened.page.evaluate("document.getElementById('map').width / paperatlas.view().width") > 2.5
    )
    opened.page.emulate_media(media="screen")
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    opened.rest()
    assert block_means(opened.picture("#map"), 100).mean() < 80


def test_a_printed_atlas_is_a_page_or_two(opened, tmp_path):
    from pypdf import PdfReader

    opened.page.pdf(path=tmp_path / "map.pdf", format="A4", print_background=True)
    reader = PdfReader(tmp_path / "map.pdf")
    assert len(reader.pages) <= 2
    assert "optimal transport" in reader.pages[0].extract_text()

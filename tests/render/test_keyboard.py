"""The page used by keyboard alone."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.papers import Paper
from pipeline.render import MapView

from .made_views import bare_view


@pytest.fixture
def opened(open_map, view):
    return open_map(view)


def is_within(opened, selector: str) -> bool:
    """Whether the focus is there, or on its way through the browser's own controls."""
    return opened.page.evaluate(
        """(selector) => {
          const node = document.activeElement;
          return node === document.body || node.closest(selector) !== null;
        }""",
        selector,
    )


def tab_stops(opened, most: int = 60) -> list[str]:
    """What the Tab key reaches, from the top of the page and once around."""
    stops: list[str] = []
    for _ in range(most):
        opened.press("Tab")
        stop = opened.page.evaluate(
            """() => {
              const node = document.activeElement;
              if (node === document.body) return "";
              return node.id || node.getAttribute("aria-label") || node.textContent.trim();
            }"""
        )
        if not stop or (stops and stop == stops[0]):
            return stops
        stops.append(stop)
    return stops


def test_tab_goes_through_the_page_in_the_order_that_is_seen(opened):
    stops = tab_stops(opened)
    assert stops[:2] == ["Skip to the map", "Skip to the themes"]
    order = ["search", "side-toggle", "mode-toggle", "help-open", "map", "zoom-in", "zoom-fit"]
    assert [stop for stop in stops if stop in order] == order


def test_skip_links_move_the_focus_and_not_the_address(opened):
    opened.press("Tab", "Enter")
    assert opened.focused() == "map"
    opened.page.keyboard.press("ArrowRight")
    assert not opened.page.url.endswith("#map")


def test_every_stop_shows_that_it_has_the_focus(opened):
    for _ in range(16):
        before = opened.picture()
        opened.press("Tab")
        after = opened.picture()
        changed = (np.abs(after.astype(int) - before) > 60).any(axis=2).sum()
        assert changed > 60, opened.focused()


def test_shift_and_arrows_go_from_paper_to_paper(opened, view):
    opened.page.focus("#map")
    opened.press("Shift+ArrowRight")
    opened.wait_until_said("Paper \\d+|“We study")
    first = opened.page.inner_text("#tooltip .tip-title")
    assert first in opened.page.inner_text("#said")
    opened.press("Shift+ArrowRight")
    second = opened.page.inner_text("#tooltip .tip-title")
    rows = [row_of(view, title) for title in (first, second)]
    assert opened.place_of(rows[1])[0] > opened.place_of(rows[0])[0]
    opened.press("Enter")
    assert opened.page.inner_text("#panel h2") == second
    opened.press("Escape")
    assert opened.page.is_hidden("#panel")
    assert opened.focused() == "map"


def row_of(view: MapView, title: str) -> int:
    return next(
        i
        for i, p in enumerate(view.papers)
        if title in (p.title, f"“{' '.join(p.abstract.split()[:10])}…”")
    )


def test_shift_and_arrows_reach_the_nearest_paper_of_a_quarter(open_map):
    """Papers at (0, 0), (1, .5), (2, 0), (0, 3) and twice at (0, -2)."""
    places = [[0, 0], [1, 0.5], [2, 0], [0, 3], [0, -2], [0, -2]]
    opened = open_map(bare_view(6, layout=np.array(places, np.float32), **titles(6)))
    opened.page.focus("#map")
    ways = [
        (0, "ArrowRight", 1),
        (1, "ArrowRight", 2),
        (2, "ArrowLeft", 1),
        (0, "ArrowUp", 3),
        (3, "ArrowDown", 1),
        (0, "ArrowDown", 4),
        (4, "ArrowDown", 5),
        (5, "ArrowUp", 4),
        (4, "ArrowUp", 0),
    ]
    for start, key, end in ways:
        opened.page.evaluate("(i) => paperatlas.open(i)", start)
        opened.press("Escape")
        opened.page.focus("#map")
        opened.press(f"Shift+{key}")
        assert opened.page.inner_text("#tooltip .tip-title") == f"T{end}", (start, key)
    opened.page.evaluate("paperatlas.open(3)")
    opened.press("Escape")
    opened.page.focus("#map")
    opened.press("Shift+ArrowUp")
    opened.wait_until_said("No paper further that way")


def titles(n: int) -> dict[str, object]:
    return {"papers": tuple(Paper(id=str(i), title=f"T{i}") for i in range(n))}


def test_keys_lead_to_search_themes_map_and_help(opened):
    opened.press("/")
    assert opened.focused() == "search"
    opened.page.keyboard.type("t/m?")
    assert opened.page.input_value("#search") == "t/m?"
    opened.page.fill("#search", "")
    opened.page.focus("#map")
    opened.press("t")
    assert opened.focused() == "legend-title"
    opened.press("m")
    assert opened.focused() == "map"
    opened.press("?")
    assert opened.page.is_visible("#help")
    opened.press("Escape")
    assert opened.page.is_hidden("#help")
    assert opened.focused() == "map"


def test_keys_of_one_letter_can_be_kept_to_the_map(opened):
    opened.page.click("#help-open")
    opened.page.uncheck("#keys-everywhere")
    opened.press("Escape")
    assert opened.focused() == "help-open"
    opened.press("/")
    assert opened.focused() == "help-open"
    opened.page.focus("#map")
    opened.press("/")
    assert opened.focused() == "search"
    opened.page.reload()
    opened.press("/")
    assert opened.focused() != "search"


def test_help_keeps_the_focus_inside(opened):
    opened.page.click("#help-open")
    for _ in range(6):
        opened.press("Tab")
        assert is_within(opened, "dialog")
    assert "Shift + arrow" in opened.page.inner_text("#help")
    opened.page.mouse.click(5, 5)
    assert opened.page.is_hidden("#help")


def test_results_are_walked_by_arrows(opened):
    search(opened)
    opened.press("ArrowDown", "ArrowDown")
    second = opened.page.inner_text("#results button >> nth=1")
    assert opened.focused().startswith(second.splitlines()[0])
    opened.press("ArrowUp", "ArrowUp")
    assert opened.focused() == "search"
    opened.press("Escape")
    assert opened.page.is_hidden("#results")
    assert opened.page.input_value("#search") == "distillation"
    opened.press("Escape")
    assert opened.page.input_value("#search") == ""
    assert opened.focused() == "search"


def test_an_opened_result_gives_the_focus_back(opened):
    search(opened)
    opened.press("ArrowDown", "Enter")
    assert opened.page.is_visible("#panel")
    assert opened.focused() == "panel-title"
    opened.press("Escape")
    assert opened.page.is_hidden("#panel")
    assert opened.focused() == "search"
    assert opened.page.is_visible("#results")


def test_a_sheet_keeps_the_focus_and_gives_it_back(open_map, view):
    opened = open_map(view, width=390, height=800)
    opened.page.focus("#side-toggle")
    opened.press("Enter")
    assert opened.focused() == "legend-title"
    for _ in range(30):
        opened.press("Tab")
        assert is_within(opened, "#side")
    opened.press("Escape")
    assert opened.page.is_hidden("#side")
    assert opened.focused() == "side-toggle"
    opened.page.click("#side-toggle")
    opened.page.mouse.click(195, 20)
    assert opened.page.is_hidden("#side")


def test_a_theme_chosen_in_a_sheet_closes_it_and_leads_to_its_papers(open_map, view):
    opened = open_map(view, width=390, height=800)
    opened.page.focus("#side-toggle")
    opened.press("Enter")
    opened.page.focus(".theme[aria-pressed]")
    opened.press("Enter")
    assert opened.page.is_hidden("#side")
    assert opened.focused() == "panel-title"


def search(opened) -> None:
    opened.page.fill("#search", "distillation")
    opened.page.wait_for_selector("#results button")

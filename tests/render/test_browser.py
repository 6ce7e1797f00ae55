"""The page in a real browser: drawn, used by mouse and keyboard, and attacked."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.papers import Paper
from pipeline.render import MapView

from .made_views import ODD_VIEWS, make_view


@pytest.fixture
def opened(open_map, view):
    return open_map(view)


def test_the_map_is_drawn_without_a_gpu_or_a_request(opened):
    picture = np.asarray(
        Image.open(io.BytesIO(opened.page.locator("#map").screenshot())).convert("RGB")
    ).astype(int)
    assert opened.page.evaluate("document.createElement('canvas').getContext('webgl')") is None
    coloured = np.ptp(picture, axis=2) > 40
    assert coloured.mean() > 0.01
    assert len(np.unique(picture[coloured] // 32, axis=0)) > 12
    assert opened.foreign == []
    assert opened.complaints == []


def test_the_heading_counts_papers_and_themes(opened):
    assert opened.page.inner_text("h1") == "Papers of a test"
    assert "300 papers · 12 themes · snapshot 0123456789ab" in opened.page.inner_text(".counts")


def alone(view: MapView) -> int:
    """A paper of the default layer's themes with no other near it on the map."""
    gaps = np.linalg.norm(view.layout[:, None] - view.layout[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    gaps[view.theme_ids[1] < 0] = -1
    return int(np.argmax(gaps.min(axis=1)))


def test_hover_shows_title_theme_and_year(opened, view):
    row = alone(view)
    opened.page.mouse.move(*opened.place_of(row))
    tip = opened.page.inner_text("#tooltip")
    theme = next(t for t in view.layers[1] if t.id == view.theme_ids[1][row])
    assert view.papers[row].title in tip
    assert theme.name in tip
    assert str(view.papers[row].year) in tip


def test_click_opens_the_paper(opened, view):
    row = alone(view)
    opened.page.mouse.click(*opened.place_of(row))
    opened.page.wait_for_selector("#panel .abstract:not(:empty)")
    text = opened.page.inner_text("#panel")
    for part in (view.papers[row].title, view.papers[row].abstract, "Şirin Öz", "list.txt:"):
        assert part in text
    assert opened.page.get_attribute("#panel a", "href") == view.papers[row].url
    opened.page.keyboard.press("Escape")
    assert opened.page.is_hidden("#panel")


def test_the_map_is_moved_by_keyboard(opened):
    opened.page.focus("#map")
    opened.page.keyboard.press("+")
    opened.rest()
    assert opened.zoom() == pytest.approx(1.6)
    before = opened.page.evaluate("paperatlas.view().x")
    opened.page.keyboard.press("ArrowRight")
    assert opened.page.evaluate("paperatlas.view().x") > before
    opened.page.keyboard.press("0")
    opened.rest()
    assert opened.zoom() == pytest.approx(1.0)
    opened.page.keyboard.press("Enter")
    assert opened.page.is_visible("#panel")


def test_wheel_drag_and_double_click_move_the_map(opened):
    box = opened.page.locator("#map").bounding_box()
    x, y = box["x"] + 300, box["y"] + 300
    opened.page.mouse.move(x, y)
    opened.page.mouse.wheel(0, -400)
    opened.rest()
    zoomed = opened.zoom()
    assert zoomed > 1.2
    place = opened.place_of(0)
    opened.page.mouse.down()
    opened.page.mouse.move(x + 60, y + 20, steps=4)
    opened.page.mouse.up()
    moved = opened.place_of(0)
    assert (moved[0] - place[0], moved[1] - place[1]) == pytest.approx((60, 20), abs=1)
    opened.page.mouse.dblclick(x + 200, y + 100)
    opened.rest()
    assert opened.zoom() > zoomed * 1.9


def test_search_finds_words_in_titles_authors_and_abstracts(opened):
    opened.page.fill("#search", "oz DISTILLATION number 36")
    opened.page.wait_for_function(
        "() => /^\\d+ found$/.test(document.getElementById('search-status').textContent)"
    )
    assert opened.page.inner_text("#search-status") == "0 found"
    opened.page.fill("#search", "sirin result number 150")
    opened.page.wait_for_function(
        "() => document.getElementById('search-status').textContent === '1 found'"
    )
    opened.page.click("#results button")
    assert "Paper 150" in opened.page.inner_text("#panel")


def test_a_theme_is_chosen_from_the_tree(opened, view):
    theme = view.layers[2][0]
    opened.page.click(f".theme >> text='{theme.name}' >> nth=0")
    opened.rest()
    assert opened.page.get_attribute(".theme[aria-pressed=true] .name", "class") == "name"
    assert f"{theme.size} papers" in opened.page.inner_text("#panel")
    assert opened.zoom() > 1.0
    opened.page.click("#legend-clear")
    opened.rest()
    assert opened.zoom() == pytest.approx(1.0)
    assert opened.page.is_hidden("#panel")


def test_light_and_dark(open_map, view):
    light, dark = (open_map(view, color_scheme=mode) for mode in ("light", "dark"))
    grounds = [
        np.asarray(Image.open(io.BytesIO(m.page.screenshot())).convert("L")).mean()
        for m in (light, dark)
    ]
    assert grounds[0] > 200
    assert grounds[1] < 60
    light.page.click("#mode-toggle")
    assert light.page.get_attribute("html", "data-mode") == "dark"


def test_coarse_names_come_first_and_finer_ones_on_zooming_in(opened, view):
    assert {label["layer"] for label in opened.labels()} == {1, 2}
    inmost = np.argmin(
        np.linalg.norm(view.layout - view.layout[view.theme_ids[0] == 3].mean(0), axis=1)
    )
    opened.page.mouse.move(*opened.place_of(int(inmost)))
    for _ in range(4):
        opened.page.mouse.wheel(0, -240)
    opened.rest()
    assert 0 in {label["layer"] for label in opened.labels()}


def test_large_atlases_unpack_their_texts(open_map):
    papers = tuple(
        Paper(id=str(i), title=f"Paper {i}", abstract=f"About number {i}. " + "word " * 700)
        for i in range(1200)
    )
    opened = open_map(make_view(1200, papers=papers))
    opened.page.evaluate("paperatlas.open(1100)")
    opened.page.wait_for_selector("#panel .abstract:not(:empty)")
    assert "About number 1100." in opened.page.inner_text("#panel")
    assert opened.complaints == []


def test_odd_atlases_open_without_complaint(open_map):
    for name, view in ODD_VIEWS.items():
        opened = open_map(view)
        opened.page.focus("#map")
        for key in ("+", "ArrowLeft", "0", "Enter", "Escape"):
            opened.page.keyboard.press(key)
        opened.rest()
        assert opened.complaints == [], name


def test_names_fade_in_where_motion_is_welcome(open_map, view):
    opened = open_map(view, reduced_motion="no-preference")
    opened.page.keyboard.press("Tab")
    opened.page.click("#zoom-in")
    opened.rest()
    assert opened.zoom() == pytest.approx(1.6)
    assert opened.complaints == []

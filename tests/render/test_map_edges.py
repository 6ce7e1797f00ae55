"""The map at its edges: names under the pointer, empty views, few papers, contrast, paper."""

from __future__ import annotations

import numpy as np
import pytest

from .made_views import make_view


def test_a_press_on_a_name_shows_its_theme(view, open_map) -> None:
    opened = open_map(view)
    box = opened.page.locator("#map").bounding_box()
    name = opened.labels()[0]
    x = box["x"] + (name["left"] + name["right"]) / 2
    y = box["y"] + (name["top"] + name["bottom"]) / 2
    opened.page.mouse.move(x, y)
    if opened.page.is_visible("#tooltip"):
        pytest.fail("the made-up map has a point right under its first name")
    assert opened.page.evaluate("getComputedStyle(document.getElementById('map')).cursor") == (
        "pointer"
    )
    opened.page.wait_for_function("() => paperatlas.state().highlight !== null")
    opened.page.mouse.down()
    opened.page.mouse.up()
    theme = opened.page.evaluate("paperatlas.atlas.themes[paperatlas.state().theme].name")
    assert theme == name["name"]
    assert opened.page.evaluate("paperatlas.state().paper") == -1


def test_an_empty_view_leads_back_to_the_whole_map(view, open_map) -> None:
    opened = open_map(view)
    assert opened.page.is_hidden(".nothing-here")
    opened.page.evaluate("paperatlas.setView({ x: -3, y: -3, zoom: 20 })")
    opened.rest()
    opened.page.click(".nothing-here button")
    opened.rest()
    assert opened.page.is_hidden(".nothing-here")
    assert opened.zoom() == pytest.approx(1)


def test_the_closest_zoom_stays_above_the_steps_of_the_places(view, open_map) -> None:
    opened = open_map(view)
    for _ in range(40):
        opened.press("+")
    opened.rest()
    left, right = opened.page.evaluate(
        "(() => { const { atlas, screenOf } = paperatlas;"
        " const [a, b] = [screenOf(0), screenOf(1)];"
        " return [Math.hypot(a.x - b.x, a.y - b.y),"
        " Math.hypot(atlas.x[0] - atlas.x[1], atlas.y[0] - atlas.y[1])]; })()"
    )
    assert left / right <= 65536


def test_the_name_of_the_only_paper_stands_beside_its_point(open_map) -> None:
    opened = open_map(make_view(1))
    spot = opened.page.evaluate("paperatlas.screenOf(0)")
    for name in opened.labels():
        inside_x = name["left"] < spot["x"] < name["right"]
        inside_y = name["top"] < spot["y"] < name["bottom"]
        assert not (inside_x and inside_y)
    picture = opened.picture("#map").astype(int)
    corner = picture[3, 3]
    tinted = (np.abs(picture - corner).sum(axis=2) > 6).mean()
    assert tinted < 0.15  # the glow of one paper is no region


@pytest.mark.parametrize("width", [320, 400])
def test_no_paper_of_the_whole_map_lies_under_its_buttons(view, open_map, width) -> None:
    opened = open_map(view, width=width, height=800)
    box = opened.page.locator("#zoom").bounding_box()
    for row in range(len(view.layout)):
        x, y = opened.place_of(row)
        assert not (x >= box["x"] and y >= box["y"])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_more_contrast_reaches_the_page_and_the_canvas(view, open_map, mode) -> None:
    opened = open_map(view, color_scheme=mode)
    soft = "getComputedStyle(document.documentElement).getPropertyValue('--ink-soft').trim()"
    ink = "getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()"
    assert opened.page.evaluate(soft) != opened.page.evaluate(ink)
    opened.page.emulate_media(contrast="more")
    opened.page.wait_for_function("() => paperatlas.state().contrast === 'more'")
    assert opened.page.evaluate(soft) == opened.page.evaluate(ink)


def test_the_map_for_paper_stands_on_white(view, open_map) -> None:
    opened = open_map(view, color_scheme="dark")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    corner = "[...document.getElementById('map').getContext('2d').getImageData(2, 2, 1, 1).data]"
    assert opened.page.evaluate(corner) == [255, 255, 255, 255]
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    opened.rest()
    assert opened.page.get_attribute("html", "data-mode") == "dark"
    assert max(opened.page.evaluate(corner)[:3]) < 60


def test_each_escape_undoes_something_that_is_seen(view, open_map) -> None:
    opened = open_map(view)
    opened.page.evaluate("paperatlas.change({ theme: 0 })")
    opened.page.evaluate("paperatlas.open(3)")
    opened.press("Escape")
    assert opened.page.evaluate("paperatlas.state().paper") == -1
    opened.press("Escape")
    assert opened.page.evaluate("paperatlas.state().theme") == -1

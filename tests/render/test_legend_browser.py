"""What colours mean, and the tree of themes, in a real browser."""

from __future__ import annotations

import base64
import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from pipeline.render import MapView
from pipeline.render.palette import category_colours

from .made_views import make_view
from .sorted_maps import (
    VENUES,
    colour_by,
    every_row,
    expect_focus,
    in_years,
    press,
    sorted_papers,
    state,
)


@pytest.fixture(scope="module")
def sorted_view() -> MapView:
    return sorted_papers(make_view())


@pytest.fixture
def opened(open_map, sorted_view):
    return open_map(sorted_view)


def drawn(opened) -> np.ndarray:
    """(n, 3) colours of the map's own pixels, without the controls that lie over it."""
    opened.rest()
    picture = opened.page.evaluate(
        """() => {
             const map = document.getElementById("map");
             return map.toDataURL("image/png").split(",")[1];
           }"""
    )
    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    return np.asarray(image).reshape(-1, 3).astype(int)


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


def count_like(pixels: np.ndarray, colour: str) -> int:
    return int((np.abs(pixels - rgb(colour)).max(axis=1) <= 24).sum())


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_points_have_the_colours_of_their_venues(open_map, sorted_view, mode):
    opened = open_map(sorted_view, color_scheme=mode)
    icml, acl, unused = getattr(category_colours(), mode)[:3]
    colour_by(opened, "venue")
    pixels = drawn(opened)
    # Twice as many papers are of ICML as of ACL; papers at the fringe of a
    # theme are no rings where themes are not shown.
    assert count_like(pixels, icml) > 1.4 * count_like(pixels, acl) > 500
    assert count_like(pixels, unused) < 50
    names = opened.page.locator("#colour .key .name").all_inner_texts()
    assert names == ["ICML", "ACL", "no venue"]
    assert opened.page.locator(".tree .swatch").first.is_hidden()
    opened.page.select_option("#colour-by", "theme")
    opened.page.wait_for_selector(".tree .swatch")
    assert opened.page.locator("#colour .key button").count() == 0


def test_years_are_a_scale_in_steps_of_about_as_many_papers(opened):
    colour_by(opened, "year")
    parts = opened.page.locator(".scale-part")
    labels = [part.get_attribute("aria-label") for part in parts.all()]
    spans = [tuple(int(year) for year in label.split("–")) for label in labels]
    assert (spans[0][0], spans[-1][1]) == (2000, 2024)
    assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(spans))
    parts.nth(1).click()
    expect_focus(opened, in_years(*spans[1]))
    assert parts.nth(1).get_attribute("aria-pressed") == "true"
    parts.nth(1).click()
    expect_focus(opened, every_row)


def test_an_entry_of_the_legend_highlights_and_wants_its_papers(opened):
    colour_by(opened, "venue")
    icml, acl = category_colours().light[:2]
    before = drawn(opened)
    opened.page.hover("#colour .key-entry:has-text('ACL')")
    opened.page.wait_for_function("() => paperatlas.state().highlight")
    assert state(opened, "highlight") == {"column": "venue", "values": ["ACL"]}
    lit = drawn(opened)
    assert count_like(lit, icml) < 0.1 * count_like(before, icml)
    assert count_like(lit, acl) > 0.9 * count_like(before, acl)
    opened.page.mouse.move(600, 300)
    opened.page.wait_for_function("() => paperatlas.state().highlight === null")
    opened.page.click("#colour .key-entry:has-text('ACL')")
    expect_focus(opened, lambda row: VENUES[row % 4] == "ACL")


def test_the_legend_of_colours_by_keyboard_alone(opened):
    while opened.page.evaluate("document.activeElement.id") != "colour-by":
        press(opened, "Tab")
    # A closed list changes with the letters typed.
    press(opened, "V")
    opened.page.wait_for_function("() => paperatlas.state().colourBy === 'venue'")
    opened.page.wait_for_selector("#colour .key-entry")
    press(opened, "Tab")
    opened.page.wait_for_function("() => paperatlas.state().highlight")
    assert state(opened, "highlight") == {"column": "venue", "values": ["ICML"]}
    press(opened, "Tab", "Enter")
    expect_focus(opened, lambda row: VENUES[row % 4] == "ACL")


# The tree of themes


def test_pointing_at_a_theme_highlights_it(opened):
    before = drawn(opened)
    opened.page.hover(".theme >> nth=0")
    opened.page.wait_for_function("() => paperatlas.state().highlight")
    theme = state(opened, "highlight")["theme"]
    name = opened.page.evaluate("(t) => paperatlas.atlas.themes[t].name", theme)
    assert opened.page.inner_text(".theme >> nth=0 >> .name") == name
    other = opened.page.evaluate(
        """(t) => paperatlas.atlas.themes.find((u) => u.layer === 1 && u.parent !== t)
                    .colours.point_light""",
        theme,
    )
    assert count_like(drawn(opened), other) < 0.6 * count_like(before, other)
    opened.page.mouse.move(700, 300)
    opened.page.wait_for_function("() => paperatlas.state().highlight === null")
    assert np.array_equal(drawn(opened), before)


def test_a_theme_that_the_keyboard_reaches_is_highlighted(opened):
    press(opened, "t")
    while not opened.page.evaluate("document.activeElement.matches('.theme')"):
        press(opened, "Tab")
    opened.page.wait_for_function("() => paperatlas.state().highlight")
    assert "theme" in state(opened, "highlight")
    press(opened, "m")
    opened.page.wait_for_function("() => paperatlas.state().highlight === null")


def test_themes_count_their_papers_in_focus(opened, sorted_view):
    opened.page.evaluate("paperatlas.change({ chosen: { venue: ['ACL'] } })")
    expect_focus(opened, lambda row: VENUES[row % 4] == "ACL")
    opened.rest()
    for entry in opened.page.locator(".theme[data-theme]").all()[:6]:
        index = int(entry.get_attribute("data-theme"))
        label = [t for layer in sorted_view.layers for t in layer][index]
        layer = next(k for k, layer in enumerate(sorted_view.layers) if label in layer)
        rows = np.flatnonzero(sorted_view.theme_ids[layer] == label.id)
        some = sum(VENUES[row % 4] == "ACL" for row in rows)
        assert entry.locator(".size").inner_text().startswith(f"{some} / {label.size}")


def test_a_theme_is_found_by_name(opened):
    field = opened.page.locator("#legend input[type=search]")
    field.fill("transport 4")
    # With the themes above it, and no others.
    assert opened.page.locator(".theme .name").all_inner_texts() == [
        "optimal transport",
        "benchmarks / what they miss 2",
        "optimal transport 4",
    ]
    field.fill("no such theme")
    assert opened.page.is_visible("text=No theme of that name.")
    press(opened, "Escape")
    assert field.input_value() == ""
    assert "dataset distillation" in opened.page.locator(".theme .name").all_inner_texts()

"""Outlines around papers: drawn by hand, taken by keys, and quick to look into."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .made_views import bare_view, make_view


def drawn(opened, corners: list[tuple[float, float]], *, touch: bool = False) -> None:
    """Draw around `corners`, in pixels of the window."""
    page = opened.page
    if touch:
        send = """([name, clientX, clientY]) => document.getElementById('map').dispatchEvent(
          new PointerEvent(name, { pointerId: 7, pointerType: 'touch', isPrimary: true,
            bubbles: true, clientX, clientY }))"""
        # A made-up pointer cannot be captured.
        page.evaluate("() => { Element.prototype.setPointerCapture = () => {}; }")
        page.evaluate(send, ["pointerdown", *corners[0]])
        for corner in corners[1:]:
            page.evaluate(send, ["pointermove", *corner])
        page.evaluate(send, ["pointerup", *corners[-1]])
        return
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=6)
    page.mouse.up()


def square(opened, part: float = 0.25) -> list[tuple[float, float]]:
    """A square around the middle of the map, `part` of its smaller side to each side."""
    box = opened.page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    half = part * min(box["width"], box["height"])
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


def rows_between(opened, corners) -> list[int]:
    (left, top), (right, bottom) = corners[0], corners[2]
    n = opened.page.evaluate("paperatlas.atlas.n")
    spots = [opened.place_of(row) for row in range(n)]
    return [i for i, (x, y) in enumerate(spots) if left < x < right and top < y < bottom]


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_a_drag_around_papers_chooses_them_and_leaves_the_map_where_it_is(open_map, view, touch):
    opened = open_map(view)
    corners = square(opened)
    wanted = rows_between(opened, corners)
    seen = opened.page.evaluate("paperatlas.view()")
    opened.page.click("#lasso")
    assert opened.page.get_attribute("#lasso", "aria-pressed") == "true"
    drawn(opened, corners, touch=touch)
    assert opened.page.evaluate("paperatlas.inFocusRows()") == wanted
    assert 20 < len(wanted) < 200
    assert opened.page.evaluate("paperatlas.view()") == seen
    assert opened.page.get_attribute("#lasso", "aria-pressed") == "false"
    assert opened.page.inner_text("#panel h2") == f"{len(wanted)} papers"
    assert len(opened.page.evaluate("paperatlas.state().lasso")) < 12  # straight sides: few corners


def test_papers_in_view_are_taken_by_keys_alone(open_map, view):
    opened = open_map(view)
    opened.page.focus("#map")
    opened.press("+", "+", "+")
    opened.rest()
    opened.press("l")
    assert opened.focused() == "Take the papers in view"
    opened.press("Enter")
    chosen = set(opened.page.evaluate("paperatlas.inFocusRows()"))
    box = opened.page.locator("#map").bounding_box()
    spots = {i: opened.place_of(i) for i in range(len(view.papers))}
    inside = {
        i
        for i, (x, y) in spots.items()
        if box["x"] + 6 < x < box["x"] + box["width"] - 6
        and box["y"] + 6 < y < box["y"] + box["height"] - 6
    }
    assert chosen == inside
    assert 0 < len(chosen) < 300
    assert opened.focused() == "panel-title"
    opened.press("Escape")  # closes the list
    assert opened.page.is_hidden("#panel")
    assert opened.page.inner_text(".chips-count") == f"{len(chosen)} of 300 papers"
    opened.press("Escape")  # and now the outline
    assert opened.page.evaluate("paperatlas.inFocus()") == 300


def test_escape_and_the_key_leave_the_mode(open_map, view):
    opened = open_map(view)
    for leave in ("Escape", "l"):
        opened.press("l")
        assert opened.page.is_visible(".lasso-hint")
        opened.press(leave)
        assert opened.page.is_hidden(".lasso-hint")
    opened.page.fill("#search", "")
    opened.page.focus("#search")
    opened.press("l")
    assert opened.page.input_value("#search") == "l"
    assert opened.page.is_hidden(".lasso-hint")


def test_an_outline_around_nothing_says_so_and_chooses_nothing(open_map):
    opened = open_map(bare_view(3, layout=np.array([[0, 0], [1, 0], [0, 9]], np.float32)))
    box = opened.page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] - 200, box["y"] + 40
    opened.press("l")
    drawn(opened, [(x, y), (x + 60, y), (x + 60, y + 60), (x, y + 60)])
    assert opened.page.inner_text(".told") == "No paper lies inside."
    assert opened.page.evaluate("paperatlas.state().lasso") is None


def winding(corners: np.ndarray, x: float, y: float) -> int:
    """How often the outline goes around a point: the sum of the angles that its edges turn by."""
    gaps = corners - (x, y)
    angles = np.arctan2(gaps[:, 1], gaps[:, 0])
    turns = np.diff(np.append(angles, angles[0]))
    return round(float(((turns + np.pi) % (2 * np.pi) - np.pi).sum() / (2 * np.pi)))


corners_of = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=24)


@pytest.fixture(scope="module")
def scattered(browser, tmp_path_factory):
    """A map of papers all over the unit square, kept open."""
    from pipeline.render import render_page

    from .browsing import OpenMap

    layout = np.random.default_rng(3).uniform(size=(400, 2)).astype(np.float32)
    path = tmp_path_factory.mktemp("lasso") / "map.html"
    path.write_text(render_page(dataclasses.replace(make_view(400), layout=layout)), "utf-8")
    page = browser.new_page(reduced_motion="reduce")
    yield OpenMap(page, path)
    page.close()


@settings(max_examples=60, deadline=None)
@given(corners_of)
def test_what_lies_inside_any_outline_is_what_it_goes_around(scattered, corners):
    outline = np.array(corners) / 40 + 1e-4  # on no paper's place
    xs, ys, found = scattered.page.evaluate(
        """(lasso) => { paperatlas.change({ lasso });
          const mask = new Set(paperatlas.inFocusRows());
          const { x, y, n } = paperatlas.atlas;
          return [[...x], [...y], Array.from({ length: n }, (_, i) => mask.has(i))]; }""",
        outline.tolist(),
    )
    wanted = [winding(outline, x, y) != 0 for x, y in zip(xs, ys, strict=True)]
    assert found == wanted

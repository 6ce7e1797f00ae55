"""The comparer of pictures: other fonts pass, and what is broken does not."""

from __future__ import annotations

import numpy as np
import pytest

from .pictures import Difference, difference, shrink

OTHER_FONT = """
const own = Object.getOwnPropertyDescriptor(CanvasRenderingContext2D.prototype, "font");
Object.defineProperty(CanvasRenderingContext2D.prototype, "font", {
  get() { return own.get.call(this); },
  set(font) { own.set.call(this, font.replace(/px .*/, "px FAMILY")); },
});
addEventListener("DOMContentLoaded", () => {
  document.documentElement.style.setProperty("--sans", "FAMILY");
});
"""
RED_FOR_BLUE = """
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (image, x, y) {
  const { data } = image;
  for (let k = 0; k < data.length; k += 4) [data[k], data[k + 2]] = [data[k + 2], data[k]];
  put.call(this, image, x, y);
};
"""
ON_CANVAS = "CanvasRenderingContext2D.prototype"
BROKEN = {
    "names are missing": f"{ON_CANVAS}.fillText = {ON_CANVAS}.strokeText = () => {{}};",
    "points are missing": f"{ON_CANVAS}.putImageData = () => {{}};",
    "the map is blank": f"{ON_CANVAS}.drawImage = () => {{}};",
    "colours are wrong": RED_FOR_BLUE,
    "the styles are missing": "document.styleSheets[0].disabled = true",
    "the side is missing": "document.getElementById('side').hidden = true",
    "the themes are missing": "document.getElementById('tree').hidden = true",
}


@pytest.fixture
def seen(open_map, seeds_map):
    """The page's picture after a script has changed something before the page's own."""

    def picture(change: str = "") -> np.ndarray:
        if "document.getElement" in change or "styleSheets" in change:
            change = f"addEventListener('DOMContentLoaded', () => {{ {change} }});"
        opened = open_map(seeds_map, width=1280, height=800, before=change)
        return shrink(opened.picture())

    return picture


@pytest.mark.parametrize("family", ["DejaVu Serif", "DejaVu Sans Condensed"])
def test_another_font_is_a_small_difference(seen, family):
    found = difference(seen(), seen(OTHER_FONT.replace("FAMILY", family)))
    assert found.is_small, found


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_page_is_a_large_difference(seen, what):
    found = difference(seen(), seen(BROKEN[what]))
    assert not found.is_small, found


def test_a_picture_does_not_differ_from_itself(seen):
    assert difference(seen(), seen()) == Difference(0.0, 0.0, 0.0)


def test_a_difference_is_measured_in_tiles():
    grey = np.full((40, 40, 3), 100.0)
    red = grey.copy()
    red[:10, :10, 0] += 48.0  # one tile of sixteen, in one of three channels
    found = difference(grey, red)
    assert found.tone == pytest.approx(48 / 16 / 3)
    assert found.tint == pytest.approx(1.0)  # all colour there is has come
    assert found.grain == pytest.approx(1.0)


def test_large_pictures_are_shrunk_more():
    assert shrink(np.zeros((1400, 2560, 3))).shape == (175, 320, 3)
    assert shrink(np.zeros((801, 1280, 3))).shape == (200, 320, 3)

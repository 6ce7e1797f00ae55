"""On windows of little height every control that is seen can be clicked, whatever is open."""

from __future__ import annotations

import pytest

CONTROLS = "button, input, select, a[href]"
COVERED = """(controls) => [...document.querySelectorAll(controls)].filter((node) => {
  const look = getComputedStyle(node);
  if (!node.checkVisibility({ visibilityProperty: true })) return false;
  if (look.clipPath !== "none") return false;
  if (node.matches(".skip") || node.closest("[inert]")) return false;
  if (node.closest(".results, .panel, .key")) return false; // these scroll
  const box = node.getBoundingClientRect();
  const at = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  return !at || !(node.contains(at) || node.closest("label")?.contains(at));
}).map((node) => node.id || node.textContent || node.className)"""

SIZES = [(800, 400), (700, 500), (320, 480), (1000, 480), (400, 800)]


@pytest.mark.parametrize("beneath", [{}, {"theme": 0}, {"listed": True}])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_control_lies_under_another_while_a_paper_is_open(
    view, open_map, width, height, beneath
) -> None:
    opened = open_map(view, width=width, height=height)
    assert opened.page.evaluate(COVERED, CONTROLS) == []
    opened.page.evaluate("(part) => paperatlas.change(part)", beneath | {"paper": 3})
    opened.rest()
    assert opened.page.evaluate(COVERED, CONTROLS) == []
    assert opened.page.is_visible("#panel .close")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_much_of_the_map_stays_free_beside_an_open_paper(view, open_map, width, height) -> None:
    opened = open_map(view, width=width, height=height)
    opened.page.evaluate("paperatlas.open(3)")
    opened.rest()
    panel = opened.page.locator("#panel").bounding_box()
    stage = opened.page.locator("#view").bounding_box()
    free = 1 - panel["width"] * panel["height"] / (stage["width"] * stage["height"])
    assert free > 0.4
    x, y = opened.place_of(3)
    assert opened.page.evaluate("([x, y]) => document.elementFromPoint(x, y).id", [x, y]) == "map"

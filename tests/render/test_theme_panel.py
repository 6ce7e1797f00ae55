"""One theme in the panel: what speaks for its name, its years, its company, its papers."""

from __future__ import annotations

import dataclasses

import numpy as np

from .made_views import make_view


def open_theme(opened, index: int) -> None:
    opened.page.evaluate("(i) => paperatlas.change({ theme: i })", index)
    opened.page.wait_for_selector("#panel .bars")


def proven_view():
    view = make_view(300)
    fine, middle, coarse = view.layers
    proven = dataclasses.replace(
        middle[0],
        terms=("moss", "bog water"),
        evidence=("“moss” in 9 of 25 papers",),
        stability=0.834,
    )
    return dataclasses.replace(view, layers=(fine, (proven, *middle[1:]), coarse))


def test_a_theme_is_told_with_what_speaks_for_it(open_map):
    view = proven_view()
    opened = open_map(view)
    open_theme(opened, 24)
    panel = opened.page.locator("#panel")
    theme = view.layers[1][0]
    assert panel.locator("h2").inner_text() == theme.name
    assert panel.locator(".byline").inner_text() == (
        f"{theme.size} papers, {round(100 * theme.size / 300)}% of the map"
    )
    notes = " ".join(panel.locator(".note").all_inner_texts())
    assert "Its name: “moss” in 9 of 25 papers." in notes
    assert "Stability 0.83" in notes
    assert panel.locator(".terms li").all_inner_texts() == ["moss", "bog water"]


def test_years_of_a_theme_are_told_to_those_who_see_and_those_who_do_not(open_map, view):
    opened = open_map(view)
    open_theme(opened, 24)
    years = [p.year for p, t in zip(view.papers, view.theme_ids[1], strict=True) if t == 24]
    counts = {year: years.count(year) for year in range(min(years), max(years) + 1)}
    bars = opened.page.eval_on_selector_all(".bars span", "all => all.map((b) => b.title)")
    assert bars == [f"{year}: {count}" for year, count in counts.items()]
    told = opened.page.get_attribute(".spark", "aria-label")
    assert f"from {min(years)} to {max(years)}" in told


def test_papers_of_a_theme_come_strongest_first_and_as_far_as_one_scrolls(open_map):
    view = make_view(1300)
    opened = open_map(view)
    open_theme(opened, 36)
    members = np.flatnonzero(view.theme_ids[2] == 36)
    strengths = np.round(view.strengths * 255)
    wanted = sorted(members.tolist(), key=lambda row: (-strengths[row], row))
    rows = "all => all.map((n) => +n.dataset.paper)"
    first = opened.page.eval_on_selector_all("#panel .paper-row", rows)
    assert 40 <= len(first) < len(wanted)
    assert first == wanted[: len(first)]
    opened.page.eval_on_selector("#panel", "node => node.scrollTo(0, node.scrollHeight)")
    opened.page.wait_for_function(
        "(n) => document.querySelectorAll('#panel .paper-row').length > n", arg=len(first)
    )
    more = opened.page.eval_on_selector_all("#panel .paper-row", rows)
    assert more == wanted[: len(more)]


def test_all_papers_of_a_theme_are_reached_by_keys(open_map, view):
    opened = open_map(view)
    open_theme(opened, 36)
    members = int((view.theme_ids[2] == 36).sum())
    while opened.page.is_visible("#panel .more"):
        before = opened.page.locator("#panel .paper-row").count()
        opened.page.focus("#panel .more")
        opened.press("Enter")
        assert opened.page.locator("#panel .paper-row").count() > before
    assert opened.page.locator("#panel .paper-row").count() == members


def test_the_nearest_themes_are_those_of_the_papers_nearest_in_meaning(open_map, view):
    neighbors = view.neighbors.copy()
    members = np.flatnonzero(view.theme_ids[0] == 0)
    others = np.flatnonzero(view.theme_ids[0] == 17)
    neighbors[members] = -1
    neighbors[members, 0] = members[::-1]
    neighbors[members, 1] = others[0]
    opened = open_map(dataclasses.replace(view, neighbors=neighbors))
    open_theme(opened, 0)
    beside = opened.page.locator("#panel h3:has-text('Nearest themes') ~ .crumbs .chip")
    beside.first.wait_for()
    name = next(t.name for t in view.layers[0] if t.id == 17)
    assert [chip.inner_text().split("\n") for chip in beside.all()] == [[name, "50%"]]
    beside.first.focus()
    opened.press("Enter")
    assert opened.page.inner_text("#panel h2") == name


def test_themes_above_and_within_are_a_press_away(open_map, view):
    opened = open_map(view)
    open_theme(opened, 24)
    chips = "#panel h3:text-is('{}') + .crumbs .chip"
    above = opened.page.locator(chips.format("Part of"))
    assert above.all_inner_texts() == ["optimal transport"]
    within = opened.page.locator(chips.format("Divides into"))
    assert within.count() == 2
    within.first.click()
    assert opened.page.evaluate("paperatlas.state().theme") == 0


def test_a_theme_is_found_as_it_was_left_when_a_paper_over_it_is_closed(open_map, view):
    opened = open_map(view)
    open_theme(opened, 36)
    row = opened.page.locator("#panel .paper-row").nth(30)
    row.focus()
    top = opened.page.evaluate("() => document.getElementById('panel').scrollTop")
    number = row.get_attribute("data-paper")
    opened.press("Enter")
    assert opened.page.evaluate("paperatlas.state().paper") == int(number)
    opened.press("Escape")
    assert opened.page.evaluate("() => document.activeElement.dataset.paper") == number
    left = opened.page.evaluate("() => document.getElementById('panel').scrollTop")
    assert abs(left - top) <= 1

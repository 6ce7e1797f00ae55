"""Filters in a real browser, by mouse, by touch and by keyboard alone."""

from __future__ import annotations

import dataclasses
import json

import pytest

from pipeline.papers import Paper
from pipeline.render import MapView

from .made_views import bare_view, make_view
from .payloads import ATTACKS
from .sorted_maps import (
    VENUES,
    colour_by,
    every_row,
    expect_focus,
    in_years,
    open_filters,
    press,
    rows_where,
    size_of,
    sorted_papers,
    state,
    year_of,
)
from .test_accessibility import assert_axe_is_content


@pytest.fixture(scope="module")
def sorted_view() -> MapView:
    return sorted_papers(make_view())


@pytest.fixture
def opened(open_map, sorted_view):
    return open_map(sorted_view)


# Years


def test_a_handle_is_dragged_to_a_year(opened):
    open_filters(opened)
    plot = opened.page.locator(".plot").bounding_box()
    handle = opened.page.locator(".handle").first.bounding_box()
    opened.page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + 20)
    opened.page.mouse.down()
    opened.page.mouse.move(plot["x"] + plot["width"] * 10 / 25, plot["y"] + 20, steps=5)
    opened.page.mouse.up()
    assert state(opened, "years") == [2010, 2024]
    expect_focus(opened, in_years(2010, 2024))
    assert opened.page.inner_text(".chip.active .chip-text") == "2010–2024"
    assert opened.complaints == []


def test_a_span_is_drawn_moved_and_lifted(opened):
    open_filters(opened)
    plot = opened.page.locator(".plot").bounding_box()

    def drag(start: float, end: float) -> None:
        opened.page.mouse.move(plot["x"] + plot["width"] * start / 25, plot["y"] + 30)
        opened.page.mouse.down()
        opened.page.mouse.move(plot["x"] + plot["width"] * end / 25, plot["y"] + 30, steps=6)
        opened.page.mouse.up()

    drag(5.5, 9.5)
    assert state(opened, "years") == [2005, 2009]
    expect_focus(opened, in_years(2005, 2009))
    drag(7.5, 12.5)
    assert state(opened, "years") == [2010, 2014]
    drag(12.5, 40.5)  # no further than the last year
    assert state(opened, "years") == [2020, 2024]
    opened.page.click("text=All years")
    expect_focus(opened, every_row)
    assert opened.page.is_hidden("#chips")


def test_years_by_keyboard_alone(opened):
    press(opened, "f", "Tab")
    opened.page.wait_for_selector(".histogram")
    opened.page.focus("#tab-filters")
    press(opened, "Tab")
    while opened.page.evaluate("document.activeElement.getAttribute('role')") != "slider":
        press(opened, "Tab")
    # The span comes first, then the first and the last year.
    press(opened, "Tab", "ArrowRight", "ArrowRight", "PageUp")
    assert state(opened, "years") == [2007, 2024]
    press(opened, "Tab", "PageDown", "ArrowLeft")
    assert state(opened, "years") == [2007, 2018]
    press(opened, "Shift+Tab", "Shift+Tab", "ArrowRight")
    assert state(opened, "years") == [2008, 2019]
    slider = opened.page.locator(":focus")
    assert slider.get_attribute("aria-valuetext") == "2008–2019"
    press(opened, "End")
    assert state(opened, "years") == [2013, 2024]
    press(opened, "Tab", "Home")
    assert state(opened, "years") is None
    press(opened, "End")
    assert state(opened, "years") == [2024, 2024]
    slider = opened.page.locator(":focus")
    told = [slider.get_attribute(f"aria-value{name}") for name in ("min", "max", "now", "text")]
    assert told == ["2000", "2024", "2024", "2024"]
    expect_focus(opened, in_years(2024, 2024))


def test_years_are_typed(opened):
    open_filters(opened)
    opened.page.fill("input[aria-label='From year']", "2003")
    press(opened, "Tab")
    opened.page.fill("input[aria-label='To year']", "1950")
    press(opened, "Tab")
    # Given the wrong way round they mean the same; years that no paper has are cut off.
    assert state(opened, "years") == [2000, 2003]
    assert opened.page.input_value("input[aria-label='From year']") == "2000"
    expect_focus(opened, in_years(2000, 2003))
    told = opened.page.inner_text(".told")
    assert told == "These papers are of 2000–2024: other years are cut to that."


def test_years_beyond_the_last_one_are_cut_to_it_and_told(opened):
    open_filters(opened)
    opened.page.evaluate("paperatlas.change({ years: [2003, 2010] })")
    opened.page.fill("input[aria-label='From year']", "2030")
    press(opened, "Tab")
    assert state(opened, "years") == [2010, 2024]
    assert "2000–2024" in opened.page.inner_text(".told")
    opened.page.evaluate("paperatlas.change({ years: [2030, 2040] })")
    opened.page.fill("input[aria-label='To year']", "2050")
    press(opened, "Tab")
    assert state(opened, "years") == [2024, 2024]


def test_papers_without_a_year_are_told_and_can_be_chosen(opened):
    open_filters(opened)
    label = opened.page.locator(".pick", has_text="no year")
    assert label.locator(".size").inner_text() == "30"
    label.click()
    expect_focus(opened, lambda row: year_of(row) is None)
    opened.page.evaluate("paperatlas.change({ years: [2001, 2002] })")
    expect_focus(opened, lambda row: year_of(row) in {None, 2001, 2002})
    assert [c.inner_text() for c in opened.page.locator(".chip-text").all()] == [
        "2001–2002",
        "no year",
    ]


def test_the_bars_show_all_papers_and_those_in_focus(opened):
    open_filters(opened)
    bars = ".year-bars:not(.strong)", ".year-bars.strong"
    every, some = (opened.page.get_attribute(bar, "d") for bar in bars)
    assert every == some
    assert every.count("M") == 25
    opened.page.evaluate("paperatlas.change({ years: [2003, 2005] })")
    opened.page.wait_for_function(
        "(bar) => document.querySelector(bar).getAttribute('d').match(/M/g).length === 3",
        arg=bars[1],
    )
    assert opened.page.get_attribute(bars[0], "d") == every


def test_years_are_chosen_by_touch(open_map, sorted_view):
    opened = open_map(sorted_view, width=400, height=800, has_touch=True, is_mobile=True)
    opened.page.tap("#side-toggle")
    opened.page.tap("#tab-filters")
    opened.page.wait_for_selector(".histogram")
    plot = opened.page.locator(".plot").bounding_box()
    session = opened.page.context.new_cdp_session(opened.page)

    def touch(kind: str, share: float) -> None:
        at = {"x": plot["x"] + plot["width"] * share, "y": plot["y"] + 30}
        points = [] if kind == "touchEnd" else [at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 1.0)
    for share in (0.9, 0.7, 0.5, 0.4):
        touch("touchMove", share)
    touch("touchEnd", 0.4)
    opened.page.wait_for_function("() => paperatlas.state().years")
    assert state(opened, "years") == [2000, 2009]
    opened.page.tap("#side-close")
    assert opened.page.is_visible("#chips")


# Values


def test_venues_are_ticked_and_counted(opened):
    open_filters(opened)
    assert (size_of(opened, "ICML"), size_of(opened, "ACL"), size_of(opened, "no venue")) == (
        "150",
        "75",
        "75",
    )
    opened.page.check(".pick:has-text('ICML') input")
    expect_focus(opened, lambda row: VENUES[row % 4] == "ICML")
    # What is chosen here does not narrow what else there is to choose from here.
    assert size_of(opened, "ACL") == "75"
    opened.page.check(".pick:has-text('no venue') input")
    expect_focus(opened, lambda row: VENUES[row % 4] != "ACL")
    opened.page.uncheck(".pick:has-text('ICML') input")
    expect_focus(opened, lambda row: VENUES[row % 4] is None)
    assert opened.page.inner_text(".chip.active .chip-text") == "no venue"


def test_values_by_keyboard_alone(opened):
    press(opened, "f")
    opened.page.wait_for_selector(".pick")
    while opened.page.evaluate("document.activeElement.value") != "ACL":
        press(opened, "Tab")
    press(opened, "Space")
    expect_focus(opened, lambda row: VENUES[row % 4] == "ACL")
    # Then the chip's own button lifts it.
    while opened.page.evaluate("document.activeElement.className") != "lift":
        press(opened, "Tab")
    press(opened, "Enter")
    expect_focus(opened, every_row)
    assert opened.page.evaluate("document.activeElement.id") == "map"


def test_a_paper_of_two_files_is_found_by_both(opened):
    open_filters(opened)
    assert size_of(opened, "a.bib") == "300"
    opened.page.check(".pick:has-text('b.bib') input")
    expect_focus(opened, lambda row: row % 3 == 0)


def test_conditions_combine_and_counts_are_those_under_the_others(opened):
    open_filters(opened)
    opened.page.evaluate("paperatlas.change({ years: [2000, 2012] })")
    opened.page.check(".pick:has-text('ICML') input")
    opened.page.check(".pick:has-text('b.bib') input")

    def early(row):
        return in_years(2000, 2012)(row)

    def icml(row):
        return VENUES[row % 4] == "ICML"

    expect_focus(opened, lambda row: early(row) and icml(row) and row % 3 == 0)
    opened.rest()
    wanted = rows_where(lambda row: early(row) and row % 3 == 0 and VENUES[row % 4] == "ACL")
    assert size_of(opened, "ACL") == str(len(wanted))
    opened.page.fill("#search", "result")
    opened.page.wait_for_function("() => paperatlas.state().query")
    theme = "paperatlas.change({ theme: 36, lasso: [[-1, -1], [2, -1], [2, 2], [-1, 2]] })"
    opened.page.evaluate(theme)
    in_theme = opened.page.evaluate("Array.from(paperatlas.atlas.themeOf[2], (v) => v === 37)")
    expect_focus(opened, lambda row: early(row) and icml(row) and row % 3 == 0 and in_theme[row])
    chips = [c.inner_text() for c in opened.page.locator(".chip-text").all()]
    assert chips[1:] == ["“result”", "2000–2012", "venue: ICML", "file: b.bib", "drawn outline"]
    opened.page.focus("#search")
    press(opened, "Escape")  # what was found lies over the chips
    opened.page.click("#chips >> text=Clear all")
    expect_focus(opened, every_row)
    assert opened.page.input_value("#search") == ""
    assert opened.page.locator(".pick input:checked").count() == 0


def test_many_values_are_found_by_name_and_all_shown_on_demand(opened):
    open_filters(opened)
    facet = opened.page.locator(".facet", has_text="track")
    assert facet.locator(".pick").count() == 6
    facet.locator("text=Show all 20").click()
    assert facet.locator(".pick").count() == 20
    facet.locator("input[type=search]").fill("TRACK 17")
    assert facet.locator(".pick .name").all_inner_texts() == ["track 17"]
    facet.locator("input[type=checkbox]").check()
    expect_focus(opened, lambda row: row % 20 == 17)
    facet.locator("input[type=search]").fill("nothing of this")
    assert facet.locator("text=None of that name").is_visible()
    facet.locator("input[type=search]").fill("")
    facet.locator("text=Show fewer").click()
    # What is chosen stays in sight.
    assert "track 17" in facet.locator(".pick .name").all_inner_texts()


def test_what_cannot_be_chosen_by_is_told(open_map):
    papers = tuple(Paper(id=str(i), abstract="A text.", venue="AAAI") for i in range(9))
    opened = open_map(bare_view(9, papers=papers))
    opened.page.click("#tab-filters")
    opened.page.click("#filters summary")
    assert "Venue: the same for every paper" in opened.page.inner_text("#filters")
    assert opened.page.is_hidden("#colour")
    assert opened.complaints == []


def test_the_list_of_papers_in_focus_is_opened_from_the_chips(opened):
    opened.page.evaluate("paperatlas.change({ chosen: { venue: ['ACL'] } })")
    opened.page.click("#chips >> text=List them")
    assert state(opened, "listed") is True
    opened.page.wait_for_selector("#panel .paper-row")


def test_a_state_comes_back_from_json(opened):
    wanted = {
        "years": [2001, 2020],
        "undated": True,
        "chosen": {"venue": ["ICML", ""], "__proto__x": ["no such column"]},
        "colourBy": "venue",
    }
    opened.page.evaluate("(text) => paperatlas.change(JSON.parse(text))", json.dumps(wanted))
    expect_focus(
        opened,
        lambda row: (
            (year_of(row) is None or 2001 <= year_of(row) <= 2020) and VENUES[row % 4] != "ACL"
        ),
    )
    got = json.loads(opened.page.evaluate("JSON.stringify(paperatlas.state())"))
    assert {key: got[key] for key in wanted} == wanted
    assert opened.complaints == []


def test_only_the_newest_choice_counts(opened):
    # The column is still being unpacked when the second choice is made.
    opened.page.evaluate(
        """() => {
             paperatlas.change({ chosen: { venue: ["ICML"] } });
             paperatlas.change({ chosen: { venue: ["ACL"] } });
           }"""
    )
    expect_focus(opened, lambda row: VENUES[row % 4] == "ACL")


# Anything else


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_in_filters_chips_and_legends(open_map, sorted_view, mode):
    opened = open_map(sorted_view, color_scheme=mode)
    open_filters(opened)
    opened.page.evaluate("paperatlas.change({ chosen: { venue: ['ACL'] }, years: [2003, 2020] })")
    for column in ("venue", "year"):
        colour_by(opened, column)
        opened.rest()
        assert_axe_is_content(opened)


@pytest.mark.parametrize("width", [320, 400])
def test_nothing_overflows_a_phone(open_map, sorted_view, width):
    opened = open_map(sorted_view, width=width, height=800)
    change = "{ chosen: { venue: ['ICML'], track: ['track 1', 'track 2'] }, years: [2001, 2020] }"
    opened.page.evaluate(f"paperatlas.change({change})")
    colour_by(opened, "venue")
    opened.page.click("#side-toggle")
    for tab in ("#tab-filters", "#tab-legend"):
        opened.page.click(tab)
        opened.rest()
        wide = opened.page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll(".side, .filters")]
                       .filter((node) => node.scrollWidth > node.clientWidth + 1)
                       .map((node) => node.className)"""
        )
        assert wide == []
    opened.page.click("#side-close")
    map_box = opened.page.locator("#map").bounding_box()
    over = [opened.page.locator(part).bounding_box() for part in ("#chips", "#colour")]
    assert sum(box["height"] for box in over) < 0.45 * map_box["height"]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in over)


def test_hostile_values_are_only_words(open_map):
    view = make_view(4 * len(ATTACKS))
    papers = tuple(
        Paper(
            id=str(row),
            abstract="A text.",
            venue=ATTACKS[row % len(ATTACKS)],
            extra=((ATTACKS[0], ATTACKS[row % 3]), ("__proto__", f"value {row % 3}")),
        )
        for row in range(len(view.papers))
    )
    opened = open_map(dataclasses.replace(view, papers=papers))
    opened.page.click("#tab-filters")
    opened.page.wait_for_selector(".pick")
    opened.page.locator(".facet", has_text="Venue").locator(".more").click()
    for box in opened.page.locator(".pick input").all()[:40]:
        box.check()
    for name in opened.page.evaluate("paperatlas.atlas.columns.map((column) => column.name)"):
        opened.page.select_option("#colour-by", name)
        opened.page.wait_for_function("() => document.querySelector('#colour .key button')")
    opened.rest()
    assert opened.page.evaluate("window.pwned") is None
    assert opened.page.locator("#filters img, #chips img, #colour img, iframe").count() == 0
    assert opened.complaints == []
    assert opened.foreign == []

"""A map of papers with venues, years, files and tracks, and what tests ask of its page."""

from __future__ import annotations

import dataclasses

from pipeline.papers import Source
from pipeline.render import MapView

VENUES = ("ICML", "ACL", None, "ICML")
"""Of papers 0, 1, 2, 3, and again: 150 of ICML, 75 of ACL and 75 of none."""


def year_of(row: int) -> int | None:
    """Each of 2000 to 2024 as often, but none for every tenth paper."""
    return None if row % 10 == 9 else 2000 + row % 25


def sorted_papers(view: MapView) -> MapView:
    """The view with venues, years, two files, of which every third paper is in both, and tracks."""
    papers = tuple(
        dataclasses.replace(
            paper,
            venue=VENUES[row % 4],
            year=year_of(row),
            sources=(Source("a.bib", row + 1),) + ((Source("b.bib", 1),) if row % 3 == 0 else ()),
            extra=(("track", f"track {row % 20}"),),
        )
        for row, paper in enumerate(view.papers)
    )
    return dataclasses.replace(view, papers=papers)


def rows_where(passes) -> list[int]:
    return [row for row in range(300) if passes(row)]


def expect_focus(opened, passes) -> None:
    """The papers in focus are just those, and the page says how many."""
    wanted = rows_where(passes)
    opened.page.wait_for_function("(n) => paperatlas.inFocus() === n", arg=len(wanted))
    assert opened.page.evaluate("paperatlas.inFocusRows()") == wanted
    if len(wanted) < 300:
        assert f"{len(wanted)} of 300 papers" in opened.page.inner_text("#chips")


def every_row(_: int) -> bool:
    return True


def in_years(first: int, last: int):
    return lambda row: year_of(row) is not None and first <= year_of(row) <= last


def open_filters(opened) -> None:
    opened.page.click("#tab-filters")
    opened.page.wait_for_selector(".histogram")


def state(opened, key: str):
    return opened.page.evaluate("(key) => paperatlas.state()[key]", key)


def press(opened, *keys: str) -> None:
    for key in keys:
        opened.page.keyboard.press(key)


def size_of(opened, value: str) -> str:
    label = opened.page.locator(".pick", has_text=value).first
    return label.locator(".size").inner_text()


def colour_by(opened, name: str) -> None:
    opened.page.select_option("#colour-by", name)
    opened.page.wait_for_function("() => document.querySelector('#colour .key button')")

"""How the page looks, against approved pictures (PAPERATLAS_APPROVE=1 renews them)."""

from __future__ import annotations

import pytest

from .pictures import APPROVED, check

SIZES = {400: 800, 1280: 800, 2560: 1400}


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("papers", ["made", "seeds"])
def test_the_page_looks_as_approved(open_map, request, papers, width, mode):
    shown = request.getfixturevalue({"made": "view", "seeds": "seeds_map"}[papers])
    opened = open_map(shown, width=width, height=SIZES[width], color_scheme=mode)
    check(f"{papers}-{width}-{mode}", opened.picture())


@pytest.mark.parametrize("width", [400, 1280])
def test_an_open_paper_looks_as_approved(open_map, seeds_map, width):
    opened = open_map(seeds_map, width=width, height=SIZES[width])
    opened.page.evaluate("paperatlas.open(40)")
    opened.page.wait_for_selector("#panel .abstract:not(:empty)")
    opened.rest()
    check(f"paper-{width}", opened.picture())


def test_the_printed_page_looks_as_approved(open_map, seeds_map):
    """A4 less its margins, from a dark screen."""
    opened = open_map(seeds_map, width=700, height=1030, color_scheme="dark")
    opened.page.emulate_media(media="print")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    check("print", opened.picture())


def test_approved_pictures_are_few_and_small():
    files = list(APPROVED.glob("*.png"))
    assert 10 <= len(files) <= 20
    assert sum(file.stat().st_size for file in files) < 400_000

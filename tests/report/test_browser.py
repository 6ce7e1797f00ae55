"""The page in a real browser, with every request refused."""

from __future__ import annotations

import pytest
from render.payloads import ATTACKS

from .made import EARTH, with_texts
from .test_html import html_of


@pytest.fixture
def opened(browser, tmp_path):
    pages = []

    def open_page(html: str, **options):
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        page = browser.new_page(**({"viewport": {"width": 1280, "height": 900}} | options))
        pages.append(page)
        page.complaints = []
        page.route(lambda url: not url.startswith(("file:", "data:")), lambda route: route.abort())
        page.on("request", lambda request: _note(page, path, request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append("dialog"), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    yield open_page
    for page in pages:
        page.close()


def _note(page, path, url: str) -> None:
    if url != path.as_uri() and not url.startswith("data:"):
        page.complaints.append(f"request: {url}")


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_it_opens_without_a_complaint_and_fits_the_window(opened, width, mode):
    page = opened(html_of(), viewport={"width": width, "height": 800}, color_scheme=mode)
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(253, 252, 250)", "dark": "rgb(20, 22, 27)"}[mode]


def test_hostile_texts_run_nothing(opened):
    for attack in ATTACKS:
        page = opened(html_of(with_texts(attack), EARTH))
        assert page.complaints == []
        assert page.evaluate("window.pwned") is None
        page.close()


def test_the_keyboard_skips_the_contents_and_moves_wide_tables(opened):
    page = opened(html_of(), viewport={"width": 400, "height": 800})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"


def test_a_print_is_on_white_and_whole(opened):
    page = opened(html_of(), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == "rgb(29, 32, 38)"
    assert page.evaluate("getComputedStyle(document.querySelector('.contents')).display") == "none"
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_bars_of_years_are_drawn(opened):
    page = opened(html_of())
    heights = page.eval_on_selector_all(
        "svg.years rect", "bars => bars.map(bar => Math.round(bar.getBoundingClientRect().height))"
    )
    assert heights == [49, 49, 97, 97, 97, 146]  # 1, 1, 2, 2, 2 and 3 papers

"""What is looked at, in the address: a link shows another reader the same."""

from __future__ import annotations

import dataclasses
from urllib.parse import quote

import numpy as np
import pytest

from .made_views import make_view
from .payloads import PAYLOADS

KEYS = (
    "theme",
    "paper",
    "query",
    "years",
    "undated",
    "chosen",
    "lasso",
    "colourBy",
    "far",
    "listed",
)


@pytest.fixture(scope="module")
def view():
    """A map whose papers have venues."""
    made = make_view()
    papers = [
        dataclasses.replace(paper, venue=("Bogs", "Fens & Mires")[i % 2])
        for i, paper in enumerate(made.papers)
    ]
    return dataclasses.replace(made, papers=tuple(papers))


def fragment(opened) -> str:
    opened.page.evaluate("paperatlas.linked()")
    return opened.page.evaluate("location.hash")


def looked_at(opened) -> dict[str, object]:
    state = opened.page.evaluate("paperatlas.state()")
    return {key: state[key] for key in KEYS}


def shown_again(opened, open_map, view, **options):
    address = fragment(opened)
    other = open_map(view, fragment=address, **options)
    other.page.evaluate("paperatlas.linked()")
    other.rest()
    return other


VIEWS = {
    "a place": "paperatlas.setView({ x: 0.31, y: 0.62, zoom: 3.7 })",
    "a paper": "paperatlas.change({ paper: 31 })",
    "a theme": "paperatlas.change({ theme: 26 })",
    "a paper of a theme": "paperatlas.change({ theme: 26, paper: 4 })",
    "words": "paperatlas.change({ query: 'optimal & <transport> 100%' })",
    "an outline as a list": """paperatlas.change(
        { lasso: [[0.2, 0.2], [0.71234, 0.2], [0.5, 0.8]], listed: true })""",
    "misplaced papers": "paperatlas.change({ far: true })",
    "years and colours": """paperatlas.change(
        { years: [2003, 2010], undated: true, colourBy: 'year' })""",
    "values of a column": "paperatlas.change({ chosen: { venue: ['Fens & Mires'] } })",
    "all of it": "0",
}


@pytest.mark.parametrize("act", VIEWS.values(), ids=VIEWS)
def test_a_link_opened_elsewhere_shows_the_same(open_map, view, act):
    opened = open_map(view)
    opened.page.evaluate(f"() => {{ {act}; }}")
    opened.page.wait_for_timeout(50)
    opened.page.evaluate("() => document.activeElement.blur()")
    opened.rest()
    other = shown_again(opened, open_map, view)
    other.page.evaluate("() => document.activeElement.blur()")
    if opened.page.evaluate("paperatlas.state().paper") >= 0:
        for page in (opened.page, other.page):
            page.wait_for_function("() => document.querySelectorAll('.near .reason').length > 9")
    opened.rest()
    other.rest()
    assert looked_at(other) == looked_at(opened)
    one, two = (m.page.evaluate("paperatlas.view()") for m in (opened, other))
    assert [two[axis] for axis in ("x", "y", "zoom")] == pytest.approx(
        [one[axis] for axis in ("x", "y", "zoom")], rel=1e-5
    )
    assert other.page.evaluate("paperatlas.inFocus()") == opened.page.evaluate(
        "paperatlas.inFocus()"
    )
    gaps = np.abs(opened.picture("#map").astype(int) - other.picture("#map")).max(axis=2)
    # Names keep their places while one looks around, so they may stand elsewhere on a fresh map.
    for label in (*opened.labels(), *other.labels()):
        left, top = (max(0, int(label[side]) - 3) for side in ("left", "top"))
        gaps[top : int(label["bottom"]) + 4, left : int(label["right"]) + 4] = 0
    assert (gaps > 60).mean() < 0.001  # lines that lead to names, and the edges of points
    assert other.complaints == []


def test_a_theme_is_linked_by_its_id_and_a_paper_by_its_own(open_map, view):
    opened = open_map(view)
    opened.page.evaluate("paperatlas.change({ theme: 26, paper: 31 })")
    address = fragment(opened)
    assert "theme=26" in address
    assert "paper=p-31&row=31" in address
    # In a later atlas the same paper may stand elsewhere.
    later = make_view(300, papers=(*view.papers[31:], *view.papers[:31]))
    other = open_map(later, fragment=address)
    other.page.evaluate("paperatlas.linked()")
    assert other.page.evaluate("paperatlas.state().paper") == 0


def test_the_address_follows_while_one_looks_around(open_map, view):
    opened = open_map(view)
    assert opened.page.evaluate("location.hash") == ""
    opened.page.focus("#map")
    opened.press("+", "ArrowRight")
    opened.page.wait_for_function("() => location.hash.includes('zoom=')")
    opened.press("0")
    opened.page.wait_for_function("() => !location.hash.includes('zoom=')")
    assert opened.page.evaluate("history.length") <= 2  # looking around makes no steps to go back
    assert opened.complaints == []


def test_another_fragment_is_read_when_it_is_put_into_the_address(open_map, view):
    opened = open_map(view)
    opened.page.evaluate("() => { location.hash = '#theme=26&search=transport'; }")
    opened.page.wait_for_function("() => paperatlas.state().theme === 26")
    assert opened.page.evaluate("paperatlas.state().query") == "transport"
    assert opened.page.input_value("#search") == "transport"


HOSTILE = [
    "#x=NaN&y=1&zoom=2",
    "#x=1e9&y=0&zoom=1e308",
    "#x=.5&y=.5",
    "#zoom=-1",
    "#theme=999999",
    "#theme=__proto__",
    "#theme=-1",
    "#paper=no-such-paper",
    "#row=300",
    "#row=-5",
    "#years=2020~1990",
    "#years=a~b",
    "#only={",
    "#only=[1]",
    '#only={"__proto__":["x"]}',
    '#only={"venue":"x"}',
    '#only={"venue":[{}]}',
    "#outline=1.1_2.2",
    "#outline=zzzzz.zzzzz_0.0_1.1",
    "#outline=" + "1.1_" * 5000 + "1.1",
    "#far=yes",
    "#colour=nonsense",
    '#only={"nonsense":["x"]}',
    "#list=javascript:alert(1)",
    "#__proto__=1",
    "#constructor=1",
    "#unknown=1",
    "#anchor",
    "#%",
    "#=&=&=",
    "#" + "a" * 300_000,
    *(f"#paper={quote(payload, errors='replace')}" for payload in PAYLOADS[::12]),
]


def test_hostile_fragments_change_nothing_and_are_told(open_map, view):
    opened = open_map(view)
    before = looked_at(opened), opened.page.evaluate("paperatlas.view()")
    for address in HOSTILE:
        opened.page.evaluate(
            "(hash) => { location.hash = hash; }", address.replace("PWN", "pwned=1")
        )
        opened.page.wait_for_function("() => document.querySelector('.told').textContent !== ''")
        opened.page.evaluate("() => { document.querySelector('.told').textContent = ''; }")
        opened.page.evaluate("paperatlas.linked()")
        opened.rest()
        assert (looked_at(opened), opened.page.evaluate("paperatlas.view()")) == before, address[
            :80
        ]
    assert opened.page.evaluate("window.pwned") is None
    assert opened.complaints == []


@pytest.mark.parametrize("allowed", [True, False], ids=["clipboard open", "clipboard closed"])
def test_the_link_is_copied_or_shown_for_copying(open_map, view, allowed):
    opened = open_map(view, permissions=["clipboard-read", "clipboard-write"] if allowed else [])
    if not allowed:
        opened.page.evaluate(
            "() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }"
        )
    opened.page.evaluate("paperatlas.change({ theme: 26 })")
    opened.page.focus("#copy-link")
    opened.press("Enter")
    if allowed:
        opened.page.wait_for_function("() => document.querySelector('.told').textContent")
        text = opened.page.evaluate("navigator.clipboard.readText()")
    else:
        text = opened.page.input_value(".copying textarea")
    assert text.startswith("file://")
    assert "theme=26" in text


def test_where_history_is_refused_the_address_is_written_all_the_same(open_map, view):
    opened = open_map(view)
    opened.page.evaluate(
        "() => { history.replaceState = () => { throw new DOMException('no'); }; }"
    )
    opened.page.evaluate("paperatlas.change({ theme: 26 })")
    assert "theme=26" in fragment(opened)
    assert opened.page.evaluate("paperatlas.state().theme") == 26


def test_a_link_to_far_outside_shows_the_edge_of_the_map(open_map, view):
    opened = open_map(view, fragment="#x=-1&y=2&zoom=1000")
    opened.page.evaluate("paperatlas.linked()")
    seen = opened.page.evaluate("paperatlas.view()")
    edges = opened.page.evaluate(
        "[Math.min(...paperatlas.atlas.x), Math.max(...paperatlas.atlas.y)]"
    )
    assert [seen["x"], seen["y"]] == edges
    opened.page.evaluate("paperatlas.setView({ x: 0.5, y: 0.5, zoom: 80 })")
    opened.page.focus("#map")
    for _ in range(3):
        opened.press("+")
    opened.rest()
    assert seen["zoom"] == pytest.approx(opened.zoom())  # as near as the keys lead


def test_values_that_no_paper_has_are_left_out_and_told(open_map, view):
    opened = open_map(view)
    chosen = quote('{"venue":["Bogs","Rivers"],"category":["x"]}')
    opened.page.evaluate("(part) => { location.hash = part; }", f"#only={chosen}")
    opened.page.wait_for_function("() => document.querySelector('.told').textContent !== ''")
    assert opened.page.evaluate("paperatlas.state().chosen") == {"venue": ["Bogs"]}
    opened.page.wait_for_function("() => paperatlas.inFocus() === 150")


def test_a_value_that_no_paper_has_lets_none_pass(open_map, view):
    opened = open_map(view)
    opened.page.evaluate("paperatlas.change({ chosen: { venue: ['Rivers'] } })")
    opened.page.wait_for_function("() => paperatlas.inFocus() === 0")


# The texts are not there until the theme of the link is shown and the reader has acted.
SLOW_TEXTS = """
const find = Document.prototype.getElementById;
let held = true;
Document.prototype.getElementById = function (id) {
  return held && id.startsWith('atlas-texts') ? null : find.call(this, id);
};
Object.defineProperty(document, 'readyState', { get: () => (held ? 'loading' : 'complete') });
const timer = setInterval(() => {
  if (!window.paperatlas?.state || paperatlas.state().theme < 0) return;
  clearInterval(timer);
  ACT;
  held = false;
  document.dispatchEvent(new Event('DOMContentLoaded'));
}, 20);
"""


@pytest.mark.parametrize(
    ("act", "query", "paper"), [("0", "", 31), ("paperatlas.change({ query: 'moss' })", "moss", -1)]
)
def test_a_paper_found_late_takes_nothing_from_the_reader(open_map, view, act, query, paper):
    before = SLOW_TEXTS.replace("ACT", act)
    opened = open_map(view, fragment="#theme=26&paper=p-31&row=4", before=before)
    opened.page.evaluate("paperatlas.linked()")
    state = opened.page.evaluate("paperatlas.state()")
    assert (state["theme"], state["query"], state["paper"]) == (26, query, paper)

"""Whatever stands in an atlas is text on its page: it runs nothing, adds nothing, calls nowhere."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from pipeline.render import render_page

from .browsing import without_policy
from .made_views import make_view
from .payloads import ATTACKS, PAYLOADS, SCRIPT, hostile_view

N_THEMES = 40
ELEMENTS = (
    "a|abbr|article|aside|b|body|button|canvas|circle|code|dd|defs|details|dialog|div|dl|dt|em|fieldset|"
    "figcaption|figure|footer|form|g|h[1-4]|head|header|hr|html|input|kbd|label|legend|li|line|"
    "link|main|mark|meta|nav|noscript|ol|optgroup|option|output|p|path|polygon|polyline|rect|"
    "script|search|section|select|small|span|strong|style|sub|summary|sup|svg|table|tbody|td|"
    "text|th|thead|time|title|tr|ul"
)
"""What the page itself is made of, and what its parts may come to use."""
SOUND = f"""
() => {{
  const own = /^({ELEMENTS})$/;
  const odd = /^on|^src|action$|^data$|^background|^ping|xlink/;
  const address = /^(https?:\\/\\/|#[\\w-]+$|data:,$)/;
  const wrong = [];
  const count = (selector) => document.querySelectorAll(selector).length;
  const expect = (fact, what) => {{ if (!fact) wrong.push(what); }};
  for (const node of document.querySelectorAll("*")) {{
    expect(own.test(node.localName), `element ${{node.localName}}`);
    for (const {{ name, value }} of node.attributes) {{
      expect(!odd.test(name), `${{node.localName}} ${{name}}=${{value}}`);
      expect(name !== "href" || address.test(value), `href=${{value}}`);
    }}
  }}
  for (const once of ["style", "link", "main", "title", "h1"]) expect(count(once) === 1, once);
  expect(document.scripts.length === window.nScripts, `${{document.scripts.length}} scripts`);
  expect(document.documentElement.scrollWidth <= innerWidth, "wider than the window");
  expect(window.pwned === undefined && Object.prototype.pwned === undefined, "pwned");
  return [...new Set(wrong)];
}}
"""
OPEN_ALL = f"""
async () => {{
  const sound = {SOUND};
  const wrong = [];
  for (let i = 0; i < {2 * len(ATTACKS)}; i++) {{
    paperatlas.open(i);
    await new Promise((done) => setTimeout(done, 0));
    const link = document.querySelector("#panel a");
    if (link && !["http:", "https:"].includes(link.protocol)) wrong.push(link.href);
    if (i % 20 === 0) wrong.push(...sound());
  }}
  return wrong;
}}
"""


class Skeleton(HTMLParser):
    """The elements and attributes of a page, without its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[tuple[str, ...]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.parts.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag):
        self.parts.append((f"/{tag}",))


def test_there_are_many_attacks_and_no_two_are_the_same():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 130


def test_no_title_changes_the_elements_of_the_page():
    usual = Skeleton(render_page(make_view(10))).parts
    for text in ATTACKS:
        page = render_page(make_view(10, title=text, snapshot=text))
        assert Skeleton(page).parts == usual, text


@pytest.fixture(params=["with its policy", "without its policy"])
def edit(request):
    """With the Content-Security-Policy, and by escaping alone."""
    return str if request.param == "with its policy" else without_policy


@pytest.mark.parametrize("first", range(0, len(ATTACKS), N_THEMES))
def test_hostile_names_of_themes_run_nothing(open_map, edit, first):
    opened = open_hostile(open_map, edit, first)
    opened.page.evaluate(
        """async () => {
          const all = (selector) => [...document.querySelectorAll(selector)];
          for (const node of all(".twist[aria-expanded=false]")) node.click();
          for (const node of all(".theme[aria-pressed]")) {
            node.click();
            await new Promise((done) => setTimeout(done, 0));
          }
        }"""
    )
    assert_sound(opened)


def test_hostile_papers_run_nothing(open_map, edit):
    opened = open_hostile(open_map, edit, 5)
    assert opened.page.evaluate(OPEN_ALL) == []
    opened.page.wait_for_selector("#panel .abstract:not(:empty)")
    for row in range(0, 60, 5):
        opened.page.mouse.move(*opened.place_of(row))
    assert_sound(opened)


def test_hostile_words_are_searched_for(open_map, edit):
    opened = open_hostile(open_map, edit, 9)
    for text in ATTACKS[::7]:
        opened.page.evaluate("(query) => paperatlas.change({ query })", text)
    opened.page.fill("#search", "<script>")
    opened.page.wait_for_selector("#results button")
    opened.page.click("#results button >> nth=1")
    assert_sound(opened)


def test_hostile_texts_fit_a_phone(open_map):
    opened = open_hostile(open_map, str, 120, width=360, height=700)
    assert opened.page.evaluate(OPEN_ALL) == []
    opened.page.keyboard.press("Escape")
    opened.page.click("#side-toggle")
    assert_sound(opened)


def open_hostile(open_map, edit, first, **options):
    texts: list[str] = []

    def kept(page: str) -> str:
        texts.append(edit(page))
        return texts[0]

    opened = open_map(hostile_view(first), edit=kept, **options)
    n_scripts = sum(part[0] == "script" for part in Skeleton(texts[0]).parts)
    opened.page.evaluate("(n) => { window.nScripts = n; }", n_scripts)
    return opened


def assert_sound(opened) -> None:
    assert opened.page.evaluate(SOUND) == []
    assert opened.complaints == []
    assert opened.foreign == []


def test_the_check_sees_text_that_became_markup(open_map):
    def unsafe(page: str) -> str:
        safe = 'if (name === "text") node.textContent = value'
        assert safe in page
        return without_policy(page).replace(safe, 'if (name === "text") node.innerHTML = value')

    opened = open_map(hostile_view(), edit=unsafe, before="window.alert = () => {};")
    opened.page.evaluate("window.nScripts = document.scripts.length")
    row = ATTACKS.index(f"<img src=x onerror={SCRIPT}>")
    opened.page.evaluate("(i) => paperatlas.open(i)", row if row % 2 else row + len(ATTACKS))
    opened.page.wait_for_function("window.pwned === 1")
    assert "pwned" in opened.page.evaluate(SOUND)

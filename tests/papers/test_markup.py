"""Tags of HTML, JATS and MathML made text, comparisons left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import normalise_abstract, normalise_title
from pipeline.papers.markup import without_markup

X2 = "<mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup>"
CASES = {
    "H<sub>2</sub>O and H<inf>2</inf>O": "H2O and H2O",
    "10<sup>-3</sup> of R<sup>2</sup>": "10^-3 of R2",
    "(<jats:italic>Sphagnum</jats:italic>)": "(Sphagnum)",
    "&amp;lt;i&amp;gt;moss&amp;lt;/i&amp;gt; &amp;amp; fern": "moss & fern",
    "it grew<jats:p": "it grew",
    "a <jats:bold>b": "a b",
    "<![CDATA[<p>moss</p>]]>": "moss",
    f"<mml:math>{X2}</mml:math>": "x^2",
    f"<inline-formula><alternatives><tex-math>$x^2$</tex-math><mml:math>{X2}</mml:math>"
    "</alternatives></inline-formula> is": "x^2 is",
    "<inline-formula><tex-math>$x^2$</tex-math></inline-formula> is": "x^2 is",
    "<math><semantics><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac>"
    "<annotation encoding='application/x-tex'>\\frac{a+1}{b}</annotation></semantics></math>":
    "(a+1)/b",
    "<math><mover><mi>x</mi><mo>¯</mo></mover><msqrt><mn>2</mn></msqrt></math>": "x√2",
    "<math><mi>x</mi> grows": "x grows",
    r"\documentclass[12pt]{minimal} \usepackage{amsmath} \begin{document}$$\alpha$$\end{document}":
    "α",
}  # fmt: skip
UNHURT = [
    "p < 0.05 and n > 3",
    "if a <b and c> d",
    "the triplet <image, verb, object>",
    "the token </s> ends it",
    "x<y and y>z",
    "<A study of moss.pdf>",
]


@pytest.mark.parametrize(("raw", "expected"), CASES.items())
def test_tags_are_made_text(raw, expected):
    assert normalise_title(raw) == normalise_abstract(raw) == expected


@pytest.mark.parametrize("text", UNHURT)
def test_what_is_no_tag_is_unhurt(text):
    assert normalise_title(text) == normalise_abstract(text) == text


def test_titles_of_sections_go_from_abstracts_alone():
    raw = "<jats:sec><jats:title>Recent findings</jats:title><jats:p>Moss.</jats:p></jats:sec>"
    assert normalise_abstract(raw) == "Moss."
    assert normalise_title(raw) == "Recent findings Moss."


NAMES = ["math", "mfrac", "mi", "title", "alternatives", "tex-math", "sup", "annotation"]
PIECES = [f"<{sign}{name}>" for name in NAMES for sign in ("", "/")]
TAGS = st.lists(
    st.sampled_from([*PIECES, "<p/>", "<jats:p", "1", "x ", "<", ">"]), max_size=30
).map("".join)


@given(TAGS, st.booleans())
def test_any_nesting_comes_to_an_end_without_known_tags(text, drop_headings):
    once = without_markup(text, drop_headings=drop_headings)
    assert len(once) <= 2 * len(text)
    for normalise in (normalise_title, normalise_abstract):
        assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("unit", ["<math>", "<math><mi>", "<inline-formula><tex-math>", "<b a='"])
def test_tags_that_never_close_are_quick(unit):
    without_markup(unit * 50_000)

"""LaTeX and stray markup made readable, plain text left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import comparison_key, normalise_abstract, normalise_title

CASES = {
    r"$\textit{quality}$": "quality",
    r"an apparently na\"{\i}ve way": "an apparently naïve way",
    r"$x \in \xset$": "x ∈ xset",
    r"a set $\xset$ under": "a set xset under",
    "is _complex_-in particular": "is complex-in particular",
    "forms a *stable regime*, which": "forms a stable regime, which",
    r"\emph{in situ} interventions": "in situ interventions",
    "``quotes''": "“quotes”",
    "`stable seeds'": "'stable seeds'",
    r"$\textbf{S}$hampo$\textbf{O}$": "ShampoO",
    r"that $\textit{did not access $C$ at all}$. Then": "that did not access C at all. Then",
    r"is $\textit{$k$-NAF}$ if": "is k-NAF if",
    r"$4.8 \times 10^{19}$": "4.8 × 10^19",
    "$O(N^2)$": "O(N^2)",
    r"$n^{O(k)}$": "n^(O(k))",
    r"$\ell_1$ norm": "ℓ_1 norm",
    "GN$^{-1/2}$": "GN^(-1/2)",
    r"by $6.9\%$ on": "by 6.9% on",
    r"from $<7$% to $\approx 90$%": "from <7% to ≈ 90%",
    r"$58\% \to 67\%$": "58% → 67%",
    r"SFT$\to$RL": "SFT→RL",
    r"$\hat{G}_R$ and $G^*$": "G_R and G^*",
    r"$\frac{1}{\epsilon^2}$": "1/(ε^2)",
    r"{\em i.e.}, x": "i.e., x",
    r"\eg, this": "e.g., this",
    "{Deep} {L}earning": "Deep Learning",
    r"Erd\H{o}s and Erd\"os": "Erdős and Erdös",
    r"\begin{itemize}\item one\end{itemize}": "one",
    r"$\sqrtT$ and \emphnon x": "√T and non x",
    "surfacing~design~implications": "surfacing design implications",
    "&lt;b&gt;x&lt;/b&gt; &amp; y": "x & y",
    "H<sub>2</sub>O <i>now</i><p>then": "H2O now then",
    "a\x00b\x07c\xadd\ud800e": "abcde",
    "driversâ\x80\x99 seat": "drivers’ seat",
    "ﬁne  \t\n text\u00a0here ": "fine text here",
    "e\u0301tude": "étude",
    "opti\xadmal and opti\xad\nmal": "optimal and optimal",
    "opti(cid:173) mal, trial-and(cid:173) error": "optimal, trial-and-error",
    "real-time and real(cid:173) time": "real-time and real-time",
    "Sherman(cid:173) Morrison": "Sherman-Morrison",
    "de(cid:12)ned e(cid:11)ects, Nystr(cid:246)m": "defined effects, Nyström",
    "zero\u200bwidth \u202aleft\u202c no\u200djoiner": "zerowidth left nojoiner",
    "می\u200cشود": "می\u200cشود",
}
UNHURT = [
    "the ~ 0.25B parameters and (~20 bits)",
    "snake_case_name and __init__ and a_b",
    "see https://x.edu/~bob/a_b_c*d*e and www.x.org/_y_",
    "between $5 and $10, or ($6)",
    "US$20 vs. $30k-$40k",
    "if x < y and y > z, 2 * 3 * 4",
    "A* and B* search; D*-lite",
    "the set {0,1}^n",
    "50% of cases, #1 & #2",
    "don't, o'clock, '90s",
]


@pytest.mark.parametrize(("raw", "expected"), CASES.items())
def test_markup_is_made_readable(raw, expected):
    assert normalise_title(raw) == expected


@pytest.mark.parametrize("text", UNHURT)
def test_what_is_no_markup_is_unhurt(text):
    assert normalise_title(text) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Abstract:Neural nets", "Neural nets"),
        ("Abstract We propose", "We propose"),
        ("AbstractWe show", "We show"),
        ("ABSTRACT Deep nets", "Deep nets"),
        ("abstract — x", "x"),
        ("Abstract: Abstract. Foo", "Foo"),
        ("Abstract reasoning is hard", "Abstract reasoning is hard"),
        ("Abstract Meaning Representation is", "Abstract Meaning Representation is"),
    ],
)
def test_the_label_of_an_abstract(raw, expected):
    assert normalise_abstract(raw) == expected


PIECES = [
    *"ab 1$\\{}_^~`'*&<>;%-.,:\n\x00é\ud800\u0301",
    "\\emph",
    "http://",
    "&amp;",
    "abstract:",
    "Abstract",
    "Background: ",
    "Results: ",
    "Keywords: ",
    "© 2020 ",
    "All rights reserved. ",
    "(cid:173) ",
    "<jats:p>",
    "\u200d",
    "\xad",
]
markup = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@given(st.one_of(st.text(), markup))
def test_normalising_is_total_and_idempotent(text):
    for normalise in (normalise_title, normalise_abstract):
        once = normalise(text)
        assert normalise(once) == once
        once.encode("utf-8")
        assert "\\" not in once
        assert once == once.strip()


HOSTILE = [
    *("{", "}", "$", "$a ", "\\", "\\emph{", "&amp;", "_a", "``", "^{", "<b", "\\documentclass"),
    *("©", "© 2021 ", "(c) 2020 Elsevier. ", "Abstract: ", "Background: ", "Keywords: a, b. "),
    *(
        "(cid:173) a",
        "a\xad ",
        "\u200d",
        "[on SciFinder (R)]",
        "Copyright of a is the property of ",
    ),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_repetition_is_quick(unit):
    text = unit * 20_000
    for normalise in (normalise_title, normalise_abstract):
        once = normalise(text)
        assert normalise(once) == once


def test_comparison_key():
    assert (
        comparison_key("Nicolò's  GAN-s!") == comparison_key("NICOLO S GAN S") == "nicolo s gan s"
    )
    assert comparison_key("Straße, Łódź, Ørsted") == "strasse lodz orsted"
    assert comparison_key("深層学習") == "深層学習"


@given(st.text())
def test_comparison_keys_are_stable(text):
    key = comparison_key(text)
    assert comparison_key(key) == key
    assert comparison_key(text.upper().lower()) == comparison_key(text.upper().lower())


@pytest.mark.parametrize("macro", [r"\frac", r"\sqrt", r"\'", r"\hat"])
def test_macros_in_macros_come_to_an_end_at_any_depth(macro):
    assert "moss" in normalise_abstract(f"moss {macro * 5000} fern")

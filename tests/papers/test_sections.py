"""Headings of structured abstracts."""

from __future__ import annotations

import pytest

from pipeline.papers import normalise_abstract

BARE = "The moss grows. We count it. It grew."


@pytest.mark.parametrize(
    "text",
    [
        "Background: The moss grows. Methods: We count it. Results: It grew.",
        "BACKGROUND: The moss grows.\nMETHODS: We count it.\nRESULTS: It grew.",
        "Objective. The moss grows. Materials and methods. We count it. Results. It grew.",
        "BackgroundThe moss grows.MethodsWe count it. ResultsIt grew.",
        "Abstract Background The moss grows. Methods We count it. Results It grew.",
        "OBJECTIVE The moss grows. PROCEDURES We count it. CONCLUSIONS AND RELEVANCE It grew.",
        "Purpose The moss grows. Design/methodology/approach We count it. Findings It grew.",
        "Aims/Hypothesis: The moss grows. Method(s): We count it. Result(s): It grew.",
        "The moss grows. Study design: We count it. Results: It grew.",
        "Abstract: Background: The moss grows. Methods: We count it. Conclusions: It grew.",
        "<jats:title>Background</jats:title><jats:p>The moss grows.</jats:p> "
        "<jats:title>Counting</jats:title><jats:p>We count it.</jats:p><p>It grew.</p>",
    ],
)
def test_headings_go(text):
    assert normalise_abstract(text).replace(".We", ". We") == BARE


@pytest.mark.parametrize(
    "text",
    [
        "We train a net. Results: it wins.",
        "Objective: This work presents a method.",
        "Background Subtraction is hard. Methods We use.",
        "Results show that methods differ. Conclusions are drawn.",
        "We compare methods: moss, fern. Our results: none.",
        "Results: moss grows. Results: fern grows.",
    ],
)
def test_one_heading_or_none_stays(text):
    assert normalise_abstract(text) == text


def test_headings_without_text_leave_nothing():
    assert normalise_abstract("Background: Methods: Results:") == ""

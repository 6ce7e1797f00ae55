"""Evidence comes alike from the labeller's themes and from those of an atlas."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from pipeline.artifacts import ThemeRow
from pipeline.label import Theme
from pipeline.refine import Exemplar, ThemeEvidence, gather_evidence

TITLES = ["A", "B", "C"]
ABSTRACTS = ["on a", "on b", "on c"]
WANTED = ThemeEvidence(
    7,
    1,
    "transport",
    None,
    ("optimal",),
    ("counted",),
    (Exemplar("C", "on c"), Exemplar("A", "on a")),
)


def test_a_theme_of_the_labeller():
    theme = Theme(7, 1, "transport", np.array([0, 2]), None, ("optimal",), (2, 0), ("counted",))
    assert gather_evidence([theme], TITLES, ABSTRACTS) == [WANTED]


def test_a_theme_of_an_atlas():
    theme = ThemeRow(7, 1, "transport", 2, None, ("optimal",), (2, 0), ("counted",))
    assert gather_evidence([theme], TITLES, ABSTRACTS) == [WANTED]


def test_nothing_that_is_not_named_here_can_be_sent():
    assert [field.name for field in fields(ThemeEvidence)] == [
        "id", "layer", "name", "parent", "terms", "evidence", "exemplars",
    ]  # fmt: skip
    assert [field.name for field in fields(Exemplar)] == ["title", "abstract"]

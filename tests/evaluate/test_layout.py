"""What an evaluation tells of the map: the build's figures, or why there is none."""

from __future__ import annotations

from dataclasses import astuple

from pipeline.evaluate.figure import Figure
from pipeline.evaluate.layout import map_quality
from pipeline.layout_quality import LayoutQuality


def test_figures_are_those_of_the_build():
    told = map_quality(LayoutQuality(0.9, 0.8, 0.4, -0.1, 0.0))
    figures = told.trustworthiness, told.continuity, told.neighbors_kept, told.arrangement
    assert [figure.value for figure in figures] == [0.9, 0.8, 0.4, -0.1]
    assert told.far_share == Figure(0.0)


def test_few_papers_and_few_themes_are_reasons():
    told = map_quality(LayoutQuality(None, None, None, None, 0.25))
    assert told.continuity.missing == "there are too few papers to rank"
    assert told.arrangement.missing == "it takes four themes"
    assert told.far_share.value == 0.25


def test_atlas_without_figures_says_so():
    told = map_quality(None)
    assert {figure[1] for figure in astuple(told)} == {"the map was not measured"}

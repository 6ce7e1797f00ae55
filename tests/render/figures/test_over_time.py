from __future__ import annotations

import dataclasses
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.papers import Paper
from pipeline.render import FigureStyle, Highlight, render_figure
from pipeline.render.figures.colouring import colour_papers
from pipeline.render.figures.over_time import count_over_time, spread_apart
from pipeline.render.figures.panels import MOST_PANELS
from pipeline.render.figures.sheet import GROUNDS
from pipeline.render.figures.year_spans import span_years

from ..made_views import bare_view, make_view
from .drawn import page_of

LIGHT = GROUNDS["light"]


def series_of(view, most=15, **options):
    style = FigureStyle(kind="bars", **options)
    return count_over_time(view, colour_papers(view, style, 2), LIGHT, most=most)


def test_every_paper_with_a_year_is_counted_once(view):
    series = series_of(view)
    told = Counter(paper.year for paper in view.papers)
    assert dict(zip(series.years.tolist(), series.counts.sum(axis=0).tolist(), strict=True)) == told
    assert [g.n_papers for g in series.groups] == series.counts.sum(axis=1).tolist()
    assert np.allclose(series.shares.sum(axis=0), 1.0)


def test_years_without_papers_are_years_too():
    papers = tuple(Paper(id=str(year), year=year) for year in (2001, 2004))
    series = series_of(dataclasses.replace(bare_view(2), papers=papers, layers=()))
    assert series.years.tolist() == [2001, 2002, 2003, 2004]
    assert series.counts.tolist() == [[1, 0, 0, 1]]
    assert series.shares.tolist() == [[1.0, 0.0, 0.0, 1.0]]


def test_smaller_groups_are_one_and_stay_in_the_sum(view):
    style = FigureStyle(kind="bars", layer=0)
    series = count_over_time(view, colour_papers(view, style, 0), LIGHT, most=5)
    assert [g.name for g in series.groups[-2:]] == ["19 others", "no theme"]
    assert series.counts.sum() == len(view.papers)


def test_groups_stand_in_the_order_of_their_years():
    papers = [Paper(venue="new", year=2020)] * 3 + [Paper(venue="old", year=2010)] * 2
    view = dataclasses.replace(bare_view(5), papers=tuple(papers))
    assert [g.name for g in series_of(view, colour_by="venue").groups] == ["old", "new"]


@pytest.mark.parametrize("kind", ["stream", "bars"])
@pytest.mark.parametrize("share", [False, True])
def test_every_group_is_named_and_the_undated_are_counted(kind, share):
    view = make_view(200)
    papers = tuple(
        dataclasses.replace(p, year=None) if i % 10 == 0 else p for i, p in enumerate(view.papers)
    )
    page = page_of(
        dataclasses.replace(view, papers=papers), FigureStyle(kind=kind, share=share, layer=2)
    )
    for theme in view.layers[2]:
        assert theme.name in page.words
    assert "20 papers without a year are not shown" in page.words
    assert ("100%" in page.words) == share


def test_one_year_is_a_bar_and_no_stream():
    papers = tuple(Paper(id=str(i), year=2020) for i in range(3))
    view = dataclasses.replace(bare_view(3), papers=papers)
    assert "2020" in page_of(view, FigureStyle(kind="bars")).words
    with pytest.raises(UsageError) as caught:
        render_figure(view, "png", FigureStyle(kind="stream"))
    assert "--kind bars" in caught.value.hint


@pytest.mark.parametrize("kind", ["years", "stream", "bars"])
def test_an_atlas_without_years_has_no_figure_over_time(kind):
    with pytest.raises(UsageError, match="no paper of this atlas has a year"):
        render_figure(bare_view(4), "png", FigureStyle(kind=kind))


def test_numbers_and_single_papers_make_no_streams(view):
    with pytest.raises(UsageError, match="its values are numbers"):
        render_figure(view, "png", FigureStyle(kind="stream", colour_by="year"))
    with pytest.raises(UsageError, match="one paper is not to be seen"):
        render_figure(view, "png", FigureStyle(kind="bars"), Highlight((), (1,)))


def test_the_layer_of_streams_has_few_themes(view):
    # Of 24, 12 and 4 themes: the finest layer with 15 at most.
    assert "12 themes" in page_of(view, FigureStyle(kind="stream")).words


def test_there_is_a_panel_for_each_span_of_years(view):
    # Papers have 25 years, twelve each.
    words = page_of(view, FigureStyle(kind="years", width="180mm")).words
    heads = re.findall(r"\b(20\d\d(?:–20\d\d)?) (\d+)(?= |$)", words)
    assert len(heads) == MOST_PANELS
    assert sum(int(count) for _, count in heads) == 300


@given(st.lists(st.integers(1900, 2030), min_size=1, max_size=80), st.integers(1, 15))
def test_spans_hold_every_paper_once(years, most):
    spans = span_years(np.array(years), most)
    assert len(spans) == min(most, len(set(years)))
    assert [(s.first, s.last) for s in spans] == sorted((s.first, s.last) for s in spans)
    for span in spans:
        assert span.n_papers == sum(span.first <= year <= span.last for year in years) > 0
    assert sum(span.n_papers for span in spans) == len(years)


def test_years_of_many_papers_stay_alone():
    years = np.repeat([2001, 2002, 2003, 2004], [1, 1, 50, 40])
    assert [s.name for s in span_years(years, 3)] == ["2001–2002", "2003", "2004"]


def test_names_that_fit_stay_where_they_are():
    wanted = np.array([10.0, 30.0, 60.0])
    assert spread_apart(wanted, np.full(3, 8.0), 0.0, 80.0).tolist() == [10.0, 30.0, 60.0]


def test_names_in_each_others_way_move_apart_by_the_same_amount():
    assert spread_apart(np.array([40.0, 40.0]), np.full(2, 10.0), 0.0, 80.0).tolist() == [
        35.0,
        45.0,
    ]
    # At the edge they move into the page together.
    assert spread_apart(np.array([2.0, 2.0]), np.full(2, 10.0), 0.0, 80.0).tolist() == [5.0, 15.0]


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(1, 9)), min_size=1, max_size=11),
)
def test_names_never_overlap_nor_leave(boxes):
    wanted = np.sort([place for place, _ in boxes])
    heights = np.array([height for _, height in boxes])
    centres = spread_apart(wanted, heights, 0.0, 100.0)
    lows, highs = centres - heights / 2, centres + heights / 2
    assert lows[0] >= -1e-6
    assert highs[-1] <= 100 + 1e-6
    assert (lows[1:] >= highs[:-1] - 1e-6).all()

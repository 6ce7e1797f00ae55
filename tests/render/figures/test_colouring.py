from __future__ import annotations

import dataclasses
import math
from itertools import pairwise

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.papers import Paper, Source
from pipeline.render import FigureStyle
from pipeline.render.figures.colouring import MOST_KINDS, colour_papers, number_scale
from pipeline.render.figures.columns import read_column, read_numbers
from pipeline.render.figures.sheet import GROUNDS
from pipeline.render.palette import contrast

from ..made_views import bare_view


def view_of(papers):
    held = tuple(papers)
    return dataclasses.replace(bare_view(len(held)), papers=held)


def hex_of(rgb):
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in rgb)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_scale_stands_out_from_its_ground_and_changes_in_one_direction(mode):
    ratios = [contrast(hex_of(rgb), GROUNDS[mode].paper) for rgb in number_scale(mode)]
    assert min(ratios) >= 2.95  # 3 before the colours are rounded
    assert all(later > earlier for earlier, later in pairwise(ratios[::16]))
    assert len(ratios) > 100


def test_years_run_from_the_first_to_the_last_colour():
    view = view_of([Paper(year=year) for year in (2000, 2010, 2020, None)])
    colouring = colour_papers(view, FigureStyle(colour_by="year"), 0)
    table = number_scale("light")
    assert colouring.rgb[0].tolist() == table[0].tolist()
    assert colouring.rgb[2].tolist() == table[-1].tolist()
    assert hex_of(colouring.rgb[3]) == GROUNDS["light"].quiet
    assert colouring.is_known.tolist() == [True, True, True, False]
    assert (colouring.scale.low, colouring.scale.high) == (2000.0, 2020.0)


def test_one_old_paper_does_not_make_all_others_alike():
    years = [1900, *[2015 + i % 10 for i in range(200)]]
    colouring = colour_papers(
        view_of(Paper(year=y) for y in years), FigureStyle(colour_by="year"), 0
    )
    assert (colouring.scale.low, colouring.scale.is_cut_low) == (2015.0, True)
    assert (colouring.scale.high, colouring.scale.is_cut_high) == (2024.0, False)


def test_a_scale_ends_where_95_percent_of_the_papers_do_and_tells_crowded_years_apart():
    """1,000 papers: 25 of 1995, 475 of 1999 to 2022, 500 of 2023 to 2025."""
    years = [1995] * 25 + [1999 + i % 24 for i in range(475)] + [2023] * 200 + [2024] * 200
    years += [2025] * 100
    scale = colour_papers(
        view_of(Paper(year=y) for y in years), FigureStyle(colour_by="year"), 0
    ).scale
    assert (scale.low, scale.is_cut_low) == (1999.0, True)
    assert (scale.high, scale.is_cut_high) == (2025.0, False)
    places = dict(zip(scale.numbers.tolist(), scale.places.tolist(), strict=True))
    assert (places[1999.0], places[2025.0]) == (0.0, 1.0)
    # Ranks 600 and 800 are the middles of 2023 and 2024, 950 that of 2025.
    assert places[2024.0] - places[2023.0] == pytest.approx(200 / (950 - (25 + 20) / 2))


def test_the_commonest_kinds_have_colours_and_the_rest_is_counted():
    venues = [f"venue {i}" for i in range(12) for _ in range(20 - i)] + [None] * 3
    colouring = colour_papers(
        view_of(Paper(venue=v) for v in venues), FigureStyle(colour_by="Venue"), 0
    )
    assert [g.name for g in colouring.groups] == [f"venue {i}" for i in range(8)] + ["4 others"]
    assert [g.n_papers for g in colouring.groups] == [20, 19, 18, 17, 16, 15, 14, 13, 42]
    assert len({g.colour for g in colouring.groups}) == MOST_KINDS + 1
    assert colouring.n_unknown == 3


def test_one_kind_too_many_has_its_own_colour():
    venues = [f"venue {i}" for i in range(MOST_KINDS + 1)]
    colouring = colour_papers(
        view_of(Paper(venue=v) for v in venues), FigureStyle(colour_by="venue"), 0
    )
    assert len({g.colour for g in colouring.groups}) == len(colouring.groups) == MOST_KINDS + 1


def test_a_column_of_many_numbers_is_a_scale_and_one_of_few_is_kinds():
    many = [Paper(extra=(("Cites", str(i)),)) for i in range(30)]
    assert colour_papers(view_of(many), FigureStyle(colour_by="cites"), 0).scale is not None
    few = [Paper(extra=(("Cites", str(i % 3)),)) for i in range(30)]
    groups = colour_papers(view_of(few), FigureStyle(colour_by="cites"), 0).groups
    assert [group.name for group in groups] == ["0", "1", "2"]


def test_a_column_is_meant_by_the_same_letters():
    papers = [Paper(extra=(("Paper Area", "vision"),)), Paper(sources=(Source("a.bib", 1),))]
    assert read_column(papers, "paper_area") == ("Paper Area", ["vision", ""])
    assert read_column(papers, "source") == ("source", ["", "a.bib"])


def test_an_unknown_column_names_the_known_ones():
    with pytest.raises(UsageError) as caught:
        read_column([Paper(year=2020, extra=(("area", "x"),))], "colour")
    assert caught.value.hint == "known: theme, year, area"


@pytest.mark.parametrize("column", ["year", "venue", "score"])
def test_a_column_that_no_paper_has_is_refused(column):
    view = view_of([Paper(category="a"), Paper(category="b")])
    with pytest.raises(UsageError, match=f"no paper of this atlas has a {column}") as caught:
        colour_papers(view, FigureStyle(colour_by=column), 0)
    assert caught.value.hint == "known: theme, category"


def test_numbers_are_finite_or_none_at_all():
    assert read_numbers(["1", "2.5"]) == [1.0, 2.5]
    numbers = read_numbers(["1", ""])
    assert numbers[0] == 1.0
    assert math.isnan(numbers[1])
    assert read_numbers(["1", "inf"]) is None
    assert read_numbers(["1", "many"]) is None


def test_few_themes_all_differ(view):
    colours = [g.colour for g in colour_papers(view, FigureStyle(layer=1), 1).groups]
    assert len(set(colours)) == len(colours) == 12


def test_a_theme_has_the_same_colour_in_every_kind_of_figure(view):
    told = [colour_papers(view, FigureStyle(kind=kind), 1).groups for kind in ("map", "stream")]
    assert told[0] == told[1]
    assert np.isclose(sum(g.n_papers for g in told[0]), (view.theme_ids[1] >= 0).sum())

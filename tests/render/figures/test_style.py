"""What a figure can be asked for, and what is refused in one line that says what to do."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.render import FigureStyle
from pipeline.render.figures import given_options
from pipeline.render.figures.lengths import read_length


@pytest.mark.parametrize(
    ("text", "inches"),
    [("25.4mm", 1.0), ("2.54 cm", 1.0), ("7in", 7.0), ("36pt", 0.5), ("600px", 2.0), (".5IN", 0.5)],
)
def test_lengths_have_the_units_of_journals(text, inches):
    assert read_length(text, dpi=300) == pytest.approx(inches)


@pytest.mark.parametrize("text", ["", "85", "mm", "-3mm", "1e3mm", "8 miles", "nanmm"])
def test_a_length_without_a_unit_or_number_is_refused(text):
    with pytest.raises(UsageError, match="is no length"):
        read_length(text, dpi=300)


REFUSED = [
    ({"kind": "pie"}, "no --kind 'pie'", "map, years, stream, bars"),
    ({"mode": "blue"}, "no --mode 'blue'", "light, dark"),
    ({"look": "fancy"}, "no --look 'fancy'", "datamapplot"),
    ({"dpi": 29}, "--dpi 29", "30 to 1200"),
    ({"dpi": 1201}, "--dpi 1201", "30 to 1200"),
    ({"font_size": 4.9}, "--font-size 4.9", "5 to 72 points"),
    ({"width": "29mm"}, "--width 29mm", "30 to 3000 mm"),
    ({"height": "4m"}, "'4m' is no length", "85mm"),
    ({"height": "400cm"}, "--height 400cm", "30 to 3000 mm"),
    ({"width": "40in", "height": "40in", "dpi": 600}, "576 million dots", "lower --dpi"),
    ({"layer": -1}, "no layer -1", "0 has the finest"),
    ({"colour_by": " "}, "--colour-by is empty", "theme, year or venue"),
    ({"share": True}, "--share says nothing for --kind map", "streams and bars"),
    ({"kind": "years", "names": True}, "--names says nothing for --kind years", "too small"),
    ({"kind": "bars", "legend": True}, "--legend says nothing for --kind bars", "beside"),
    ({"look": "datamapplot", "kind": "bars"}, "--kind bars says nothing", "leave one"),
    ({"look": "datamapplot", "colour_by": "year"}, "--colour-by year says nothing", "leave one"),
    ({"look": "datamapplot", "legend": True}, "--legend says nothing", "leave one"),
]


@pytest.mark.parametrize(("options", "message", "hint"), REFUSED)
def test_what_says_nothing_or_is_out_of_range_is_refused(options, message, hint):
    with pytest.raises(UsageError) as caught:
        FigureStyle(**options)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_the_default_is_a_slide():
    style = FigureStyle()
    assert (style.width_inches, style.height_inches) == pytest.approx((12.8, 7.2))
    assert (style.dots_per_inch, style.type_size) == (200, 12.0)


@pytest.mark.parametrize(("width", "size"), [("40mm", 5.8), ("85mm", 5.8), ("180mm", 6.8)])
def test_columns_of_journals_have_their_dots_and_type(width, size):
    style = FigureStyle(width=width)
    assert (style.dots_per_inch, style.type_size) == (300, size)
    assert not style.is_slide


@pytest.mark.parametrize("kind", ["map", "years", "stream", "bars"])
@pytest.mark.parametrize("width", ["30mm", "41mm", "3000mm"])
def test_every_width_has_a_height_that_fits(kind, width):
    assert 30.0 <= FigureStyle(kind=kind, width=width, dpi=30).height_mm <= 3000.0


def test_type_grows_with_a_poster():
    assert FigureStyle(width="1189mm", height="841mm", dpi=100).type_size == pytest.approx(
        12 * 1189 / 325.12, abs=0.01
    )


def test_pixels_are_those_of_the_picture():
    style = FigureStyle(width="1200px", height="900px")
    assert style.width_inches * style.dots_per_inch == pytest.approx(1200)
    assert style.height_inches * style.dots_per_inch == pytest.approx(900)


def test_only_what_differs_was_given():
    assert given_options(FigureStyle()) == []
    assert given_options(FigureStyle(colour_by="year", dpi=72)) == ["--dpi", "--colour-by"]

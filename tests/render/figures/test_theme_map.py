from __future__ import annotations

import dataclasses
import io
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from pipeline.errors import UsageError
from pipeline.papers import Paper
from pipeline.render import FigureStyle, Highlight, render_figure
from pipeline.render.figures.colouring import colour_papers, rgb_of
from pipeline.render.figures.names import short_title
from pipeline.render.figures.sheet import GROUNDS

from ..made_views import ODD_VIEWS, make_view
from .drawn import count_pixels, page_of, pixels_of

KINDS = ("map", "years", "stream", "bars")
SIZES = [
    {"width": "85mm"},
    {"width": "180mm"},
    {"width": "120mm", "height": "50mm"},
    {"width": "60mm", "height": "150mm"},
    {},
]


@pytest.fixture(scope="module")
def png(view) -> np.ndarray:
    return pixels_of(view, FigureStyle())


def test_the_png_has_the_size_of_a_slide(png):
    assert png.shape == (1440, 2560, 3)


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"width": "1200px", "height": "800px"}, (800, 1200, 3)),
        ({"width": "2in", "height": "3in", "dpi": 50}, (150, 100, 3)),
    ],
)
def test_the_png_has_the_size_asked_for(view, options, shape):
    assert pixels_of(view, FigureStyle(**options)).shape == shape


def test_the_png_is_drawn_on_and_nothing_is_cut_by_an_edge(png):
    drawn = (np.abs(png - 255) > 12).any(axis=2)
    assert 0.03 < drawn.mean() < 0.6
    for edge in (drawn[:8], drawn[-8:], drawn[:, :8], drawn[:, -8:]):
        assert not edge.any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_text_overlaps_another_or_leaves_the_page(view, kind, size):
    labelled = dataclasses.replace(view, papers=tuple(map(_with_kind, view.papers)))
    by = "kind of paper" if size == {"width": "85mm"} else "theme"
    page = page_of(labelled, FigureStyle(kind=kind, colour_by=by, dpi=72, **size))
    assert len(page.texts) > 3
    assert page.overlapping == []
    assert page.clipped == []
    assert min(text.size for text in page.texts) >= 5.0


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    width=st.integers(40, 420),
    ratio=st.floats(0.3, 2.2),
    layer=st.integers(0, 2),
    kind=st.sampled_from(KINDS),
    legend=st.sampled_from([None, True]),
    font_size=st.sampled_from([None, 5.0, 11.0]),
)
def test_texts_have_room_on_a_page_of_any_shape(width, ratio, layer, kind, legend, font_size):
    height = min(420.0, max(40.0, width * ratio))
    style = FigureStyle(
        width=f"{width}mm",
        height=f"{height:.1f}mm",
        dpi=72,
        layer=layer,
        kind=kind,
        legend=legend if kind in {"map", "years"} else None,
        font_size=font_size,
    )
    page = page_of(make_view(200), style, Highlight((), (3, 77)) if kind == "map" else None)
    assert page.overlapping == []
    assert page.clipped == []


def test_svg_names_stay_text(view):
    svg = render_figure(view, "svg").decode()
    words = " ".join(a or b for a, b in _SVG_TEXT.findall(svg))
    assert "Papers of a test" in words
    assert "300 papers · 12 themes" in words
    assert "in practice 1" in words
    named_nowhere = re.sub(r'xmlns(:\w+)?="[^"]*"|<!DOCTYPE[^>]*>|"http://purl.org[^"]*"', "", svg)
    assert not re.search(r'(href|src)="http', named_nowhere)


_SVG_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>|<tspan[^>]*>([^<]*)</tspan>")


@pytest.fixture(scope="module")
def large():
    return make_view(100_000)


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
def test_a_hundred_thousand_papers_stay_small_and_their_names_text(large, suffix):
    figure = render_figure(large, suffix, FigureStyle())
    assert len(figure) < 5_000_000
    if suffix == "svg":
        words = " ".join(a or b for a, b in _SVG_TEXT.findall(figure.decode()))
    else:
        words = PdfReader(io.BytesIO(figure)).pages[0].extract_text()
    assert {"theory", "practice", "benchmarks"} <= set(words.split())


def test_no_date_and_no_version_is_written(view):
    pdf = render_figure(view, "pdf")
    assert b"CreationDate" not in pdf
    assert b"Matplotlib" not in pdf
    assert b"dc:date" not in render_figure(view, "svg")


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_view_and_style_are_the_same_bytes(kind, suffix):
    style = FigureStyle(kind=kind, width="85mm", mode="dark", dpi=100)
    assert render_figure(make_view(80), suffix, style) == render_figure(
        make_view(80), suffix, style
    )


def test_a_users_matplotlibrc_changes_nothing(view, tmp_path):
    code = (
        "import hashlib, sys; from tests.render.made_views import make_view;"
        "from pipeline.render import render_figure;"
        "print(hashlib.sha256(render_figure(make_view(50), 'svg')).hexdigest())"
    )
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nsvg.fonttype: path\n", "utf-8")

    def digest(**env):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
        )
        return done.stdout

    import os

    plain = dict(os.environ)
    assert digest(**plain) == digest(**plain, MATPLOTLIBRC=str(tmp_path / "matplotlibrc"))


def test_another_layer_shows_its_own_names(view):
    assert "300 papers · 4 themes" in page_of(view, FigureStyle(layer=2)).words


def test_an_unknown_layer_or_format_is_told(view):
    with pytest.raises(UsageError) as caught:
        render_figure(view, "png", FigureStyle(layer=99))
    assert "0 (finest) to 2" in caught.value.hint
    with pytest.raises(UsageError, match="png, svg, pdf"):
        render_figure(view, "gif")


def test_names_without_room_are_counted():
    words = page_of(make_view(3000), FigureStyle(width="40mm", height="40mm", layer=0)).words
    told = re.search(r"(\d+) of 24 names shown", words)
    assert told
    assert 0 < int(told[1]) < 24


@pytest.mark.parametrize("kind", ["map", "years"])
def test_no_names_is_a_legend_that_counts_every_paper(view, kind):
    words = page_of(
        view, FigureStyle(kind=kind, layer=2, names=None if kind == "years" else False)
    ).words
    counts = re.findall(r"\(([\d,]+)\)", words)
    assert sum(int(count.replace(",", "")) for count in counts) == 300
    assert "no theme (" in words


@pytest.mark.parametrize("kind", KINDS[:2])
def test_odd_atlases_are_drawn(kind):
    for name, view in ODD_VIEWS.items():
        papers = tuple(dataclasses.replace(paper, year=2020) for paper in view.papers)
        dated = dataclasses.replace(view, papers=papers)
        if papers or kind == "map":
            assert page_of(dated, FigureStyle(kind=kind)).clipped == [], name


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_highlight_leaves_its_themes_their_colour_and_all_others_grey(view, mode):
    style = FigureStyle(mode=mode, layer=2)
    colouring = colour_papers(view, style, 2)
    lit, *others = colouring.groups
    before, after = pixels_of(view, style), pixels_of(view, style, Highlight((lit.id,)))
    grey = np.array(rgb_of(GROUNDS[mode].quiet)) * 0.6 + np.array(rgb_of(GROUNDS[mode].paper)) * 0.4
    greyed = "#" + "".join(f"{round(255 * channel):02x}" for channel in grey)
    for group in others:
        assert count_pixels(before, group.colour) > 100
        assert count_pixels(after, group.colour) == 0
    assert count_pixels(after, lit.colour) > 100
    assert (np.abs(after - _rgb255(greyed)).max(axis=2) <= 2).sum() > 1000


def _rgb255(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


def test_a_highlighted_paper_is_ringed_and_titled(view):
    ink = GROUNDS["light"].ink
    style = FigureStyle(title="", layer=2)
    highlight = Highlight((), (7,))
    words = page_of(view, style, highlight).words
    assert short_title(view.papers[7]) in words
    plain, marked = (count_pixels(pixels_of(view, style, h), ink) for h in (Highlight(), highlight))
    assert marked > plain + 100


def test_a_highlighted_theme_of_another_layer_is_named_too(view):
    fine = view.layers[0][5]
    words = page_of(view, FigureStyle(layer=2), Highlight((fine.id,))).words
    assert " ".join(fine.name.split()) in words
    # Without a layer asked for, that of the highlighted theme is shown.
    assert "24 themes" in page_of(view, FigureStyle(), Highlight((fine.id,))).words


def test_long_titles_are_shortened_to_their_first_words():
    assert short_title(Paper(title="Attention: all you need")) == "Attention"
    assert short_title(Paper(title="a b c d e f g h i")) == "a b c d e f g…"


def test_colours_that_mean_years_have_a_bar_and_no_names(view):
    words = page_of(view, FigureStyle(colour_by="year", width="85mm")).words
    assert words.startswith("year 2000 2024")
    assert "in practice" not in words


def _with_kind(paper: Paper) -> Paper:
    kind = f"kind {int(paper.id[2:]) % 11}" if int(paper.id[2:]) % 13 else ""
    return dataclasses.replace(paper, extra=(("Kind of paper", kind),) if kind else ())


def test_a_long_title_stands_in_lines_and_a_foot_is_whole_below_large_names(view):
    title = "A long title of many words that one line has no room for " * 3
    page = page_of(view, FigureStyle(width="85mm", font_size=30, title=title))
    assert "…" not in page.words
    assert "names shown" in page.words
    assert not page.clipped

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import UsageError
from pipeline.render import render_figure
from pipeline.render.palette import BACKGROUND_LIGHT

from .made_views import make_view


@pytest.fixture(scope="module")
def png(view) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(render_figure(view))).convert("RGB")).astype(int)


def test_the_png_has_the_size_of_a_slide(png):
    assert png.shape == (1440, 2560, 3)


def test_the_png_is_drawn_on(png):
    ground = np.array([int(BACKGROUND_LIGHT[i : i + 2], 16) for i in (1, 3, 5)])
    drawn = (np.abs(png - ground) > 12).any(axis=2)
    assert 0.03 < drawn.mean() < 0.6
    # Nothing is cut by an edge.
    assert not drawn[:8].any()
    assert not drawn[-8:].any()
    assert not drawn[:, :8].any()
    assert not drawn[:, -8:].any()


def test_svg_names_stay_text(view):
    svg = render_figure(view, "svg").decode()
    texts = re.findall(r"<text[^>]*>([^<]*)</text>|<tspan[^>]*>([^<]*)</tspan>", svg)
    words = " ".join(a or b for a, b in texts)
    assert "Papers of a test" in words
    assert "300 papers · 12 themes" in words
    assert "in practice 1" in words
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"|<!DOCTYPE[^>]*>', "", svg).replace(
        "http://purl.org", ""
    ) or not re.search(r'(href|src)="http', svg)


def test_a_large_svg_keeps_its_points_as_a_raster():
    view = make_view(20_000)
    assert len(render_figure(view, "svg")) < 5_000_000


def test_no_date_and_no_version_is_written(view):
    pdf = render_figure(view, "pdf")
    assert b"CreationDate" not in pdf
    assert b"Matplotlib" not in pdf
    assert b"dc:date" not in render_figure(view, "svg")


def test_another_layer_shows_its_own_names(view):
    svg = render_figure(view, "svg", layer=2).decode()
    assert "300 papers · 4 themes" in svg


def test_an_unknown_layer_or_format_is_told(view):
    with pytest.raises(UsageError, match="layers 0 to 2"):
        render_figure(view, layer=99)
    with pytest.raises(UsageError, match="png, svg, pdf"):
        render_figure(view, "gif")

"""The look of DataMapPlot, by the library itself where it is installed."""

from __future__ import annotations

import io
import socket
import sys
from importlib.util import find_spec

import pytest
from PIL import Image

from pipeline.errors import MissingDependencyError, UsageError
from pipeline.render import FigureStyle, Highlight, render_figure

from ..made_views import make_view

STYLE = FigureStyle(look="datamapplot", width="100mm", dpi=100)


@pytest.fixture
def installed():
    if find_spec("datamapplot") is None:
        reason = "no datamapplot: pip install 'paperatlas[datamapplot]'"
        print(f"tests of its look skipped: {reason}", file=sys.stderr)
        pytest.skip(reason)


@pytest.fixture
def offline(monkeypatch):
    """Every attempt to reach another machine."""
    tried = []

    def refuse(*arguments, **_):
        tried.append(arguments[:2])
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return tried


@pytest.mark.skipif(find_spec("datamapplot") is not None, reason="datamapplot is installed")
def test_without_the_library_the_line_to_install_it_is_told():
    with pytest.raises(MissingDependencyError) as caught:
        render_figure(make_view(30), "png", STYLE)
    assert caught.value.hint == "pip install 'paperatlas[datamapplot]'"
    assert caught.value.exit_code == 3


def test_the_map_is_drawn_without_the_network(installed, offline):
    png = render_figure(make_view(60), "png", STYLE)
    assert Image.open(io.BytesIO(png)).size == (393, 393)
    assert offline == []


def test_names_stay_text_and_points_a_raster(installed):
    svg = render_figure(make_view(60), "svg", STYLE).decode()
    assert "in practice" in svg
    assert "<image" in svg


def test_single_papers_and_too_many_themes_are_refused(installed):
    with pytest.raises(UsageError, match="marks no single papers"):
        render_figure(make_view(30), "png", STYLE, Highlight((), (1,)))

"""Every format, on every odd shape of an atlas."""

from __future__ import annotations

import dataclasses

import pytest

from pipeline.errors import UsageError
from pipeline.render import RENDERERS, MapView, render

from .made_views import ODD_VIEWS, make_view
from .payloads import hostile_view


def whole(view: MapView, suffix: str) -> bytes:
    return b"".join(render(view, suffix))


@pytest.mark.parametrize("suffix", ["html", "png"])
@pytest.mark.parametrize("view", ODD_VIEWS.values(), ids=ODD_VIEWS)
def test_odd_atlases_render(view, suffix):
    assert len(whole(view, suffix)) > 1000


@pytest.mark.parametrize("suffix", sorted(RENDERERS))
def test_same_view_same_bytes(suffix):
    view = make_view(120)
    assert whole(view, suffix) == whole(make_view(120), suffix)


def test_endings_may_have_a_dot_and_capitals():
    view = ODD_VIEWS["one_paper"]
    assert whole(view, ".HTML") == whole(view, "html")


@pytest.mark.parametrize("suffix", ["jpg", ".gif", ""])
def test_an_unknown_ending_names_the_known_ones(suffix):
    with pytest.raises(UsageError) as caught:
        whole(ODD_VIEWS["empty"], suffix)
    assert ".html, .png, .svg, .pdf" in caught.value.hint


@pytest.mark.parametrize("suffix", sorted(RENDERERS))
@pytest.mark.filterwarnings("error")
def test_hostile_names_and_other_scripts_render(suffix):
    view = dataclasses.replace(hostile_view(), title="\ud800\x00 深層学習 $x^2 \\frac")
    assert len(whole(view, suffix)) > 1000

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from pipeline.render.anchors import Anchor, nearest_themes, theme_anchors
from pipeline.render.palette import (
    BACKGROUND_DARK,
    BACKGROUND_LIGHT,
    OTHER_COLOURS,
    _appearances,
    _Tone,
    category_colours,
    colour_themes,
    contrast,
    oklch_hex,
    scale_colours,
)
from pipeline.render.view import ThemeLabel

from .made_views import make_view


@pytest.fixture(scope="module")
def painted():
    view = make_view()
    anchors = theme_anchors(view, np.asarray(view.layout, dtype=float))
    return view, anchors, colour_themes(view.layers, anchors)


def test_black_and_white_have_the_greatest_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


def test_greys_have_no_hue():
    assert oklch_hex(1.0, 0.0, 200.0) == "#ffffff"
    assert oklch_hex(0.0, 0.0, 200.0) == "#000000"


def test_points_and_names_stand_out_from_the_ground(painted):
    _, _, colours = painted
    for c in colours.values():
        assert contrast(c.point_light, BACKGROUND_LIGHT) >= 3.0
        assert contrast(c.point_dark, BACKGROUND_DARK) >= 3.0
        assert contrast(c.ink_light, BACKGROUND_LIGHT) >= 4.5
        assert contrast(c.ink_dark, BACKGROUND_DARK) >= 4.5


def test_any_hue_keeps_its_contrast():
    from pipeline.render.palette import _colours_of

    for hue in range(0, 360, 10):
        for light in (0.0, 0.5, 1.0):
            c = _colours_of(_Tone(float(hue), light, 0.135))
            assert contrast(c.point_light, BACKGROUND_LIGHT) >= 3.0, hue
            assert contrast(c.point_dark, BACKGROUND_DARK) >= 3.0, hue


def test_neighbouring_themes_differ_for_every_kind_of_eye(painted):
    view, anchors, _ = painted
    for layer, least in ((2, 0.065), (1, 0.044)):
        themes = [t for t in view.layers[layer] if t.id in anchors]
        near = nearest_themes([t.id for t in themes], anchors, n_neighbours=2)
        for theme in themes:
            for other in near[theme.id]:
                assert difference(painted, theme.id, other) >= least


@pytest.mark.parametrize("n_themes", range(2, 11))
@pytest.mark.parametrize("n_parents", [None, 1, 2, 5, 10])
def test_any_two_of_ten_themes_differ_on_either_ground(n_themes, n_parents):
    """With ten parents each theme repeats its own."""
    parents = tuple(ThemeLabel(100 + i, "", 50 - i, None) for i in range(n_parents or 0))
    themes = tuple(
        ThemeLabel(i, "", 50 - i, 100 + i % n_parents if n_parents else None)
        for i in range(n_themes)
    )
    layers = (themes, parents) if parents else (themes,)
    anchors = {t.id: Anchor(t.id % 7, t.id % 5, 1.0) for layer in layers for t in layer}
    colours = colour_themes(layers, anchors)
    for one, other in combinations([colours[theme.id] for theme in themes], 2):
        assert eyes_distance(one.point_light, other.point_light) >= 0.055
        assert eyes_distance(one.point_dark, other.point_dark) >= 0.055


def difference(painted, first: int, second: int) -> float:
    colours = painted[2]
    return eyes_distance(colours[first].point_light, colours[second].point_light)


def test_children_stay_in_their_parents_family(painted):
    view, anchors, colours = painted
    for theme in view.layers[1]:
        if theme.id in anchors:
            assert hue_gap(colours[theme.id].ink_light, colours[theme.parent].ink_light) < 40


def hue_gap(first: str, second: str) -> float:
    import colorsys

    hues = [
        colorsys.rgb_to_hsv(*(int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0]
        for c in (first, second)
    ]
    return abs((hues[0] - hues[1] + 0.5) % 1.0 - 0.5) * 360


def test_colours_are_the_same_each_time(painted):
    view, anchors, colours = painted
    assert colour_themes(view.layers, anchors) == colours


def test_full_sight_is_one_of_the_eyes():
    white = _appearances([_Tone(0.0, 1.0, 0.0)])
    assert np.allclose(white[:, 0, 1:], white[0, 0, 1:], atol=2e-3)


def eyes_distance(first: str, second: str) -> float:
    """Distance in OKLab of two colours as seen by the eye that sees it least."""
    return float(np.linalg.norm(seen_by_eyes(first) - seen_by_eyes(second), axis=1).min())


def seen_by_eyes(colour: str):
    from pipeline.render.palette import _LAB, _LMS, _MACHADO

    encoded = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.cbrt(np.clip(_MACHADO @ linear, 0, 1) @ _LMS.T) @ _LAB.T


@pytest.mark.parametrize(
    ("mode", "ground"), [("light", BACKGROUND_LIGHT), ("dark", BACKGROUND_DARK)]
)
def test_any_two_colours_of_categories_differ_for_every_kind_of_eye(mode, ground):
    colours = [*getattr(category_colours(), mode), *getattr(OTHER_COLOURS, mode)]
    assert len(set(colours)) == 10
    assert all(contrast(colour, ground) >= 3.0 for colour in colours)
    for i, first in enumerate(colours):
        for second in colours[:i]:
            assert eyes_distance(first, second) >= 0.065


@pytest.mark.parametrize(
    ("mode", "ground"), [("light", BACKGROUND_LIGHT), ("dark", BACKGROUND_DARK)]
)
def test_a_scale_moves_away_from_the_ground_in_steps_that_every_eye_sees(mode, ground):
    colours = getattr(scale_colours(7), mode)
    contrasts = [contrast(colour, ground) for colour in colours]
    assert min(contrasts) >= 3.0
    assert contrasts == sorted(contrasts)
    for first, second in pairwise(colours):
        assert eyes_distance(first, second) >= 0.02
    assert len(scale_colours().light) == 33

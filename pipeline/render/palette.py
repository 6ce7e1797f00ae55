"""Colours of themes: neighbours differ for every kind of eye, relatives share a hue.

Colours are made in OKLCH (Ottosson 2020, "A perceptual color space for image processing"), where
equal steps look equal, and compared also as seen with protanopia, deuteranopia and tritanopia
(Machado, Oliveira and Fernandes 2009, severity 1.0). No set of thirty colours can be told apart
by everyone wherever they are, so what is asked is that a theme differs from the themes next to it,
in lightness where hue cannot help, and names, not colours, carry the meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.render.anchors import Anchor, nearest_themes, theme_anchors
from pipeline.render.view import MapView, ThemeLabel

Floats = NDArray[np.float64]

BACKGROUND_LIGHT = "#fdfcfa"
BACKGROUND_DARK = "#14161b"
UNASSIGNED_LIGHT = "#b9bbc0"
UNASSIGNED_DARK = "#50545d"

FRINGE_STRENGTH = 0.3
"""Papers whose membership strength is below this are drawn hollow: they fit their theme weakly."""

_LIGHT_RANGE = (0.45, 0.635)
"""OKLCH lightness of points on the light ground; the upper end keeps 3:1 contrast for any hue."""
_DARK_RANGE = (0.62, 0.86)
_DARK_CHROMA = 0.92
_INK_LIGHT, _INK_DARK = 0.40, 0.88
"""Lightness of names: above 4.5:1 against the ground for any hue (WCAG 2.2, 1.4.3)."""

_REVISIONS = 2
_FEW_THEMES = 15
"""Up to so many themes of a layer each differs from each, not only from those next to it."""
_CLEAR = 0.065
"""Difference in OKLab that is seen at a glance; below it a theme leaves its family."""
_MOST_CLEAR = 10
"""Themes of a layer up to which that goes before likeness to the parent."""

_MACHADO = np.array(
    [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ]
)
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


@dataclass(frozen=True, slots=True)
class ThemeColours:
    """Colours of one theme as `#rrggbb`: of its points and of its name, on either ground."""

    point_light: str
    point_dark: str
    ink_light: str
    ink_dark: str


@dataclass(frozen=True, slots=True)
class _Tone:
    """A colour before a ground is chosen: hue in degrees, `light` in [0, 1] along the range."""

    hue: float
    light: float
    chroma: float


def theme_colours(view: MapView) -> dict[int, ThemeColours]:
    """The colours that a map of this view gives its themes, by id."""
    return colour_themes(view.layers, theme_anchors(view, view.layout.astype(np.float64)))


def colour_themes(
    layers: tuple[tuple[ThemeLabel, ...], ...], anchors: Mapping[int, Anchor]
) -> dict[int, ThemeColours]:
    """Colours of every theme of every layer, by theme id; themes without papers have none.

    `layers` finest first, as in `MapView`. A theme's hue stays near that of its parent, so that
    the coarse picture is seen through the fine one.
    """
    tones: dict[int, _Tone] = {}
    for layer in reversed(layers):
        themes = [t for t in layer if t.id in anchors]
        near = nearest_themes([t.id for t in themes], anchors)
        own: dict[int, _Tone] = {}
        # First in turn, then each once more against all others: the first ones chose blindly.
        for theme in [*sorted(themes, key=lambda t: (-t.size, t.id))] * (1 + _REVISIONS):
            parent = tones.get(theme.parent) if theme.parent is not None else None
            own.pop(theme.id, None)
            # Of a few themes legends and streams are drawn, where each one lies beside any other.
            is_few = len(themes) <= _FEW_THEMES
            is_free = len(themes) <= _MOST_CLEAR or (is_few and parent is None)
            clear = _CLEAR if is_free else 0.0
            own[theme.id] = _choose_tone(parent, own, [] if is_few else near[theme.id], clear)
        tones |= own
    return {theme_id: _colours_of(tone) for theme_id, tone in tones.items()}


def _choose_tone(
    parent: _Tone | None, taken: Mapping[int, _Tone], near: list[int], clear: float
) -> _Tone:
    """The candidate that is farthest from the tones already taken, near themes counting most; one
    of another family where those of its own are less than `clear` away."""
    candidates = _relatives(parent) if parent else _FAMILIES
    if not taken:
        return parent or candidates[0]
    rank = {other: i for i, other in enumerate(near)}
    # A likeness matters most next door, less at rank 8, and hardly across the map.
    ease = np.array([0.008 * rank.get(other, 10) if near else 0.0 for other in taken])
    seen = _appearances(list(taken.values()))
    distances = _distances(_appearances(candidates), seen) + ease
    # Enough difference is enough: then the tone that is first, or nearest to the parent's, wins.
    # (A difference of .02 is just seen; families are to differ at a glance.)
    enough, haste = (0.3, 0.0004) if parent else (_CLEAR, 0.005)
    gain = np.minimum(distances, enough).min(axis=1) - haste * np.arange(len(candidates))
    best = int(np.argmax(gain))
    if distances[best].min() < clear:
        candidates = [*candidates, *_SPARES]
        best = int(np.argmax(_distances(_appearances(candidates), seen).min(axis=1)))
    return candidates[best]


def _relatives(parent: _Tone) -> list[_Tone]:
    """Tones of one family, the parent's own hue first."""
    return [
        _Tone(_off_olive(parent.hue + turn), light, chroma)
        for turn in (0.0, -11.0, 11.0, -22.0, 22.0)
        for chroma in (0.135, 0.085)
        for light in (0.5, 0.0, 1.0, 0.25, 0.75)
    ]


def _off_olive(hue: float) -> float:
    """The hue, moved out of the range that looks like mud when it is dark enough to be read."""
    low, high = 88.0, 132.0
    hue %= 360.0
    if low < hue < high:
        return low if hue - low < high - hue else high
    return hue


# Found by search over hues at least 25 degrees apart: on either ground any two of them, and each of
# them and the grey of `OTHER_COLOURS`, differ by .065 in OKLab for the eye that sees it least.
# Blue, gold, rose, green, purple, sky, brown, red, violet.
_CATEGORY_TONES = (
    (258.0, 0.75), (90.0, 1.0), (348.0, 0.38), (144.0, 0.5), (318.0, 0.0),
    (228.0, 1.0), (54.0, 0.12), (18.0, 0.75), (288.0, 0.38),
)  # fmt: skip
_CATEGORY_LIGHT, _CATEGORY_DARK = (0.38, 0.632), (0.60, 0.91)
_CATEGORY_CHROMA = 0.145

_FAMILY_TONES = [
    (255.0, 0.45),  # blue
    (52.0, 0.75),  # orange
    (182.0, 0.7),  # teal
    (355.0, 0.55),  # rose
    (300.0, 0.3),  # purple
    (80.0, 1.0),  # amber
    (148.0, 0.4),  # green
    (228.0, 1.0),  # sky
    (25.0, 0.2),  # brick
    (330.0, 0.9),  # pink
    (275.0, 0.85),  # lavender
    (65.0, 0.1),  # brown
]
_FAMILIES = [
    # Any two of these differ for every eye; a map of a few themes needs no others.
    *(
        _Tone(
            hue,
            float(np.interp(light, (0, 1), _CATEGORY_LIGHT) - _LIGHT_RANGE[0])
            / (_LIGHT_RANGE[1] - _LIGHT_RANGE[0]),
            _CATEGORY_CHROMA,
        )
        for hue, light in _CATEGORY_TONES
    ),
    *(_Tone(hue, light, 0.135) for hue, light in _FAMILY_TONES),
] + [
    # Darker and lighter ones, for maps of one layer with many themes.
    _Tone(hue, (light + turn) % 1.0, 0.1)
    for turn in (0.45, 0.25, 0.7)
    for hue, light in _FAMILY_TONES
]


_SPARES = [
    _Tone(float(hue), light, chroma)
    for hue in range(0, 360, 12)
    for chroma in (0.135, 0.085, 0.04)
    for light in (0.0, 0.25, 0.5, 0.75, 1.0)
    if hue == _off_olive(hue)
]
"""For few themes of one family, which has not so many colours that are clearly different."""


def _colours_of(tone: _Tone) -> ThemeColours:
    low, high = _LIGHT_RANGE
    dark_low, dark_high = _DARK_RANGE
    return ThemeColours(
        point_light=oklch_hex(low + tone.light * (high - low), tone.chroma, tone.hue),
        point_dark=oklch_hex(
            dark_low + tone.light * (dark_high - dark_low), _DARK_CHROMA * tone.chroma, tone.hue
        ),
        ink_light=oklch_hex(_INK_LIGHT, min(tone.chroma, 0.105), tone.hue),
        ink_dark=oklch_hex(_INK_DARK, min(tone.chroma, 0.065), tone.hue),
    )


@dataclass(frozen=True, slots=True)
class Colours:
    """Points' colours as `#rrggbb` on either ground, in one order."""

    light: tuple[str, ...]
    dark: tuple[str, ...]


def category_colours() -> Colours:
    """Colours for the commonest values of a column, told apart by every kind of eye wherever they
    lie, at 3:1 or more against the ground."""

    def ranged(low: float, high: float, chroma: float) -> tuple[str, ...]:
        return tuple(
            oklch_hex(low + light * (high - low), chroma, hue) for hue, light in _CATEGORY_TONES
        )

    return Colours(
        ranged(*_CATEGORY_LIGHT, _CATEGORY_CHROMA), ranged(*_CATEGORY_DARK, 0.88 * _CATEGORY_CHROMA)
    )


OTHER_COLOURS = Colours(("#828588",), ("#75777c",))
"""Of values that have no colour of their own: a grey at 3:1 or more against the ground."""


def scale_colours(n_colours: int = 33) -> Colours:
    """Colours from the least to the most of a quantity, (n_colours,) on each ground.

    Lightness changes in equal steps, which every kind of eye sees, away from the ground; the hue
    turns by way of red, between yellow and blue.
    """

    def swept(lightness: tuple[float, float], hues: tuple[float, float]) -> tuple[str, ...]:
        return tuple(
            oklch_hex(
                lightness[0] + t * (lightness[1] - lightness[0]),
                0.14,
                hues[0] + t * (hues[1] - hues[0]),
            )
            for t in np.linspace(0.0, 1.0, n_colours).tolist()
        )

    return Colours(swept((0.632, 0.3), (80.0, -78.0)), swept((0.55, 0.92), (-75.0, 92.0)))


def _appearances(tones: list[_Tone]) -> Floats:
    """(8, n, 3) OKLab of the colours on either ground, each as seen by four kinds of eye."""
    return np.stack([_appearance(tone) for tone in tones], axis=1)


@lru_cache(maxsize=4096)
def _appearance(tone: _Tone) -> Floats:
    """(8, 3) of one tone; a map of 500 themes asks for the same few hundred tones over and over."""
    linear = np.stack(
        [
            _oklch_linear(low + tone.light * (high - low), share * tone.chroma, tone.hue)
            for (low, high), share in ((_LIGHT_RANGE, 1.0), (_DARK_RANGE, _DARK_CHROMA))
        ]
    )
    seen = np.clip(np.einsum("eij,gj->gei", _MACHADO, linear).reshape(8, 3), 0.0, 1.0)
    lab: Floats = np.cbrt(seen @ _LMS.T) @ _LAB.T
    return lab


def _distances(candidates: Floats, others: Floats) -> Floats:
    """(n_candidates, n_others) difference for the eye and on the ground that show it least."""
    gaps = np.linalg.norm(candidates[:, :, None, :] - others[:, None, :, :], axis=3)
    least: Floats = gaps.min(axis=0)
    return least


def oklch_hex(lightness: float, chroma: float, hue: float) -> str:
    """`#rrggbb` of an OKLCH colour; chroma gives way where sRGB has no such colour."""
    linear = np.clip(_oklch_linear(lightness, chroma, hue), 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (round(float(channel) * 255) for channel in encoded)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _oklch_linear(lightness: float, chroma: float, hue: float) -> Floats:
    """Linear sRGB (3,) of an OKLCH colour, its chroma lowered in steps until it fits the gamut."""
    angle = np.deg2rad(hue)
    linear = np.zeros(3)
    for share in np.linspace(1.0, 0.0, 26):
        lab = np.array([lightness, *(chroma * share * np.array([np.cos(angle), np.sin(angle)]))])
        linear = np.linalg.solve(_LMS, np.linalg.solve(_LAB, lab) ** 3)
        if linear.min() >= -1e-4 and linear.max() <= 1.0 + 1e-4:
            break
    return linear


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    encoded = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))

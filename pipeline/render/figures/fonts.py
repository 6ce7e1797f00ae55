"""Fonts: the family that is asked for, and others for the letters that it lacks."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from pipeline.errors import UsageError

DEFAULT_FAMILY = "DejaVu Sans"
"""It comes with matplotlib, so a picture is the same wherever it is drawn."""
_PREFERRED = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans", "Noto Sans SC",
    "Noto Sans JP", "PingFang SC", "Hiragino Sans", "Microsoft YaHei", "Yu Gothic", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "IPAexGothic", "Malgun Gothic", "Noto Sans KR",
    "Noto Sans Arabic", "Noto Naskh Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari",
    "Noto Sans Thai", "Arial Unicode MS", "Noto Emoji", "Segoe UI Symbol", "Symbola", "Noto Sans",
)  # fmt: skip
"""Looked at first: sans-serifs that go with the default, so that no odd font is taken by chance."""
_NO_GLYPHS = ("Last Resort", "LastResort", "Color", "Colour")
"""Fonts of mere boxes, and of bitmaps or layers in colour, which matplotlib cannot draw."""
_N_NEAREST = 3
_NEAR = 60.0


def require_font(family: str) -> str:
    """The family as this machine spells it; UsageError, naming near ones, where there is none."""
    known = {name.casefold(): name for name in _installed()}
    wanted = " ".join(family.split()).casefold()
    if wanted in known:
        return known[wanted]
    from rapidfuzz import fuzz, process

    near = process.extract(
        wanted, list(known), scorer=fuzz.WRatio, limit=_N_NEAREST, score_cutoff=_NEAR
    )
    names = [known[key] for key, _, _ in near] or [DEFAULT_FAMILY]
    told = "nearest" if near else "one that is always there"
    raise UsageError(f"no font {family!r} on this machine", hint=f"{told}: {', '.join(names)}")


def families_for(text: str, family: str) -> list[str]:
    """The family, and those of installed fonts that have the letters that it lacks."""
    families = [family] if family == DEFAULT_FAMILY else [family, DEFAULT_FAMILY]
    lacking = {ch for ch in text if not ch.isspace() and unicodedata.category(ch) not in _UNSEEN}
    for name in families:
        lacking -= _letters_of(name)
    for letter in sorted(lacking):
        found = _family_with(letter)
        if found and found not in families:
            families.append(found)
    return families


_UNSEEN = {"Cc", "Cf", "Cn", "Cs", "Co"}


@lru_cache(maxsize=4096)
def _family_with(letter: str) -> str:
    """The first installed family that has the letter; "" where none has."""
    installed = _installed()
    preferred = [name for name in _PREFERRED if name in installed]
    for name in dict.fromkeys([*preferred, *sorted(installed)]):
        if letter in _letters_of(name):
            return name
    return ""


def _installed() -> set[str]:
    from matplotlib.font_manager import fontManager

    names = {font.name for font in fontManager.ttflist}
    return {name for name in names if not any(part in name for part in _NO_GLYPHS)}


@lru_cache(maxsize=1024)
def _letters_of(family: str) -> frozenset[str]:
    """The characters that the family's ordinary font has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    try:
        font = get_font(findfont(FontProperties(family=[family]), fallback_to_default=False))
    except (ValueError, RuntimeError, OSError):  # a file that is gone, or no outlines in it
        return frozenset()
    return frozenset(map(chr, font.get_charmap()))

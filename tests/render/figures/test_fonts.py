from __future__ import annotations

import subprocess
import sys

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from pipeline.errors import UsageError
from pipeline.render.figures import fonts


def write_font(path, family, letters):
    """A font that has a black square for each letter."""
    names = [".notdef", *(f"u{ord(letter):04X}" for letter in letters)]
    pen = TTGlyphPen(None)
    for x, y in ((0, 0), (0, 700), (700, 700), (700, 0)):
        (pen.moveTo if (x, y) == (0, 0) else pen.lineTo)((x, y))
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): f"u{ord(letter):04X}" for letter in letters})
    builder.setupGlyf(dict.fromkeys(names, square))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (800, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    builder.save(path)


@pytest.fixture
def squares(tmp_path):
    """A family of this machine, while a test runs, with the letters `深層学習`."""
    from matplotlib.font_manager import fontManager

    path = tmp_path / "squares.ttf"
    write_font(path, "Paper Squares", "深層学習")
    before = list(fontManager.ttflist)
    fonts._family_with.cache_clear()
    fontManager.addfont(path)
    yield "Paper Squares"
    fontManager.ttflist[:] = before
    fonts._family_with.cache_clear()
    fonts._letters_of.cache_clear()


def test_plain_text_has_one_family():
    assert fonts.families_for("Größe, naïve → 50 %", "DejaVu Sans") == ["DejaVu Sans"]


def test_letters_that_a_font_lacks_come_from_one_that_has_them(squares):
    families = fonts.families_for("deep 深層学習", "DejaVu Sans")
    assert families[0] == "DejaVu Sans"
    assert len(families) == 2
    assert set("深層学習") <= fonts._letters_of(families[1])


def test_letters_that_no_font_has_change_nothing():
    assert fonts.families_for("\ue000\U0010fffd", "DejaVu Sans") == ["DejaVu Sans"]


def test_another_family_is_helped_by_the_default_one(squares):
    assert fonts.families_for("plain", squares) == [squares, "DejaVu Sans"]


def test_a_family_is_found_in_any_case():
    assert fonts.require_font(" dejavu  SANS ") == "DejaVu Sans"


def test_an_unknown_family_names_near_ones():
    with pytest.raises(UsageError) as caught:
        fonts.require_font("Deja Vu Sanz")
    assert "DejaVu Sans" in caught.value.hint


def test_nothing_is_said_about_fonts_or_missing_letters(tmp_path):
    code = (
        "import dataclasses; from tests.render.made_views import make_view;"
        "from pipeline.render import FigureStyle, render_figure;"
        "view = dataclasses.replace(make_view(40), title='深層 \U0001f600 \U0010fffd مرحبا');"
        "[render_figure(view, suffix, FigureStyle(title='深層 \U0001f600 مرحبا'))"
        " for suffix in ('png', 'svg', 'pdf')]"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")

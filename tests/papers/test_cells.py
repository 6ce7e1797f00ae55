"""Cells that no spreadsheet runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import guard_cell, unguard_cell


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@SUM(A1)", "\tx", "\rx", "'=x", "''@x"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert guard_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "'quoted'", "1-2", "'"])
def test_other_cells_stay(text):
    assert guard_cell(text) == unguard_cell(text) == text


@given(st.text("=+-@\t\r'ab", max_size=6))
def test_every_text_reads_back(text):
    assert unguard_cell(guard_cell(text)) == text
    assert guard_cell(text)[:1] not in tuple("=+-@\t\r")

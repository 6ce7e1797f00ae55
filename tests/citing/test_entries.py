"""One paper's entry by itself, with and without its abstract."""

from __future__ import annotations

import re

from pipeline.citing import bibtex_entry, ris_record
from pipeline.papers import Paper

PAPER = Paper(id="p-1", title="On Moss", abstract="It grows.", authors=("Ada Moss",), year=2004)


def test_an_entry_may_leave_the_abstract_out():
    whole, short = (
        bibtex_entry(PAPER, "moss2004"),
        bibtex_entry(PAPER, "moss2004", has_abstract=False),
    )
    assert "  abstract = {It grows.},\n" in whole
    assert short == whole.replace("  abstract = {It grows.},\n", "")
    assert re.fullmatch(r"@misc\{moss2004,\n(?:  .+,\n)+\}\n", short)


def test_a_record_may_leave_the_abstract_out_and_name_a_theme():
    whole = ris_record(PAPER, theme="bogs")
    assert "AB  - It grows.\r\n" in whole
    assert whole.endswith("C1  - theme: bogs\r\nER  - \r\n")
    assert ris_record(PAPER, theme="bogs", has_abstract=False) == whole.replace(
        "AB  - It grows.\r\n", ""
    )

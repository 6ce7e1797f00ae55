"""What a table's other columns say, from the records to the paper."""

from __future__ import annotations

from dataclasses import replace

from papers.made import TOPICS, paper
from pipeline.papers import build_table
from pipeline.papers.merge import canonical_order, merge_records


def test_each_column_comes_from_the_first_record_that_has_it():
    first = paper("On Moss", extra=(("area", "Botany"),))
    second = paper("On Moss", line=2, extra=(("area", "Roofs"), ("oral", "true")))
    assert merge_records([first, second]).extra == (("area", "Botany"), ("oral", "true"))


def test_other_columns_decide_neither_ids_nor_duplicates():
    records = [
        paper("On Moss", TOPICS["moss"], ["Ana Vega"], line=1),
        paper("On Moss", TOPICS["moss"], ["Ana Vega"], line=2),
        paper("On Tides", TOPICS["tides"], ["Jan Boer"], line=3),
    ]
    told = [replace(r, extra=(("area", str(i)),)) for i, r in enumerate(records)]
    plain, with_extra = build_table(records), build_table(told)
    assert [p.id for p in with_extra.papers] == [p.id for p in plain.papers]
    assert [len(group) for group in with_extra.records] == [len(group) for group in plain.records]


def test_records_that_differ_in_nothing_else_are_ordered_by_them():
    records = [paper("On Moss", extra=(("area", area),)) for area in "ba"]
    assert [r.extra[0][1] for r in sorted(records, key=canonical_order)] == ["a", "b"]
    assert build_table(records).papers == build_table(records[::-1]).papers

"""Records that do not fit into memory: the same order, the same groups."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.made import TOPICS, paper
from pipeline.papers import FileReport, Paper, RecordStore, Source, build_table, count_duplicates
from pipeline.papers.blocking import Blocks
from pipeline.papers.merge import canonical_order
from pipeline.papers.store import WrittenRecords

TEXTS = st.text(max_size=12) | st.sampled_from(["On Moss", "on moss.", "\ud800", "a\nb\u2028c"])
NAMES = st.sampled_from(["Ana Vega", "Vega A", "A. Vega", "Li Wu", "Jan de Boer"])
PAPERS = st.builds(
    Paper,
    id=TEXTS,
    title=TEXTS,
    abstract=st.sampled_from(["", *TOPICS.values(), *(t[:200] for t in TOPICS.values())]),
    authors=st.lists(NAMES, max_size=3).map(tuple),
    authors_truncated=st.booleans(),
    year=st.none() | st.integers(1990, 1992),
    date=st.sampled_from([None, "1990-02", "--03-04"]),
    doi=st.sampled_from([None, "10.1/x", "10.1/y", "10.48550/arxiv.2401.00001"]),
    arxiv_id=st.sampled_from([None, "2401.00001", "2401.00002"]),
    identifiers=st.sets(st.sampled_from(["pmid:1", "pmid:2", "openalex:W12345"])).map(
        lambda ids: tuple(sorted(ids))
    ),
    score=st.sampled_from([None, 0.0, 7, 0.1]),
    kind=st.sampled_from([None, "article", "book", "chapter"]),
    raw_title=TEXTS,
    sources=st.tuples(st.builds(Source, TEXTS, st.integers(1, 3))),
    extra=st.sampled_from([(), (("area", "Botany"),)]),
)


def stored(records, most_in_memory: int) -> list[Paper]:
    with RecordStore(most_in_memory=most_in_memory) as store:
        for record in records:
            store.append(record)
        return list(store.in_order())


@given(st.lists(PAPERS, max_size=12), st.sampled_from([1, 5000, 10**9]))
def test_records_come_back_as_they_were_in_canonical_order(records, most_in_memory):
    assert stored(records, most_in_memory) == sorted(records, key=canonical_order)


@given(st.lists(PAPERS, max_size=14), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_same_records_are_duplicates_on_disk_and_in_memory(records, drawn):
    shuffled = drawn.sample(records, len(records))
    files = sorted({record.sources[0].file for record in records})
    reports = [
        FileReport(f, "jsonl", n, n, 0, 0)
        for f in files
        for n in [sum(r.sources[0].file == f for r in records)]
    ]
    table = build_table(records, reports)
    with RecordStore(most_in_memory=1) as store:
        for record in shuffled:
            store.append(record)
        assert count_duplicates(store.in_order(), reports) == table.reports


@given(st.lists(PAPERS, max_size=14))
@settings(deadline=None)
def test_pairs_are_the_same_however_many_parts_they_lie_in(tmp_path_factory, records):
    ordered = sorted(records, key=canonical_order)
    folder = tmp_path_factory.mktemp("parts")
    whole = Blocks(ordered, folder).candidate_pairs()
    parted = Blocks(ordered, folder, records_a_part=2).candidate_pairs()
    assert [rows.tolist() for rows in parted] == [rows.tolist() for rows in whole]


def test_more_runs_than_a_process_may_open_are_merged_in_turns():
    records = [paper(f"On Moss {n % 97}", id=str(n)) for n in range(300)]
    assert stored(records, 1) == sorted(records, key=canonical_order)


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with RecordStore(most_in_memory=1) as store:
        for title in ("On Moss", "On Tides"):
            store.append(paper(title))
        assert [record.title for record in store.in_order()] == ["On Moss", "On Tides"]
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_few_records_are_never_written(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert stored([paper("On Moss")], 10**6) == [paper("On Moss")]


def test_rows_from_the_end_and_several_rows():
    with RecordStore(most_in_memory=1) as store:
        for title in "ABC":
            store.append(paper(title))
        records = store.in_order()
        assert isinstance(records, WrittenRecords)
        assert (len(records), records[-1].title) == (3, "C")
        assert [record.title for record in records[1:]] == ["B", "C"]
        with pytest.raises(IndexError):
            records[3]


def test_a_rating_that_is_no_number_is_kept():
    (record,) = stored([replace(paper("On Moss"), score=math.nan)], 1)
    assert record.score is not None
    assert math.isnan(record.score)


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(Path(tmp_path, "missing")))
    with RecordStore(most_in_memory=1) as store, pytest.raises(OSError, match="missing"):
        store.append(paper("On Moss"))

"""Columns of a snapshot: read once, for all threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.artifacts import open_snapshot
from pipeline.filters import PaperColumns, parse_filter
from tests.artifacts.small_atlas import write_atlas
from tests.filters.small_table import SmallTable


@pytest.fixture
def snapshot(tmp_path: Path):
    write_atlas(tmp_path / "atlas")
    with open_snapshot(tmp_path / "atlas") as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("year > 2022", [3, 4]),
        ("id = COPY-3", [3]),
        ("author = 'utku sirin' and not title like '_ 2'", [0, 1, 3, 4]),
        ("source = b.csv", [0, 1, 2, 3, 4]),
        ("theme = 'old fine'", [0, 1]),
        ("theme = 1", [0, 1, 2]),
        ("theme is missing", [3, 4]),
        ("category is missing and score is missing and keywords is missing", [0, 1, 2, 3, 4]),
    ],
)
def test_a_snapshot_is_filtered(snapshot, text, rows):
    assert parse_filter(text).rows(PaperColumns(snapshot)).tolist() == rows


def test_a_column_is_read_once_also_by_many_threads():
    table = SmallTable()
    columns = PaperColumns(table)
    wanted = parse_filter("year >= 2020 and year < 2022 and [Paper Area] = x or citations > 3")
    with ThreadPoolExecutor(8) as threads:
        found = [*threads.map(lambda _: wanted.rows(columns).tolist(), range(40))]
    assert found == [[0, 1, 3]] * 40 == [wanted.rows(columns).tolist()] * 40
    assert sorted(table.read) == ["extra", "year"]


def test_only_what_a_filter_names_is_read():
    table = SmallTable()
    parse_filter("venue = icml").rows(PaperColumns(table))
    assert table.read == ["venue"]

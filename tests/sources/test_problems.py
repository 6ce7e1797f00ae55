"""problems.csv: everything that was set aside, with its text."""

from __future__ import annotations

import csv

from pipeline.papers import Problem, ProblemKind
from pipeline.sources import read_sources
from pipeline.sources.problems import MAX_RAW_CHARS, ProblemLog


def rows_of(log, tmp_path):
    log.save(tmp_path / "problems.csv")
    with (tmp_path / "problems.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_each_problem_is_a_row_with_its_raw_text(page, tmp_path):
    raw = '{"year": 2000, "note": "a, \\"b\\"\\u00e9"}'
    path = page(f'{{"title": "On Moss"}}\n{raw}\n{{"title": \n', "a.jsonl")
    log = read_sources([path]).problems
    header, first, second, note = rows_of(log, tmp_path)
    assert header == ["file", "line", "kind", "reason", "raw"]
    assert first == ["a.jsonl", "2", "set aside", "record has no title or abstract; set aside", raw]
    assert second[:3] == ["a.jsonl", "3", "set aside"]
    assert second[4] == '{"title":'
    assert note[2] == "note"


def test_nothing_to_tell_is_a_table_of_no_rows(tmp_path):
    assert len(rows_of(ProblemLog(), tmp_path)) == 1


def test_no_cell_is_a_formula_and_none_is_too_long(tmp_path):
    log = ProblemLog()
    log.add("=a.csv", Problem(1, "why", raw="=cmd|' /C calc'!A0"))
    log.add("b.csv", Problem(2, "why", ProblemKind.DOUBT, "x" * (MAX_RAW_CHARS + 5)))
    log.add("'=d.csv", Problem(3, "why"))
    log.add("c.csv", Problem(3, "why", raw="line\none\r\ntwo \ud800"))
    _, first, second, marked, third = rows_of(log, tmp_path)
    assert marked[0] == "''=d.csv"
    assert first == ["'=a.csv", "1", "set aside", "why", "'=cmd|' /C calc'!A0"]
    assert second[4] == "x" * MAX_RAW_CHARS + " [and 5 more characters]"
    assert third[4] == "line\none\r\ntwo ?"


def test_a_log_that_outgrows_memory_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.sources.problems._IN_MEMORY_BYTES", 100)
    log = ProblemLog()
    for line in range(1, 500):
        log.add("a", Problem(line, "why", raw=f"raw {line}"))
    rows = rows_of(log, tmp_path)
    assert [row[4] for row in rows[1:]] == [f"raw {line}" for line in range(1, 500)]
    log.add("a", Problem(500, "why"))  # after saving, too
    assert len(rows_of(log, tmp_path)) == 501

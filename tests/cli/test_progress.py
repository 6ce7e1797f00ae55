"""How far, how fast, how long: what a bar and the plain lines say."""

from __future__ import annotations

import io
import re

import pytest

from pipeline.cli import progress
from pipeline.cli.progress import ConsoleProgress, Pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved: `clock.now_s += 1`."""

    class Clock:
        now_s = 1000.0

        def monotonic(self):
            return self.now_s

    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def steady(pace, start_s, end_s, rate):
    for step in range(round((end_s - start_s) * rate)):
        pace.add(1, start_s + step / rate)


def test_there_is_no_pace_before_two_seconds():
    pace = Pace()
    assert pace.rate(5.0) is None
    steady(pace, 10, 12, 20)
    assert pace.rate(11.9) is None
    assert pace.rate(12.0) == 20


def test_the_pace_is_that_of_the_last_half_minute():
    pace = Pace()
    steady(pace, 0, 100, 40)
    steady(pace, 100, 115, 20)
    assert pace.rate(115) == 30
    steady(pace, 115, 131, 20)
    assert pace.rate(131) == 20


def test_slow_papers_count_too():
    pace = Pace()
    steady(pace, 0, 60, 0.5)
    assert pace.rate(60) == 0.5
    assert pace.rate(75) == pytest.approx(0.25, abs=0.02)  # falls while nothing comes
    assert pace.rate(500) is None


@pytest.mark.parametrize("n_cached", [256, 100_000])
def test_papers_from_the_cache_do_not_distort_the_pace(n_cached):
    pace = Pace()
    pace.add(n_cached, 0.5)
    steady(pace, 1, 20, 30)
    assert pace.rate(6) == pytest.approx(30, abs=20)
    assert pace.rate(20) == pytest.approx(30, abs=6)
    steady(pace, 20, 32, 30)
    assert pace.rate(32) == 30


def test_plain_lines_say_how_fast_and_how_long(clock, capsys):
    with ConsoleProgress() as told:
        told.stage("embed", 5000)
        told.advance(0)
        clock.now_s += 60  # loading the model
        for _ in range(100):
            told.advance(2)
            clock.now_s += 0.25
        told.stage("cluster")
        clock.now_s += 60
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "embedding papers (5,000)"
    assert "  162 of 5,000, 8.0/s, 10 min left" in lines
    assert lines[-1] == "finding themes"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (5900, "98 min"), (12_000, "3 h 20 min")],
)
def test_times_are_in_the_unit_that_people_use(seconds, told):
    assert progress._duration(seconds) == told


def test_a_bar_shows_the_pace_of_steps_that_count_papers_alone(clock, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with ConsoleProgress() as told:
        told.stage("embed", 100)
        for _ in range(20):
            told.advance(2)
            clock.now_s += 0.25
        told._bar.refresh()
        shown = terminal.getvalue()
        told.stage("cluster")
        told._bar.refresh()
    assert "40 of 100, 8.0/s, 8 s left" in shown
    last = re.split(r"\r|\n", terminal.getvalue().rpartition("finding themes")[2])[0]
    assert " of " not in last
    assert "/s" not in last

"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median_low
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

DOING = {
    "read": "reading sources",
    "merge": "looking for records of one paper",
    "embed": "embedding papers",
    "index": "making the index",
    "compare": "comparing papers",
    "cluster": "finding themes",
    "lay out": "laying out the map",
    "check the map": "checking the map",
    "name": "naming themes",
    "refine names": "asking for names",
    "map": "drawing maps",
    "evaluate names": "naming themes from half of their papers",
    "evaluate baselines": "grouping the papers in another way",
    "evaluate groups": "measuring the groups",
}
LOADING = "loading the model"
SEARCHING = "searching"
EXPORTING = "writing files"
DRAWING = "drawing"
_PLAIN_EVERY_S = 10.0
_PACE_OVER_S = 30
_PACE_AFTER_S = 2
# A second with more than this many times the usual count brought papers from the cache.
_UNUSUAL = 4


class Pace:
    """Papers per second over the last half minute, without bursts from the cache."""

    def __init__(self) -> None:
        self._whole: deque[int] = deque(maxlen=_PACE_OVER_S)  # papers of each second, oldest first
        self._count = 0  # of the second that has begun
        self._begun_s: float | None = None
        self._lock = threading.Lock()  # the bar draws itself in a thread of its own

    def add(self, count: int, now_s: float) -> None:
        """`count` papers were done at `now_s`, in seconds on any clock; the first starts it."""
        with self._lock:
            if self._begun_s is None:
                self._begun_s = now_s
            self._move_on(now_s)
            self._count += count

    def rate(self, now_s: float) -> float | None:
        """Papers per second; None where there is not enough to tell."""
        with self._lock:
            self._move_on(now_s)
            if len(self._whole) < _PACE_AFTER_S or not any(self._whole):
                return None
            usual = median_low([count for count in self._whole if count])
            return sum(min(count, _UNUSUAL * usual) for count in self._whole) / len(self._whole)

    def _move_on(self, now_s: float) -> None:
        """Close the seconds that have passed since the first papers."""
        if self._begun_s is None:
            return
        passed = int(now_s - self._begun_s)
        if passed > 0:
            self._begun_s += passed
            self._whole.append(self._count)
            self._whole.extend([0] * min(passed - 1, _PACE_OVER_S))
            self._count = 0


class ConsoleProgress:
    """`stages.Progress` for people; use it as a context manager."""

    def __init__(self) -> None:
        self._bar = _make_bar(self._tally) if sys.stderr.isatty() else None
        self._task: TaskID | None = None
        self._total = self._done = 0
        self._pace = Pace()
        self._told = time.monotonic()

    def __enter__(self) -> ConsoleProgress:
        """Start the bar."""
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the bar."""
        if self._bar:
            self._bar.stop()

    def stage(self, name: str, total: int = 0) -> None:
        """A step begins."""
        self._total, self._done = total, 0
        self._pace = Pace()
        self._told = time.monotonic()
        doing = DOING.get(name, name)
        if self._bar is None:
            count = f" ({total:,})" if total else ""
            _tell(f"{doing}{count}")
            return
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(doing, total=total or None)

    def advance(self, count: int) -> None:
        """`count` more papers are done."""
        self._done += count
        now_s = time.monotonic()
        if self._done:  # what comes before is loading the model
            self._pace.add(count, now_s)
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, count)
        elif now_s - self._told >= _PLAIN_EVERY_S:
            self._told = now_s
            _tell(f"  {self._tally()}")

    def _tally(self) -> str:
        """How far the step is, how fast and how long it goes on; "" where nothing is counted."""
        if not self._total:
            return f"{self._done:,}" if self._done else ""
        told = f"{self._done:,} of {self._total:,}"
        rate = self._pace.rate(time.monotonic())
        if not rate or self._done >= self._total:
            return told
        return f"{told}, {rate:,.1f}/s, {_duration((self._total - self._done) / rate)} left"


def _duration(seconds: float) -> str:
    """A time in the unit that people would use, such as "40 s", "12 min" or "3 h 20 min"."""
    minutes = round(seconds / 60)
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def tell_if_slow(line: str, *, after_s: float = 1.0) -> Iterator[None]:
    """Say `line` when what is in the block takes longer than `after_s`."""
    timer = threading.Timer(after_s, _tell, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _make_bar(tally: Callable[[], str]) -> Bar:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.text import Text

    class TallyColumn(ProgressColumn):
        """What `tally` says, whichever the task: there is one at a time."""

        def render(self, _task: Task) -> Text:
            """Ask again at each drawing: the pace falls while nothing comes."""
            return Text(tally())

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TallyColumn(),
        console=Console(stderr=True),
        transient=True,
    )

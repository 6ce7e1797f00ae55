"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

DOING = {
    "read": "reading sources",
    "embed": "embedding papers",
    "fuse": "comparing words",
    "cluster": "finding themes",
    "lay out": "laying out the map",
    "name": "naming themes",
    "map": "drawing maps",
}
LOADING = "loading the model"
SEARCHING = "searching"
_PLAIN_EVERY_S = 10.0
_PACE_AFTER_S = 2.0


class ConsoleProgress:
    """`stages.Progress` for people; use it as a context manager."""

    def __init__(self) -> None:
        self._bar = _make_bar() if sys.stderr.isatty() else None
        self._task: TaskID | None = None
        self._total = self._done = 0
        self._begun = self._told = time.monotonic()

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
        self._begun = self._told = time.monotonic()
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
        if not self._done:
            self._begun = time.monotonic()  # what came before was loading the model
        self._done += count
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, count)
        elif time.monotonic() - self._told >= _PLAIN_EVERY_S:
            self._told = time.monotonic()
            _tell(f"  {self._done:,} of {self._total:,}{self._pace()}")

    def _pace(self) -> str:
        elapsed_s = self._told - self._begun
        if elapsed_s < _PACE_AFTER_S:
            return ""
        rate = self._done / elapsed_s
        return f", {rate:.1f}/s, {(self._total - self._done) / rate:,.0f} s left"


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


def _make_bar() -> Bar:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )

"""The log of everything that is to be told of the files, with raw texts: `problems.csv`."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from pathlib import Path

from pipeline.papers import Problem, guard_cell

PROBLEMS_FILE = "problems.csv"
MAX_RAW_CHARS = 30_000
"""A cell of a spreadsheet program holds 32,767."""
_IN_MEMORY_BYTES = 8 * 1024 * 1024


class ProblemLog:
    """Rows of `file, line, kind, reason, raw text`, in the order in which they were met.

    They lie on the disk once they are many: two million broken records are no reason to fail.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115
        self._text = io.TextIOWrapper(
            self._file, encoding="utf-8", errors="replace", newline="", write_through=True
        )
        self._rows = csv.writer(self._text, lineterminator="\r\n")
        self._rows.writerow(["file", "line", "kind", "reason", "raw"])

    def add(self, file: str, problem: Problem) -> None:
        """Add what is to be told of `file`."""
        raw = problem.raw
        if len(raw) > MAX_RAW_CHARS:
            raw = f"{raw[:MAX_RAW_CHARS]} [and {len(raw) - MAX_RAW_CHARS:,} more characters]"
        cells = (file, problem.line, str(problem.kind), problem.reason, raw)
        self._rows.writerow([guard_cell(str(cell)) for cell in cells])

    def save(self, path: Path) -> None:
        """Write the log to `path`; OSError where that fails."""
        self._text.flush()
        self._file.seek(0)
        with path.open("wb") as target:
            shutil.copyfileobj(self._file, target, 1 << 20)
        self._file.seek(0, io.SEEK_END)

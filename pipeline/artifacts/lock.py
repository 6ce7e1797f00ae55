"""One writer at a time: the operating system's lock decides, a file beside it says who holds it."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.artifacts.disk import output_error, remove_file, write_durably, writing
from pipeline.artifacts.folder import HOLDER_FILE, LOCK_FILE
from pipeline.errors import OutputError


class WriterLock:
    """The right to write one atlas, until `release`.

    The lock is the kernel's, so kill -9 gives it back; what the killed writer said about itself
    stays and is overwritten by the next one. The lock file itself is never deleted: a deleted one
    would let two writers hold locks on two files of the same name.
    """

    def __init__(self, atlas: Path) -> None:
        """Take the lock, or raise `OutputError` that says who holds it."""
        self._holder = atlas / HOLDER_FILE
        self._lock = FileLock(atlas / LOCK_FILE, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:  # first: it is an OSError too
            raise OutputError(
                f"{atlas}: another writer holds it ({_describe(self._holder)})",
                hint="wait until it has ended, or choose another folder with -o",
            ) from None
        except OSError as error:
            raise output_error(atlas, error) from error
        try:
            with writing(atlas):
                write_durably(self._holder, json.dumps(_this_process()).encode())
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        """Give the lock back."""
        remove_file(self._holder)
        self._lock.release()


def _this_process() -> dict[str, object]:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


def _describe(holder: Path) -> str:
    try:
        facts = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {facts['pid']} on {facts['host']}, since {facts['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not said who it is"  # it took the lock this very moment

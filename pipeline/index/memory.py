"""How much memory this machine has."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def machine_bytes() -> int:
    """Bytes of memory that this machine has or, where that is less, that its container may use."""
    present = _present_bytes()
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        return min(present, int(_CONTAINER_LIMIT.read_text("ascii")))
    return present


def _present_bytes() -> int:
    if sys.platform == "win32":
        return _windows_bytes()
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _windows_bytes() -> int:
    import ctypes

    kilobytes = ctypes.c_ulonglong()
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
    return 1024 * kilobytes.value

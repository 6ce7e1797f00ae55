"""What of this machine's processor decides a row's last bits, and how many threads it offers."""

from __future__ import annotations

import os
import platform
from importlib import import_module

_FEATURES = ("AVX2", "FMA3", "AVX512F", "AVX512VNNI", "AVX512BF16", "AVX512FP16", "AVX512_SPR",
             "AVX512_ICL", "ASIMD", "SVE")  # fmt: skip


def cpu_class() -> str:
    """Architecture and vector units."""
    features = import_module("numpy._core._multiarray_umath").__cpu_features__
    present = [name for name in _FEATURES if features.get(name)]
    return " ".join([platform.machine(), *present])


def usable_threads() -> int:
    """Processors that this process may use (a container often has fewer than the machine)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""How long the commands take on the seeds, each as a whole process, and what a build needs.

    python benchmarks/seeds_build.py --runs 3

Cold: empty caches of embeddings, of numba's compiled code and of matplotlib's fonts, as on the day
of the installation. Warm: the same caches again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
COMMAND = str(Path(sys.executable).with_name("paperatlas"))
QUERY = "optimal transport between datasets of different dimension"
_MIB_PER_GB = 1000**3 / 1024**2
# ru_maxrss is in KiB on Linux and in bytes on macOS.
_RSS_UNITS_PER_MIB = 1024 if sys.platform == "linux" else 1024**2


@dataclass(frozen=True, slots=True)
class Cost:
    """One process: wall-clock and processor seconds, and the peak of its resident memory."""

    wall_s: float
    cpu_s: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Budget:
    """What is measured, under which limit; the limit is None where none was set."""

    name: str
    figures: Sequence[float]
    unit: str
    limit: float | None


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="runs of each kind (default: 3)")
    parser.add_argument("--seeds", type=Path, default=ROOT / "seeds", help="what to build from")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        costs = measure_all(options.seeds, Path(folder), options.runs)
    Console(width=100).print(as_table(budgets(costs)))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{options.runs} runs on {os.cpu_count()} cores; load average at the end {load:.1f}.")


def measure_all(seeds: Path, folder: Path, runs: int) -> dict[str, list[Cost]]:
    """Costs by kind of process."""
    atlas, caches = folder / "atlas", folder / "caches"
    build = ["build", str(seeds), "-o", str(atlas)]
    kinds: dict[str, list[str]] = {
        "warm build": build,
        "related --text": ["related", str(atlas), "--text", QUERY, "-k", "3"],
        "themes": ["themes", str(atlas)],
        "--help": ["--help"],
    }
    costs: dict[str, list[Cost]] = {"cold build": []} | {kind: [] for kind in kinds}
    for _ in range(runs):
        shutil.rmtree(caches, ignore_errors=True)
        environment = with_caches_in(caches)
        costs["cold build"].append(measure(build, environment))
        for kind, arguments in kinds.items():
            costs[kind].append(measure(arguments, environment))
    return costs


def with_caches_in(folder: Path) -> dict[str, str]:
    """The environment, with every cache that a build fills in `folder`."""
    places = {
        "PAPERATLAS_CACHE": folder / "embeddings",
        "NUMBA_CACHE_DIR": folder / "numba",
        "MPLCONFIGDIR": folder / "matplotlib",
    }
    for place in places.values():
        place.mkdir(parents=True)
    return os.environ | {name: str(place) for name, place in places.items()}


def measure(arguments: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """The cost of one `paperatlas` process; SystemExit with its messages where it fails."""
    with tempfile.TemporaryFile() as messages:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [COMMAND, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=messages
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            messages.seek(0)
            sys.exit(f"paperatlas {' '.join(arguments)}:\n{messages.read().decode()}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _RSS_UNITS_PER_MIB)


def budgets(costs: Mapping[str, Sequence[Cost]]) -> list[Budget]:
    """The figures of each kind beside what they should stay under."""
    limits = {"cold build": 40.0, "warm build": 12.0, "--help": 0.3}
    rows = [
        Budget(f"{kind}, wall clock", [c.wall_s for c in of_kind], "s", limits.get(kind))
        for kind, of_kind in costs.items()
    ]
    rows += [
        Budget(f"{kind}, processor", [c.cpu_s for c in costs[kind]], "s", None)
        for kind in ("cold build", "warm build")
    ]
    rows += [
        Budget(f"{kind}, peak memory", [c.peak_mib / _MIB_PER_GB for c in costs[kind]], "GB", limit)
        for kind, limit in {"cold build": 1.5, "warm build": 1.5, "related --text": None}.items()
    ]
    return rows


def as_table(rows: Sequence[Budget]) -> Table:
    """Medians, extremes, budgets, and the share of the budget that the median takes."""
    table = Table("measured", title="paperatlas on the seeds")
    for column in ("median", "least", "most", "budget", "median / budget"):
        table.add_column(column, justify="right")
    for row in rows:
        median = statistics.median(row.figures)
        figures = (median, min(row.figures), max(row.figures))
        told = [f"{figure:.2f} {row.unit}" for figure in figures]
        budget = ["", ""]
        if row.limit is not None:
            budget = [f"{row.limit:g} {row.unit}", f"{median / row.limit:.2f}"]
        table.add_row(row.name, *told, *budget)
    return table


if __name__ == "__main__":
    main()

"""The real command, and one small atlas that it built of three of the seed files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SEEDS = Path(__file__).parents[1] / "seeds"


def command_line(*arguments: object) -> list[str]:
    """The installed command, or the same by way of Python where it is not on its usual place."""
    script = Path(sys.executable).with_name("paperatlas")
    inline = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    return [*([str(script)] if script.is_file() else inline), *map(str, arguments)]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of commands: an embedding cache of the tests' own, a plain terminal."""
    unwanted = ("COLUMNS", "NO_COLOR", "PYTHONIOENCODING", "PAPERATLAS_DEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "PAPERATLAS_CACHE": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(scope="session")
def run(environment: Mapping[str, str]) -> Run:
    """Run `paperatlas` with some arguments; `env` adds variables, or with None takes them away."""

    def run_command(
        *arguments: object, env: Mapping[str, str | None] = {}, **options: object
    ) -> subprocess.CompletedProcess[str]:
        changed = {**environment, **env}
        whole = {name: value for name, value in changed.items() if value is not None}
        defaults = {"capture_output": True, "text": True, "timeout": 300}
        return subprocess.run(  # type: ignore[call-overload]
            command_line(*arguments), env=whole, check=False, **{**defaults, **options}
        )

    return run_command


@pytest.fixture(scope="session")
def seed_sources() -> tuple[Path, ...]:
    """Three seed files: 70 records of 50 papers, many of them on optimal transport."""
    return tuple(sorted(SEEDS.glob("00[012]_*.txt")))


@pytest.fixture(scope="session")
def seed_atlas(
    run: Run, seed_sources: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An atlas of `seed_sources`, built by the command. Do not change it: `copied_atlas`."""
    atlas = tmp_path_factory.mktemp("atlas") / "seeds"
    done = run("build", *seed_sources, "-o", atlas)
    assert done.returncode == 0, done.stderr
    return atlas


@pytest.fixture
def copied_atlas(seed_atlas: Path, tmp_path: Path) -> Path:
    """A copy of `seed_atlas` to be changed."""
    return Path(shutil.copytree(seed_atlas, tmp_path / "atlas"))

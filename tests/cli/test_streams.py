"""Pipes, terminals, encodings and environments that are not as they should be."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from .streams import without_progress

A_PAPER = "p-6ad7cbcfb4a1"


def told(done):
    """The one line on stderr."""
    assert done.stderr.startswith("paperatlas: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@pytest.fixture
def shell(command, environment):
    """Run a line of bash; `paperatlas` is the command."""
    function = f'paperatlas() {{ {shlex.join(command)} "$@"; }}\nset -o pipefail\n'

    def run_line(line):
        return subprocess.run(
            ["bash", "-c", function + line],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run_line


@pytest.mark.parametrize(
    "typed",
    [
        "themes {}",
        "themes {} --json",
        f"show {{}} {A_PAPER}",
        f"related {{}} --paper {A_PAPER} -k 40",
    ],
)
def test_a_reader_that_stops_early_is_no_error(seed_atlas, shell, typed):
    for reader in ("head -1", "true"):
        done = shell(f"paperatlas {typed.format(seed_atlas)} | {reader}")
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("typed", ["themes {}", "themes {} --json", "themes {} --layer 99 --json"])
def test_output_that_goes_nowhere_is_told_on_stderr(seed_atlas, shell, typed):
    typed = typed.format(seed_atlas)
    full = shell(f"paperatlas {typed} >/dev/full")
    closed = shell(f"paperatlas {typed} >&-")
    if "99" in typed:  # the first mistake is the one to tell
        assert (full.returncode, "no layer 99" in told(full)) == (2, True)
    else:
        assert (full.returncode, "standard output: cannot be written" in told(full)) == (6, True)
    assert (closed.returncode, "standard output is closed" in told(closed)) == (6, True)


def test_help_onto_a_full_disk_is_told(shell):
    done = shell("paperatlas --help >/dev/full")
    assert (done.returncode, "no space left on device" in told(done)) == (6, True)


def test_closed_input_and_closed_errors_do_not_matter(seed_atlas, shell):
    done = shell(f"paperatlas themes {seed_atlas} <&- 2>&-")
    assert done.returncode == 0
    assert "optimal transport" in done.stdout
    done = shell(f"paperatlas themes {seed_atlas} --layer 99 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_a_terminal_without_typographic_characters_gets_plain_ones(run, seed_atlas):
    for env in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0",
                                                "PYTHONCOERCECLOCALE": "0"}):  # fmt: skip
        page = run("related", seed_atlas, "--paper", A_PAPER, "-k", 40, env=env)
        assert page.returncode == 0
        assert page.stdout.isascii()
        assert '- shares "Optimal Transport"' in page.stdout
        assert "Nicolo Fusi" in page.stdout
        assert "?" not in page.stdout.replace("Tasks?", "").replace("Matters?", "")[:2000]
        values = run("related", seed_atlas, "--paper", A_PAPER, "--json", env=env)
        assert values.stdout.isascii()
        assert "Nicolò Fusi" in str(json.loads(values.stdout))


def test_json_is_utf_8_where_the_output_is(run, seed_atlas):
    assert "Nicolò" in run("related", seed_atlas, "--paper", A_PAPER, "--json").stdout


@pytest.fixture
def on_a_terminal(command, environment):
    """What the command writes to a terminal of a width."""

    def run_there(*arguments, columns, **variables):
        reader, writer = pty.openpty()
        process = subprocess.Popen(
            [*command, *map(str, arguments)],
            env={**environment, "COLUMNS": str(columns), "TERM": "xterm", **variables},
            stdin=writer,
            stdout=writer,
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        pieces = []
        with suppress(OSError):  # how Linux says that the last writer has gone
            while piece := os.read(reader, 65536):
                pieces.append(piece)
        os.close(reader)
        assert process.wait() == 0
        return b"".join(pieces).decode().replace("\r\n", "\n")

    return run_there


def test_a_terminal_gets_bold_titles_unless_it_asks_for_none(seed_atlas, on_a_terminal):
    bold = on_a_terminal("show", seed_atlas, A_PAPER, columns=80)
    assert bold.startswith("\x1b[1mInfoOT")
    plain = on_a_terminal("show", seed_atlas, A_PAPER, columns=80, NO_COLOR="1")
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 80


@pytest.mark.parametrize("columns", [1, 40, 80, 100, 140])
def test_pages_fit_the_terminal(run, seed_atlas, seed_sources, columns):
    env = {"COLUMNS": str(columns)}
    for arguments in (
        ["themes", seed_atlas],
        ["related", seed_atlas, "--paper", A_PAPER, "-k", 40],
        ["inspect", *seed_sources],
    ):
        done = run(*arguments, env=env)
        assert done.returncode == 0
        longest = max(done.stdout.splitlines(), key=len)
        assert len(longest) <= max(columns, 60), longest


def test_a_pipe_gets_whole_lines_without_colours(run, seed_atlas):
    page = run("themes", seed_atlas, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"}).stdout
    assert "…" not in page
    assert "\x1b" not in page
    assert all(line == line.rstrip() for line in page.splitlines())


def test_no_home_and_no_terminal_type_do_not_matter(run, seed_atlas):
    env = {
        "HOME": None,
        "TERM": None,
        "LANG": None,
        "PAPERATLAS_CACHE": None,
        "XDG_CACHE_HOME": None,
    }
    assert run("themes", seed_atlas, env=env).returncode == 0


@pytest.mark.parametrize("kind", ["a file", "a folder that may not be written"])
def test_without_a_usable_cache_a_query_works_and_says_so(run, seed_atlas, tmp_path, kind):
    place = tmp_path / "cache"
    if kind == "a file":
        place.touch()
    else:
        place = Path("/proc/nobody")
    done = run("related", seed_atlas, "--text", "masks", env={"PAPERATLAS_CACHE": str(place)})
    assert done.returncode == 0
    lines = without_progress(done.stderr)
    # One line on rows, one on the converted model: each takes its own time, query by query.
    assert len(lines) == 2
    assert "working without the embedding cache" in lines[0]
    assert "the converted model cannot be kept" in lines[1]

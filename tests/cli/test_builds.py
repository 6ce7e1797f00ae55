"""Builds that are stopped, doubled, killed or out of space, and lists of papers of every size."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

SUBJECTS = [
    "sourdough bread fermentation", "glacier retreat in the Alps", "medieval Icelandic law",
    "black hole accretion disks", "coral reef bleaching", "compiler register allocation",
]  # fmt: skip


def made_paper(number, **changes):
    """A made-up paper on one of six subjects; two of one subject share its words."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    return {
        "id": f"made-{number}",
        "title": f"Study {number} of {subject}",
        "abstract": f"We study {subject}. Sample {number} of {subject} shows effect {number * 7}.",
        "authors": "Jane Doe",
        "year": 2000 + number % 20,
        **changes,
    }


def write_papers(path, papers):
    path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), "utf-8")
    return path


def snapshots_of(atlas):
    return sorted(path.name for path in (atlas / "snapshots").iterdir())


def leftovers(atlas):
    """What a stopped build may have left: temporary files, in the atlas or beside it."""
    return [p.name for p in atlas.parent.rglob("*") if p.name.startswith((".tmp", ".map"))]


@pytest.fixture
def build_until(command, environment, seed_sources):
    """Start a build and wait until it says a line; gives the process, which is ended at last."""

    @contextmanager
    def started(atlas, line, *options):
        process = subprocess.Popen(
            [*command, "build", *map(str, seed_sources), "-o", str(atlas), *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            while not process.stderr.readline().startswith(line):
                assert process.poll() is None, f"never said {line}"
            yield process
        finally:
            process.kill()
            process.communicate()

    return started


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("reading", signal.SIGINT),
        ("embedding", signal.SIGINT),
        ("comparing", signal.SIGTERM),
        ("finding", signal.SIGINT),
        ("naming", signal.SIGINT),
        ("drawing", signal.SIGTERM),
    ],
)
def test_a_stopped_build_leaves_the_atlas_as_it_was(copied_atlas, build_until, run, line, number):
    before = snapshots_of(copied_atlas)
    with build_until(copied_atlas, line) as process:
        time.sleep(0.2)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("paperatlas: interrupted - the atlas is whole")
    assert sum(line.startswith("paperatlas:") for line in err.splitlines()) == 1
    assert snapshots_of(copied_atlas) == before
    assert leftovers(copied_atlas) == []


def test_a_first_build_that_is_stopped_leaves_no_atlas(tmp_path, build_until, run):
    with build_until(tmp_path / "new", "finding", "--json") as process:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    error = json.loads(out)["error"]
    assert error["code"] == "interrupted"
    assert error["hint"].startswith("nothing was written, and what was embedded is kept")
    assert run("themes", tmp_path / "new").returncode == 4


def test_the_build_after_a_killed_one_cleans_up_and_keeps_two_snapshots(
    copied_atlas, build_until, run, seed_sources
):
    (first,) = snapshots_of(copied_atlas)
    with build_until(copied_atlas, "finding") as killed:
        killed.kill()
        killed.communicate()
    assert leftovers(copied_atlas)
    assert run("themes", copied_atlas).returncode == 0

    with build_until(copied_atlas, "comparing") as going:
        second = run("build", *seed_sources, "-o", copied_atlas)
        assert second.returncode == 6
        assert f"another writer holds it (process {going.pid}" in second.stderr
        assert "optimal transport" in run("themes", copied_atlas).stdout
        out, _ = going.communicate(timeout=120)
        assert (going.returncode, "themes" in out) == (0, True)
    assert leftovers(copied_atlas) == []
    names = snapshots_of(copied_atlas)
    assert (len(names), names[0]) == (2, first)
    assert (copied_atlas / "CURRENT").read_text().strip() == names[1]

    done = run("build", *seed_sources, "-o", copied_atlas, "--seed", 5, "--json")
    told = json.loads(done.stdout)
    assert snapshots_of(copied_atlas) == [names[1], told["snapshot"]]


def test_the_same_papers_in_another_order_are_the_same_atlas(
    seed_atlas, run, seed_sources, tmp_path
):
    again = tmp_path / "again"
    assert run("build", *reversed(seed_sources), "-o", again).returncode == 0
    for arguments in (["themes", "--json"], ["related", "--paper", "p-6ad7cbcfb4a1", "--json"]):
        ours, theirs = (run(arguments[0], a, *arguments[1:]).stdout for a in (again, seed_atlas))
        assert ours == theirs
    ours, theirs = (next((a / "snapshots").iterdir()) / "layout.npy" for a in (again, seed_atlas))
    assert ours.read_bytes() == theirs.read_bytes()


CORPORA = {
    "one paper": [made_paper(0)],
    "two papers": [made_paper(0), made_paper(1)],
    "five different papers": [made_paper(n) for n in range(5)],
    "titles only": [made_paper(n, abstract="") for n in range(8)],
    "papers without abstracts beside others": [
        made_paper(n, abstract="" if n % 3 else made_paper(n)["abstract"]) for n in range(12)
    ],
    "papers in other scripts": [
        made_paper(0, title="氷河の後退", abstract="アルプスの氷河は後退している。"),
        made_paper(1, title="Отступление ледников", abstract="Мы изучаем ледники в Альпах."),
        made_paper(2, title="تراجع الأنهار الجليدية", abstract="ندرس الأنهار الجليدية."),
        made_paper(3, title="🎉🎉", abstract="🎉 🎊 🥳"),
        made_paper(4, title="Σ" * 500, abstract="x" * 20_000),
    ],
    "forty papers": [made_paper(n) for n in range(40)],
}  # fmt: skip


@pytest.mark.parametrize("name", CORPORA)
def test_a_list_of_any_size_builds_and_every_command_works_on_it(run_here, tmp_path, name):
    papers = CORPORA[name]
    source, atlas = write_papers(tmp_path / "papers.jsonl", papers), tmp_path / "atlas"
    done = run_here("build", source, "-o", atlas, "--json")
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    built = json.loads(done.stdout)
    assert (built["records"], built["papers"]) == (len(papers), len(papers))
    themes = json.loads(run_here("themes", atlas, "--json").stdout)
    for layer in themes["layers"]:
        members = [paper for theme in layer["themes"] for paper in theme["papers"]]
        assert sorted(members + layer["unassigned"]) == sorted(p["id"] for p in papers)
    related = json.loads(run_here("related", atlas, "--paper", papers[0]["id"], "--json").stdout)
    assert len(related["results"]) == min(10, len(papers) - 1)
    for command in (
        ["themes"],
        ["related", "--paper", papers[0]["id"]],
        ["show", papers[-1]["id"]],
    ):
        page = run_here(command[0], atlas, *command[1:])
        assert (page.returncode, page.stderr) == (0, "")
        assert page.stdout.strip()
    assert run_here("map", atlas, "-o", tmp_path / "map.svg").returncode == 0


def test_five_copies_are_one_paper(run_here, tmp_path):
    papers = [made_paper(3, id=f"copy-{n}") for n in range(5)]
    source, atlas = write_papers(tmp_path / "papers.jsonl", papers), tmp_path / "atlas"
    built = json.loads(run_here("build", source, "-o", atlas, "--json").stdout)
    assert (built["records"], built["papers"], built["merged"]) == (5, 1, 4)
    for paper in papers:
        shown = json.loads(run_here("show", atlas, paper["id"], "--json").stdout)
        assert len(shown["sources"]) == 5
    done = run_here("related", atlas, "--paper", "copy-4")
    assert "No paper is left beside those of the query." in done.stdout


def test_limit_seed_and_config_are_heeded_and_a_dry_run_writes_nothing(run_here, tmp_path):
    source = write_papers(tmp_path / "papers.jsonl", [made_paper(n) for n in range(6)])
    config = tmp_path / "settings.toml"
    config.write_text("seed = 3\n[cluster]\nrefits = 2\n", "utf-8")
    atlas = tmp_path / "atlas"
    options = ["-o", atlas, "--limit", 4, "--config", config, "--seed", 9, "--json"]
    dry = json.loads(run_here("build", source, *options, "--dry-run").stdout)
    assert (dry["papers"], dry["snapshot"], atlas.exists()) == (4, "", False)
    wet = json.loads(run_here("build", source, *options).stdout)
    assert (wet["papers"], wet["records"]) == (4, 6)
    manifest = json.loads(next(atlas.rglob("manifest.json")).read_text("utf-8"))
    told = json.dumps(manifest)
    assert '"seed": 9' in told
    assert '"refits": 2' in told


def test_allow_download_is_the_setting_given_last(run_here, tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(
        "pipeline.settings.load_settings", lambda _, overrides: given.append(overrides) or 1 / 0
    )
    typed = ["build", tmp_path, "-o", tmp_path / "a", "--allow-download", "--seed", 9]
    run_here(*typed, "--set", "embed.allow_download=false")
    run_here(*typed[:4])
    assert given == [["embed.allow_download=false", "seed=9", "embed.allow_download=true"], []]


def shared_rows():
    """300 rows of the shared table of papers, as pyarrow has them."""
    named = os.environ.get("PAPERATLAS_SHARED", Path(__file__).parents[3] / "shared")
    table = Path(named) / "data" / "papers.parquet"
    if not table.is_file():
        pytest.skip(f"no {table}: PAPERATLAS_SHARED may name the folder with it")
    return pytest.importorskip("pyarrow.parquet").read_table(table).slice(0, 300)


def test_one_table_in_three_formats_is_the_same_papers(run_here, tmp_path):
    rows = shared_rows()
    from pyarrow import csv, parquet

    parquet.write_table(rows, tmp_path / "papers.parquet")
    write_papers(tmp_path / "papers.jsonl", rows.to_pylist())
    plain = rows.select([f.name for f in rows.schema if "list" not in str(f.type)])
    csv.write_csv(plain, tmp_path / "papers.csv")
    told = {}
    for path in sorted(tmp_path.iterdir()):
        done = run_here("build", path, "-o", tmp_path / "atlas", "--dry-run", "--json")
        assert done.returncode == 0, done.stderr
        told[path.suffix] = {**json.loads(done.stdout), "timings_s": {}}
    assert told[".csv"] == told[".jsonl"] == told[".parquet"]
    assert told[".csv"]["records"] == 300

    built = run_here("build", path, "-o", tmp_path / "atlas", "--limit", 60, "--json")
    assert json.loads(built.stdout)["papers"] == 60
    assert run_here("themes", tmp_path / "atlas").stdout.count("e.g. ") >= 3


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_told_and_leaves_the_atlas_as_it_was(
    run, tmp_path, seed_atlas, seed_sources
):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", disk], check=False)
    if mounted.returncode:
        pytest.skip("may not mount here")
    try:
        atlas = Path(shutil.copytree(seed_atlas, disk / "atlas"))
        before = snapshots_of(atlas)
        (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 200_000))
        done = run("build", *seed_sources, "-o", atlas)
        assert done.returncode == 6
        assert "free some space" in done.stderr.splitlines()[-1]
        assert (snapshots_of(atlas), leftovers(atlas)) == (before, [])
        mapped = run("map", atlas, "-o", disk / "map.png")
        drawing, *told = mapped.stderr.splitlines()
        assert (mapped.returncode, drawing, len(told)) == (6, "drawing", 1)
        assert leftovers(atlas) == []
    finally:
        subprocess.run(["umount", disk], check=True)

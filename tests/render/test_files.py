"""Files that take their places whole."""

from __future__ import annotations

import pytest

from pipeline.errors import OutputError
from pipeline.render import staged_file


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    path = tmp_path / "map.png"
    path.write_text("old", "utf-8")
    with staged_file(path) as staged:
        staged.write_text("new", "utf-8")
        assert path.read_text("utf-8") == "old"
    assert path.read_text("utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def write_half(path, error):
    with staged_file(path) as staged:
        staged.write_text("half", "utf-8")
        raise error


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_was_there_stays_where_something_goes_wrong(tmp_path, error):
    path = tmp_path / "map.png"
    path.write_text("old", "utf-8")
    with pytest.raises(error):
        write_half(path, error)
    assert [(found.name, found.read_text("utf-8")) for found in tmp_path.iterdir()] == [
        ("map.png", "old")
    ]


def test_a_place_that_is_a_folder_is_told(tmp_path):
    (tmp_path / "map.png").mkdir()
    with (
        pytest.raises(OutputError, match=r"map\.png: cannot be written"),
        staged_file(tmp_path / "map.png") as staged,
    ):
        staged.write_text("new", "utf-8")
    assert [found.name for found in tmp_path.iterdir()] == ["map.png"]

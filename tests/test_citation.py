"""`CITATION.cff` is what others copy from: it must be of this version, and name nobody made up."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_the_citation_is_of_this_project_and_version():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert told["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= told.keys()  # what CFF 1.2 asks for
    assert told["authors"] == [{"name": "paperatlas contributors"}]
    for field in ("title", "version", "license", "keywords", "abstract"):
        name = {"title": "name", "abstract": "description"}.get(field, field)
        assert str(told[field]).rstrip(".") == str(project[name]) or field == "keywords"
    assert set(told["keywords"]) <= set(project["keywords"])

"""`configs/default.toml` is what a user reads to learn the settings: it must tell the truth."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pipeline.settings import Settings, as_dict, known_settings, load_settings

PATH = Path(__file__).parents[1] / "configs" / "default.toml"


def dotted_names(table: dict, prefix: str = "") -> set[str]:
    names = set()
    for key, value in table.items():
        if isinstance(value, dict):
            names |= dotted_names(value, f"{prefix}{key}.")
        else:
            names.add(prefix + key)
    return names


def test_it_names_every_setting_and_no_other():
    assert dotted_names(tomllib.loads(PATH.read_text("utf-8"))) == set(known_settings())


def test_its_values_are_the_defaults():
    assert tomllib.loads(PATH.read_text("utf-8")) == as_dict(Settings())
    assert load_settings(PATH) == Settings()
    assert load_settings(PATH) == Settings()


@pytest.mark.parametrize("name", known_settings())
def test_every_setting_has_a_sentence(name):
    lines = PATH.read_text("utf-8").splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith(f"{name.split('.')[-1]} = "))
    assert re.fullmatch(r"# .*\.", lines[place - 1])

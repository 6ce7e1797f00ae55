"""What a model's card, its README.md, says of it: the languages that it was made for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.embed.model_folder import ModelFolder

_LONGEST_CARD = 200_000
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_CODE = re.compile(r"([a-z]{2})(?:[-_][a-z]{2,4})?", re.IGNORECASE)


def model_languages(folder: ModelFolder) -> frozenset[str] | None:
    """The languages, ISO 639-1, that the front matter of the folder's README.md names.

    None where there is no such file, where it names none or says `multilingual`, and where one of
    them is no code of two letters: of what is not known nothing is told.
    """
    named = _named_languages(folder)
    codes = [_CODE.fullmatch(name.strip()) for name in named]
    if not codes or not all(codes):
        return None
    return frozenset(code[1].lower() for code in codes if code)


def _named_languages(folder: ModelFolder) -> list[str]:
    import yaml

    try:
        with (folder.path / "README.md").open(encoding="utf-8") as file:
            card = file.read(_LONGEST_CARD)
        front = _FRONT_MATTER.match(card)
        # All values as text: to YAML 1.1, `no` is not Norwegian but false.
        metadata = yaml.load(front[1], Loader=yaml.BaseLoader) if front else None  # noqa: S506
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return []  # a card decides nothing
    named = metadata.get("language") if isinstance(metadata, dict) else None
    listed = named if isinstance(named, list) else [named]
    return [name if isinstance(name, str) else "" for name in listed if name is not None]

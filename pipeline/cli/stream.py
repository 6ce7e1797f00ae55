"""Standard output: results, and nothing else, in an encoding that it has."""

from __future__ import annotations

import json
import math
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.errors import OutputError

_SIMPLER = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "·": "|", "–": "-",
                          "—": "-", "─": "-"})  # fmt: skip


def write_lines(lines: Iterable[str]) -> None:
    """Write a page for people. Raises OutputError where standard output takes no more."""
    _write("".join(f"{line.rstrip()}\n" for line in lines))


def write_text(text: str) -> None:
    """Write a text for programs as it is. Raises OutputError as `write_lines` does."""
    _write(text)


def write_json(name: str, values: Mapping[str, Any]) -> None:
    """Write one object for programs, its schema first.

    What the encoding lacks, and lone surrogates, are escaped: read back, it is what was read in.
    JSON has no infinity and no NaN: such a number is null.
    """
    told = _finite({"schema": f"paperatlas.{name}/1", **values})
    text = json.dumps(told, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(told, ensure_ascii=True, allow_nan=False)
    _write(text + "\n")


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`value` with None for every number that JSON cannot say."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write(text: str) -> None:
    try:
        sys.stdout.write(encodable(text, sys.stdout.encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise OutputError(
            f"standard output: cannot be written ({reason})", hint="send it somewhere else"
        ) from error


def encodable(text: str, encoding: str) -> str:
    """`text` with what `encoding` lacks in the nearest plain form, or as "?"."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = "".join(_nearest(c, encoding) for c in text)
        return plain.encode(encoding, "replace").decode(encoding)
    return text


def _nearest(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        simpler = character.translate(_SIMPLER)
        parts = unicodedata.normalize("NFKD", simpler)
        return "".join(c for c in parts if not unicodedata.combining(c))
    return character

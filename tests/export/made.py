"""Entries for writers, and wild text for them."""

from __future__ import annotations

import io
from pathlib import Path

from hypothesis import strategies as st

from pipeline.export import Entry
from pipeline.papers import Paper
from pipeline.sources import FORMATS
from pipeline.sources.document import Document

SIGNS = "abc XYZ019{}[]()%&$#_~^\\@\"'=,;:|<>!*`-+.\t\r\n\u2028\u2029\x00\x1béß漢"
WILD = st.text(st.sampled_from(SIGNS), max_size=40)


def entry(key: str = "key", **fields) -> Entry:
    return Entry(Paper(**{"id": "p-1", "title": "A title", **fields}), key)


def written(write, *entries: Entry) -> str:
    file = io.StringIO(newline="")
    assert write(list(entries), file) == len(entries)
    return file.getvalue()


def read_back(name: str, path: Path) -> list[Paper]:
    """What our own reader of this format makes of a file."""
    (reader,) = (known for known in FORMATS if known.name == name)
    return list(reader.read(Document(path, path.name, str(path))))

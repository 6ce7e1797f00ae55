"""Pages of the kind that the reader meets, made of invented papers."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.sources.document import Document

SEEDS = Path(__file__).parents[2] / "seeds"


def document(path: Path, file: str = "", **columns: str) -> Document:
    """A file as readers get it; `columns`: the headings that the user named."""
    return Document(path, file or path.name, str(path), columns)


def abstract_of(topic: str, sentences: int = 4) -> str:
    return " ".join(
        f"We study {topic} in setting number {i}, where the usual assumptions on {topic} fail, and "
        f"show that a simple estimator of order {i} is enough."
        for i in range(1, sentences + 1)
    )


@pytest.fixture
def page(tmp_path):
    """Write a page and give its path."""

    def write(
        text: str, name: str = "page.txt", encoding: str = "utf-8", newline: str = "\n"
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.replace("\n", newline).encode(encoding))
        return path

    return write

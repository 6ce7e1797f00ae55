"""An atlas of papers whose texts and fields are as awkward as those of real exports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from three_topics import records

AWKWARD = [
    {
        "id": "kakade2002approximately",
        "title": "Approximately Optimal Approximate Reinforcement Learning",
        "abstract": "Conservative policy iteration: 100% of the cost & a gain of $5 in R_max.",
        "authors": ["Sham Kakade", "John Langford"],
        "year": 2002,
        "venue": "Proceedings of the International Conference on Machine Learning",
        "doi": "10.1000/a_b%c",
        "pages": "267-274",
        "volume": "12.0",
        "keywords": ["policy iteration", "greedy; choice"],
    },
    {
        "id": "=cmd|'/C calc'!A0",
        "title": "=SUM(A1:A9) and other titles that spreadsheets run",
        "abstract": "ER  - \nTY  - JOUR\u2028@article{broken, title={of BERT} in O(n^2)",
        "authors": ["Institute of Physics and Astronomy"],
        "year": 2003,
        "url": "https://example.org/a?b=1&c=%20d",
    },
    {
        "id": "with space/slash",
        "title": "Ünïcode, “quotes” and 'apostrophes' in 3D: a Q-learning study",
        "abstract": "Sets S = \\{1, 2\\} of x < y > z; back\\slash, #hash, @home {unbalanced.",
        "authors": ["Ludwig van der Berg", "Jane Doe Jr", "Núñez"],
        "year": 2004,
        "date": "2004-05-17",
        "arxiv_id": "2401.01234",
        "category": "cs.LG",
    },
    {"id": "bare", "title": "-1 is a title of moss", "abstract": ""},
]


@pytest.fixture(scope="session")
def awkward_atlas(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An atlas of three topics and of `AWKWARD`, by the words alone. Do not change it."""
    from pipeline.settings import settings_from
    from pipeline.stages import build_atlas

    folder = tmp_path_factory.mktemp("awkward")
    lines = (json.dumps(record) + "\n" for record in [*records(), *AWKWARD])
    (folder / "papers.jsonl").write_text("".join(lines), "utf-8")
    steered = {"embed.backend": "lexical", "cluster.refits": 2, "cluster.min_theme_size": 5}
    build_atlas([folder / "papers.jsonl"], folder / "atlas", settings=settings_from(steered))
    return folder / "atlas"


@pytest.fixture(scope="session")
def opened(awkward_atlas: Path):
    """That atlas, opened."""
    from pipeline import Atlas

    with Atlas.open(awkward_atlas) as atlas:
        yield atlas

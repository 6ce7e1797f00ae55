"""The papers of real export files, written in each format and read back, where those files lie
beside the repository: their licences forbid shipping them."""

from __future__ import annotations

from pathlib import Path

import pytest

from export.made import read_back
from pipeline.citing import details
from pipeline.papers import display_name

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample files in {SAMPLES}")

ALWAYS = (
    "id", "title", "abstract", "authors_truncated", "year", "identifiers", "arxiv_id", "status",
    "keywords", "language",
)  # fmt: skip
TABLE = ("doi", "date", "venue", "url", "category", "affiliations", "kind")
FIELDS = {
    "bibtex": (*ALWAYS, "doi", "category"),
    "ris": (*ALWAYS, "date", "venue"),
    "csl-json": (*ALWAYS, "doi", "date", "venue", "category"),
    "csv": (*ALWAYS, *TABLE),
    "jsonl": (*ALWAYS, *TABLE),
    "parquet": (*ALWAYS, *TABLE),
}
READERS = {"csl-json": "json"}


@pytest.fixture(scope="module")
def atlas(cache, tmp_path_factory):
    from pipeline import Atlas
    from pipeline.settings import settings_from
    from pipeline.stages import build_atlas

    out = tmp_path_factory.mktemp("samples") / "atlas"
    steered = {"embed.backend": "lexical", "cluster.refits": 2}
    build_atlas([SAMPLES], out, settings=settings_from(steered))
    with Atlas.open(out) as opened:
        yield opened


@pytest.mark.parametrize("name", FIELDS)
def test_all_papers_of_the_samples_read_back_as_they_were(atlas, tmp_path, name):
    if name == "parquet":
        pytest.importorskip("pyarrow")
    (file,) = atlas.export(tmp_path, name)
    read = read_back(READERS.get(name, name), file.path)
    assert len(read) == len(atlas.papers) == 1545
    for paper, again in zip(atlas.papers, read, strict=True):
        assert told(again, FIELDS[name]) == told(paper, FIELDS[name])
        # Two names of one record stand with a comma, which tables and RIS read as `Last, First`.
        assert again.authors in (paper.authors, tuple(map(display_name, paper.authors)))
        if name == "csl-json":
            assert details.kind_of(again) == details.kind_of(paper)
            assert details.details_of(again) == details.details_of(paper)


def told(paper, names):
    return {name: getattr(paper, name) for name in names}

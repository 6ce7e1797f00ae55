"""Which paper a user means, in whatever form they copied it, and when that is not sure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.artifacts import BuildDetails, ThemeRow, open_snapshot, open_writer
from pipeline.errors import UsageError
from pipeline.papers.record import Paper, Source
from pipeline.references import PaperResolver, find_theme

HERE = (Source("a.txt", 1),)
PAPERS = (
    Paper(id="flash", title="Flash3D: Generalisable Scene Reconstruction from a Single Image",
          authors=("Ann B",), aliases=("Old-1",), url="https://openreview.net/forum?id=05T81ScPFb"),
    Paper(id="p-1a2b", title="Naïve Bayes at α-Speed", doi="10.1145/3292500.3330701",
          authors=("Utku Şirin",)),
    Paper(id="arxiv:2401.01234", title="Learning to walk in rough terrain", arxiv_id="2401.01234"),
    Paper(id="walk", title="Learning to talk in rough terrain", arxiv_id="hep-th/9901001",
          authors=("Cem Dal",), doi="10.1007/10.1000/inner"),
    Paper(id="part-1", title="Glaciers of the western Alps, Part I", authors=("Eva Firn",)),
    Paper(id="part-2", title="Glaciers of the western Alps, Part II", authors=("Eva Firn",)),
    Paper(id="twin-a", title="Data-Set Shift in Practice", authors=("Gil Hoh", "Ida Jur")),
    Paper(id="twin-b", title="Dataset shift in practice.", authors=("I. Jur",)),
    Paper(id="namesake", title="Dataset Shift in Practice", authors=("Kai Lee",)),
    Paper(id="same-doi", title="Fast Bayes", doi="10.1145/3292500.3330701"),
    Paper(id="ed-1", title="Editorial", authors=("Eva Firn",)),
    Paper(id="ed-2", title="Editorial", authors=("Eva Firn",)),
    Paper(id="one", title="Snowfall"),
    Paper(id="lands", title="Of lands and seas in a box"),
    Paper(id="shift", title="Shifting sands", authors=("Mo Noll",), doi="10.5/Main"),
)  # fmt: skip
ROW = {paper.id: row for row, paper in enumerate(PAPERS)}


def record_of(paper):
    return replace(paper, sources=HERE, aliases=())


@pytest.fixture(scope="module")
def resolver(tmp_path_factory):
    atlas = tmp_path_factory.mktemp("atlas") / "a"
    records = [[record_of(paper)] for paper in PAPERS]
    records[ROW["one"]].append(
        Paper(title="Snow falls on cedars", doi="10.1000/merged", arxiv_id="2302.00001",
              url="http://www.Example.org/papers/snow.pdf", sources=HERE)
    )  # fmt: skip
    with open_writer(atlas) as writer:
        writer.write_papers([replace(p, sources=HERE) for p in PAPERS], iter(records), [])
        n = len(PAPERS)
        writer.write_themes(
            [], np.full((1, n), -1, np.int32), np.zeros((1, n), np.float32), default_layer=0
        )
        writer.create_array("vectors-0000.npy", (n, 2))[:] = 1
        writer.write_layout(np.zeros((n, 2), np.float32))
        facts = {"model_name": "toy", "model_digest": "d" * 64, "settings": {}, "seed": 0}
        writer.seal(BuildDetails(**facts))
        writer.commit(timings_s={})
    with open_snapshot(atlas) as snapshot:
        yield PaperResolver(snapshot)


@pytest.mark.parametrize(
    ("reference", "paper_id"),
    [
        ("flash", "flash"),
        ("Old-1", "flash"),
        ("FLASH", "flash"),
        (" old-1\n", "flash"),
        ("P-1A2B", "p-1a2b"),
        ("10.1000/merged", "one"),
        ("doi:10.1000/MERGED", "one"),
        ("DOI 10.1000/merged.", "one"),
        ("https://doi.org/10.1000/merged", "one"),
        ("http://dx.doi.org/10.1000%2Fmerged", "one"),
        ("<https://doi.org/10.1000/merged>,", "one"),
        ("https://dl.acm.org/doi/pdf/10.1000/merged?download=1", "one"),
        ("https://link.example.org/article/10.1000/merged/full", "one"),
        ("https://doi.org/10.1007/10.1000/Inner", "walk"),
        ("2401.01234", "arxiv:2401.01234"),
        ("2401.01234v2", "arxiv:2401.01234"),
        ("arXiv:2401.01234v3 [cs.LG]", "arxiv:2401.01234"),
        ("ARXIV 2401.01234", "arxiv:2401.01234"),
        ("https://arxiv.org/abs/2401.01234v1", "arxiv:2401.01234"),
        ("arxiv.org/pdf/2401.01234.pdf", "arxiv:2401.01234"),
        ("https://doi.org/10.48550/arXiv.2401.01234", "arxiv:2401.01234"),
        ("hep-th/9901001", "walk"),
        ("arXiv:HEP-TH/9901001v2", "walk"),
        ("https://arxiv.org/abs/hep-th/9901001", "walk"),
        ("2302.00001", "one"),
        ("https://openreview.net/forum?id=05T81ScPFb", "flash"),
        ("openreview.net/pdf?id=05T81ScPFb", "flash"),
        ("https://example.org/papers/snow/", "one"),
    ],
)
def test_ids_identifiers_and_addresses_in_any_form(resolver, reference, paper_id):
    assert resolver.resolve(reference) == ROW[paper_id]


@pytest.mark.parametrize(
    ("title", "paper_id"),
    [
        ("Flash3D: Generalisable Scene Reconstruction from a Single Image", "flash"),
        ("flash3d  generalisable scene reconstruction FROM a single image!", "flash"),
        ("Flash3D", "flash"),
        ("Flash3D: Generalisable Scene Recon", "flash"),
        ("Flash3D: Genralisable Scene Reconstruktion from a Single Image", "flash"),
        ("Flash3D: Generalizable Scene Reconstructions from a Single Image", "flash"),
        ("Naive Bayes at α-Speed", "p-1a2b"),
        (r"Na\"{\i}ve Bayes at $\alpha$-Speed", "p-1a2b"),
        ("snowfall", "one"),
        ("Snow Falls on Cedars", "one"),
        ("Glaciers of the western Alps, Part II", "part-2"),
    ],
)
def test_a_title_with_slips_or_without_its_subtitle(resolver, title, paper_id):
    assert resolver.resolve(title) == ROW[paper_id]


@pytest.mark.parametrize(
    ("reference", "nearest"),
    [
        ("Glaciers of western Alps", ["part-1 (Glaciers", "part-2 (Glaciers"]),
        ("Glaciers of the western Alps, Part III", ["part-1 (", "part-2 ("]),
        ("Learning to work in rough terrain", ["arxiv:2401.01234 (Learning", "walk (Learning"]),
        ("Shifting dataset", ["shift (Shifting sands, "]),
        ("rough terrain walk", ["arxiv:2401.01234 ("]),
    ],
)
def test_a_doubtful_title_names_the_nearest(resolver, reference, nearest):
    with pytest.raises(UsageError, match="no paper has the id or title") as told:
        resolver.resolve(reference)
    assert told.value.hint.startswith("nearest: ")
    for name in nearest:
        assert name in told.value.hint


def test_a_title_of_several_papers_is_not_decided(resolver):
    with pytest.raises(UsageError, match="3 papers have the title 'dataset shift in") as told:
        resolver.resolve("dataset shift in practice")
    assert told.value.hint.startswith("give the id: ")
    for name in ("twin-a (Data-Set", "twin-b", "namesake"):
        assert name in told.value.hint


def test_another_word_that_titles_have_is_no_slip(resolver):
    """One letter of the title apart, and a word of another: it may be a third paper."""
    with pytest.raises(UsageError, match="no paper has the id or title"):
        resolver.resolve("Shifting lands")
    assert resolver.resolve("Shifting xsands") == ROW["shift"]


def test_an_identifier_of_two_papers_is_not_decided(resolver):
    with pytest.raises(UsageError, match="stands for several papers") as told:
        resolver.resolve("10.1145/3292500.3330701")
    assert "p-1a2b (" in told.value.hint
    assert "same-doi (Fast Bayes)" in told.value.hint


@pytest.mark.parametrize(
    ("unknown", "kind"),
    [
        *((name, "id or title") for name in ("nobody", "%", "_", "\0", "\udcff", "zqx zqx zqx")),
        ("10.1000/none", "DOI"),
        ("2402.99999", "arXiv id"),
        ("https://example.org/x", "address"),
    ],
)
def test_what_is_unknown_is_told_by_its_kind(resolver, unknown, kind):
    with pytest.raises(UsageError, match=f"no paper .*has the {kind}") as told:
        resolver.resolve(unknown)
    assert told.value.hint == "look for its title or its abstract as a text"


def test_an_id_with_a_slip_is_told_with_those_that_are_near(resolver):
    with pytest.raises(UsageError, match="no paper has the id or title 'p-1a2c'") as told:
        resolver.resolve("p-1a2c")
    assert told.value.hint.startswith("nearest: p-1a2b")


@pytest.mark.parametrize("nothing", ["", " ", "\n"])
def test_where_nothing_is_named_nothing_is_looked_for(resolver, nothing):
    with pytest.raises(UsageError, match="no paper is named") as told:
        resolver.resolve(nothing)
    assert told.value.hint


def test_a_theme_goes_by_its_id_before_its_name_and_the_default_layer_comes_first():
    themes = [
        ThemeRow(0, 0, "moss", 3, 7),
        ThemeRow(1, 0, "7", 3, 7),
        ThemeRow(2, 0, "Éowyn's moss", 3, 7),
        ThemeRow(7, 1, "Moss", 6, None),
    ]

    def found(name, default_layer=0):
        return find_theme(name, themes, default_layer=default_layer).id

    assert (found("7"), found("1"), found(" 2\n")) == (7, 1, 2)
    assert (found("MOSS"), found("MOSS", 1), found("moss", 2)) == (0, 7, 0)
    assert (found("eowyn's  MOSS"), found("~moss"), found("~ 7")) == (2, 0, 7)
    with pytest.raises(UsageError, match="no theme 'mos' in this atlas") as told:
        found("mos", 1)
    assert told.value.hint == "nearest: Éowyn's moss (2), Moss (7)"
    for nobody in ("", "999", "-1", "\0"):
        with pytest.raises(UsageError, match="no theme") as told:
            found(nobody)
        assert told.value.hint == "paperatlas themes lists them, with their ids"


@pytest.mark.parametrize(
    "unknown", ["10.1234/" * 30_000 + " x", "a/" * 30_000 + "x", "arxiv" + " " * 150_000 + "x"]
)
def test_a_long_reference_is_read_once(resolver, unknown):
    with pytest.raises(UsageError, match="no paper "):
        resolver.resolve(unknown)


@pytest.mark.parametrize(
    ("paper_id", "others"),
    [
        ("twin-a", ["twin-b"]),  # one of the authors is the same
        ("twin-b", ["twin-a"]),
        ("namesake", []),
        ("p-1a2b", ["same-doi"]),
        ("same-doi", ["p-1a2b"]),
        ("ed-1", []),  # a title that says nothing
        ("part-1", []),
        ("one", []),
    ],
)
def test_versions_are_other_rows_of_the_same_work(resolver, paper_id, others):
    assert resolver.versions(ROW[paper_id]) == tuple(ROW[other] for other in others)


def test_many_threads_may_ask_at_once(resolver):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(resolver.resolve, ["Shifting xsands"] * 16))
    assert set(found) == {ROW["shift"]}


@given(st.text(max_size=60))
def test_any_text_is_a_row_or_one_line(resolver, text):
    try:
        assert 0 <= resolver.resolve(text) < len(PAPERS)
    except UsageError as error:
        assert error.hint  # noqa: PT017 - both ends are good


def test_a_very_long_address_is_an_unknown_one(resolver):
    with pytest.raises(UsageError, match="no paper of this atlas has the address"):
        resolver.resolve(f"http://example.org/{'a/' * 30_000}")

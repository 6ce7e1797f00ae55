"""`paperatlas evaluate`, as people and as programs read it."""

from __future__ import annotations

import json

import pytest

from pipeline import Atlas

FIGURES = ("ami", "ari", "fmi", "homogeneity", "completeness")


@pytest.fixture(scope="module")
def area_atlas(seed_papers, tmp_path_factory):
    """Thirty papers of the seeds with a column that no field is read from."""
    folder = tmp_path_factory.mktemp("evaluated")
    rows = [
        {"title": p.title, "abstract": p.abstract, "Area": "ab"[len(p.title) % 2]}
        for p in seed_papers[:30]
    ]
    del rows[0]["Area"]
    source = folder / "papers.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    Atlas.build(source, out=folder / "atlas", settings={"cluster.refits": 2}).close()
    return folder / "atlas"


def test_json_has_every_figure_or_says_why_not(run_here, area_atlas):
    done = run_here("evaluate", area_atlas, "--labels", "area", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["schema"] == "paperatlas.evaluate/1"
    assert (told["papers"], told["evaluated"], told["seed"]) == (30, 30, 0)
    assert told["labels"] == {"column": "Area", "papers": 29, "kinds": 2, "without": 1}
    assert [layer["layer"] for layer in told["layers"]] == list(range(len(told["layers"])))
    (default,) = [layer for layer in told["layers"] if layer["is_default"]]
    assert default["layer"] == told["default_layer"]
    shown = told["map"]
    assert list(shown) == [
        "trustworthiness", "continuity", "neighbors_kept", "arrangement", "far_share", "missing",
    ]  # fmt: skip
    for name in list(shown)[:-1]:
        assert (shown[name] is None) == (name in shown["missing"])
    assert 0 <= shown["neighbors_kept"] <= 1
    for layer in told["layers"]:
        assert 0 <= layer["coverage"] <= 1
        assert set(layer["themes"]) == {"count", "min", "median", "max", "largest_share"}
        assert set(layer["names"]) == {
            "themes", "precision_embedder", "precision_bm25", "held_out_precision_embedder",
            "held_out_precision_bm25", "own_theme_nearest", "unique", "diversity", "npmi",
        }  # fmt: skip
        assert [g["method"] for g in layer["groups"]] == ["themes", "k-means", "umap+hdbscan"]
        for name, value in layer["names"].items():
            assert (value is None) == (f"names.{name}" in layer["missing"])
        trust = layer["trust"]
        assert set(trust) == {
            "stability", "unstable_themes", "unstable_share", "calibration_error", "core", "fringe",
            "unassigned", "leave_one_out_agreement",
        }  # fmt: skip
        for name, value in trust.items():
            assert (value is None) == (f"trust.{name}" in layer["missing"])
        shares = trust["core"] + trust["fringe"] + trust["unassigned"]
        assert shares == pytest.approx(1, abs=2e-4)
        assert trust["unassigned"] == pytest.approx(1 - layer["coverage"], abs=2e-4)
        for group in layer["groups"]:
            path = f"groups.{group['method']}"
            for name in ("silhouette", "density_validity"):
                assert (group[name] is None) == (f"{path}.{name}" in layer["missing"])
            if group["agreement"]:
                assert group["agreement"]["papers"] == 29
                for name in FIGURES:
                    figure = group["agreement"][name]
                    assert figure["low"] <= figure["value"] <= figure["high"]
    assert run_here("evaluate", area_atlas, "--labels", "area", "--json").stdout == done.stdout


def test_the_page_tells_the_same(run_here, area_atlas):
    told = json.loads(run_here("evaluate", area_atlas, "--labels", "area", "--json").stdout)
    page = run_here("evaluate", area_atlas, "--labels", "area").stdout
    assert "Compared with Area: 2 labels of 29 papers; 1 without one are left out." in page
    for layer in told["layers"]:
        shown = ", shown first" if layer["is_default"] else ""
        n_themes = layer["themes"]["count"]
        assert f"Layer {layer['layer']}{shown}: {n_themes} theme" in page
        assert f"two papers of a theme stay together  {layer['trust']['stability']:.0%}" in page
        silhouette = layer["groups"][0]["silhouette"]
        assert silhouette is None or f"{silhouette + 0.0:.2f}" in page
        for reason in layer["missing"].values():
            assert f"– {reason} (" in page
    assert "95% interval" in page
    assert "nan" not in page


def test_one_layer_alone(run_here, area_atlas):
    told = json.loads(run_here("evaluate", area_atlas, "--layer", 0, "--json").stdout)
    assert [layer["layer"] for layer in told["layers"]] == [0]
    assert told["labels"] is None
    assert all(group["agreement"] is None for group in told["layers"][0]["groups"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--labels", "subject"], "known columns: Area"),
        (["--layer", 99], "no layer 99"),
        (["--seed", -1], "seed -1"),
    ],
)
def test_what_is_not_there_is_a_mistake_of_use(run_here, area_atlas, options, says):
    done = run_here("evaluate", area_atlas, *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_atlas_of_one_paper_is_evaluated(run_here, tmp_path):
    source = tmp_path / "one.jsonl"
    source.write_text(json.dumps({"title": "On Moss", "abstract": "It is green."}), "utf-8")
    assert run_here("build", source, "-o", tmp_path / "one").returncode == 0
    done = run_here("evaluate", tmp_path / "one")
    assert done.returncode == 0, done.stderr
    assert "there is only one theme" in done.stdout or "no theme has 5 papers" in done.stdout


def test_show_tells_the_other_columns(run_here, area_atlas):
    told = json.loads(run_here("themes", area_atlas, "--json").stdout)
    paper = told["layers"][0]["themes"][0]["papers"][0]
    shown = json.loads(run_here("show", area_atlas, paper, "--json").stdout)
    extra = shown["extra"]
    assert extra in ({"Area": "a"}, {"Area": "b"}, {})
    page = run_here("show", area_atlas, paper).stdout
    assert ("Area: " in page) == bool(extra)

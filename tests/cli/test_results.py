"""The JSON that other programs rely on: its fields, their types, and that they agree."""

from __future__ import annotations

import json

import pytest

A_PAPER = "p-6ad7cbcfb4a1"
MERGED = "p-005151b901c8"
TEXT = "optimal transport between datasets of different dimension"
NUMBER = (int, float)
ID = (str,)


@pytest.fixture
def values(run_here):
    """What a command says with --json."""

    def of(*arguments):
        done = run_here(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert done.stdout.count("\n") == 1
        assert next(iter(told)) == "schema"
        assert told["schema"] == f"paperatlas.{arguments[0]}/1"
        return told

    return of


def require(told, **kinds):
    """Each field is there and of its kind; bool is no number."""
    for name, kind in kinds.items():
        assert isinstance(told[name], kind), (name, told[name])
        assert kind is bool or not isinstance(told[name], bool), name


def test_inspect(values, seed_sources):
    told = values("inspect", *seed_sources)
    assert [file["file"] for file in told["files"]] == [path.name for path in seed_sources]
    for file in told["files"]:
        require(file, format=str, found=int, imported=int, merged=int, set_aside=int, problems=list)
        assert file["found"] == file["imported"] + file["merged"] + file["set_aside"]


def test_build(values, seed_atlas, seed_sources, tmp_path):
    told = values("build", *seed_sources, "-o", tmp_path / "atlas", "--dry-run")
    require(told, atlas=str, snapshot=str, records=int, papers=int, merged=int, set_aside=int,
            themes=int, unassigned_share=NUMBER, unstable_themes=int, timings_s=dict)  # fmt: skip
    assert told["stability"] is None
    assert (told["records"], told["papers"], told["merged"]) == (70, 50, 20)
    manifest = json.loads(next(seed_atlas.rglob("manifest.json")).read_text("utf-8"))
    assert set(manifest["timings_s"]) >= {"read", "embed", "cluster", "name"}


def test_themes(values, seed_atlas):
    told = values("themes", seed_atlas)
    layers = told["layers"]
    assert [layer["layer"] for layer in layers] == list(range(len(layers)))
    assert told["default_layer"] in range(len(layers))
    ids = [theme["id"] for layer in layers for theme in layer["themes"]]
    assert len(set(ids)) == len(ids)
    for layer, coarser in zip(layers, [*layers[1:], None], strict=True):
        members = [paper for theme in layer["themes"] for paper in theme["papers"]]
        assert len({*members, *layer["unassigned"]}) == 50 == len(members + layer["unassigned"])
        assert len({theme["name"] for theme in layer["themes"]}) == len(layer["themes"])
        for name in ("stability", "calibration_error", "agreement"):
            assert 0 <= layer[name] <= 1
        for theme in layer["themes"]:
            require(theme, id=int, name=str, size=int, terms=list, exemplars=list, papers=list,
                    stability=NUMBER, is_unstable=bool)  # fmt: skip
            assert theme["size"] == len(theme["papers"])
            assert set(theme["exemplars"]) <= set(theme["papers"])
            if coarser:
                (parent,) = [t for t in coarser["themes"] if t["id"] == theme["parent"]]
                assert set(theme["papers"]) <= set(parent["papers"])
            else:
                assert theme["parent"] is None
    one = values("themes", seed_atlas, "--layer", 0)
    assert one["layers"] == layers[:1]


def test_related_to_a_text(values, seed_atlas):
    results = values("related", seed_atlas, "--text", TEXT, "-k", 7)["results"]
    assert [hit["rank"] for hit in results] == [1, 2, 3, 4, 5, 6, 7]
    scores = [hit["fused_score"] for hit in results]
    assert scores == sorted(scores, reverse=True)
    for hit in results:
        require(hit, id=str, title=str, authors=list, score=float, why=list, fused_score=float,
                lexical_score=NUMBER, shared=list, sentence=str)  # fmt: skip
        assert hit["rerank_score"] is None
        assert {type(hit["dense_rank"]), type(hit["lexical_rank"])} <= {int, type(None)}
        assert hit["why"]
        assert all(isinstance(reason, str) and reason for reason in hit["why"])
        assert "year" in hit
        assert hit["theme"] is None or sorted(hit["theme"]) == ["id", "layer", "name"]
    assert all("transport" in str(hit["why"]).lower() for hit in results[:5])


def test_related_to_a_paper_gives_neither_it_nor_its_versions(values, seed_atlas):
    shown = values("show", seed_atlas, MERGED)
    names = {MERGED, *shown["aliases"]}
    assert len(names) > 1
    by_id = values("related", seed_atlas, "--paper", MERGED, "-k", 1_000_000)["results"]
    assert [hit["rank"] for hit in by_id] == list(range(1, 50))
    assert not names & {hit["id"] for hit in by_id}
    for alias in shown["aliases"]:
        assert values("related", seed_atlas, "--paper", alias, "-k", 10**30)["results"] == by_id
        assert values("show", seed_atlas, alias) == shown


def test_show(values, seed_atlas, seed_sources):
    told = values("show", seed_atlas, MERGED)
    require(told, id=str, aliases=list, title=str, abstract=str, authors=list, year=int, date=str,
            category=str, code=bool, themes=list, sources=list)  # fmt: skip
    assert {"venue", "doi", "url", "score"} <= set(told)
    for theme in told["themes"]:
        require(theme, id=int, name=str, layer=int, strength=NUMBER, tier=str)
        assert 0 <= theme["strength"] <= 1
        assert theme["tier"] == ("core" if theme["strength"] >= 0.7 else "fringe")
    assert set(told["provenance"]["title"]) == {"file", "line"}
    assert all(place in told["sources"] for place in told["provenance"].values())
    for source in told["sources"]:
        (path,) = [path for path in seed_sources if path.name == source["file"]]
        assert path.read_text("utf-8").splitlines()[source["line"] - 1].strip()


def test_the_page_of_a_paper_holds_all_of_it(run_here, values, seed_atlas):
    told = values("show", seed_atlas, MERGED)
    page = run_here("show", seed_atlas, MERGED).stdout
    whole = " ".join(page.split())
    for part in (told["title"], told["abstract"], *told["authors"], told["date"], told["category"]):
        assert part in whole
    for theme in told["themes"]:
        assert f"layer {theme['layer']}: {theme['name']} (theme {theme['id']}" in whole
    for source in told["sources"]:
        assert f"{source['file']}:{source['line']}" in whole


def test_the_map_is_written_in_the_format_of_its_ending(run_here, seed_atlas, tmp_path):
    begins = {"html": b"<!doctype html>", "png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    for ending, begin in begins.items():
        path = tmp_path / f"map.{ending}"
        path.write_text("old", "utf-8")
        done = run_here("map", seed_atlas, "-o", path)
        assert (done.returncode, done.stdout) == (0, f"{path}\n")
        assert path.read_bytes()[:15].lower().startswith(begin.lower())
    assert len(list(tmp_path.iterdir())) == len(begins)

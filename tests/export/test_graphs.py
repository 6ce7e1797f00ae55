"""Links between near papers, and the files that graph programs open."""

from __future__ import annotations

import csv
import math

import networkx as nx
import numpy as np
import pytest

from pipeline.export import Chosen, Selection
from pipeline.export.links import links_between


@pytest.fixture
def selection(opened):
    return Selection(opened._snapshot, Chosen(), opened.default_layer)


def expected_links(vectors):
    """Pairs of which one is among the other's ten nearest."""
    similar = np.round(np.asarray(vectors, np.float64) @ np.asarray(vectors, np.float64).T, 6)
    np.fill_diagonal(similar, -np.inf)
    least = np.sort(similar, axis=1)[:, -10]
    linked = (similar >= least[:, None]) & (similar > 0)
    return similar, linked | linked.T


def test_papers_are_linked_with_their_nearest_ones_each_pair_once(selection):
    links = links_between(selection)
    similar, linked = expected_links(selection.snapshot.vectors)
    one, other = links.ends.T
    assert (one < other).all()
    assert len(np.unique(links.ends, axis=0)) == len(links.ends)
    assert linked[one, other].all()
    assert np.allclose(similar[one, other], links.similarities, atol=1e-6)
    # Of papers that are equally near, the first ones are taken: no more are left out.
    n_ties = sum(
        (similar[row] == np.sort(similar[row])[-10]).sum() - 1 for row in range(len(similar))
    )
    assert np.triu(linked).sum() - n_ties <= len(links.ends) <= np.triu(linked).sum()


@pytest.mark.parametrize(("form", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_a_graph_loads_with_what_is_known_of_its_papers(opened, selection, tmp_path, form, read):
    (file,) = opened.export(tmp_path, form)
    graph = read(file.path)
    links = links_between(selection)
    assert set(graph) == set(opened.ids)
    assert graph.number_of_edges() == len(links.ends)
    (one, other), weight = links.ends[0], links.similarities[0]
    told = graph.edges[opened.ids[one], opened.ids[other]]["weight"]
    assert math.isclose(told, weight)
    kakade = graph.nodes["kakade2002approximately"]
    assert (kakade["label"], kakade["year"]) == ("Kakade (2002)", 2002)
    assert kakade["doi"] == "10.1000/a_b%c"
    assert (
        graph.nodes["transport-0"]["theme"]
        == opened.show("transport-0").themes[opened.default_layer].theme.name
    )


def test_gephi_finds_the_places_of_the_map(opened, tmp_path):
    (file,) = opened.export(tmp_path, "gexf")
    place = nx.read_gexf(file.path).nodes[opened.ids[0]]["viz"]["position"]
    assert [place["x"], place["y"]] == pytest.approx(opened._snapshot.layout[0].tolist(), abs=1e-4)


def test_vosviewer_gets_a_map_and_a_network(opened, selection, tmp_path):
    items, network = opened.export(tmp_path, "vosviewer")
    assert (items.path.name, network.path.name) == ("map.txt", "network.txt")
    rows = list(csv.reader(items.path.open(encoding="utf-8", newline=""), delimiter="\t"))
    assert rows[0] == ["id", "label", "description", "url", "x", "y", "cluster", "weight<Links>",
                       "weight<Total link strength>", "score<Year>"]  # fmt: skip
    assert [row[0] for row in rows[1:]] == [str(i + 1) for i in range(len(opened.ids))]
    assert {len(row) for row in rows} == {10}
    row = rows[1 + opened.ids.index("kakade2002approximately")]
    assert row[1] == "Kakade (2002)"
    assert "<td>Approximately Optimal Approximate Reinforcement Learning</td>" in row[2]
    links = links_between(selection)
    lines = [line.split("\t") for line in network.path.read_text("utf-8").splitlines()]
    assert [[int(a) - 1, int(b) - 1] for a, b, _ in lines] == links.ends.tolist()
    assert [float(s) for *_, s in lines] == pytest.approx(links.similarities.tolist(), abs=1e-4)
    place = opened.ids.index("kakade2002approximately")
    assert int(row[7]) == (links.ends == place).sum()
    assert float(row[8]) == pytest.approx(
        links.similarities[(links.ends == place).any(axis=1)].sum(), abs=1e-3
    )


def test_clusters_are_themes_counted_from_the_largest(opened, selection, tmp_path):
    items, _ = opened.export(tmp_path, "vosviewer")
    rows = list(csv.DictReader(items.path.open(encoding="utf-8", newline=""), delimiter="\t"))
    sizes = [
        sum(row["cluster"] == str(i + 1) for row in rows) for i in range(len(selection.themes))
    ]
    assert sizes == sorted((t.size for t in opened.themes()), reverse=True)
    unassigned = opened.unassigned(opened.default_layer)
    assert sum(row["cluster"] == "" for row in rows) == len(unassigned)

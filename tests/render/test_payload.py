"""What a page carries, read back from its blocks, and what that costs."""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib

import numpy as np
import pytest

from pipeline.citing import bibtex_entry, citation_keys, ris_record
from pipeline.papers import Paper, Source
from pipeline.render import render_page
from pipeline.render.blocks import Block, byte_planes, pack_json
from pipeline.render.payload import page_blocks
from pipeline.render.wording import paper_links

from .made_views import bare_view, make_view


def unpacked(block: Block) -> bytes:
    return zlib.decompress(base64.b64decode(block.text))


def blocks_of(view) -> dict[str, Block]:
    payload = page_blocks(view)
    return {block.id: block for block in (*payload.first, *payload.later)}


class Planes:
    def __init__(self, data: bytes, n: int) -> None:
        self.left, self.n = data, n

    def numbers(self, n_bytes: int) -> np.ndarray:
        planes = np.frombuffer(self.left[: n_bytes * self.n], np.uint8).reshape(n_bytes, self.n)
        self.left = self.left[n_bytes * self.n :]
        return sum(plane.astype(int) << (8 * k) for k, plane in enumerate(planes))


def layers_of(data: bytes, themes: list[dict], n: int, n_layers: int) -> list[list[int]]:
    planes = Planes(data, n)
    for n_bytes in (2, 2, 1):
        planes.numbers(n_bytes)
    parents = np.array([0, *(t["parent"] + 1 for t in themes)])
    layers: list[np.ndarray] = []
    for _ in range(n_layers):
        told = parents[layers[-1]] if layers else 0
        layers.append(planes.numbers(2) ^ told)
    assert planes.left == b""
    ids = np.array([-1, *(t["id"] for t in themes)])
    return [ids[layer].tolist() for layer in layers]


def test_places_and_strengths_survive_the_packing(view):
    planes = Planes(unpacked(blocks_of(view)["atlas-points"]), 300)
    x, y, strengths = (planes.numbers(n_bytes) for n_bytes in (2, 2, 1))
    extent = float(np.ptp(view.layout, axis=0).max())
    assert np.allclose(
        np.ptp(view.layout, axis=0) / extent, [np.ptp(x) / 65535, np.ptp(y) / 65535], atol=1e-4
    )
    assert np.argmax(view.layout[:, 1]) == np.argmin(y)  # up on the map is up on the screen
    assert strengths.tolist() == np.round(view.strengths * 255).astype(int).tolist()


def not_nested(view):
    theme_ids = view.theme_ids.copy()
    theme_ids[1, :40] = theme_ids[1, 40:80]
    theme_ids[2, 5] = -1
    return dataclasses.replace(view, theme_ids=theme_ids)


@pytest.mark.parametrize("change", [lambda view: view, not_nested], ids=["nested", "not nested"])
def test_themes_of_every_layer_survive_the_packing(view, change):
    view = change(view)
    blocks = blocks_of(view)
    fields = json.loads(unpacked(blocks["atlas-map"]))
    layers = layers_of(unpacked(blocks["atlas-points"]), fields["themes"], 300, 3)
    assert layers == view.theme_ids.tolist()


def test_neighbours_survive_the_packing(view):
    data = unpacked(blocks_of(view)["atlas-neighbors"])
    planes = Planes(data[1:], 300)
    rows = np.array([planes.numbers(3) - 1 for _ in range(data[0])]).T
    falls = np.array([planes.numbers(1) for _ in range(data[0])]).T
    assert planes.left == b""
    assert rows.tolist() == view.neighbors.tolist()
    similarities = (255 - np.cumsum(falls, axis=1)) % 256
    assert similarities.tolist() == np.round(view.similarities * 255).astype(int).tolist()


def test_a_paper_is_told_with_its_citations_as_an_export_writes_them():
    papers = tuple(
        Paper(
            id=f"p-{i}",
            title=f"On Moss {i}",
            abstract=f"Text {i}.",
            authors=("Ada Moss",),
            authors_truncated=True,
            year=2004,
            venue="Bogs",
            category="q-bio",
            doi="10.1/x",
            url="https://moss.example",
            sources=(Source("a.bib", 3),),
        )
        for i in range(501)
    )
    blocks = blocks_of(make_view(501, papers=papers))
    lines = [unpacked(blocks[f"atlas-texts-{c}"]).decode().split("\n") for c in (0, 1)]
    assert [len(chunk) for chunk in lines] == [1500, 3]
    key = citation_keys(papers)[500]
    assert key == "moss2004moss-500"
    head, abstract, details = map(json.loads, lines[1])
    assert head == [
        "On Moss 500",
        "Ada Moss et al.",
        2004,
        "Bogs · q-bio",
        ["a.bib:3"],
    ]
    assert abstract == "Text 500."
    assert details == [
        "p-500",
        "10.1/x",
        bibtex_entry(papers[500], key, has_abstract=False),
        ris_record(papers[500], has_abstract=False),
        "On Moss 500",
        ["Ada Moss", "et al."],
        "Bogs",
        [],
        [[label, address] for label, address in paper_links(papers[500])],
    ]


def test_negative_and_large_numbers_stand_in_planes():
    assert byte_planes(np.array([1, 258]), 2) == bytes([1, 2, 0, 1])
    assert byte_planes(np.array([-1, 70000]), 3) == bytes([255, 112, 255, 17, 255, 1])


@pytest.mark.parametrize("text", ["</script>", "<!--", "&lt;", "\u2028\u2029", "\x00", "深層 😀"])
def test_a_block_holds_any_text_and_nothing_that_html_knows(text):
    block = pack_json("b", [text])
    assert json.loads(unpacked(block)) == [text]
    assert block.text.replace("+", "").replace("/", "").rstrip("=").isalnum()


def test_half_a_character_is_replaced_and_a_whole_one_stays():
    block = pack_json("b", ["a\ud800b\ud83d\ude00"])
    assert json.loads(unpacked(block)) == ["a\ufffdb😀"]


def test_an_empty_atlas_has_no_texts():
    assert not [name for name in blocks_of(bare_view(0)) if name.startswith("atlas-texts")]


def scattered(n_papers: int):
    """A view whose neighbours, strengths and values nothing can compress."""
    rng = np.random.default_rng(1)
    n_neighbors = 10
    similarities = -np.sort(-rng.uniform(0.2, 1.0, (n_papers, n_neighbors)), axis=1)
    return make_view(
        n_papers,
        neighbors=rng.integers(0, n_papers, (n_papers, n_neighbors)).astype(np.int32),
        similarities=similarities.astype(np.float32),
        preservation=rng.integers(0, n_neighbors + 1, n_papers).astype(np.float32) / n_neighbors,
    )


@pytest.mark.parametrize("n_papers", [1000, 20_000, 100_000])
def test_a_page_costs_300_kb_and_60_bytes_a_paper_beside_its_texts(n_papers):
    view = scattered(n_papers)
    # The texts are counted apart: none are needed to weigh the rest.
    blocks = blocks_of(dataclasses.replace(view, papers=view.papers[:0]))
    frame = len(render_page(bare_view(0)))
    assert frame + sum(len(block.element) for block in blocks.values()) < 300_000 + 60 * n_papers

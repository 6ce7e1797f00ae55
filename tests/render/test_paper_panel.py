"""One paper in the panel: what is known of it, its true nearest papers, and where the map errs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pipeline.layout_quality import FAR_PRESERVATION
from pipeline.papers import Paper, Source
from pipeline.reasons import QueryWords, explain
from pipeline.render import MapView

from .made_views import make_view
from .payloads import hostile_view

FAR = 7  # made_views places this one, and every 29th after it, badly


def open_paper(opened, row: int) -> None:
    opened.page.evaluate("(i) => paperatlas.open(i)", row)
    opened.page.wait_for_selector(".near .reason")


def told_view(**fields: object) -> MapView:
    view = make_view(60)
    papers = list(view.papers)
    papers[0] = dataclasses.replace(papers[0], **fields)
    return dataclasses.replace(view, papers=tuple(papers))


def test_all_that_is_known_of_a_paper_is_told(open_map):
    opened = open_map(
        told_view(
            title="On Moss",
            status="retracted",
            venue="Bogs",
            doi="10.1/moss",
            arxiv_id="2401.00001",
            identifiers=("openalex:W1",),
            sources=(Source("moss.bib", 3),),
        )
    )
    open_paper(opened, 0)
    panel = opened.page.locator("#panel")
    assert panel.locator(".badge").inner_text() == "retracted"
    assert panel.locator("h2").inner_text() == "On Moss"
    assert panel.locator(".byline").inner_text() == "Ada Lovelace, Şirin Öz · 2000 · Bogs"
    links = panel.locator(".links a")
    assert [(a.inner_text(), a.get_attribute("href")) for a in links.all()] == [
        ("DOI", "https://doi.org/10.1/moss"),
        ("arXiv", "https://arxiv.org/abs/2401.00001"),
        ("papers.example", "https://papers.example/0"),
    ]
    assert panel.locator(".identity dd").all_inner_texts() == [
        "p-0",
        "10.1/moss",
        "W1",
        "moss.bib:3",
    ]
    assert panel.locator(".crumbs .chip").all_inner_texts() == [
        "optimal transport",
        "theory and its limits 0",
        "optimal transport 0",
    ]
    assert opened.complaints == []


def test_words_that_were_searched_for_are_marked_without_regard_to_accents(open_map, view):
    opened = open_map(view)
    opened.page.fill("#search", "OZ study")
    opened.wait_until_said("found")
    open_paper(opened, 0)
    marks = opened.page.locator("#panel mark")
    assert {text.lower() for text in marks.all_inner_texts()} == {"öz", "study"}
    opened.page.evaluate("paperatlas.change({ query: 'general' })")
    opened.page.wait_for_function(
        "() => document.querySelector('#panel mark')?.textContent === 'general'"
    )


def test_nearest_papers_are_those_of_the_vectors_in_their_order(open_map, view):
    opened = open_map(view)
    open_paper(opened, 0)
    rows = opened.page.eval_on_selector_all(".near", "all => all.map((n) => +n.dataset.paper)")
    assert rows == view.neighbors[0].tolist()
    numbers = opened.page.locator(".near .number").all_inner_texts()
    assert numbers == [f"{s:.2f}" for s in np.round(view.similarities[0] * 255) / 255]


def test_a_nearest_paper_is_opened_by_keys_and_the_way_back_leads_to_the_first(open_map, view):
    opened = open_map(view)
    open_paper(opened, 0)
    near = opened.page.locator(".near").nth(1)
    near.focus()
    opened.press("Enter")
    other = int(view.neighbors[0][1])
    assert opened.page.evaluate("paperatlas.state().paper") == other
    assert opened.focused() == "panel-title"
    opened.page.locator("#panel .back").focus()
    opened.press("Enter")
    assert opened.page.evaluate("paperatlas.state().paper") == 0
    assert opened.page.locator("#panel .back").count() == 0


def test_lines_lead_to_the_nearest_papers_and_the_one_looked_at_stands_out(open_map, view):
    opened = open_map(view)
    before = opened.picture("#map").astype(int)
    open_paper(opened, 0)
    opened.page.evaluate("() => document.activeElement.blur()")
    opened.rest()
    tied = opened.picture("#map").astype(int)
    opened.page.locator(".near").nth(4).focus()
    opened.rest()
    chosen = opened.picture("#map").astype(int)
    box = opened.page.locator("#map").bounding_box()
    ends = [
        np.subtract(opened.place_of(row), (box["x"], box["y"]))
        for row in (0, int(view.neighbors[0][4]))
    ]
    middle = np.mean(ends, axis=0).astype(int)
    around = np.s_[middle[1] - 3 : middle[1] + 4, middle[0] - 3 : middle[0] + 4]
    assert np.abs(tied - before)[around].max() > 20
    assert np.abs(chosen - tied)[around].max() > 20


def test_reasons_are_phrases_of_both_texts_authors_and_venue(open_map):
    base = make_view(60)
    papers = [
        dataclasses.replace(
            p, authors=(f"Author {i}",), title=f"Note {i}", abstract="Something else."
        )
        for i, p in enumerate(base.papers)
    ]
    assert base.neighbors[0][:2].tolist() == [24, 48]
    papers[0] = dataclasses.replace(
        papers[0],
        title="Wasserstein Barycenters",
        abstract="We compute Wasserstein barycenters by entropic regularisation.",
        authors=("Ada Moss",),
        venue="Bogs",
    )
    papers[24] = dataclasses.replace(
        papers[24],
        title="Fast Methods",
        abstract="A Wasserstein barycenter is found. Entropic regularisation helps.",
        authors=("ada moss", "Bo Fen"),
        venue="Bogs",
    )
    opened = open_map(dataclasses.replace(base, papers=tuple(papers)))
    open_paper(opened, 0)
    opened.page.wait_for_function("() => document.querySelectorAll('.near .reason').length >= 4")
    told = opened.page.locator(".near[data-paper='24'] .reason").all_inner_texts()
    assert told == [
        "Both say “Entropic regularisation”, “Wasserstein barycenter”",
        "Same author: ada moss",
        "Same venue: Bogs",
    ]
    bare = opened.page.locator(".near[data-paper='48'] .reason").all_inner_texts()
    assert bare == ["No telling phrase in common: near by the texts as wholes"]


def test_reasons_are_those_that_a_search_gives(open_map, seeds_map):
    """Of the nearest pairs of the seeds: the phrases of `pipeline.reasons.explain`."""
    opened = open_map(seeds_map)
    pairs = [(i, int(j)) for i, row in enumerate(seeds_map.neighbors) for j in row[:3] if j >= 0]
    found = opened.page.evaluate(
        "(pairs) => Promise.all(pairs.map(([i, j]) => paperatlas.shared(i, j)))",
        pairs,
    )
    sides = [QueryWords.of(f"{p.title}\n{p.abstract}") for p in seeds_map.papers]
    wanted = [list(explain(sides[i], seeds_map.papers[j]).shared) for i, j in pairs]
    same = np.mean([one == other for one, other in zip(found, wanted, strict=True)])
    assert len(pairs) > 400
    assert sum(map(bool, wanted)) > 200
    assert same >= 0.99


def test_a_misplaced_paper_is_marked_on_the_map_and_in_words(open_map, view):
    opened = open_map(view)
    open_paper(opened, FAR)
    assert "far from the papers nearest to it" in opened.page.inner_text(".far-note")
    open_paper(opened, 0)
    opened.page.wait_for_function("() => !document.querySelector('.far-note')")
    box = opened.page.locator("#map").bounding_box()
    opened.page.keyboard.press("Escape")
    opened.rest()
    warning = np.array([0x8A, 0x4B, 0x00])
    for row, marked in ((FAR, True), (0, False)):
        x, y = opened.place_of(row)
        opened.page.mouse.move(x, y)
        opened.page.evaluate("(i) => paperatlas.open(i)", row)
        opened.rest()
        x, y = np.subtract(opened.place_of(row), (box["x"], box["y"])).astype(int)
        patch = opened.picture("#map")[max(0, y - 24) : y, x : x + 24].astype(int)
        assert (np.abs(patch - warning).max(axis=2) < 12).any() == marked


def test_a_nearest_paper_that_is_far_on_the_map_says_so(open_map):
    view = make_view(300)
    layout = view.layout.copy()
    layout[24] = layout.max(axis=0) + 30  # the first of paper 0's nearest, out of everybody's way
    opened = open_map(dataclasses.replace(view, layout=layout))
    open_paper(opened, 0)
    far = opened.page.eval_on_selector_all(
        ".near:has(.far-mark)", "all => all.map((n) => +n.dataset.paper)"
    )
    assert 24 in far
    assert len(far) < 10


def test_misplaced_papers_are_ringed_on_demand(open_map, view):
    opened = open_map(view)
    before = opened.picture("#map").astype(int)
    opened.page.click("#toggle-far")
    opened.page.wait_for_function("() => document.querySelector('.told').textContent")
    n_far = int((view.preservation < FAR_PRESERVATION).sum())
    assert opened.page.inner_text(".told").startswith(f"{n_far} of 300 papers lie far")
    opened.page.evaluate("() => { document.querySelector('.told').textContent = ''; }")
    opened.rest()
    after = opened.picture("#map").astype(int)
    warning = np.array([0x8A, 0x4B, 0x00])
    ringed = [(np.abs(p - warning).max(axis=2) < 30).sum() for p in (before, after)]
    assert ringed[1] > ringed[0] + 100
    opened.page.focus("#toggle-far")
    opened.press("Enter")
    opened.rest()
    # Beside the map stands the button itself, which has the focus now.
    assert np.array_equal(opened.picture("#map").astype(int)[:, :-90], before[:, :-90])


def test_the_nearest_papers_are_brought_into_sight_together(open_map, view):
    opened = open_map(view)
    opened.page.evaluate("paperatlas.setView({ x: 0.1, y: 0.1, zoom: 9 })")
    open_paper(opened, 0)
    opened.page.get_by_role("button", name="Show all on the map").focus()
    opened.press("Enter")
    opened.rest()
    box = opened.page.locator("#map").bounding_box()
    right = opened.page.locator("#panel").bounding_box()["x"]
    spots = [opened.place_of(row) for row in (0, *view.neighbors[0].tolist())]
    assert all(box["x"] < x < right for x, _ in spots)
    assert all(box["y"] < y < box["y"] + box["height"] for _, y in spots)
    assert opened.zoom() > 1


@pytest.mark.parametrize("allowed", [True, False], ids=["clipboard open", "clipboard closed"])
def test_a_citation_is_copied_or_shown_for_copying(open_map, view, allowed):
    opened = open_map(view, permissions=["clipboard-read", "clipboard-write"] if allowed else [])
    if not allowed:
        opened.page.evaluate(
            "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
        )
    open_paper(opened, 0)
    opened.page.get_by_role("button", name="Cite as BibTeX").focus()
    opened.press("Enter")
    bibtex = opened.page.evaluate("async () => (await paperatlas.paper(0)).bibtex")
    assert "author = {Lovelace, Ada and Öz, Şirin}" in bibtex
    if allowed:
        opened.page.wait_for_function("() => document.querySelector('.told').textContent")
        assert opened.page.evaluate("navigator.clipboard.readText()") == bibtex
    else:
        assert opened.page.input_value(".copying textarea") == bibtex
        chosen = opened.page.evaluate("() => document.activeElement.selectionEnd")
        assert chosen == len(bibtex)
        opened.press("Escape")
        opened.page.wait_for_selector(".copying", state="detached")
        assert opened.page.is_visible("#panel")


def test_hostile_texts_stay_texts_in_every_panel(open_map):
    opened = open_map(hostile_view())
    page = opened.page
    for row in range(0, 60, 4):
        open_paper(opened, row)
    page.evaluate("paperatlas.change({ paper: -1, theme: 0 })")
    page.wait_for_selector("#panel .paper-row")
    page.evaluate("paperatlas.change({ theme: -1, query: 'script', listed: true })")
    page.wait_for_selector("#panel .paper-row")
    assert page.evaluate("window.pwned") is None
    assert page.locator("#panel :is(img, iframe, script, svg[onload])").count() == 0
    hrefs = page.eval_on_selector_all("#panel a", "all => all.map((a) => a.protocol)")
    assert set(hrefs) <= {"http:", "https:"}
    assert opened.complaints == []
    assert opened.foreign == []


def test_a_paper_with_nothing_near_and_no_text_says_so(open_map):
    view = make_view(30, neighbors=np.full((30, 10), -1, np.int32))
    papers = [Paper(id="bare"), *view.papers[1:]]
    opened = open_map(dataclasses.replace(view, papers=tuple(papers)))
    opened.page.evaluate("paperatlas.open(0)")
    opened.page.wait_for_selector("#panel .nearest .note")
    text = opened.page.inner_text("#panel")
    assert "No abstract." in text
    assert "No paper is known to be near to it." in text
    assert "Authors unknown" in text

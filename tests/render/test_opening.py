"""The page while it opens, and what its texts give: from disk, and from a slow server."""

from __future__ import annotations

import dataclasses
import os
import shutil
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import numpy as np
import pytest

from pipeline.papers import Paper
from pipeline.render import MapView, render_page

from .browsing import BROWSER_FLAGS
from .made_views import make_view

N_PARTS = 8


class SlowHandler(BaseHTTPRequestHandler):
    """Sends the page up to its script, and the rest in parts, each when it is let go."""

    def __init__(self, *args, page: bytes, go: threading.Semaphore) -> None:
        self.page, self.go = page, go
        super().__init__(*args)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        first = self.page.index(b"</script>", self.page.index(b"<script>\n")) + len(b"</script>\n")
        bounds = np.linspace(first, len(self.page), N_PARTS + 1).astype(int)
        self.wfile.write(self.page[:first])
        self.wfile.flush()
        for start, end in pairwise(bounds):
            self.go.acquire(timeout=20)
            self.wfile.write(self.page[start:end])
            self.wfile.flush()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def served(page: str) -> Iterator[tuple[str, threading.Semaphore]]:
    """The address of the page, and what lets its parts go."""
    go = threading.Semaphore(0)
    handler = partial(SlowHandler, page=page.encode("utf-8", "replace"), go=go)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/map.html", go
    finally:
        go.release(N_PARTS)
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def local_page(browser):
    """A page of a browser that may ask this machine, which those of other tests may not."""
    kept = [flag for flag in BROWSER_FLAGS if "proxy" not in flag and "resolver" not in flag]
    found = shutil.which(os.environ.get("PAPERATLAS_CHROMIUM", "chromium"))
    own = browser.browser_type.launch(executable_path=found, args=kept)
    yield own.new_page(viewport={"width": 900, "height": 600}, reduced_motion="reduce")
    own.close()


def coloured(page) -> int:
    """How many pixels of the map are neither ground nor grey."""
    return page.evaluate(
        """() => {
          const map = document.getElementById("map");
          const { data } = map.getContext("2d").getImageData(0, 0, map.width, map.height);
          let n = 0;
          for (let i = 0; i < data.length; i += 4)
            n += Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 40;
          return n;
        }"""  # noqa: E501
    )


def test_the_map_is_drawn_while_the_rest_of_its_file_is_still_on_the_way(local_page):
    view = make_view(1200)
    with served(render_page(view)) as (address, go):
        local_page.goto(address, wait_until="commit")
        local_page.wait_for_function("() => window.paperatlas?.opened?.().usable")
        assert local_page.evaluate("document.readyState") == "loading"
        assert local_page.evaluate("document.getElementById('atlas-texts-2')") is None
        assert coloured(local_page) > 500
        local_page.evaluate("window.asked = paperatlas.paper(1100).then((paper) => paper.abstract)")
        go.release(N_PARTS)
        assert local_page.evaluate("asked") == view.papers[1100].abstract
        local_page.evaluate("paperatlas.ready")
        local_page.wait_for_load_state("load")


@pytest.mark.parametrize("cut", [100, -30], ids=["within a part", "between parts"])
def test_a_file_that_ends_too_soon_says_so(browser, tmp_path, cut):
    page = render_page(make_view(600))
    path = tmp_path / "half.html"
    path.write_text(page[: page.index('id="atlas-texts-1"') + cut], encoding="utf-8")
    opened = browser.new_page()
    opened.goto(path.as_uri())
    opened.wait_for_selector(".notice[role=alert]")
    assert "not whole: its part atlas-texts-" in opened.inner_text(".notice[role=alert]")
    opened.close()


def test_a_browser_that_cannot_unpack_says_so(browser, tmp_path):
    path = tmp_path / "map.html"
    path.write_text(render_page(make_view(30)), encoding="utf-8")
    opened = browser.new_page()
    opened.add_init_script("delete window.DecompressionStream")
    opened.goto(path.as_uri())
    opened.wait_for_selector(".notice[role=alert]")
    assert "too old" in opened.inner_text(".notice[role=alert]")
    opened.close()


def test_a_browser_without_base64_of_its_own_shows_the_same(browser, tmp_path, view):
    path = tmp_path / "map.html"
    path.write_text(render_page(view), encoding="utf-8")
    opened = browser.new_page()
    opened.add_init_script("delete Uint8Array.fromBase64")
    opened.goto(path.as_uri())
    opened.evaluate("paperatlas.ready")
    assert opened.evaluate("paperatlas.paper(3).then((paper) => paper.title)") == (
        view.papers[3].title
    )
    opened.close()


WORDS = ["Özil", "naïve", "NAIVE", 'say "no"', "back\\slash", "Σοφός", "深層", "e\u0301tude", "a,b",
         "<b>", "tab\there", "ﬁne", "İzmir", "straße"]  # fmt: skip


def wild_view() -> MapView:
    rng = np.random.default_rng(5)

    def drawn(n: int) -> str:
        return " ".join(rng.choice(WORDS, n).tolist())

    papers = tuple(
        Paper(
            id=f"id-{i}",
            title=drawn(2),
            abstract=drawn(4),
            authors=(drawn(1),),
            url=f"https://naive.example/{i}",
            venue="venue",
        )
        for i in range(1100)
    )
    return make_view(1100, papers=papers)


def folded(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if unicodedata.category(c) != "Mn").lower()


def answers(papers, query: str) -> list[int]:
    words = folded(query).split()

    def matches(paper: Paper) -> bool:
        text = folded("\n".join((paper.title, ", ".join(paper.authors), paper.abstract)))
        return all(word in text for word in words)

    return [row for row, paper in enumerate(papers) if matches(paper)]


@pytest.fixture(scope="module")
def wild() -> MapView:
    return wild_view()


def test_search_finds_what_a_plain_search_in_python_finds(open_map, wild):
    opened = open_map(wild)
    for query in ["ozil", "naive deep", 'naive "no"', "\\slash", "深層 etude", "ΣΟΦΟΣ", ",", "<B>",
                  "fine ﬁne", "izmir", "example", "venue", "id-7", "tab here 深"]:  # fmt: skip
        found = opened.page.evaluate(
            """(query) => new Promise((done) => {
              const status = document.getElementById("search-status");
              const look = () => {
                if (/\\d+ found$/.test(status.textContent)) done(paperatlas.inFocusRows());
                else setTimeout(look, 5);
              };
              paperatlas.change({ query: "" });
              status.textContent = "";
              paperatlas.change({ query });
              look();
            })""",
            query,
        )
        assert found == answers(wild.papers, query), query


def test_a_paper_of_a_hundred_thousand_opens_under_the_pointer(open_map):
    view = make_view(100_000)
    layout = view.layout.copy()
    layout[77_777] = layout.max(axis=0) + 1  # alone in a corner
    opened = open_map(dataclasses.replace(view, layout=layout))
    assert coloured(opened.page) > 20_000
    opened.page.mouse.click(*opened.place_of(77_777))
    opened.page.wait_for_selector("#panel .abstract:not(:empty)")
    assert view.papers[77_777].abstract in opened.page.inner_text("#panel")
    assert opened.complaints == []


def test_every_paper_that_stands_alone_is_drawn(open_map):
    """In slices, along a grid, from every kind: none is lost between them."""
    side = 40
    places = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    view = make_view(side * side, layout=places.astype(np.float32))
    opened = open_map(view, width=1600, height=1300)
    ground, *spots = opened.page.evaluate(
        """(n) => {
          const map = document.getElementById("map");
          const { data, width } = map.getContext("2d").getImageData(0, 0, map.width, map.height);
          const boxes = paperatlas.labels();
          const covered = ({ x, y }) => boxes.some((b) => x > b.left - 9 && x < b.right + 9 && y > b.top - 9 && y < b.bottom + 9);
          const strongest = ({ x, y }) => {
            if (covered({ x, y })) return null;
            let most = 0;
            for (let dx = -4; dx <= 4; dx++) for (let dy = -4; dy <= 4; dy++) {
              const at = 4 * ((Math.round(y) + dy) * width + Math.round(x) + dx);
              most = Math.max(most, 255 - Math.min(data[at], data[at + 1], data[at + 2]));
            }
            return most;
          };
          const middle = (i, j) => ({ x: (i.x + j.x) / 2, y: (i.y + j.y) / 2 });
          const between = [];
          for (let i = 0; i + 41 < n; i += 7) between.push(middle(paperatlas.screenOf(i), paperatlas.screenOf(i + 41)));
          const rows = Array.from({ length: n }, (_, i) => strongest(paperatlas.screenOf(i)));
          return [between.map(strongest), ...rows];
        }""",  # noqa: E501
        side * side,
    )
    seen = [spot for spot in spots if spot is not None]
    assert len(seen) > 800
    assert min(seen) > max(v for v in ground if v is not None)

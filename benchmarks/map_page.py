"""How large the map's page is, how soon it can be used, and how smoothly it moves.

    python benchmarks/map_page.py
    python benchmarks/map_page.py --sizes 100000 --window 1920x1080 --runs 5
    python benchmarks/map_page.py --sizes --atlas artifacts/seeds

The pages are opened from disk by a Chromium without GPU, WebGL, WebGPU and network (`chromium` on
the PATH, or PAPERATLAS_CHROMIUM). Made maps have themes as normal clouds in three layers,
neighbours that are drawn at random, which compress worst, and abstracts of words drawn from 4,000.
Beside the page's frames stand those of the plain way: an arc for each point that is seen, in each
frame, on a canvas of the same size. Every figure is the median over the runs; frames are told by
median, 95th percentile and maximum. Where others use the machine too, trust the processor's time.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

from pipeline.papers import Paper, Source
from pipeline.render import MapView, ThemeLabel
from pipeline.render.page import page_pieces

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-webgl",
    "--disable-3d-apis",
    "--disable-features=WebGPU",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--proxy-server=http://127.0.0.1:9",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-precise-memory-info",
]
N_FRAMES = 120

# Moves the view N times by `viewAt(share)`, once a frame, and gives the times between frames and
# those that the page itself spent in each.
MOVE = """
([kind, n]) => new Promise((done) => {
  const viewAt = {
    pan: (t) => (
      { x: 0.5 + 0.3 * Math.sin(6.2832 * t), y: 0.5 + 0.3 * Math.sin(12.566 * t), zoom: 2 }
    ),
    zoom: (t) => ({ x: 0.5, y: 0.5, zoom: Math.exp(1.7 * (1 - Math.cos(6.2832 * t))) }),
  }[kind];
  paperatlas.setView(viewAt(0));
  paperatlas.rest().then(() => {
    paperatlas.frameTimes();
    const stamps = [];
    const step = (now) => {
      stamps.push(now);
      if (stamps.length > n) {
        const intervals = stamps.slice(1).map((stamp, i) => stamp - stamps[i]);
        done({ intervals, frames: paperatlas.frameTimes() });
        return;
      }
      paperatlas.setView(viewAt(stamps.length / n));
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
})
"""
# The plain way: the milliseconds of drawing what is seen with an arc for each point.
PLAIN = """
(n) => {
  const map = document.getElementById("map");
  const canvas = document.createElement("canvas");
  canvas.width = map.width;
  canvas.height = map.height;
  const context = canvas.getContext("2d", { alpha: false });
  const { atlas } = paperatlas;
  const row = atlas.themeOf[atlas.defaultLayer];
  const colourOf = (theme) => theme.colours ? theme.colours.point_light : "#888888";
  const colours = ["#bbbbbb", ...atlas.themes.map(colourOf)];
  const { width, height } = canvas;
  const times = [];
  for (let frame = 0; frame < n; frame++) {
    const start = performance.now();
    const scale = 2 * 0.9 * Math.min(width, height);
    const x0 = width / 2 - (0.5 + 0.3 * Math.sin(6.2832 * frame / n)) * scale;
    const y0 = height / 2 - (0.5 + 0.3 * Math.sin(12.566 * frame / n)) * scale;
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    for (let i = 0; i < atlas.n; i++) {
      const x = atlas.x[i] * scale + x0;
      const y = atlas.y[i] * scale + y0;
      if (x < -2 || y < -2 || x > width + 2 || y > height + 2) continue;
      context.fillStyle = colours[row ? row[i] : 0];
      context.beginPath();
      context.arc(x, y, 1.2, 0, 6.2832);
      context.fill();
    }
    context.getImageData(0, 0, 1, 1);
    times.push(performance.now() - start);
  }
  return times;
}
"""
# Types a query; gives the milliseconds until the first and the last count of what was found.
SEARCH = """
(query) => new Promise((done) => {
  const status = document.getElementById("search-status");
  const start = performance.now();
  let first = 0;
  const observer = new MutationObserver(() => {
    const text = status.textContent;
    if (!/\\d/.test(text)) return;
    first = first || performance.now() - start;
    if (text.includes("…")) return;
    observer.disconnect();
    done({ first, all: performance.now() - start, found: text });
  });
  observer.observe(status, { childList: true, characterData: true, subtree: true });
  paperatlas.change({ query });
})
"""
# Opens a paper; the milliseconds until its abstract stands in the panel.
OPEN = """
(i) => new Promise((done) => {
  const start = performance.now();
  const look = () => {
    const abstract = document.querySelector("#panel .abstract");
    if (abstract && abstract.textContent) done(performance.now() - start);
    else setTimeout(look, 1);
  };
  paperatlas.open(i);
  look();
})
"""


@dataclass(frozen=True, slots=True)
class Frames:
    """Times of frames in milliseconds."""

    middle: float
    slow: float
    """The 95th percentile."""
    worst: float

    @classmethod
    def of(cls, times: Sequence[float]) -> Frames:
        """What a list of times comes to."""
        slow = float(np.percentile(times, 95)) if times else 0.0
        return cls(median(times or [0.0]), slow, max(times, default=0.0))

    def __str__(self) -> str:
        """Tell them."""
        return f"{self.middle:.1f} / {self.slow:.1f} / {self.worst:.1f}"


def main() -> None:
    """Print a table for each size of window."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[20_000, 100_000, 1_000_000])
    parser.add_argument("--atlas", type=Path, action="append", default=[], help="an atlas as well")
    parser.add_argument("--page", type=Path, action="append", default=[], help="a page as well")
    parser.add_argument("--window", nargs="*", default=["1280x800", "1920x1080"])
    parser.add_argument("--words", type=int, default=60, help="words of a made abstract")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"load when it began: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    with tempfile.TemporaryDirectory() as folder:
        pages = [(str(page.stem), page.resolve()) for page in options.page]
        for name, write in sources(options):
            path = Path(folder) / f"{name}.html"
            begun = time.perf_counter()
            write(path)
            print(f"{name}: written in {time.perf_counter() - begun:.1f} s; {told_sizes(path)}")
            pages.append((name, path))
        for window in options.window:
            width, height = (int(side) for side in window.split("x"))
            print(f"\n{window}\n")
            print_table([measured(*page, width, height, options.runs) for page in pages])


def sources(options: argparse.Namespace) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Yield names, and what writes their pages."""
    for n in options.sizes:
        yield f"made {n:,}", lambda path, n=n: write_page(make_view(n, options.words), path)
    for atlas in options.atlas:
        yield atlas.name, lambda path, atlas=atlas: write_atlas(atlas, path)


def write_page(view: MapView, path: Path) -> None:
    """Write the view's page, a piece at a time."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(page_pieces(view))


def write_atlas(atlas: Path, path: Path) -> None:
    """Write the page of an atlas."""
    from pipeline.atlas import Atlas

    Atlas.open(atlas).map(path)


def told_sizes(path: Path) -> str:
    """The page's size by kind, and how much of it each paper costs."""
    sizes: Counter[str] = Counter()
    text = path.read_text(encoding="utf-8")
    for block in re.finditer(r'<script type="text/plain" id="atlas-([a-z]+)[^"]*">([^<]*)<', text):
        sizes[block[1]] += len(block[2])
    sizes["frame"] = path.stat().st_size - sizes.total()
    told = ", ".join(f"{kind} {size / 1e6:.2f}" for kind, size in sizes.most_common())
    return f"{path.stat().st_size / 1e6:.1f} MB ({told})"


def make_view(n_papers: int, n_words: int) -> MapView:
    """A made map: 4 coarse, 40 middle and 200 fine themes, a tenth of the papers in none."""
    rng = np.random.default_rng(n_papers)
    fine = rng.integers(0, 200, n_papers)
    centres = rng.normal(size=(4, 2)) * 5
    middles = centres[np.arange(40) % 4] + rng.normal(size=(40, 2)) * 2.2
    places = middles[np.arange(200) % 40] + rng.normal(size=(200, 2)) * 0.8
    spread = rng.uniform(0.1, 0.5, 200)
    layout = places[fine] + rng.normal(size=(n_papers, 2)) * spread[fine][:, None]
    theme_ids = np.stack([fine, 200 + fine % 40, 240 + fine % 4]).astype(np.int32)
    strengths = rng.uniform(0.1, 1.0, n_papers).astype(np.float32)
    unassigned = rng.uniform(size=n_papers) < 0.1
    theme_ids[:, unassigned] = -1
    sizes = np.bincount(theme_ids[theme_ids >= 0], minlength=244)
    vocabulary = np.array(["".join(rng.choice(list("aeioubdklmnrst"), 7)) for _ in range(4000)])
    similarities = -np.sort(-rng.uniform(0.3, 0.9, (n_papers, 10)), axis=1)

    def label(i: int, parent: int | None) -> ThemeLabel:
        return ThemeLabel(i, f"{vocabulary[i]} {vocabulary[i + 300]}", int(sizes[i]), parent)

    return MapView(
        title="A made map",
        snapshot="0123456789ab",
        papers=tuple(make_papers(n_papers, n_words, vocabulary, rng)),
        layout=layout.astype(np.float32),
        layers=(
            tuple(label(i, 200 + i % 40) for i in range(200)),
            tuple(label(200 + i, 240 + i % 4) for i in range(40)),
            tuple(label(240 + i, None) for i in range(4)),
        ),
        theme_ids=theme_ids,
        strengths=np.where(unassigned, 0, strengths).astype(np.float32),
        default_layer=1,
        neighbors=rng.integers(0, n_papers, (n_papers, 10)).astype(np.int32),
        similarities=similarities.astype(np.float32),
        preservation=(rng.integers(0, 11, n_papers) / 10).astype(np.float32),
    )


def make_papers(
    n_papers: int, n_words: int, vocabulary: np.ndarray, rng: np.random.Generator
) -> Iterator[Paper]:
    """Yield papers of drawn words."""
    for i in range(n_papers):
        drawn = vocabulary[rng.integers(0, len(vocabulary), n_words + 14)].tolist()
        yield Paper(
            id=f"p-{i}",
            title=" ".join(drawn[:8]).capitalize(),
            abstract=" ".join(drawn[14:]),
            authors=tuple(f"{drawn[k].title()} {drawn[k + 1].title()}" for k in (8, 10, 12)),
            year=1990 + i % 35,
            venue=str(vocabulary[i % 60]),
            url=f"https://papers.example/{i}",
            sources=(Source("list.bib", 10 * i + 1),),
        )


def measured(name: str, path: Path, width: int, height: int, runs: int) -> dict[str, str]:
    """One row of the table: medians over the runs, each in a browser of its own."""
    found = [measure(path, width, height) for _ in range(runs)]

    def middle(key: str) -> float:
        return median(run[key] for run in found)

    def frames(key: str) -> Frames:
        told = [Frames.of(run[key]) for run in found]
        parts = zip(*((t.middle, t.slow, t.worst) for t in told), strict=True)
        return Frames(*(median(part) for part in parts))

    plain, pan = frames("plain"), frames("pan frames")
    return {
        "map": name,
        "drawn, s": f"{middle('drawn'):.2f}",
        "usable, s": f"{middle('usable'):.2f}",
        "work in a frame while panning, ms": str(pan),
        "between frames": str(frames("pan intervals")),
        "processor a frame": f"{middle('pan processor'):.1f}",
        "work while zooming": str(frames("zoom frames")),
        "between them": str(frames("zoom intervals")),
        "processor a frame there": f"{middle('zoom processor'):.1f}",
        "an arc a point": str(plain),
        "ratio": f"{plain.middle / max(pan.middle, 0.01):.0f}x",
        "a click, ms": f"{middle('click'):.0f}",
        "a search, ms (heads / all)": f"{middle('search first'):.0f} / {middle('search all'):.0f}",
        "its processor time": f"{middle('search processor'):.0f}",
        "another one": f"{middle('again'):.0f}",
        "heap and arrays, MB": f"{middle('heap'):.0f} + {middle('arrays'):.0f}",
    }


def measure(path: Path, width: int, height: int) -> dict[str, Any]:
    """What one opening of a page gives."""
    binary = os.environ.get("PAPERATLAS_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(300_000)
        try:
            return measure_open(page, path)
        finally:
            browser.close()


def measure_open(page: Page, path: Path) -> dict[str, Any]:
    """Opens the page and uses it."""
    page.goto(path.as_uri(), wait_until="commit", timeout=300_000)
    page.wait_for_function(
        "() => window.paperatlas && paperatlas.opened && paperatlas.opened().usable"
    )
    opened = page.evaluate("paperatlas.opened()")
    page.wait_for_load_state("load")
    page.evaluate("paperatlas.ready")
    n = page.evaluate("paperatlas.atlas.n")
    click = page.evaluate(OPEN, n // 2)
    page.keyboard.press("Escape")
    session = page.context.browser.new_browser_cdp_session()
    pan, zoom = (measure_moves(page, session, kind) for kind in ("pan", "zoom"))
    plain = page.evaluate(PLAIN, max(3, min(30, 3_000_000 // n)))
    page.evaluate("paperatlas.rest()")
    begun = processor_s(session)
    first = page.evaluate(SEARCH, "learning of the")
    search_s = processor_s(session) - begun
    page.evaluate("paperatlas.change({ query: '' })")
    second = page.evaluate(SEARCH, "in model")
    own = page.context.new_cdp_session(page)
    own.send("HeapProfiler.collectGarbage")
    heap = own.send("Runtime.getHeapUsage")
    return {
        "drawn": opened["drawn"] / 1000,
        "usable": opened["usable"] / 1000,
        "click": click,
        "pan frames": pan["frames"],
        "pan intervals": pan["intervals"],
        "zoom frames": zoom["frames"],
        "zoom intervals": zoom["intervals"],
        "plain": plain,
        "search first": first["first"],
        "search all": first["all"],
        "search processor": 1000 * search_s,
        "pan processor": pan["processor"],
        "zoom processor": zoom["processor"],
        "again": second["all"],
        "heap": heap["usedSize"] / 1e6,
        "arrays": heap.get("backingStorageSize", 0) / 1e6,
    }


def measure_moves(page: Page, session: CDPSession, kind: str) -> dict[str, Any]:
    """Times of frames while the view moves, and the processor's milliseconds for each."""
    begun = processor_s(session)
    told = page.evaluate(MOVE, [kind, N_FRAMES])
    return told | {"processor": 1000 * (processor_s(session) - begun) / N_FRAMES}


def processor_s(session: CDPSession) -> float:
    """Seconds of a processor that the page's process has had, on all of its threads."""
    told = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return sum(process["cpuTime"] for process in told if process["type"] == "renderer")


def print_table(rows: Sequence[dict[str, str]]) -> None:
    """As Markdown, a column a map."""
    names = [row.pop("map") for row in rows]
    print("| | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for key in rows[0]:
        print(f"| {key} | " + " | ".join(row[key] for row in rows) + " |")


if __name__ == "__main__":
    main()

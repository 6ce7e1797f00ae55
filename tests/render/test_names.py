"""Names on the page as they are drawn: in many views none overlaps, is cut, or is out of reach."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from .made_views import make_large_view, make_view

SIZES = [(400, 800), (1280, 800), (2560, 1300)]
N_PAPERS = [20, 169, 2_000, 79_343]
VIEWS_A_PAGE = 17  # 4 atlases x 3 sizes: 204 views, each while moving and at rest


def made_view(n_papers: int):
    return make_view(n_papers) if n_papers < 1000 else make_large_view(n_papers)


# Looks at the page as it is drawn, name by name: boxes of all names that are seen, even of those
# that are fading, and of all that lies over the map.
SEEN = """() => {
  const map = document.getElementById("map").getBoundingClientRect();
  const sides = ({ left, top, right, bottom }) => [left, top, right, bottom];
  const shifted = ([left, top, right, bottom]) => [
    left - map.left, top - map.top, right - map.left, bottom - map.top,
  ];
  const over = [...document.querySelectorAll("#panel, #results, #zoom, #chips, #colour")];
  return {
    width: map.width,
    height: map.height,
    names: paperatlas.labels(true).filter((name) => name.alpha > 0)
      .map(({ layer, name, ...box }) => ({ layer, name, box: sides(box) })),
    over: over.filter((node) => node.checkVisibility())
      .map((node) => shifted(sides(node.getBoundingClientRect()))),
  };
}"""
MOVE = """([x, y, zoom]) => new Promise((done) => {
  paperatlas.setView({ x, y, zoom });
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""


def look(page) -> set[int]:
    """Checks every name that is seen now; the layers of those names."""
    seen = page.evaluate(SEEN)
    boxes = np.array([name["box"] for name in seen["names"]]).reshape(-1, 4)
    over = np.array(seen["over"]).reshape(-1, 4)
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= (seen["width"], seen["height"])).all()
    for i, box in enumerate(boxes):
        others = np.concatenate([boxes[i + 1 :], over])
        gaps = np.maximum(box[:2] - others[:, 2:], others[:, :2] - box[2:]).max(axis=1)
        assert (gaps >= 0).all(), (box.tolist(), others[gaps < 0].tolist(), seen["over"])
    return {name["layer"] for name in seen["names"]}


@pytest.mark.parametrize("n_papers", N_PAPERS)
def test_names_never_overlap_nor_are_cut(open_map, n_papers):
    view = made_view(n_papers)
    # The fades of four atlases would take a minute; three show them.
    motion = "reduce" if n_papers == N_PAPERS[-1] else "no-preference"
    opened = open_map(view, width=SIZES[0][0], height=SIZES[0][1], reduced_motion=motion)
    page = opened.page
    rng = np.random.default_rng(n_papers)
    layers = set()
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        opened.rest()
        layers |= look(page)
        for k in range(VIEWS_A_PAGE):
            if k == 6:
                page.evaluate("paperatlas.open(3)")
            if k == 12:
                page.keyboard.press("Escape")
                page.fill("#search", "paper")
                page.wait_for_function(
                    "() => document.getElementById('search-status').textContent !== ''"
                )
                opened.rest()
            x, y = rng.uniform(0.1, 0.9, 2).tolist()
            zoom = float(np.exp(rng.uniform(-0.4, np.log(24))))
            for step in (0.0, 0.015):
                page.evaluate(MOVE, [x + step, y - step, zoom * (1 + 4 * step)])
                layers |= look(page)
            opened.rest()
            layers |= look(page)
        page.fill("#search", "")
        page.evaluate("paperatlas.change({ paper: -1, theme: -1 })")
    # Of twenty papers most fine themes have none.
    assert layers >= ({1, 2} if n_papers == 20 else set(range(len(view.layers))))
    assert opened.complaints == []


def test_the_whole_map_names_regions_and_the_themes_of_the_default_layer(open_map, view):
    opened = open_map(view)
    for width, height in SIZES:
        opened.page.set_viewport_size({"width": width, "height": height})
        opened.rest()
        assert look(opened.page) == {1, 2}


def test_every_theme_of_a_map_can_be_named_by_coming_closer(open_map, view):
    opened = open_map(view, width=1280, height=800)
    wanted = {theme.name for layer in view.layers for theme in layer}
    named = {label["name"] for label in opened.labels()}
    for layer, themes in enumerate(view.layers):
        for theme in themes:
            if theme.name in named:
                continue
            members = np.flatnonzero(view.theme_ids[layer] == theme.id)
            middle = np.median(view.layout[members], axis=0)
            near = members[np.argmin(np.linalg.norm(view.layout[members] - middle, axis=1))]
            spot = opened.page.evaluate(
                "(i) => [paperatlas.atlas.x[i], paperatlas.atlas.y[i]]", int(near)
            )
            for zoom in (2, 4, 8):
                opened.page.evaluate(MOVE, [*spot, zoom])
                opened.rest()
                named |= {label["name"] for label in opened.labels()}
    assert named == wanted


def test_a_theme_that_is_looked_at_names_what_it_is_made_of(open_map, view):
    opened = open_map(view)
    place = opened.page.evaluate(
        "(name) => paperatlas.atlas.themes.findIndex((t) => t.name === name)",
        view.layers[1][4].name,
    )
    opened.page.evaluate("(theme) => paperatlas.change({ theme })", place)
    opened.rest()
    parts = {t.name for t in view.layers[0] if t.parent == view.layers[1][4].id}
    assert {label["name"] for label in opened.labels()} == parts


def test_what_is_drawn_of_a_name_lies_inside_its_box(open_map, view):
    texts = ["Ångström / Çağ", "ไม้ไต่คู้ ที่นี่", "jgpqy ÅÉÎ", "深度学习 与 图像", "हिन्दी र्क्षी", "WWWW"]
    layers = tuple(
        tuple(
            type(t)(t.id, texts[(t.id + k) % len(texts)], t.size, t.parent)
            for k, t in enumerate(layer)
        )
        for layer in view.layers
    )
    opened = open_map(make_view(300, layers=layers), device_scale_factor=1)
    inked = opened.page.evaluate(DRAWN)
    assert len(inked) > 10
    for name in inked:
        assert name["inside"] > 40, name
        assert name["edge"] == 0, name
    assert opened.complaints == []


# How much of each name's pixels is ink, and whether any of it lies in the outermost pixels, where
# it would be if the letters were cut.
DRAWN = """() => paperatlas.sprites().map(({ name, canvas }) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let inside = 0, edge = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[4 * (y * width + x) + 3] === 0) continue;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) edge++;
      else inside++;
    }
  }
  return { name, inside, edge };
})"""


def test_names_fade_and_do_not_pop(open_map, view):
    opened = open_map(view, reduced_motion="no-preference")
    alphas = opened.page.evaluate(
        """async () => {
          const seen = [];
          paperatlas.setView({ x: 0.3, y: 0.4, zoom: 6 });
          for (let k = 0; k < 40; k++) {
            await new Promise((done) => requestAnimationFrame(done));
            seen.push(Object.fromEntries(paperatlas.labels(true).map((b) => [b.name, b.alpha])));
          }
          return seen;
        }"""
    )
    for before, after in pairwise(alphas):
        for name in before.keys() | after.keys():
            change = after.get(name, 0.0) - before.get(name, 0.0)
            # One that leaves may give way at once to one that is there already.
            assert change < 0.3, name
    assert any(0 < alpha < 1 for frame in alphas for alpha in frame.values())


def test_names_switch_at_once_where_motion_is_not_welcome(open_map, view):
    opened = open_map(view, reduced_motion="reduce")
    opened.page.evaluate(MOVE, [0.3, 0.4, 6])
    assert {label["alpha"] for label in opened.page.evaluate("paperatlas.labels(true)")} == {1}


def test_names_keep_their_places_while_the_map_is_dragged(open_map, view):
    opened = open_map(view, width=1280, height=800)
    opened.page.evaluate(MOVE, [0.5, 0.5, 2])
    opened.rest()
    before = {b["name"]: b for b in opened.labels()}
    moved = opened.page.evaluate(
        "() => { const v = paperatlas.view(); return { ...v, x: v.x + 0.01, y: v.y + 0.005 }; }"
    )
    anchor = opened.place_of(0)
    opened.page.evaluate(MOVE, [moved["x"], moved["y"], moved["zoom"]])
    shift = np.subtract(opened.place_of(0), anchor)
    kept = 0
    for label in opened.labels():
        old = before.get(label["name"])
        inmost = label["left"] > 60 and label["right"] < 900 and 60 < label["top"] < 600
        if old and inmost:
            away = np.subtract([label["left"], label["top"]], [old["left"], old["top"]]) - shift
            assert (np.abs(away) <= 1.01).all(), label
            kept += 1
    assert kept > 3


def test_a_view_at_rest_stays_as_it_is(open_map, view):
    opened = open_map(view)
    opened.page.evaluate(MOVE, [0.45, 0.5, 3])
    opened.rest()
    before = opened.labels()
    for _ in range(3):
        opened.page.evaluate("paperatlas.setView(paperatlas.view())")
        opened.rest()
        assert opened.labels() == before

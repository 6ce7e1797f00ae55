"""Renew everything that the documentation shows, from a real build of the seeds.

    python benchmarks/examples.py

Builds `artifacts/seeds`, writes `docs/examples.md`, the pictures in `docs/images/`, and the outputs
in the README that stand between `<!-- output: COMMAND -->` and `<!-- end -->`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from pipeline import Atlas
from pipeline.artifacts import ThemeRow

ROOT = Path(__file__).resolve().parents[1]
ATLAS = Path("artifacts/seeds")
IMAGES = Path("docs/images")
_PICTURE_WIDTH = 1600
FIGURES = {
    "figure-column.png": "--width 85mm",
    "figure-highlight.png": '--width 180mm --dpi 200 --highlight "optimal transport"',
    "figure-stream.png": "--kind stream --width 180mm --dpi 200",
}
"""Figures of `docs/map.md`, and how each is asked for."""
_N_TERMS = 5
# "output, 12 lines: COMMAND" keeps the first lines only.
_BLOCK = re.compile(r"(<!-- output(?:, (\d+) lines)?: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Build, then renew pages and pictures."""
    os.chdir(ROOT)
    run("paperatlas build seeds/ -o artifacts/seeds")
    IMAGES.mkdir(parents=True, exist_ok=True)
    shrink(ATLAS / "map.png", IMAGES / "seeds-map.png")
    for name, options in FIGURES.items():
        run(f"paperatlas map {ATLAS} -o {IMAGES / name} {options}")
        compact(IMAGES / name)
    photograph(ATLAS / "map.html", IMAGES / "seeds-page.png")
    with Atlas.open(ATLAS) as atlas:
        Path("docs/examples.md").write_text("\n".join(example_page(atlas)) + "\n", "utf-8")
    readme = Path("README.md")
    readme.write_text(_BLOCK.sub(renewed, readme.read_text("utf-8")), "utf-8")


def run(command: str) -> str:
    """What a `paperatlas` command of the same environment prints."""
    arguments = shlex.split(command)
    program = Path(sys.executable).with_name(arguments[0])
    done = subprocess.run(
        [program, *arguments[1:]], check=True, text=True, encoding="utf-8", stdout=subprocess.PIPE
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())


def renewed(block: re.Match[str]) -> str:
    """A block of the README with what its command prints now."""
    opening, n_lines, command, closing = block.groups()
    lines = run(command).splitlines()
    if n_lines:
        lines = [*lines[: int(n_lines)], "  ..."]
    return "\n".join([f"{opening}```", *lines, "```", closing])


def example_page(atlas: Atlas) -> Iterator[str]:
    """The themes of every layer, and the papers of the default layer's themes, in Markdown."""
    yield "# Themes of the seeds"
    yield ""
    yield (
        f"All themes that `paperatlas build seeds/ -o {ATLAS}` finds in the {len(atlas.papers)} "
        f"papers of `seeds/`, as they come, named without a language model. "
        "`python benchmarks/examples.py` renews this page. Stability: of two papers of the theme, "
        "how often they are together when themes are found without a fifth of the papers; ~ marks "
        "unstable themes."
    )
    for layer in range(atlas.n_layers):
        yield from layer_table(atlas, layer)
    yield ""
    yield "## Papers of the default layer"
    for theme in atlas.themes():
        yield from paper_list(atlas, theme.name, atlas.members(theme))
    yield from paper_list(atlas, "Unassigned", atlas.unassigned(atlas.default_layer))


def layer_table(atlas: Atlas, layer: int) -> Iterator[str]:
    """One layer's themes, largest first."""
    which = {0: ", the finest"} | {atlas.default_layer: ", shown first"}
    themes = atlas.themes(layer)
    yield ""
    yield f"## Layer {layer}{which.get(layer, '')}: {len(themes)} themes"
    yield ""
    yield "| theme | papers | stability | also said | typical paper |"
    yield "|---|--:|--:|---|---|"
    for theme in themes:
        stability = "–" if theme.stability is None else f"{theme.stability:.2f}"
        name = f"~ {theme.name}" if theme.is_unstable else theme.name
        cells = (
            name, str(theme.size), stability, also_said(theme), typical_title(atlas, theme),
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def also_said(theme: ThemeRow) -> str:
    """The first terms of a theme that its name does not have."""
    parts = theme.name.split(" / ")
    return ", ".join([term for term in theme.terms if term not in parts][:_N_TERMS])


def typical_title(atlas: Atlas, theme: ThemeRow) -> str:
    """Title of the paper that stands for the theme."""
    return escaped(atlas.papers[theme.exemplars[0]].title) if theme.exemplars else ""


def paper_list(atlas: Atlas, heading: str, ids: list[str]) -> Iterator[str]:
    """A heading and the titles of some papers."""
    titles = dict(zip(atlas.ids, (paper.title for paper in atlas.papers), strict=True))
    yield ""
    yield f"### {heading}"
    yield ""
    for paper_id in ids:
        yield f"- {escaped(titles[paper_id])}"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]<>|$])", r"\\\1", text)


def shrink(picture: Path, to: Path) -> None:
    """A copy of a picture at the width of a page, in 256 colours."""
    with Image.open(picture) as image:
        size = (_PICTURE_WIDTH, round(image.height * _PICTURE_WIDTH / image.width))
        small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.quantize(256, dither=Image.Dither.NONE).save(to, optimize=True)


def compact(picture: Path) -> None:
    """The picture in 256 colours, in its place."""
    with Image.open(picture) as image:
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)


def photograph(page: Path, to: Path) -> None:
    """A picture of the page in the Chromium of this machine; says so where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        print(f"no Chromium here: {to} stays as it was", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 760}, device_scale_factor=2)
        opened.goto(page.resolve().as_uri())
        opened.evaluate("paperatlas.ready")
        opened.evaluate("paperatlas.rest()")
        opened.screenshot(path=to)
        browser.close()
    shrink(to, to)


if __name__ == "__main__":
    main()

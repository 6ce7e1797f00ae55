"""Words on a map: titles for untitled papers, names on two lines, links, counts."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from pipeline.papers import Paper
from pipeline.render.view import MapView

LINE_LENGTH = 18
"""Names longer than this many characters are broken: a wide name collides with more neighbours
than a squarish one, and two lines are still read at a glance."""


def display_title(paper: Paper, *, n_words: int = 10) -> str:
    """The paper's title; for an untitled one the first words of its abstract, in quotes; before
    it what its sources say of it, `[retracted]`."""
    words = paper.abstract.split()
    more = "…" if len(words) > n_words else ""
    beginning = f"“{' '.join(words[:n_words])}{more}”" if words else "Untitled paper"
    title = paper.title.strip() or beginning
    return f"[{paper.status}] {title}" if paper.status else title


def counts_line(view: MapView, layer: int | None = None) -> str:
    """Such as `169 papers · 22 themes`; of the given layer, or of the default one."""
    shown = view.default_layer if layer is None else layer
    n_themes = len(view.layers[shown]) if view.layers else 0
    return f"{_count(len(view.papers), 'paper')} · {_count(n_themes, 'theme')}"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def wrap_name(name: str, *, line_length: int = LINE_LENGTH) -> tuple[str, ...]:
    """The name on one line, or on two of nearly equal length.

    `first / second` breaks after the slash where that is not lopsided: the two phrases are read
    as two phrases.
    """
    words = name.split()
    if len(name) <= line_length or len(words) < 2:
        return (" ".join(words) or name,)
    breaks = [i for i in range(1, len(words)) if words[i] != "/"]
    if not breaks:
        return (" ".join(words),)

    def cost(i: int) -> tuple[float, int]:
        first, second = len(" ".join(words[:i])), len(" ".join(words[i:]))
        return max(first, second) - (6.0 if words[i - 1] == "/" else 0.0), i

    i = min(breaks, key=cost)
    return " ".join(words[:i]), " ".join(words[i:])


def paper_link(paper: Paper) -> str:
    """An http(s) address of the paper, or "" when it has none.

    Anything else that stands in a `url` field (`javascript:`, `file:`, a bare word) is not a link.
    """
    url = (paper.url or "").strip()
    if _is_web_address(url):
        return url
    if paper.doi:
        return "https://doi.org/" + quote(paper.doi, safe="/:;()._-")
    if paper.arxiv_id:
        return "https://arxiv.org/abs/" + quote(paper.arxiv_id, safe="/.")
    return ""


def _is_web_address(url: str) -> bool:
    # Control characters and spaces inside an address are how filters are fooled; none is needed.
    if " " in url or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unclosed bracket of an IPv6 host
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.netloc)

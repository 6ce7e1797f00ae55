"""Words on a map: titles for untitled papers, names on two lines, links, counts."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from pipeline.papers import Paper
from pipeline.render.view import MapView

LINE_LENGTH = 18
"""Names longer than this many characters are broken: a wide name collides with more neighbours
than a squarish one, and two lines are still read at a glance."""

_SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "or",
        "over",
        "the",
        "to",
        "under",
        "via",
        "with",
    ]
)


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
    as two phrases. No line ends in a small word where another break is as good.
    """
    words = name.split()
    if len(name) <= line_length or len(words) < 2:
        return (" ".join(words) or name,)
    breaks = [i for i in range(1, len(words)) if words[i] != "/"]
    if not breaks:
        return (" ".join(words),)

    def cost(i: int) -> tuple[float, int]:
        first, second = len(" ".join(words[:i])), len(" ".join(words[i:]))
        bonus = 6.0 if words[i - 1] == "/" else -4.0 if words[i - 1] in _SMALL_WORDS else 0.0
        return max(first, second) - bonus, i

    i = min(breaks, key=cost)
    return " ".join(words[:i]), " ".join(words[i:])


def paper_link(paper: Paper) -> str:
    """An http(s) address of the paper, or "" when it has none.

    Anything else that stands in a `url` field (`javascript:`, `file:`, a bare word) is not a link.
    """
    url = (paper.url or "").strip()
    if _is_web_address(url):
        return url
    return _doi_address(paper) or _arxiv_address(paper)


def paper_links(paper: Paper) -> list[tuple[str, str]]:
    """(label, http address) of where the paper can be read: by its DOI, at arXiv, at the address
    that its source gives; each place once."""
    found = []
    if paper.doi:
        found.append(("DOI", _doi_address(paper)))
    if paper.arxiv_id:
        found.append(("arXiv", _arxiv_address(paper)))
    address = paper_link(paper)
    host = urlsplit(address).hostname or ""
    known = {"doi.org", "dx.doi.org"} if paper.doi else set()
    known |= {"arxiv.org", "export.arxiv.org"} if paper.arxiv_id else set()
    if address and host.removeprefix("www.") not in known:
        found.append((host.removeprefix("www."), address))
    return found


def _doi_address(paper: Paper) -> str:
    return "https://doi.org/" + _quoted(paper.doi, "/:;()._-") if paper.doi else ""


def _arxiv_address(paper: Paper) -> str:
    return "https://arxiv.org/abs/" + _quoted(paper.arxiv_id, "/.") if paper.arxiv_id else ""


def _quoted(text: str, safe: str) -> str:
    # A lone surrogate has no UTF-8; it leads nowhere, but the others' map is made.
    return quote(text, safe=safe, errors="replace")


def _is_web_address(url: str) -> bool:
    # Control characters and spaces inside an address are how filters are fooled; none is needed.
    if " " in url or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # such as an unclosed bracket of an IPv6 host, or the port 99999
        return False
    # A name before the host is how one address is made to look like another.
    is_plain = bool(parts.netloc) and "@" not in parts.netloc
    return is_plain and parts.scheme.lower() in {"http", "https"}

"""Write the two files of VOSviewer: a map of items, and the network of their links.

The columns are those of VOSviewer's documentation, "Map and network file types".
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import TextIO

import numpy as np

from pipeline.citing.details import address_of
from pipeline.export.entries import Entry
from pipeline.export.files import Written, write_text
from pipeline.export.labels import short_label
from pipeline.export.links import Links, links_between
from pipeline.export.selection import Selection
from pipeline.papers.plain import one_line

_HEADER = ("id", "label", "description", "url", "x", "y", "cluster", "weight<Links>",
           "weight<Total link strength>", "score<Year>")  # fmt: skip
_MOST_CLUSTERS = 1000
"""VOSviewer counts clusters from 1 to this; smaller themes than the thousandth are in none."""


def write_vosviewer(selection: Selection, folder: Path, name: str) -> list[Written]:
    """Write `map.txt` and `network.txt`; a cluster is a theme, numbered from the largest one."""
    links = links_between(selection)
    items, network = folder / "map.txt", folder / "network.txt"
    n_items = write_text(items, lambda file: _write_items(selection, links, file))
    n_links = write_text(network, lambda file: _write_links(links, file))
    n_left = max(0, len(selection.themes) - _MOST_CLUSTERS)
    remark = f"{n_left:,} themes have no cluster: VOSviewer knows 1,000" if n_left else ""
    return [
        Written(items, name, "paper", n_items, remark),
        Written(network, name, "link", n_links),
    ]


def _write_items(selection: Selection, links: Links, file: TextIO) -> int:
    n = len(selection)
    degrees = np.bincount(links.ends.reshape(-1), minlength=n)
    strengths = np.bincount(links.ends.reshape(-1), np.repeat(links.similarities, 2), minlength=n)
    clusters = {t.id: i for i, t in enumerate(selection.themes[:_MOST_CLUSTERS], start=1)}
    layout = selection.snapshot.layout[selection.rows]
    file.write("\t".join(_HEADER) + "\n")
    for place, entry in enumerate(selection):
        cells = (
            str(place + 1),
            _quoted(short_label(entry.paper)),
            _quoted(_description(entry)),
            address_of(entry.paper),
            *(f"{x:.4f}" for x in layout[place]),
            str(clusters.get(entry.theme.id, "")) if entry.theme else "",
            str(degrees[place]),
            f"{strengths[place]:.4f}",
            str(entry.paper.year or ""),
        )
        file.write("\t".join(cells) + "\n")
    return n


def _write_links(links: Links, file: TextIO) -> int:
    for (one, other), similarity in zip(links.ends + 1, links.similarities, strict=True):
        file.write(f"{one}\t{other}\t{similarity:.4f}\n")
    return len(links.ends)


def _quoted(text: str) -> str:
    """A text in quotes, which a comma in it would need; quotes inside are typographic ones."""
    return '"' + text.replace('"', "”") + '"'


def _description(entry: Entry) -> str:
    """The table that VOSviewer shows beside an item, in its HTML."""
    paper = entry.paper
    facts = {
        "Title": paper.title,
        "Authors": "; ".join(paper.authors) + ("; et al." if paper.authors_truncated else ""),
        "Venue": paper.venue or "",
        "Year": str(paper.year or ""),
        "Theme": entry.theme.name if entry.theme else "",
        "Status": paper.status or "",
        "Id": paper.id,
    }
    rows = (
        f"<tr><td>{name}:</td><td>{html.escape(one_line(text))}</td></tr>"
        for name, text in facts.items()
        if text
    )
    return f"<table>{''.join(rows)}</table>"

"""Write the graph of near papers for Gephi, Cytoscape, igraph and networkx: GraphML and GEXF.

Both are written while the papers are gone through: networkx makes the whole document first, which
takes 160 MB more for 20,000 papers, and tells the day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOBase
from pathlib import Path
from typing import TextIO, cast
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from pipeline.citing.details import address_of
from pipeline.export.entries import Entry
from pipeline.export.files import Written, write_text
from pipeline.export.labels import short_label
from pipeline.export.links import Links, links_between
from pipeline.export.selection import Selection
from pipeline.papers.plain import one_line

_ATTRIBUTES = {
    "title": "string", "authors": "string", "year": "int", "venue": "string", "doi": "string",
    "url": "string", "status": "string", "theme": "string", "theme_id": "int",
}  # fmt: skip
"""Types by name, which both formats call alike."""
_GEXF = "http://www.gexf.net/1.2draft"


class _Xml:
    """A document that is written while it is made."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        # A text file is what it writes to itself; its stub knows binary ones alone.
        self._out = XMLGenerator(cast("TextIOBase", file), "utf-8", short_empty_elements=True)
        self._out.startDocument()

    @contextmanager
    def inside(self, name: str, attributes: Mapping[str, object] = {}) -> Iterator[None]:
        """What is written meanwhile stands in this element."""
        told = AttributesImpl({key: str(value) for key, value in attributes.items()})
        self._out.startElement(name, told)
        yield
        self._out.endElement(name)
        self._file.write("\n")

    def element(self, name: str, attributes: Mapping[str, object], text: str = "") -> None:
        """An element with nothing but text in it."""
        with self.inside(name, attributes):
            if text:
                self._out.characters(text)


def write_graphml(selection: Selection, folder: Path, name: str) -> list[Written]:
    """Write `graph.graphml`: papers by id; the weight of a link is the cosine similarity."""
    return _write(selection, folder / "graph.graphml", name, _write_graphml)


def write_gexf(selection: Selection, folder: Path, name: str) -> list[Written]:
    """Write `graph.gexf`: the same, each paper in its place on the map."""
    return _write(selection, folder / "graph.gexf", name, _write_gexf)


def _write(
    selection: Selection,
    path: Path,
    name: str,
    write: Callable[[Selection, Links, _Xml], None],
) -> list[Written]:
    links = links_between(selection)

    def write_file(file: TextIO) -> int:
        write(selection, links, _Xml(file))
        return len(selection)

    n = write_text(path, write_file)
    return [Written(path, name, "paper", n, f"{len(links.ends):,} links")]


def _write_graphml(selection: Selection, links: Links, xml: _Xml) -> None:
    """As in the GraphML primer (graphml.graphdrawing.org)."""
    types = {"label": "string", **_ATTRIBUTES, "x": "double", "y": "double"}
    layout = selection.snapshot.layout[selection.rows]
    with xml.inside("graphml", {"xmlns": "http://graphml.graphdrawing.org/xmlns"}):
        for key, kind in types.items():
            known = {"id": key, "for": "node", "attr.name": key, "attr.type": kind}
            xml.element("key", known)
        xml.element(
            "key", {"id": "weight", "for": "edge", "attr.name": "weight", "attr.type": "double"}
        )
        with xml.inside("graph", {"edgedefault": "undirected"}):
            ids = []
            for entry, (x, y) in zip(selection, layout, strict=True):
                ids.append(one_line(entry.paper.id))
                values = {"label": short_label(entry.paper), **_values(entry)}
                with xml.inside("node", {"id": ids[-1]}):
                    for key, text in {**values, "x": f"{x:.4f}", "y": f"{y:.4f}"}.items():
                        xml.element("data", {"key": key}, text)
            for one, other, weight in _weighted(links):
                with xml.inside("edge", {"source": ids[one], "target": ids[other]}):
                    xml.element("data", {"key": "weight"}, weight)


def _write_gexf(selection: Selection, links: Links, xml: _Xml) -> None:
    """As in the GEXF 1.2 primer (gexf.net)."""
    numbers = {key: number for number, key in enumerate(_ATTRIBUTES)}
    spaces = {"xmlns": _GEXF, "xmlns:viz": f"{_GEXF}/viz", "version": "1.2"}
    graph = {"mode": "static", "defaultedgetype": "undirected"}
    layout = selection.snapshot.layout[selection.rows]
    with xml.inside("gexf", spaces), xml.inside("graph", graph):
        with xml.inside("attributes", {"class": "node", "mode": "static"}):
            for key, kind in _ATTRIBUTES.items():
                known = {"id": numbers[key], "title": key}
                xml.element("attribute", {**known, "type": kind.replace("int", "integer")})
        ids = []
        with xml.inside("nodes"):
            for entry, (x, y) in zip(selection, layout, strict=True):
                ids.append(one_line(entry.paper.id))
                with xml.inside("node", {"id": ids[-1], "label": short_label(entry.paper)}):
                    with xml.inside("attvalues"):
                        for key, text in _values(entry).items():
                            xml.element("attvalue", {"for": numbers[key], "value": text})
                    xml.element("viz:position", {"x": f"{x:.4f}", "y": f"{y:.4f}", "z": "0.0"})
        with xml.inside("edges"):
            for number, (one, other, weight) in enumerate(_weighted(links)):
                ends = {"id": number, "source": ids[one], "target": ids[other]}
                xml.element("edge", {**ends, "weight": weight})


def _weighted(links: Links) -> Iterator[tuple[int, int, str]]:
    for ends, similarity in zip(links.ends.tolist(), links.similarities.tolist(), strict=True):
        yield *ends, f"{similarity:.6f}"


def _values(entry: Entry) -> dict[str, str]:
    """What is known of a paper, by attribute."""
    paper = entry.paper
    values = {
        "title": paper.title,
        "authors": "; ".join(paper.authors),
        "year": str(paper.year or ""),
        "venue": paper.venue or "",
        "doi": paper.doi or "",
        "url": address_of(paper),
        "status": paper.status or "",
        "theme": entry.theme.name if entry.theme else "",
        "theme_id": str(entry.theme.id) if entry.theme else "",
    }
    lines = {name: one_line(text) for name, text in values.items()}
    return {name: line for name, line in lines.items() if line}

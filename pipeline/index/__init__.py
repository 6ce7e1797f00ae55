"""Nearest neighbours by cosine similarity: one protocol, an exact kind, and kinds for many rows.

`choose_index` takes what the rows and the machine allow and measures it, `write_index` keeps it,
`open_index` opens what an atlas has. Every kind compares its finalists exactly, with the atlas's
own vectors, so that a similarity means the same whoever found it.
"""

from pipeline.index.choice import ChosenIndex, IndexReport, choose_index
from pipeline.index.exact import ExactIndex
from pipeline.index.graph import NeighborGraph, neighbor_graph
from pipeline.index.protocol import Index
from pipeline.index.storage import open_index, write_index

__all__ = [
    "ChosenIndex",
    "ExactIndex",
    "Index",
    "IndexReport",
    "NeighborGraph",
    "choose_index",
    "neighbor_graph",
    "open_index",
    "write_index",
]

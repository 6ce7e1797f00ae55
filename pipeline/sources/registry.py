"""The formats that can be read. A new one is three functions in a module and a line here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from pipeline.papers import Paper, Problem
from pipeline.sources import (
    bibtex,
    csv_fields,
    csv_tables,
    json_files,
    jsonl,
    parquet,
    scraped,
    wos_tab,
    xlsx,
)
from pipeline.sources.document import Document
from pipeline.sources.encodings import binary_kind
from pipeline.sources.tagged import cochrane, endnote, nbib, refworks, ris, wos
from pipeline.sources.xml import acl_anthology, arxiv_atom, endnote_xml, oai_pmh, pubmed_xml

_LEAST_LIKENESS = 0.04


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """One format.

    `sniff(document)` says in [0, 1] how much the file's content looks like it, from its head;
    `count(document)` finds the number of records by other means than `read`, so that a record which
    the parser loses is noticed; `read(document)` yields the records in their order, each a `Paper`,
    or a `Problem` with its raw text if it cannot be used. `is_binary`: it is no text.
    `describe(document)` names the format more closely for the report: `openalex json`.
    """

    name: str
    sniff: Callable[[Document], float]
    count: Callable[[Document], int]
    read: Callable[[Document], Iterator[Paper | Problem]]
    is_binary: bool = False
    describe: Callable[[Document], str] | None = None


class _Module(Protocol):
    """A module that reads one format."""

    NAME: str

    def sniff(self, document: Document, /) -> float:
        """See `SourceFormat`."""

    def count(self, document: Document, /) -> int:
        """See `SourceFormat`."""

    def read(self, document: Document, /) -> Iterator[Paper | Problem]:
        """See `SourceFormat`."""


def _format(
    module: _Module,
    *,
    is_binary: bool = False,
    describe: Callable[[Document], str] | None = None,
) -> SourceFormat:
    return SourceFormat(module.NAME, module.sniff, module.count, module.read, is_binary, describe)


FORMATS: tuple[SourceFormat, ...] = (
    _format(parquet, is_binary=True),
    _format(bibtex),
    _format(nbib),
    _format(ris),
    _format(cochrane),
    _format(refworks),
    _format(endnote),
    _format(wos),
    _format(jsonl, describe=jsonl.describe),
    _format(json_files, describe=json_files.describe),
    _format(wos_tab),
    _format(csv_fields),
    _format(csv_tables),
    _format(pubmed_xml),
    _format(arxiv_atom),
    _format(oai_pmh),
    _format(endnote_xml),
    _format(acl_anthology),
    _format(scraped),
    _format(xlsx, is_binary=True),
)


def detect_format(document: Document) -> tuple[SourceFormat | None, str]:
    """Give the format of a file by its content, or None and why there is none."""
    head = document.head_bytes
    if not head.strip():
        return None, "empty file" if not head else "nothing but white space"
    binary = next((fmt for fmt in FORMATS if fmt.is_binary and fmt.sniff(document)), None)
    if binary is not None:
        return binary, ""
    if kind := binary_kind(head):
        return None, f"not text but {kind}"
    texts = [fmt for fmt in FORMATS if not fmt.is_binary]
    scores = [(fmt.sniff(document), -rank, fmt) for rank, fmt in enumerate(texts)]
    score, _, best = max(scores, key=lambda scored: scored[:2])
    if score < _SURE and (other := _other_export(document.head)):
        return None, other
    return (best, "") if score >= _LEAST_LIKENESS else (None, "no known format")


# What people have at hand in place of an export, by signs that are all in it, and what to do.
_OTHERS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((r"\A\s*<(?:!doctype\s+html|html)\b",), "a web page, not an export"),
    (
        ("^Author information:", "^(?:PMID|DOI): "),
        "PubMed's abstracts as text: save them in the format PubMed (.nbib)",
    ),
    ((r"^Unique Identifier\s*$",), "Ovid's citations as text: export them as RIS"),
)
_SURE = 0.9


def _other_export(head: str) -> str:
    """What a text is when it is none of our formats but well known, and what to do; else ""."""
    for signs, said in _OTHERS:
        if all(re.search(sign, head, re.IGNORECASE | re.MULTILINE) for sign in signs):
            return said
    return ""

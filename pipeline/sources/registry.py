"""The formats that can be read. A new one is three functions in a module and a line here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


FORMATS: tuple[SourceFormat, ...] = (
    SourceFormat(parquet.NAME, parquet.sniff, parquet.count, parquet.read, is_binary=True),
    SourceFormat(bibtex.NAME, bibtex.sniff, bibtex.count, bibtex.read),
    SourceFormat(nbib.NAME, nbib.sniff, nbib.count, nbib.read),
    SourceFormat(ris.NAME, ris.sniff, ris.count, ris.read),
    SourceFormat(cochrane.NAME, cochrane.sniff, cochrane.count, cochrane.read),
    SourceFormat(refworks.NAME, refworks.sniff, refworks.count, refworks.read),
    SourceFormat(endnote.NAME, endnote.sniff, endnote.count, endnote.read),
    SourceFormat(wos.NAME, wos.sniff, wos.count, wos.read),
    SourceFormat(jsonl.NAME, jsonl.sniff, jsonl.count, jsonl.read, describe=jsonl.describe),
    SourceFormat(
        json_files.NAME,
        json_files.sniff,
        json_files.count,
        json_files.read,
        describe=json_files.describe,
    ),
    SourceFormat(wos_tab.NAME, wos_tab.sniff, wos_tab.count, wos_tab.read),
    SourceFormat(csv_fields.NAME, csv_fields.sniff, csv_fields.count, csv_fields.read),
    SourceFormat(csv_tables.NAME, csv_tables.sniff, csv_tables.count, csv_tables.read),
    SourceFormat(pubmed_xml.NAME, pubmed_xml.sniff, pubmed_xml.count, pubmed_xml.read),
    SourceFormat(arxiv_atom.NAME, arxiv_atom.sniff, arxiv_atom.count, arxiv_atom.read),
    SourceFormat(oai_pmh.NAME, oai_pmh.sniff, oai_pmh.count, oai_pmh.read),
    SourceFormat(endnote_xml.NAME, endnote_xml.sniff, endnote_xml.count, endnote_xml.read),
    SourceFormat(acl_anthology.NAME, acl_anthology.sniff, acl_anthology.count, acl_anthology.read),
    SourceFormat(scraped.NAME, scraped.sniff, scraped.count, scraped.read),
    SourceFormat(xlsx.NAME, xlsx.sniff, xlsx.count, xlsx.read, is_binary=True),
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


# What people have at hand in place of an export, and what to do about it.
_OTHERS = (
    (r"\s*<(?:!doctype\s+html|html)\b", "a web page, not an export"),
    (r"(?s).*^Author information:.*^(?:PMID|DOI): ", "PubMed's abstracts as text: save them in the "
     "format PubMed (.nbib)"),
    (r"(?s).*^Unique Identifier\s*$", "Ovid's citations as text: export them as RIS"),
)  # fmt: skip
_SURE = 0.9


def _other_export(head: str) -> str:
    """What a text is when it is none of our formats but well known, and what to do; else ""."""
    return next((said for sign, said in _OTHERS if re.match(sign, head, re.I | re.M)), "")

"""Read EndNote's XML export, versions X to 20: its values are wrapped in styles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.papers import Paper, Problem
from pipeline.sources.document import Document
from pipeline.sources.fields import to_paper
from pipeline.sources.xml import cutting
from pipeline.sources.xml.records import Record, read_records
from pipeline.sources.xml.sniffing import looks_like

NAME = "endnote-xml"
_TAG = cutting.RecordTag(("record",), ("records", "xml"))
_SIGNS = (
    re.compile(r"<record[\s>]"),
    re.compile(r"<(?:source-app|rec-number|ref-type|foreign-keys|titles|contributors)[\s>]"),
)
_ISSN = re.compile(r"(?<![\dXx-])\d{4}-?\d{3}[\dXx](?![\dXx-])")
_ISBN = re.compile(r"(?<![\d-])(?:97[89][ -]?)?\d(?:[ -]?\d){8}[ -]?[\dXx](?![\dXx-])")
_PUBMED = re.compile(r"pubmed|medline|nlm", re.IGNORECASE)
_PMID = re.compile(r"\d{1,8}")
_SCHEMES = {"wos": re.compile(r"WOS:\w+"), "scopus": re.compile(r"2-s2\.0-\d+")}


def sniff(document: Document) -> float:
    """Say whether the head has records with elements of EndNote: 0 to 1."""
    return looks_like(document, _SIGNS)


def count(document: Document) -> int:
    """Count records by their start tags."""
    return cutting.count(document, _TAG)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper."""
    return read_records(document, _TAG, _read)


def _read(record: Record) -> Paper | Problem:
    kind = record.find("ref-type")
    cell = {
        "id": record.text_at("rec-number"),
        "title": record.text_at("titles/title"),
        "abstract": record.text_at("abstract"),
        "authors": record.texts_at("contributors/authors/author"),
        "affiliations": _lines(record.text_at("auth-address")),
        "year": record.text_at("dates/year"),
        "date": _date(record),
        "venue": record.text_at(
            "titles/secondary-title", "periodical/full-title", "alt-periodical/full-title"
        ),
        "doi": record.text_at("electronic-resource-num"),
        "identifiers": _identifiers(record),
        "url": _url(record),
        "keywords": [word for text in record.texts_at("keywords/keyword") for word in _words(text)],
        "kind": kind.get("name") if kind is not None else "",
        "language": record.text_at("language"),
    }
    return to_paper(cell, record.source, extra=_extra(record).items())


def _extra(record: Record) -> dict[str, Any]:
    """ISSN and ISBN share a field, which may hold several of them."""
    numbers = record.text_at("isbn")
    return {
        "volume": record.text_at("volume"),
        "issue": record.text_at("number", "issue"),
        "pages": record.text_at("pages"),
        "publisher": record.text_at("publisher"),
        "issn": _ISSN.findall(numbers),
        "isbn": [found[0] for found in _ISBN.finditer(numbers)],
        "label": record.text_at("label"),
    }


def _date(record: Record) -> str:
    """The publication date, with the year that stands apart from it.

    Dates of numbers alone (`1/12/`) are left: which of them is the month depends on who wrote it.
    """
    year, date = record.text_at("dates/year").strip(), record.text_at("dates/pub-dates/date")
    if re.search(r"\d{4}", date):
        return date
    return f"{date} {year}" if re.search(r"[A-Za-z]", date) else ""


def _identifiers(record: Record) -> dict[str, str]:
    """An accession number says whose it is, or the database beside it does."""
    number = record.text_at("accession-num").strip()
    urls = " ".join(record.texts_at("urls/related-urls/url"))
    ids = {"pmcid": record.text_at("custom2")} if "PMC" in record.text_at("custom2") else {}
    for scheme, pattern in _SCHEMES.items():
        if found := pattern.search(f"{number} {urls}"):
            ids[scheme] = found[0]
    by_pubmed = _PUBMED.search(
        record.text_at("remote-database-name") + record.text_at("remote-database-provider")
    )
    if _PMID.fullmatch(number) and (by_pubmed or "ncbi.nlm.nih.gov/pubmed" in urls):
        ids["pmid"] = number
    return ids


def _url(record: Record) -> str:
    """The first address on the web; `urls/pdf-urls` are files of that library."""
    urls = [
        word
        for path in ("urls/related-urls/url", "urls/web-urls/url", "urls/url")
        for text in record.texts_at(path)
        for word in text.split()
    ]
    return next((url for url in urls if url.startswith(("http://", "https://"))), "")


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"[\r\n]+", text) if line.strip()]


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\r\n;]+", text) if word.strip()]

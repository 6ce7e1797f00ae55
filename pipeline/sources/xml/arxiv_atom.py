"""Read the feed of arXiv's API (Atom), and feeds of journals: Atom, RSS 1.0 and 2.0."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.papers import Paper, Problem, normalise_arxiv_id
from pipeline.sources.document import Document
from pipeline.sources.fields import to_paper
from pipeline.sources.xml import cutting
from pipeline.sources.xml.records import Record, read_records
from pipeline.sources.xml.sniffing import looks_like

NAME = "arxiv-atom"
_TAG = cutting.RecordTag(("entry", "item"), ("feed", "channel", "rss", "RDF"), prefixed=True)
_SIGNS = (
    re.compile(r"<(?:[\w.-]+:)?(?:entry|item)[\s>]"),
    re.compile(r"<(?:(?:[\w.-]+:)?feed|rss|rdf:RDF)[\s>]|<id>\s*https?://arxiv\.org/abs/"),
)
_ERRORS = "arxiv.org/api/errors"
# arXiv's RSS puts these before the abstract and after the title.
_ANNOUNCED = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*\(arXiv:[^()]*\)\s*$")


def sniff(document: Document) -> float:
    """Say whether the head is that of a feed with entries: 0 to 1."""
    return looks_like(document, _SIGNS)


def count(document: Document) -> int:
    """Count entries by their start tags."""
    return cutting.count(document, _TAG)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each entry's paper; an error that the API reports is a problem."""
    return read_records(document, _TAG, _read)


def _read(record: Record) -> Paper | Problem:
    address = record.text_at("id", "link", "guid").strip()
    abstract = record.text_at("summary", "description", "encoded", "content")
    if _ERRORS in address:
        reason = " ".join(abstract.split()) or "no reason given"
        return Problem(record.source.line, f"arXiv reports an error ({reason}); set aside")
    is_arxiv = "arxiv.org/" in address
    arxiv_id = normalise_arxiv_id(address) if is_arxiv else None
    categories = _categories(record)
    cell = {
        "id": arxiv_id,
        "arxiv_id": arxiv_id,
        "title": _NUMBERED.sub("", record.text_at("title")),
        "abstract": _ANNOUNCED.sub("", abstract, count=1),
        "authors": _authors(record),
        "affiliations": record.texts_at("author/affiliation"),
        "date": record.text_at("published", "pubDate", "date", "updated"),
        "year": record.text_at("published", "pubDate", "date", "updated"),
        "category": _primary(record) or next(iter(categories), "") if is_arxiv else "",
        "venue": record.text_at("journal_ref", "publicationName"),
        "doi": _doi(record),
        "url": _url(record) or address,
        "keywords": [] if is_arxiv else categories,
        "kind": "preprint" if is_arxiv else "",
    }
    extra = {
        "categories": categories if is_arxiv else [],
        "comment": record.text_at("comment"),
        "volume": record.text_at("volume"),
        "issue": record.text_at("number"),
        "pages": record.text_at("pages"),
        "issn": record.text_at("issn"),
        "publisher": record.text_at("publisher"),
    }
    return to_paper(cell, record.source, extra=extra.items())


def _authors(record: Record) -> str | list[str]:
    """Names, one an element, or all of them in one."""
    names = record.texts_at("author/name") or record.texts_at("creator")
    names = names or record.texts_at("author")
    return names[0] if len(names) == 1 and "," in names[0] else names


def _primary(record: Record) -> str:
    primary = record.find("primary_category")
    return primary.get("term", "") if primary is not None else ""


def _categories(record: Record) -> list[str]:
    found = [tag.get("term") or (tag.text or "").strip() for tag in record.find_all("category")]
    return [category for category in found if category]


def _doi(record: Record) -> str:
    named = [text for text in record.texts_at("identifier") if "10." in text]
    linked = [
        link.get("href", "")
        for link in record.find_all("link")
        if "doi.org/" in link.get("href", "")
    ]
    return record.text_at("doi") or next(iter(named + linked), "")


def _url(record: Record) -> str:
    """The page about it: Atom's link of the kind `alternate`, which is the kind by default."""
    for link in record.find_all("link"):
        address = link.get("href") or (link.text or "").strip()
        if address and link.get("rel", "alternate") == "alternate":
            return address
    return ""

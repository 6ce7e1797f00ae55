"""Read what repositories give by OAI-PMH: Dublin Core, and arXiv's own two formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pipeline.papers import Paper, Problem, normalise_arxiv_id
from pipeline.sources.document import Document
from pipeline.sources.fields import to_paper
from pipeline.sources.kinds import kind_of
from pipeline.sources.xml import cutting
from pipeline.sources.xml.records import Record, read_records, text_of
from pipeline.sources.xml.sniffing import looks_like

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAME = "oai-pmh"
_TAG = cutting.RecordTag(
    ("record",), ("ListRecords", "GetRecord", "OAI-PMH"), first_child="header", prefixed=True
)
_SIGNS = (
    re.compile(r"<(?:[\w.-]+:)?record(?:\s[^<>]*)?>\s*<(?:[\w.-]+:)?header[\s>]|<OAI-PMH[\s>]"),
)
DELETED = "deleted at its source; set aside"
_COMMENT = re.compile(r"\s*comments?\s*:", re.IGNORECASE)
_ISSN = re.compile(r"(?:e?issn\W*)?(\d{4}-\d{3}[\dX])", re.IGNORECASE)
_DOI = re.compile(
    r"(?:doi:\s*|info:doi/|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE
)

Cells = tuple[dict[str, Any], dict[str, Any]]


def sniff(document: Document) -> float:
    """Say whether the head has records with a header: 0 to 1."""
    return looks_like(document, _SIGNS)


def count(document: Document) -> int:
    """Count records by start tags that a header follows."""
    return cutting.count(document, _TAG)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper, of one response or of many in one file."""
    return read_records(document, _TAG, _read)


def _read(record: Record) -> Paper | Problem:
    header = record.find("header")
    if header is not None and header.get("status") == "deleted":
        return Problem(record.source.line, DELETED)
    metadata = next(iter(record.find_all("metadata/*")), None)
    if metadata is None:
        return Problem(record.source.line, "record has no metadata; set aside")
    reader = _READERS.get(str(metadata.tag))
    if reader is None:
        known = ", ".join(_READERS)
        reason = f"metadata of the kind {metadata.tag} are not read (known: {known}); set aside"
        return Problem(record.source.line, reason)
    cell, extra = reader(record, str(metadata.tag))
    cell["id"] = cell.get("arxiv_id") or record.text_at("header/identifier")
    return to_paper(cell, record.source, extra=extra.items())


def _arxiv(record: Record, name: str) -> Cells:
    """`arXiv` has names in parts and the first version's day, `arXivRaw` all versions' times."""
    at = f"metadata/{name}"
    arxiv_id = normalise_arxiv_id(record.text_at(f"{at}/id"))
    categories = record.text_at(f"{at}/categories").split()
    date = record.text_at(f"{at}/created", f"{at}/version/date")
    cell = {
        "arxiv_id": arxiv_id,
        "title": record.text_at(f"{at}/title"),
        "abstract": record.text_at(f"{at}/abstract"),
        "authors": [_name(author) for author in record.find_all(f"{at}/authors/author")]
        or record.text_at(f"{at}/authors"),
        "affiliations": record.texts_at(f"{at}/authors/author/affiliation"),
        "date": date,
        "year": date,
        "category": next(iter(categories), ""),
        "venue": record.text_at(f"{at}/journal-ref"),
        "doi": record.text_at(f"{at}/doi").split(" ")[0],
        "url": f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else "",
        "kind": "preprint",
    }
    extra = {
        "categories": categories,
        "comment": record.text_at(f"{at}/comments"),
        "report-no": record.text_at(f"{at}/report-no"),
        "license": record.text_at(f"{at}/license"),
    }
    return cell, extra


def _name(author: Element) -> dict[str, str]:
    parts = {"family": "keyname", "given": "forenames", "suffix": "suffix"}
    return {part: text_of(author.find(name)).strip() for part, name in parts.items()}


def _dublin_core(record: Record, name: str) -> Cells:
    at = f"metadata/{name}"
    identifiers = [text.strip() for text in record.texts_at(f"{at}/identifier")]
    addresses = [text for text in identifiers if text.startswith(("http://", "https://"))]
    arxiv_id = next((normalise_arxiv_id(url) for url in addresses if "arxiv.org/abs/" in url), None)
    date = _earliest(record.texts_at(f"{at}/date"))
    sources = record.texts_at(f"{at}/source")
    titles = record.find_all(f"{at}/title")
    cell = {
        "arxiv_id": arxiv_id,
        "title": next((text for title in titles if (text := text_of(title)).strip()), ""),
        "abstract": _abstract(record, at),
        "authors": record.texts_at(f"{at}/creator"),
        "date": date,
        "year": date,
        "venue": next((s.split(";")[0] for s in sources if not _ISSN.fullmatch(s.strip())), ""),
        "doi": next((text for text in identifiers if _DOI.fullmatch(text)), ""),
        "url": next((url for url in addresses if "doi.org/" not in url), next(iter(addresses), "")),
        "keywords": record.texts_at(f"{at}/subject"),
        "kind": "preprint" if arxiv_id else _kind(record.texts_at(f"{at}/type")),
        "language": record.text_at(f"{at}/language"),
    }
    numbers = (_ISSN.fullmatch(text.strip()) for text in [*sources, *identifiers])
    extra = {
        "publisher": record.text_at(f"{at}/publisher"),
        "issn": [number[1] for number in numbers if number],
        "rights": record.text_at(f"{at}/rights"),
    }
    return cell, extra


_READERS: dict[str, Callable[[Record, str], Cells]] = {
    "arXiv": _arxiv,
    "arXivRaw": _arxiv,
    "dc": _dublin_core,
    "qualifieddc": _dublin_core,
}


def _abstract(record: Record, at: str) -> str:
    """The longest description in the title's language: others are comments, tables of contents, or
    the same in another language."""
    described = [*record.find_all(f"{at}/description"), *record.find_all(f"{at}/abstract")]
    texts = {text: found for found in described if not _COMMENT.match(text := text_of(found))}
    title = record.find(f"{at}/title")
    language = _language(title) if title is not None else ""
    same = [text for text, found in texts.items() if language and _language(found) == language]
    return max(same or texts, key=len, default="")


def _language(element: Element) -> str:
    return element.get("{http://www.w3.org/XML/1998/namespace}lang", "")


def _earliest(dates: list[str]) -> str:
    """The first of several days: the others say when it was catalogued and changed."""
    told = [date.strip() for date in dates if re.match(r"\s*\d{4}", date)]
    return min(told, default=dates[0] if dates else "")


def _kind(types: list[str]) -> str:
    """The first word that says what was published, at the end of an address too."""
    words = (re.split(r"[/#]", text.strip())[-1] for text in types)
    return next((word for word in words if kind_of(word)), "")

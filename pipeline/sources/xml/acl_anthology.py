"""Read the ACL Anthology's own files (`data/xml/2023.acl.xml`): volumes of papers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.papers import Paper, Problem
from pipeline.sources.document import Document
from pipeline.sources.fields import to_paper
from pipeline.sources.xml import cutting
from pipeline.sources.xml.cutting import Piece
from pipeline.sources.xml.records import Record, parse_piece, read_records, text_of
from pipeline.sources.xml.sniffing import looks_like

NAME = "acl-anthology"
_TAG = cutting.RecordTag(("paper",), ("volume", "collection"))
_SIGNS = (
    re.compile(r"<(?:volume|paper)\s[^<>]*\bid\s*="),
    re.compile(r"<collection\s[^<>]*\bid\s*=|aclanthology\.org|<bibkey>"),
)
_COLLECTION = re.compile(r"<collection\s[^<>]*\bid\s*=\s*[\"']([^\"'<>]*)")
_VOLUME = re.compile(r"<volume\s[^<>]*>")
_ATTRIBUTE = re.compile(r"\b(id|type)\s*=\s*[\"']([^\"'<>]*)")
_META = re.compile(r"<meta>.*?</meta>", re.DOTALL)
_OWN_ID = re.compile(r"[A-Z]\d{2}-\d{4}|\d{4}\.\w+-\w+\.\d+")
_SITE = "https://aclanthology.org"


def sniff(document: Document) -> float:
    """Say whether the head has volumes or papers of a collection: 0 to 1."""
    return looks_like(document, _SIGNS)


def count(document: Document) -> int:
    """Count papers by their start tags; the front matter of a volume is none."""
    return cutting.count(document, _TAG)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each paper, with year and venue of the volume that it stands in."""
    return read_records(document, _TAG, _Volume(document).read)


class _Volume:
    """What the file says of the papers that follow."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._collection = self._volume = ""
        self._is_journal = False
        self._meta: Record | None = None

    def read(self, record: Record) -> Paper | Problem:
        self._look(record.before, record.source.line)
        return to_paper(self._cell(record), record.source, extra=self._extra(record))

    def _look(self, text: str, line: int) -> None:
        """Take note of the last collection and the last volume that begin in `text`."""
        if found := _COLLECTION.findall(text):
            self._collection = found[-1]
        volumes = list(_VOLUME.finditer(text))
        if not volumes:
            return
        attributes = dict(_ATTRIBUTE.findall(volumes[-1][0]))
        self._volume = attributes.get("id", "")
        self._is_journal = attributes.get("type") == "journal"
        meta = _META.search(text, volumes[-1].end())
        parsed = parse_piece(Piece(line, meta[0]), self._document.source(line)) if meta else None
        self._meta = parsed if isinstance(parsed, Record) else None

    def _told(self, *names: str) -> str:
        return self._meta.text_at(*names) if self._meta else ""

    def _cell(self, record: Record) -> dict[str, Any]:
        acl_id = self._acl_id(record)
        return {
            "id": record.text_at("bibkey") or acl_id,
            "title": record.text_at("title"),
            "abstract": record.text_at("abstract"),
            "authors": [
                {part: text_of(author.find(part)).strip() for part in ("first", "last")}
                for author in record.find_all("author")
            ],
            "affiliations": record.texts_at("author/affiliation"),
            "year": self._told("year"),
            "date": f"{self._told('month').split('-')[0]} {self._told('year')}",
            "venue": self._told("journal-title", "booktitle"),
            "doi": record.text_at("doi"),
            "identifiers": {"acl": acl_id},
            "url": f"{_SITE}/{acl_id}/" if acl_id else record.text_at("url"),
            "kind": "article-journal" if self._is_journal else "paper-conference",
            "language": record.text_at("language"),
            "code": record.find("pwccode") is not None,
            "status": self._status(record),
        }

    def _extra(self, record: Record) -> list[tuple[str, object]]:
        return [
            ("pages", record.text_at("pages")),
            ("publisher", self._told("publisher")),
            ("volume", self._told("journal-volume")),
            ("issue", self._told("journal-issue") or record.text_at("issue")),
            ("isbn", self._told("isbn")),
            ("award", record.texts_at("award")),
        ]

    def _acl_id(self, record: Record) -> str:
        """The id that the paper has, or that its place gives it (in collections since 2020)."""
        address = record.text_at("url").strip().removeprefix(f"{_SITE}/").strip("/")
        if _OWN_ID.fullmatch(address):
            return address
        number = record.element.get("id", "")
        placed = f"{self._collection}-{self._volume}.{number}"
        return placed if _OWN_ID.fullmatch(placed) else ""

    def _status(self, record: Record) -> str:
        if record.find("retracted") is not None:
            return "retracted"
        return "withdrawn" if record.find("removed") is not None else ""

"""Works of Crossref and items of CSL-JSON: one came from the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipeline.sources.fields import line_of, read_date, text_of
from pipeline.sources.json_values import (
    arxiv_id_in,
    first_of,
    in_print,
    language,
    list_of,
    mapping_of,
    mappings_of,
    noted_ids,
    pmcid,
)


def read_crossref(work: Mapping[str, Any]) -> dict[str, Any]:
    """A work of Crossref."""
    noted = noted_ids(work.get("note"))
    updates = [text_of(u.get("type")).lower() for u in mappings_of(work.get("updated-by"))]
    status = next((s for u in updates if (s := _UPDATES.get(u))), None)
    return {
        "id": work.get("id") or work.get("citation-key"),
        "title": _title(work),
        "abstract": work.get("abstract"),
        "authors": work.get("author"),
        "date": _date(work),
        "venue": first_of(work.get("container-title")),
        "doi": work.get("DOI") or noted.get("doi"),
        "arxiv_id": noted.get("arxiv") or arxiv_id_in(work.get("number")),
        "url": work.get("URL"),
        "identifiers": {
            "pmid": work.get("PMID") or noted.get("pmid"),
            "pmcid": pmcid(work.get("PMCID") or noted.get("pmcid")),
        },
        "keywords": work.get("subject") or work.get("keyword"),
        "kind": work.get("type"),
        "language": language(work.get("language")),
        "status": status,
        "extra": in_print(
            volume=work.get("volume"),
            issue=work.get("issue"),
            pages=work.get("page"),
            publisher=work.get("publisher"),
            issn=", ".join(map(line_of, list_of(work.get("ISSN")))),
            isbn=first_of(work.get("ISBN")),
        ),
    }


def read_csl(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of CSL-JSON, which came from Crossref; under `custom` stands what an export of ours
    has beside."""
    custom = mapping_of(item.get("custom"))
    cell = read_crossref(item)
    listed = [line_of(name).partition(":") for name in list_of(custom.get("identifiers"))]
    cell["identifiers"] |= {scheme: value for scheme, _, value in listed if value}
    cell["arxiv_id"] = custom.get("arxiv_id") or cell["arxiv_id"]
    cell["category"] = custom.get("category")
    cell["kind"] = _CSL_KINDS.get(line_of(item.get("type")), item.get("type"))
    cell["status"] = cell["status"] or item.get("status")
    return cell


# The fields' words for what CSL means: its `article` is not one of a journal, as BibTeX's is.
_CSL_KINDS = {"article": "preprint", "document": None}


_UPDATES = {"retraction": "retracted", "withdrawal": "withdrawn", "removal": "withdrawn"}


def _title(work: Mapping[str, Any]) -> str:
    title, subtitle = text_of(first_of(work.get("title"))), text_of(first_of(work.get("subtitle")))
    if not title or not subtitle or subtitle.casefold() in title.casefold():
        return title or subtitle
    return f"{title}: {subtitle}"


def _date(work: Mapping[str, Any]) -> object:
    """The day it was issued: of the dates of one year the one that says most."""
    names = ("issued", "published", "published-print", "published-online", "posted")
    given = [work[name] for name in names if work.get(name)]
    dates = [date for value in given if (date := read_date(value))]
    known = [value for value in given if not isinstance(value, Mapping) or _has_parts(value)]
    if not known:
        return None
    year = re.search(r"\d{4}", line_of(_first_part(known[0])))
    dates = [date for date in dates if year is None or date[:4] == year[0]]
    return max(dates, key=len) if dates else known[0]


def _has_parts(value: Mapping[str, Any]) -> bool:
    return bool(line_of(_first_part(value)))


def _first_part(value: object) -> object:
    """The year of a CSL date, or the text it is given as."""
    if not isinstance(value, Mapping):
        return value
    parts = value.get("date-parts") or value.get("raw") or value.get("literal")
    while isinstance(parts, list):
        parts = parts[0] if parts else None
    return parts

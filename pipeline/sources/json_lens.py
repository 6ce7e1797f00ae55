"""Works of Lens.org, as its API and its JSON Lines export have them (docs.api.lens.org)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.sources.fields import line_of, text_of
from pipeline.sources.json_values import (
    first_of,
    in_print,
    language,
    list_of,
    mapping_of,
    mappings_of,
    page_range,
    pmcid,
)


def read_lens(work: Mapping[str, Any]) -> dict[str, Any]:
    """A work of Lens.org; its DOI is one of the ids elsewhere."""
    elsewhere = mappings_of(work.get("external_ids"))
    ids = {line_of(one.get("type")): one.get("value") for one in elsewhere}
    source, people = mapping_of(work.get("source")), mappings_of(work.get("authors"))
    institutions = [one for p in people for one in mappings_of(p.get("affiliations"))]
    addresses = [*mappings_of(work.get("source_urls")), {"url": work.get("url")}]
    return {
        "id": work.get("lens_id"),
        "title": work.get("title"),
        "abstract": work.get("abstract"),
        "authors": [_author(one) for one in people],
        "affiliations": [one.get("name") for one in institutions],
        "year": work.get("year_published"),
        "date": work.get("date_published"),
        "venue": source.get("title") or mapping_of(work.get("conference")).get("name"),
        "doi": ids.get("doi") or work.get("doi"),
        "arxiv_id": ids.get("arxiv"),
        "url": next((text for one in addresses if (text := line_of(one.get("url")))), None),
        "identifiers": {
            "pmid": ids.get("pmid"),
            "pmcid": pmcid(ids.get("pmcid")),
            "mag": ids.get("magid"),
            "openalex": ids.get("openalex"),
        },
        "keywords": list_of(work.get("keywords")) or list_of(work.get("fields_of_study")),
        "kind": work.get("publication_type"),
        "language": language(first_of(work.get("languages"))),
        "status": "retracted" if work.get("retracted") is True else None,
        "extra": in_print(
            volume=work.get("volume"),
            issue=work.get("issue"),
            pages=page_range(work.get("start_page"), work.get("end_page")),
            publisher=source.get("publisher"),
            issn=_issns(source),
        ),
    }


def _author(one: Mapping[str, Any]) -> object:
    """Its parts as they are, which `fields` joins; a group is one name, whatever is in it."""
    group = line_of(one.get("collective_name"))
    return {"literal": group} if group else one


def _issns(source: Mapping[str, Any]) -> str:
    """All of them, `0277-5212, 1943-6246`: eight signs that stand without a hyphen get theirs."""
    told = (text_of(mapping_of(one).get("value") or one) for one in list_of(source.get("issn")))
    return ", ".join(f"{t[:4]}-{t[4:]}" if len(t) == 8 else t for t in told if t)

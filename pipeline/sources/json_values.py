"""Values of parsed JSON, of which nothing is certain: each as what it should be, or empty."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.sources.fields import line_of, text_of


def in_print(**values: object) -> dict[str, object]:
    """What was printed where, by the names that it has in `Paper.extra`."""
    return {name: line_of(value) for name, value in values.items() if value}


def page_range(first: object, last: object) -> str:
    """`12-19`, or the one page that is known."""
    one, other = line_of(first), line_of(last)
    return f"{one}-{other}" if one and other and one != other else one or other


def person_name(one: Mapping[str, Any]) -> str:
    """A name from its parts where it has them, else as a whole."""
    given = one.get("firstName") or one.get("givenName")
    family = one.get("lastName") or one.get("familyName")
    if family:
        return f"{line_of(given)} {line_of(family)}".strip()
    return line_of(one.get("name") or one.get("fullName") or one.get("collectiveName"))


def arxiv_id_in(*values: object) -> str | None:
    """The arXiv id in the first value that says it is one."""
    for value in values:
        if match := _ARXIV.search(text_of(value)):
            return match[1]
    return None


_ARXIV = re.compile(
    r"(?i)arxiv(?:\.org/(?:abs|pdf)/|[:.]\s*)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})"
)


def noted_ids(note: object) -> dict[str, str]:
    """The ids that people, Zotero's too, write in a note, a line each: `PMID: 29456894`."""
    return {name.lower(): value for name, value in _NOTED_ID.findall(text_of(note))}


_NOTED_ID = re.compile(r"^\s*(PMID|PMCID|arXiv|DOI)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def pmcid(value: object) -> str | None:
    """An id of PubMed Central, which some write without its letters."""
    text = line_of(value)
    number = text.rstrip("/").rpartition("/")[2]
    return f"PMC{number}" if number.isdigit() else text or None


def language(value: object) -> object:
    """`en` of `en-GB`."""
    text = text_of(value)
    return text[:2] if re.fullmatch(r"[A-Za-z]{2}[-_]\w+", text) else value


def number_of(value: object) -> float:
    """A number; 0 for whatever is none."""
    return value if isinstance(value, int | float) else 0


def mapping_of(value: object) -> Mapping[str, Any]:
    """An object; an empty one for whatever is none."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> Sequence[Any]:
    """A list; a single value is a list of one."""
    if isinstance(value, list):
        return value
    return [value] if value else []


def mappings_of(value: object) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [item for item in list_of(value) if isinstance(item, dict)]


def first_of(value: object) -> object:
    """The first value of a list that is not empty, or the value."""
    return next((item for item in value if item), None) if isinstance(value, list) else value


def first_mapping_of(value: object) -> Mapping[str, Any]:
    """The first object in a list; an empty one where there is none."""
    return next(iter(mappings_of(value)), {})


def abstract_of_index(index: object) -> str:
    """Give the text of an inverted index, `{"We": [0], "study": [1]}`; "" where it is none.

    Words whose positions are no whole numbers from 0 have no place and are left out.
    """
    if isinstance(index, str):
        try:
            index = json.loads(index)
        except (ValueError, RecursionError):
            return ""
    index = mapping_of(index)
    index = mapping_of(index.get("InvertedIndex")) or index  # as Microsoft Academic Graph had it
    placed = [
        (position, word)
        for word, positions in index.items()
        if isinstance(positions, list)
        for position in positions
        if type(position) is int and position >= 0
    ]
    return " ".join(word for _, word in sorted(placed, key=lambda pair: pair[0]))

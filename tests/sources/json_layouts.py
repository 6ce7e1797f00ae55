"""Invented records, and the layouts in which files of JSON hold them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

Record = dict[str, Any]


def record(number: int) -> Record:
    """A paper whose objects and brackets could be taken for a record's."""
    return {
        "id": f"r{number}",
        "doi": f"10.5555/moss.{number}",
        "title": f"Moss number {number}",
        "abstract": f'We study moss {number} in a "quoted" {{setting}} [with brackets], and light.',
        "authors": [
            {"id": f"a{number}", "name": "Ana Vega"},
            {"id": f"b{number}", "name": "Jan Boer"},
        ],
        "year": 2000 + number,
        "journal": {"name": "J. Moss", "volume": "3"},
        "topics": [],
    }


def _joined(records: Sequence[Record]) -> str:
    """`[{` ... `}, {` ... `}]`, as programs in JavaScript print it."""
    bodies = [json.dumps(one, indent=2)[2:-2] for one in records]
    return "[{\n" + "\n}, {\n".join(bodies) + "\n}]"


def _pages(records: Sequence[Record]) -> str:
    halves = (records[:3], records[3:])
    return "\n".join(json.dumps({"meta": {"count": 7}, "results": half}) for half in halves)


LAYOUTS: dict[str, Callable[[Sequence[Record]], str]] = {
    "indented": lambda rs: json.dumps(rs, indent=2),
    "not indented": lambda rs: json.dumps(rs, indent=0),
    "one line": json.dumps,
    "no blanks": lambda rs: json.dumps(rs, separators=(",", ":")),
    "a record a line": lambda rs: "[\n" + ",\n".join(map(json.dumps, rs)) + "\n]\n",
    "comma first": lambda rs: "[\n" + "\n,".join(map(json.dumps, rs)) + "\n]\n",
    "joined": _joined,
    "below a key": lambda rs: json.dumps({"meta": {"n": 7}, "results": rs}, indent=1),
    "below two keys": lambda rs: json.dumps({"status": "ok", "message": {"items": rs, "n": 7}}),
    "by id": lambda rs: json.dumps({f"k{i}": one for i, one in enumerate(rs)}, indent=2),
    "by id on one line": lambda rs: json.dumps({f"k{i}": one for i, one in enumerate(rs)}),
    "one after the other": lambda rs: "\n".join(json.dumps(one, indent=2) for one in rs),
    "one after the other on one line": lambda rs: "".join(map(json.dumps, rs)),
    "pages": _pages,
    "lines": lambda rs: "\n".join(map(json.dumps, rs)) + "\n",
    "text sequence": lambda rs: "".join(f"\x1e{json.dumps(one)}\n" for one in rs),
}

"""Read BibTeX and BibLaTeX through bibtexparser 2, and mend the entries that it gives up.

bibtexparser keeps what it cannot parse as failed blocks, and a repeated key as another kind of
them; both are papers of the user's. The file is parsed in portions that end where a line begins an
entry: there bibtexparser itself takes up again after an error, so that nothing is parsed otherwise
than in one go, and memory does not grow with the file.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline.papers import Paper, Problem, ProblemKind, normalise_title
from pipeline.papers.identity import SCHEMES
from pipeline.sources.document import MAX_RECORD_CHARS, Document
from pipeline.sources.fields import MAX_EXTRA_CHARS, NO_TEXT, to_paper

NAME = "bibtex"
_ENTRY = re.compile(r"@[ \t]*([A-Za-z][\w.:+/-]*)\s*[{(]")
_NO_PAPER = frozenset({"comment", "preamble", "string"})
_PORTION_CHARS = 1 << 20
_FIELD = re.compile(r"(?:^|[,{(\n]|[}\"](?=\s))\s*([A-Za-z][\w:+-]{0,40})\s*=\s*(?=[{\"\w])")
_LOST_COMMA = re.compile(r"[}\"]\s+[A-Za-z][\w-]*\s*=\s*[{\"]")
_KEY = re.compile(r"@[ \t]*[A-Za-z][\w.:+/-]*\s*[{(]\s*([^\s,={}\"]*)\s*,")
# What programs keep for themselves.
_SKIPPED = re.compile(
    r"(?:file|owner|timestamp|date-?added|date-?modified|bdsk-.*|groups|local-url|mendeley-groups|"
    r"username|cited-?references|shorttitle|biburl|bibsource|marked.*|__.*)"
)
_READ = frozenset(
    """
    title subtitle abstract annotation author editor year date month journal journaltitle
    booktitle series doi url link keywords keyword mendeley-tags eprint archiveprefix eprinttype
    primaryclass volume number issue pages publisher institution school organization issn isbn
    language langid status howpublished paperatlas-id eprintclass unique-id arxivid crossref
    entrytype id
    """.split()  # noqa: SIM905  one word a line would hide the list
)


def sniff(document: Document) -> float:
    """Say whether a line begins an entry that has a field: 0 to 1."""
    head = document.head
    first = next(_entries(head), None)
    if first is None:
        return 0.6 if re.match(r"\s*@(?:string|comment|preamble)\s*[{(]", head, re.I) else 0.0
    return 0.96 if "=" in head[first.end() : first.end() + 5000] else 0.3


def count(document: Document) -> int:
    """Count what begins an entry, and is no comment, preamble or abbreviation."""
    records, before = 0, ""
    for block in document.blocks():
        text = before + block
        cut = max(text.rfind("\n"), len(text) - _PORTION_CHARS) if len(text) > 1 else 0
        records += _n_entries(text[:cut])
        before = text[cut:]
    return records + _n_entries(before)


def _n_entries(text: str) -> int:
    return sum(1 for _ in _entries(text))


def _entries(text: str) -> Iterator[re.Match[str]]:
    """What begins a paper's entry: at the begin of a line, or behind the end of another entry."""
    for match in _ENTRY.finditer(text):
        if match[1].lower() not in _NO_PAPER and _begins(text, match.start()):
            yield match


def _begins(text: str, at: int) -> bool:
    while at and text[at - 1] in " \t\ufeff":
        at -= 1
    return not at or text[at - 1] in "\n})"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry as it was parsed, or as far as its fields could be seen in a broken one."""

    line: int
    type: str
    key: str
    values: Mapping[str, str]
    raw: str
    is_mended: bool = False


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each entry's paper; one that had to be mended is told as a doubt too."""
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it says, we say
    parents = _parents(document)
    for entry in _parsed(document):
        parent = parents.get(entry.values.get("crossref", "").strip("{} ").lower(), {})
        cell = _to_cell(entry.type, entry.key, {**parent, **entry.values})
        paper = to_paper(cell, document.source(entry.line), extra=cell["extra"])
        if isinstance(paper, Problem):
            yield Problem(entry.line, NO_TEXT, raw=entry.raw)
            continue
        yield paper
        if entry.is_mended:
            doubt = "broken entry, read as far as possible"
            yield Problem(entry.line, doubt, ProblemKind.DOUBT, entry.raw)


def _parents(document: Document) -> dict[str, dict[str, str]]:
    """What entries that others name by `crossref` say for these, by key in lower case: a title is
    the book's there. Looked for only in a file that has such fields: it is parsed twice then."""
    if not any(_CROSSREF.search(text) for _, text in _portions(document)):
        return {}
    parents = {}
    for entry in _parsed(document):
        if "crossref" not in entry.values and entry.key:
            shared = {name: entry.values[name] for name in _SHARED if entry.values.get(name)}
            title = entry.values.get("booktitle") or entry.values.get("title") or ""
            parents[entry.key.lower()] = {**shared, "booktitle": title}
    return parents


_CROSSREF = re.compile(r"\bcrossref\s*=", re.IGNORECASE)
_SHARED = ("year", "date", "month", "publisher", "series", "volume", "isbn", "issn")


def _parsed(document: Document) -> Iterator[_Entry]:
    """The entries in their order, whole and broken."""
    strings: dict[str, str] = {}
    for line, text in _portions(document):
        yield from _read_portion(line, text, strings)


def _portions(document: Document) -> Iterator[tuple[int, str]]:
    """Cut the text before lines that begin an entry; each piece with the number of its first line.

    What is longer than any record, and has no such line, is cut behind entries' ends as well.
    """
    line, held = 1, ""
    for block in document.blocks():
        held += block
        if len(held) < _PORTION_CHARS:
            continue
        cut = held.rfind("\n@") + 1
        if not cut and len(held) > MAX_RECORD_CHARS:
            cut = max((m.start() for m in _entries(held)), default=0) or len(held)
        if cut:
            yield line, held[:cut]
            line += held.count("\n", 0, cut)
            held = held[cut:]
    if held:
        yield line, held


def _read_portion(line: int, text: str, strings: dict[str, str]) -> Iterator[_Entry]:
    """Parse some entries; `strings` are the abbreviations so far, in their own words, by their
    names, and get those of this portion."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import Entry, ImplicitComment, ParsingFailedBlock, String

    head = "".join(f"{' '.join(raw.split())}\n" for raw in strings.values())
    whole, offset, place = head + text, line - len(strings), 0
    lost: tuple[int, int] | None = None  # line and place where something given up begins
    for block in parse_string(whole).blocks:
        at, raw = (block.start_line or 0) + offset, block.raw or ""
        place = max(whole.find(raw, place), place)
        entry = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if isinstance(entry, ImplicitComment) or entry is None:
            # What was given up may break off early; the rest of it is taken for a comment.
            lost = lost or (at, place)
            continue
        if lost:
            yield from _mend(lost[0], whole[lost[1] : place])
            lost = None
        if isinstance(entry, Entry):
            if entry is not block:  # its key or a field is repeated: its values are as they stood
                entry = _parsed_alone(strings, entry)
            values = _values(entry, strings)
            if any("=" in text and _LOST_COMMA.search(text) for text in values.values()):
                yield from _mend(at, raw)
            else:
                yield _Entry(at, entry.entry_type, entry.key, values, raw)
        elif isinstance(entry, String) and at >= line:
            strings[entry.key.lower()] = raw
    if lost:
        yield from _mend(lost[0], whole[lost[1] :])


def _parsed_alone(strings: Mapping[str, str], entry: Any) -> Any:  # noqa: ANN401  no types there
    """The entry with its values resolved and without the marks around them."""
    from bibtexparser.library import Library
    from bibtexparser.middlewares.parsestack import default_parse_stack
    from bibtexparser.splitter import Splitter

    library = Library([*Splitter("\n".join(strings.values())).split().blocks, entry])
    for middleware in default_parse_stack(allow_inplace_modification=True):
        library = middleware.transform(library)
    return library.entries[0]


def _values(entry: Any, strings: Mapping[str, str]) -> dict[str, str]:  # noqa: ANN401  no types
    """The fields by name in lower case; of a repeated one the first that is not empty."""
    values: dict[str, str] = {}
    for field in entry.fields:
        name = field.key.lower()
        if not values.get(name):
            text = str(field.value)
            values[name] = _concatenated(text, strings) if "#" in text else text
    return values


_PIECE = r'(?:"[^"]*"|\{[^{}]*\}|[A-Za-z0-9_:.+-]+)'
_PIECES = re.compile(rf"\s*{_PIECE}(?:\s*#\s*{_PIECE})+\s*")


def _concatenated(text: str, strings: Mapping[str, str]) -> str:
    """The value of `"one " # two`, which bibtexparser 2.1 leaves as it stands."""
    parts = re.findall(_PIECE, text) if _PIECES.fullmatch(text) else []
    if not any(part[0] in '"{' or part.lower() in strings for part in parts):
        return text  # `{C # Java}`, whose braces are off
    return "".join(_piece(part, strings) for part in parts)


def _piece(part: str, strings: Mapping[str, str]) -> str:
    if part[0] in '"{':
        return part[1:-1]
    raw = strings.get(part.lower())
    return _without_enclosing(raw.partition("=")[2].strip()[:-1].strip()) if raw else part


def _mend(line: int, raw: str) -> Iterator[_Entry]:
    """Read what was given up: each entry in it, its fields as far as their names can be seen.

    Other text between entries is a comment in BibTeX.
    """
    starts = list(_entries(raw))
    for start, following in itertools.zip_longest(starts, starts[1:]):
        end = following.start() if following else len(raw)
        text = raw[start.start() : end].strip()
        at = line + raw.count("\n", 0, start.start())
        key = match[1] if (match := _KEY.match(text)) else ""
        yield _Entry(at, start[1], key, _visible_fields(text), text, is_mended=True)


def _visible_fields(text: str) -> dict[str, str]:
    """The fields of a broken entry: from each name and `=` to the next name."""
    found = list(_FIELD.finditer(text))
    values: dict[str, str] = {}
    for match, following in itertools.zip_longest(found, found[1:]):
        end = following.start() if following else len(text)
        value = text[match.end() : end].strip().rstrip(",").strip()
        name = match[1].lower()
        if value and not values.get(name):
            values[name] = _without_enclosing(value)
    return values


def _without_enclosing(value: str) -> str:
    """A value without the marks around it, of which one may be missing."""
    if value[0] == '"':
        return value[1:].rstrip("}) \n\t").removesuffix('"')
    if value[0] == "{":
        inner = value[1:]
        surplus = inner.count("}") - inner.count("{")
        while surplus > 0 and inner.rstrip().endswith("}"):
            inner, surplus = inner.rstrip()[:-1], surplus - 1
        return inner
    return value.rstrip("}) \n\t")


def _to_cell(entry_type: str, key: str, value: Mapping[str, str]) -> dict[str, Any]:
    """The raw values of an entry."""
    get = value.get
    title, subtitle = get("title", ""), get("subtitle", "")
    url = _unescaped(get("url") or get("link") or get("howpublished") or "")
    scheme = (get("archiveprefix") or get("eprinttype") or "").lower()
    eprint = get("eprint", "")
    extra = {
        "volume": "" if get("volume", "").startswith("abs/") else get("volume"),
        "issue": get("number") or get("issue"),
        "pages": (get("pages") or "").replace("--", "-"),
        "publisher": get("publisher") or get("institution") or get("school") or get("organization"),
        "issn": get("issn"),
        "isbn": get("isbn"),
    }
    extra |= {
        name: text
        for name, text in value.items()
        if name not in _READ and name not in SCHEMES and not _SKIPPED.fullmatch(name)
    }
    extra = {name: _as_text(text) for name, text in extra.items() if text}
    is_arxiv = scheme == "arxiv" or (not scheme and "." in eprint)
    return {
        "id": get("paperatlas-id") or key,
        "kind": "preprint" if is_arxiv and entry_type == "misc" else entry_type,
        "title": f"{title}: {subtitle}" if title and subtitle else title,
        "abstract": get("abstract") or get("annotation") or "",
        "authors": _names(get("author") or get("editor") or ""),
        "year": (get("year") or get("date") or "").strip("{} "),
        "date": get("date") or _month(value),
        "venue": get("journal")
        or get("journaltitle")
        or get("booktitle")
        or get("series")
        or _printed_where(get("howpublished", "")),
        "doi": _unescaped(get("doi") or ""),
        "arxiv_id": (eprint if is_arxiv else "") or _arxiv_of(value),
        "identifiers": {
            **{name: get(name) for name in SCHEMES if name in value},
            **({"pmid": eprint} if scheme in ("pubmed", "pmid") else {}),
            **({"wos": value["unique-id"].strip("{} ")} if "unique-id" in value else {}),
        },
        "category": get("primaryclass") or get("eprintclass"),
        "url": url if "://" in url or url.startswith("www.") else "",
        "keywords": get("keywords") or get("keyword") or get("mendeley-tags"),
        "language": get("langid") or get("language"),
        "status": get("status"),
        "extra": extra.items(),
    }


def _month(value: Mapping[str, str]) -> str:
    """The month behind the year, where both are told."""
    month, year = value.get("month", "").strip("{} "), value.get("year", "").strip("{} ")
    if month.isdigit():
        return f"{year}-{int(month):02}" if len(month) < 3 else ""
    return f"{month} {year}" if month and year else ""


def _printed_where(howpublished: str) -> str:
    """`howpublished` where it is no address."""
    return "" if "://" in howpublished or "www." in howpublished else howpublished


@lru_cache(maxsize=50_000)
def _as_text(value: str) -> str:
    """A short value without LaTeX: `Taylor \\& Francis`, `{12}`."""
    return normalise_title(value) if len(value) <= 4 * MAX_EXTRA_CHARS else ""


def _arxiv_of(value: Mapping[str, str]) -> str:
    """The arXiv id of an entry that has no field for it: DBLP, Google Scholar and others put it
    into journal or volume."""
    journal, volume = value.get("journal", ""), value.get("volume", "")
    if found := _ARXIV_IN_JOURNAL.search(journal):
        return found[1]
    if journal.strip("{} ").lower() in ("arxiv", "corr", "arxiv preprint"):
        return volume.strip("{} ").removeprefix("abs/")
    return value.get("arxivid", "")


_ARXIV_IN_JOURNAL = re.compile(r"arxiv:\s*([a-z-]+/\d{7}|\d{4}\.\d{4,5})", re.IGNORECASE)


def _unescaped(address: str) -> str:
    """An address without what LaTeX needs in it: `10.1000/a\\_b`, `\\url{https://...}`."""
    inner = address.replace("\\url", "").strip()
    while inner[:1] == "{" and inner[-1:] == "}":
        inner = inner[1:-1].strip()
    if inner.count("{") != inner.count("}"):  # of a broken entry
        inner = inner.strip("{} ")
    return re.sub(r"\\([_%&#~{}$])", r"\1", inner).replace("{\\textunderscore}", "_")


# BibLaTeX's extended form: `family=Berg, given=Jan, prefix=van der, useprefix=true`.
_NAME_PART = re.compile(r"\b(family|given|prefix|suffix)\s*=\s*\"?([^,\"]+)")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def _names(text: str) -> list[Any]:
    """The names between `and`s; one in braces is a body's, as it stands."""
    if not text:
        return []
    names: list[Any] = []
    parts = _AND.split(text) if "{" not in text else _split_outside_braces(text)
    for name in map(str.strip, parts):
        if name[:1] == "{" and name[-1:] == "}" and "{" not in name[1:-1]:
            names.append({"literal": name[1:-1]})
        elif "family=" in name and (said := dict(_NAME_PART.findall(name))):
            names.append({**said, "non-dropping-particle": said.get("prefix", "")})
        elif name:
            names.append(name)
    return names


def _split_outside_braces(text: str) -> Iterator[str]:
    begin = 0
    for match in _AND.finditer(text):
        before = text[begin : match.start()]
        if before.count("{") <= before.count("}"):
            yield before
            begin = match.end()
    yield text[begin:]

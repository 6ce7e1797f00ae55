"""BibTeX that BibTeX, biber and reference managers read, whatever the titles hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.citing.details import (
    Details,
    address_of,
    details_of,
    kind_of,
    listed_keywords,
    status_note,
)
from pipeline.papers import Paper, split_name
from pipeline.papers.plain import one_line

# Field of the venue by type of entry.
_TYPES = {
    "article-journal": ("article", "journal"),
    "article-magazine": ("article", "journal"),
    "article-newspaper": ("article", "journal"),
    "review": ("article", "journal"),
    "paper-conference": ("inproceedings", "booktitle"),
    "speech": ("inproceedings", "booktitle"),
    "chapter": ("incollection", "booktitle"),
    "entry": ("incollection", "booktitle"),
    "entry-encyclopedia": ("incollection", "booktitle"),
    "book": ("book", "series"),
    "thesis": ("phdthesis", "school"),
    "report": ("techreport", "institution"),
}
_OTHER = ("misc", "howpublished")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "%": r"\%",
    "&": r"\&", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
}  # fmt: skip
_SPECIALS = re.compile(r"[\\~^%&$#_{}]")
_SIGNS = re.compile(r"[\\~^%&$#_{}@]|--")
# BibTeX counts a brace behind a backslash as well: one without a partner would never be closed.
_LONE_BRACES = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
# A style may set a title in small letters: `BERT`, `ImageNet`, `3D` and `Q-learning` stay.
_CAPITALS = re.compile(r"(?<![\w\\{])(?:\w*[^\W_][A-Z]\w*|[A-Z](?=-\w))(?!\w)")
# Parsers take this for the beginning of the next entry, inside of a field too.
_ENTRY_SIGN = re.compile(r"@(?=\w*[ \t]*\{)")


def bibtex_entry(paper: Paper, key: str, *, theme: str = "", has_abstract: bool = True) -> str:
    """The paper's entry under the citation key, with the name of a theme where one is given.

    It ends with the line of its last brace.
    """
    known = _fields(paper, key, theme, paper.abstract if has_abstract else "")
    fields = "".join(f"  {name} = {value},\n" for name, value in known)
    return f"@{_type_of(paper)[0]}{{{key},\n{fields}}}\n"


def _type_of(paper: Paper) -> tuple[str, str]:
    """The entry's type, and the field that its venue stands in."""
    return _TYPES.get(kind_of(paper) or "", _OTHER)


def _fields(paper: Paper, key: str, theme: str, abstract: str) -> Iterator[tuple[str, str]]:
    """Names and values, with their braces, of what is known."""
    details = details_of(paper)
    texts = {
        "title": protected(paper.title),
        "author": _authors(paper),
        _type_of(paper)[1]: escaped(paper.venue or ""),
        "year": str(paper.year or ""),
        **_printed(details),
        **_catalogues(paper),
        "url": _verbatim(address_of(paper) if paper.url else ""),
        "language": escaped(paper.language or ""),
        "keywords": escaped(listed_keywords(paper)),
        "abstract": escaped(abstract),
        "note": status_note(paper),
        "status": paper.status or "",
        "paperatlas-theme": escaped(theme),
        "paperatlas-id": _verbatim(paper.id) if paper.id != key else "",
    }
    for name, text in texts.items():
        if text:
            yield name, f"{{{text}}}"
        if name == "year" and (month := _month(paper)):
            yield "month", month


def _authors(paper: Paper) -> str:
    names = [_author(one_line(name)) for name in paper.authors]
    return " and ".join([*names, "others"] if names and paper.authors_truncated else names)


def _author(name: str) -> str:
    """`Last, First`; a name that could be taken for several, or for another one, is braced."""
    family, given, suffix = split_name(name)
    is_plain = "," not in name and not {"and", "others"} & set(name.lower().split())
    if not given or not is_plain:
        return f"{{{escaped(name)}}}" if not is_plain else escaped(name)
    return ", ".join(escaped(part) for part in (family, suffix, given) if part)


def _month(paper: Paper) -> str:
    """The macro of the month, which every style knows; "" where none is known."""
    found = re.fullmatch(r"(?:\d{4}|-)-(\d{2})(?:-\d{2})?", paper.date or "")
    return _MONTHS[int(found[1]) - 1] if found and 1 <= int(found[1]) <= 12 else ""


def _printed(details: Details) -> dict[str, str]:
    """Where it stands in print."""
    # Two hyphens are the dash of a range.
    pages = "--".join(
        escaped(part) for part in re.split(r"(?<=\w)\s*[-–—]+\s*(?=\w)", details.pages)
    )
    return {
        "volume": escaped(details.volume),
        "number": escaped(details.issue),
        "pages": pages,
        "publisher": escaped(details.publisher),
        "issn": escaped(details.issn),
        "isbn": escaped(details.isbn),
    }


def _catalogues(paper: Paper) -> dict[str, str]:
    """Its ids elsewhere; that at arXiv in the three fields of arXiv's own entries."""
    schemes = (identifier.partition(":") for identifier in paper.identifiers)
    return {
        "doi": _verbatim(paper.doi or ""),
        "eprint": _verbatim(paper.arxiv_id or ""),
        "archiveprefix": "arXiv" if paper.arxiv_id else "",
        "primaryclass": escaped(paper.category or ""),
        **{scheme: _verbatim(value) for scheme, _, value in schemes},
    }


def escaped(text: str) -> str:
    """The text on one line as LaTeX sets it; `latex_to_text` gives it back."""
    line = one_line(text)
    if not _SIGNS.search(line):  # most are plain, and of an atlas there are many
        return line
    signs = _SPECIAL if _is_balanced(line) else _SPECIAL | _LONE_BRACES
    # Two hyphens, as addresses have them, are no dash.
    latex = _SPECIALS.sub(lambda sign: signs[sign[0]], line).replace("--", "-{}-")
    return _ENTRY_SIGN.sub("{@}", latex.replace("--", "-{}-"))


def protected(text: str) -> str:
    """A title likewise, its words with capitals inside (`BERT`, `ImageNet`) braced."""
    latex = escaped(text)
    if "`" in latex:  # what is a quote is told by its neighbours, which braces would change
        return latex
    return _ENTRY_SIGN.sub("{@}", _CAPITALS.sub(lambda word: f"{{{word[0]}}}", latex))


def _verbatim(text: str) -> str:
    """An id or an address as it is, for it is not set as text, unless it would end the field."""
    line = one_line(text)
    is_safe = "\\" not in line and _is_balanced(line) and not _ENTRY_SIGN.search(line)
    return line if is_safe else escaped(line)


def _is_balanced(line: str) -> bool:
    """Whether every brace has its partner."""
    if "{" not in line and "}" not in line:
        return True
    depth = 0
    for sign in re.findall(r"[{}]", line):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    return depth == 0

"""Plain text: where its title ends, and where its abstract begins and ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.drafts.draft import Parts

_LONGEST_TITLE = 300
_MOST_TITLE_LINES = 3
_NARROWEST = 40  # characters: nobody's editor breaks lines earlier
_MOST_ABSTRACT_CHARS = 6000  # beyond, no end of it was found, and it is as good as the beginning
_TITLE_LABEL = re.compile(r"title\s*[:.]\s+", re.IGNORECASE)
# A heading may be spaced out ("A B S T R A C T") and its first letter set apart ("A BSTRACT", as
# small capitals come out of a PDF); the text may follow it on the same line.
_LETTERS = r"\s?".join("abstract")
_ABSTRACT = re.compile(
    rf"(?:[\d.]+\s+)?(?:{_LETTERS}|summary)\s*(?:[:.—–]\s*|-\s+|$)", re.IGNORECASE
)
_ABSTRACT_BEFORE_PROSE = re.compile(
    r"(?:ABSTRACT|Abstract)\s+(?=(?:We|This|These|In|The|A|An|Our|It|Many|Most|Recent|Recently|While|"
    r"Although|Despite|Given|To|For|With|How|What|When|As|By|There|On)\b)"
)
_ABSTRACT_END = re.compile(
    r"\W*(?:(?:\d{1,2}|I)\s*[.:]?\s+)?(?:i\s?ntroduction|contents)\W*$"
    r"|(?:\d{1,2}|I)\s*[.:]?\s+i\s?ntroduction\b"
    r"|\W*introduction\s*[.:]?\s*[—–]"
    r"|\W*(?:additional )?key\s?-?words\b|\W*(?:index terms|ccs concepts|acm reference format|"
    r"categories and subject descriptors|general terms|pacs numbers)\b",
    re.IGNORECASE,
)


def read_plain(text: str) -> Parts:
    """Title and abstract of a plain text by its lines."""
    lines = text.split("\n")
    title, rest = split_title(lines)
    abstract, behind = find_abstract(rest)
    body = "\n".join(rest) if not abstract else "\n".join(behind)
    return Parts(title, abstract, body)


def split_title(lines: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The title and the lines behind it; "" and all lines for a text that begins with prose.

    The first of several lines is the title, and so is a short first paragraph of up to three. A
    line that was broken only because it was full is prose: its next word had no room.
    """
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    end = next((i for i in range(first, len(lines)) if not lines[i].strip()), len(lines))
    paragraph = [line.strip() for line in lines[first:end]]
    has_more = any(line.strip() for line in lines[end:])
    if not paragraph or behind_heading(paragraph[0]) is not None or _is_list(paragraph):
        return "", lines
    whole = " ".join(paragraph)
    is_short = len(paragraph) <= _MOST_TITLE_LINES and len(whole) <= _LONGEST_TITLE
    if has_more and is_short and not whole.endswith("."):
        return _unlabelled(whole), lines[end:]
    if len(paragraph) > 1 and not _is_wrapped(paragraph):
        return _unlabelled(paragraph[0]), lines[first + 1 :]
    if has_more and len(paragraph) == 1 and len(whole) <= _LONGEST_TITLE:
        return _unlabelled(whole), lines[end:]
    return "", lines


def find_abstract(lines: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The abstract under or behind its heading, up to the introduction or the keywords, and the
    lines behind it; "" and all lines where there is no such heading."""
    for i, line in enumerate(lines):
        behind = behind_heading(line)
        if behind is None:
            continue
        end = next((j for j in range(i + 1, len(lines)) if is_abstract_end(lines[j])), None)
        found = "\n".join([behind, *lines[i + 1 : end]])
        if end is None and len(found) > _MOST_ABSTRACT_CHARS:
            found = _first_paragraph(found)
        if any(character.isalpha() for character in found):
            return found, lines[len(lines) if end is None else end :]
    return "", lines


def behind_heading(line: str) -> str | None:
    """What stands behind an abstract's heading in its line; None for a line that is no such."""
    line = line.strip(" \t*_#—–-")
    match = _ABSTRACT.match(line) or _ABSTRACT_BEFORE_PROSE.match(line)
    return line[match.end() :] if match else None


def is_abstract_end(line: str) -> bool:
    """True for the line that follows an abstract: the introduction's heading, or keywords."""
    return bool(_ABSTRACT_END.match(line.strip()))


def _first_paragraph(text: str) -> str:
    return re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0]


def _is_wrapped(paragraph: Sequence[str]) -> bool:
    """True where the first line's break is one that an editor made for want of room."""
    if len(paragraph) == 2:
        return paragraph[1][:1].islower()
    width = max(map(len, paragraph))
    next_word = paragraph[1].split(" ", 1)[0]
    full = width >= _NARROWEST and len(paragraph[0]) + 1 + len(next_word) > width
    return full or paragraph[0].endswith("-")


def _is_list(paragraph: Sequence[str]) -> bool:
    return any(line.startswith(("- ", "* ", "• ")) for line in paragraph)


def _unlabelled(title: str) -> str:
    return title[match.end() :] if (match := _TITLE_LABEL.match(title)) else title

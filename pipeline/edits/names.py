"""What a user may call a theme."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 48
# Joiners are not printable, but Persian, Indic scripts and emoji are not written without them.
_JOINERS = "\u200c\u200d"
_MARKUP = re.compile(r"</?[A-Za-z!][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+\d*);")


def tidy_name(name: str) -> str:
    """The name with accents composed (NFC), and blanks of every width as single spaces."""
    composed = unicodedata.normalize("NFC", name)
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in composed)
    return " ".join(part for part in spaced.split(" ") if part)


def what_is_wrong(name: str) -> str:
    """Why a tidy name cannot be one, in words; "" where it can."""
    if any(not (c.isprintable() or c in _JOINERS) for c in name):
        return "the name holds a line break or another character that cannot be seen"
    if not name.strip(_JOINERS):
        return "the name is empty"
    if _MARKUP.search(name):
        return "the name holds markup"
    if len(name) > MAX_CHARACTERS:
        return f"the name has {len(name)} characters, {MAX_CHARACTERS} is the most"
    return ""


def shown(text: str, longest: int = 60) -> str:
    """The user's words on one line, in quotes, cut where they are long."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f'"{safe}"' if len(safe) <= longest else f'"{safe[:longest]}…"'

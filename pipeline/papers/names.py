"""People's names: one display form, the lists that catalogues print, and who may be whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pipeline.papers.text import comparison_key, normalise_title

_PARTICLES = frozenset(
    """
    af al ap ben bin da dal dall' das de degli dei del dela della den der des di do dos du e el
    ibn in la las le lo los mac op san ten ter van vom von y zu zum zur 't
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
_ET_AL = re.compile(r"[,;]?\s+(?:et\.?\s*al\b\.?|and others)\s*$", re.IGNORECASE)


def display_name(name: str) -> str:
    """Give a name as `First Last`: `Alvarez-Melis, David` is `David Alvarez-Melis`."""
    parts = [part.strip() for part in name.split(",")]
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return " ".join(parts)
    if parts[1].rstrip(".").casefold() in _SUFFIXES:
        return " ".join([*parts[2:], parts[0], parts[1]])
    return " ".join([*parts[1:2], parts[0], *parts[2:]])


def split_authors(text: str) -> tuple[tuple[str, ...], bool]:
    """Give the names of an author list in display form, and whether `et al.` cut it short.

    Read are `A B; C D`, `B, A; D, C`, `A B, C D and E F`, `B, A, D, C` and `B, A and D, C`.
    """
    text = normalise_title(text)
    shorter = _ET_AL.sub("", text)
    truncated = shorter != text
    shorter = shorter.strip().strip(",;").strip()
    if ";" in shorter:
        names = shorter.split(";")
    elif "|" in shorter:
        names = shorter.split("|")
    else:
        names = _by_commas(re.sub(r",?\s+(?:and|&)\s+", "\n", shorter))
    cleaned = (display_name(re.sub(r"^(?:and|&)\s+", "", name.strip())) for name in names)
    return tuple(name for name in cleaned if name), truncated


def _by_commas(text: str) -> list[str]:
    names: list[str] = []
    for group in text.split("\n"):
        chunks = [chunk.strip() for chunk in group.split(",") if chunk.strip()]
        if is_inverted_list(chunks):
            names += [
                f"{last}, {first}" for last, first in zip(chunks[::2], chunks[1::2], strict=True)
            ]
        else:
            names += _with_suffixes(chunks)
    return names


def _with_suffixes(chunks: Sequence[str]) -> list[str]:
    names: list[str] = []
    for chunk in chunks:
        if names and chunk.rstrip(".").casefold() in _SUFFIXES:
            names[-1] += f" {chunk}"
        else:
            names.append(chunk)
    return names


def is_inverted_list(chunks: Sequence[str]) -> bool:
    """Tell whether comma-separated chunks read `Last, First, Last, First`.

    They do when they are even in number and most are one word: in `First Last, First Last` hardly
    any is. Chunks with a digit or with a title's small words are no names.
    """
    if len(chunks) < 2 or len(chunks) % 2 or not all(map(looks_like_name, chunks)):
        return False
    surnames, given = chunks[::2], chunks[1::2]
    single = sum(len(chunk.split()) == 1 for chunk in surnames)
    initials = sum(is_initials(chunk) for chunk in given)
    return single * 2 > len(surnames) or initials * 2 > len(given)


def is_initials(chunk: str) -> bool:
    """Tell whether a given name is initials alone: `S. M.`, `SM`, `J.-P.`."""
    return bool(re.fullmatch(r"(?:[^\W\d_]\.[\s-]?)+|[A-Z]{1,3}", chunk.strip()))


def looks_like_name(name: str) -> bool:
    """Tell whether every word may belong to a person's name: capitals, initials, particles."""
    words = name.split()
    return (
        0 < len(words) <= 7
        and all(map(is_name_word, words))
        and any(w[0].isupper() or not w[0].islower() for w in words)
    )


def is_name_word(word: str) -> bool:
    """Tell whether a word may belong to a name. `O'Brien`, `J.-P.`, `van`, `Cheuk-Kit` may."""
    if any(c.isdigit() for c in word) or not any(c.isalpha() for c in word):
        return False
    if word.casefold().rstrip(".,") in _PARTICLES | _SUFFIXES:
        return True
    stripped = word.strip(".'’-()\"“”")
    if not stripped or stripped[0].islower():
        return False
    return all(c.isalpha() or c in "-'’.`´‐‑ʼ·" or not c.isascii() for c in stripped)


def is_particle(word: str) -> bool:
    """Tell whether a word is one that stands small inside names: `van`, `de`, `bin`."""
    return word in _PARTICLES


@lru_cache(maxsize=200_000)
def name_parts(name: str) -> tuple[str, tuple[str, ...]]:
    """Give the family name and the given names of a display name as comparison keys.

    `Nicolò Fusi` is `("fusi", ("nicolo",))`; particles and hyphens join the family name.
    """
    words = re.sub(r"[-‐‑]", " ", display_name(name)).split()
    keys = [
        key for word in words if (key := comparison_key(word.replace("'", "").replace("’", "")))
    ]
    keys = [part for key in keys for part in key.split()]
    while len(keys) > 1 and keys[-1] in _SUFFIXES:
        keys.pop()
    return (keys[-1], tuple(keys[:-1])) if keys else ("", ())


def same_person(one: str, other: str) -> bool:
    """Tell whether two written names may be one person's: `S. Kakade` and `Sham M. Kakade` may.

    Family names must be equal without accents; given names must agree as far as both have them,
    an initial agreeing with any name that begins with it. `Last, First` equals `First Last`.
    """
    last_a, given_a = name_parts(one)
    last_b, given_b = name_parts(other)
    if sorted((*given_a, last_a)) == sorted((*given_b, last_b)):
        return bool(last_a)
    if not last_a or last_a != last_b:
        return False
    if not given_a or not given_b:
        return False
    return _given_agree(given_a, given_b)


def _given_agree(one: Sequence[str], other: Sequence[str]) -> bool:
    """Compare given names from the first on; the longer list must hold the shorter in order."""
    if not _agree(one[0], other[0]):
        return "".join(one) == "".join(other)
    shorter, longer = sorted((list(one[1:]), list(other[1:])), key=len)
    rest = iter(longer)
    return all(any(_agree(name, candidate) for candidate in rest) for name in shorter)


def _agree(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return one == other

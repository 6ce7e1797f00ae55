"""People's names: one display form, the lists that catalogues print, and who may be whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.papers.text import comparison_key, normalise_title

_PARTICLES = frozenset(
    """
    af al ap ben bin da dal dall' das de degli dei del dela della den der des di do dos du e el
    ibn in la las le lo los mac op san ten ter van vom von y zu zum zur 't
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
_NO_NAMES = _PARTICLES | _SUFFIXES
# Names and words of names that are kept with what was found out about them.
_REMEMBERED = 50_000
_COLLECTIVE = frozenset(
    """
    academy agency alliance association board bureau centre center collaboration collaborative
    collaborators commission committee community consortium council department faculty federation
    foundation group groups initiative institute institution investigators laboratory members
    ministry network office organisation organization panel programme project society team
    university workgroup
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_ET_AL = re.compile(
    r"(?:[,;]?\s+(?:et\.?\s*al\b\.?|and others)|[,;]?\s*(?:\u2026|\.{3}))\s*$", re.IGNORECASE
)
# `Müller A.-L.(1)`, `Vega A. (1,2)`, `Boer J.[*]`
_MARK = r"(?:\d{1,2}|[*\u2020\u2021\u00a7\u00b6])"
_FOOTNOTE = re.compile(
    rf"(?<=[^\W\d]|\.)\s?(?:\({_MARK}(?:,\s?{_MARK})*\)|\[{_MARK}(?:,\s?{_MARK})*\])"
)
_CITED_YEAR = re.compile(r"\s*\((?:19|20)\d\d[a-z]?\)[\s.]*$")
# DBLP tells people of one name apart by a number: `Wei Wang 0001`.
_HOMONYM = re.compile(r"(?<=\w)(?:\s+0\d{3})+\s*$")


def display_name(name: str) -> str:
    """Give a name as `First Last`: `Alvarez-Melis, David` is `David Alvarez-Melis`, and
    DBLP's `Wei Wang 0001` is `Wei Wang`."""
    if name[-1:].isdigit():
        name = _HOMONYM.sub("", name)
    if "," not in name:
        return name.strip()
    parts = [stripped for part in name.split(",") if (stripped := part.strip())]
    if len(parts) < 2:
        return " ".join(parts)
    if parts[1].rstrip(".").casefold() in _SUFFIXES:
        return " ".join([*parts[2:], parts[0], parts[1]])
    return " ".join([*parts[1:2], parts[0], *parts[2:]])


def split_authors(text: str) -> tuple[tuple[str, ...], bool]:
    """Give the names of an author list in display form, and whether `et al.` cut it short.

    Read are `A B; C D`, `B, A; D, C`, `A B, C D and E F`, `B, A, D, C` and `B, A and D, C`.
    """
    text = without_marks(normalise_title(text))
    shorter = _ET_AL.sub("", text) if _may_be_cut(text) else text
    truncated = shorter != text
    shorter = shorter.strip().strip(",;").strip()
    if ";" in shorter:
        names = shorter.split(";")
    elif "|" in shorter:
        names = shorter.split("|")
    else:
        names = _by_commas(re.sub(r",?\s+(?:and|&)\s+", "\n", shorter))
    return tuple(name for written in names if (name := _cleaned(written))), truncated


def without_marks(text: str) -> str:
    """An author list without marks of footnotes behind names (`Vega A.(1)`), and without the year
    of a reference at its end (`Vega, A. (2019)`)."""
    if "(" not in text and "[" not in text:
        return text
    return _FOOTNOTE.sub("", _CITED_YEAR.sub("", text))


@lru_cache(maxsize=_REMEMBERED)
def _cleaned(name: str) -> str:
    """One name of a list in display form; authors come again and again in a list of papers."""
    name = name.strip()
    if name.startswith(("and", "&")):
        name = re.sub(r"^(?:and|&)\s+", "", name)
    return display_name(name)


def _may_be_cut(text: str) -> bool:
    """Tell at less cost than the rule itself whether a list might end in `et al.`."""
    end = text[-16:].casefold()
    return any(mark in end for mark in ("al", "others", "\u2026", "..."))


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


@lru_cache(maxsize=_REMEMBERED)
def is_name_word(word: str) -> bool:
    """Tell whether a word may belong to a name. `O'Brien`, `J.-P.`, `van`, `Cheuk-Kit` may."""
    if any(c.isdigit() for c in word) or not any(c.isalpha() for c in word):
        return False
    if word.casefold().rstrip(".,") in _NO_NAMES:
        return True
    stripped = word.strip(".'’-()\"“”")
    if not stripped or stripped[0].islower():
        return False
    return all(c.isalpha() or c in "-'’.`´‐‑ʼ·" or not c.isascii() for c in stripped)


def is_particle(word: str) -> bool:
    """Tell whether a word is one that stands small inside names: `van`, `de`, `bin`."""
    return word in _PARTICLES


@lru_cache(maxsize=20_000)
def name_parts(name: str) -> tuple[str, tuple[str, ...]]:
    """Give the family name and the given names of a display name as comparison keys.

    `Nicolò Fusi` is `("fusi", ("nicolo",))`; hyphens part words, particles stay with the given
    names. Of `Fusi N`, as PubMed writes it, the family name is the first word.
    """
    readings = _readings(name)
    if not readings:
        return "", ()
    reading = readings[0]
    return reading.family[-1], (*reading.given, *reading.family[:-1])


@lru_cache(maxsize=20_000)
def telling_words(name: str) -> frozenset[str]:
    """Give words of which two names share one where `same_person` holds: no given initials."""
    readings = _readings(name)
    words = {_spelling(word) for reading in readings for word in reading.words if len(word) > 1}
    return frozenset(words | {_spelling(reading.family[-1]) for reading in readings})


@lru_cache(maxsize=20_000)
def is_collective(name: str) -> bool:
    """Tell whether a name is that of a group: `ATLAS Collaboration`, `Working Group on Moss`."""
    return not _COLLECTIVE.isdisjoint(comparison_key(name).split())


def same_person(one: str, other: str) -> bool:
    """Tell whether two written names may be one person's: `S. Kakade` and `Sham M. Kakade` may.

    Family names must be equal without accents; given names must agree as far as both have them,
    an initial agreeing with any name that begins with it. `Last, First` and PubMed's `Last FM`
    equal `First Last`; a family name of several words may stand before the initials.
    """
    return any(_meet(a, b) or _meet(b, a) for a in _readings(one) for b in _readings(other))


class _Reading(NamedTuple):
    """One way to read a name: the words of the family name, and the given names in order."""

    family: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return (*self.given, *self.family)

    @property
    def joined(self) -> list[str]:
        """Both names in any order, each as one word: `Zhang Xiaoming` is `Xiao-Ming Zhang`."""
        return sorted(("".join(self.given), "".join(self.family)))


@lru_cache(maxsize=20_000)
def _readings(name: str) -> tuple[_Reading, ...]:
    """The ways to read a name, the likeliest first; none for a name without letters or digits."""
    written = re.sub(r"[-‐‑]", " ", display_name(name)).replace("'", "").replace("’", "").split()
    while len(written) > 1 and comparison_key(written[-1]) in _SUFFIXES:
        written.pop()
    words = [(word, key) for word in written if (key := comparison_key(word))]
    if not words:
        return ()
    plain = _Reading(_parts(words[-1:])[-1:], (*_parts(words[:-1]), *_parts(words[-1:])[:-1]))
    spread = _Reading(plain.family, (*_letters(words[:-1]), *_parts(words[-1:])[:-1]))
    if len(words) < 2 or not is_initials(words[-1][0]) or all(is_initials(w) for w, _ in words):
        return (spread, plain) if name.isupper() and spread != plain else (spread,)
    n_initials = 1
    while is_initials(words[-n_initials - 1][0]):  # `Smith J A`
        n_initials += 1
    turned = _Reading(_parts(words[:-n_initials]), _letters(words[-n_initials:]))
    # `Smith JA`; but of `JOHN LI`, in capitals throughout, nobody knows.
    shouted = all(word.isupper() for word, _ in words[:-n_initials])
    return (plain, turned) if shouted else (turned, plain)


def _parts(words: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(part for _, key in words for part in key.split())


def _letters(words: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The parts of the words, joined initials (`JA`) letter by letter."""
    return tuple(
        part
        for word, key in words
        for part in (key.replace(" ", "") if is_initials(word) else key.split())
    )


def _meet(one: _Reading, other: _Reading) -> bool:
    """Tell whether the family name of `one` ends the other's words, and the given names agree."""
    if sorted(one.words) == sorted(other.words) or one.joined == other.joined:
        return True
    size, words = len(one.family), other.words
    if tuple(map(_spelling, words[-size:])) != tuple(map(_spelling, one.family)):
        return False
    given = words[:-size]
    return bool(one.given) and bool(given) and _given_agree(one.given, given)


def _spelling(family: str) -> str:
    """`Mueller` as `Muller`: catalogues without umlauts write either."""
    for pair in ("ae", "oe", "ue", "aa"):
        family = family.replace(pair, pair[0])
    return family


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


def is_suffix(word: str) -> bool:
    """Tell whether a word is one that stands behind a whole name: `Jr.`, `III`."""
    return word.rstrip(".").casefold() in _SUFFIXES


def split_name(name: str) -> tuple[str, str, str]:
    """Give family name, given names and suffix of a display name: `("van Gogh", "Vincent", "")`.

    The family name is the last word with the particles before it. A name of one word has no given
    names, and neither has one whose given name would be read as a suffix (`Md`). `display_name` of
    the three with commas between, family name first, is the name again.
    """
    words = name.split()
    suffix = words.pop() if len(words) > 2 and is_suffix(words[-1]) else ""
    start = len(words) - 1
    while start > 1 and is_particle(words[start - 1]):
        start -= 1
    given = " ".join(words[:start])
    return (name, "", "") if is_suffix(given) else (" ".join(words[start:]), given, suffix)

"""Citation keys as people write them: `kakade2002approximately`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from pipeline.papers import Paper, folded, split_name

# What may stand in a key for BibTeX, biber and `\cite` alike.
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_:.+/-]*")
_SMALL_WORDS = frozenset(
    """
    a an the on of for in to and or with by from at as is are via using towards toward do does can
    how what when where which who why its their your our
    """.split()  # noqa: SIM905  one word a line would hide the list
)


def citation_keys(papers: Iterable[Paper]) -> list[str]:
    """A key for each paper, no two alike in any case: family name of the first author, year and
    first telling word of the title.

    An id that is a key already, for it names the first author (`Kakade02`, `DBLP:conf/...`), stays
    as it is: somebody may have cited it.
    """
    wanted = [_wanted(paper) for paper in papers]
    used = {key.casefold() for key, is_own in wanted if is_own}
    kept: set[str] = set()
    tried: Counter[str] = Counter()
    keys = []
    for key, is_own in wanted:
        folded_key = key.casefold()
        if is_own and folded_key not in kept:
            kept.add(folded_key)
            keys.append(key)
            continue
        free = key
        while free.casefold() in used:
            # Counted by key: of a thousand papers of one key each looks at one variant.
            free = _variant(key, tried[folded_key])
            tried[folded_key] += 1
        used.add(free.casefold())
        keys.append(free)
    return keys


def _wanted(paper: Paper) -> tuple[str, bool]:
    """The key that a paper would have alone, and whether it is its own id."""
    family = _letters(split_name(paper.authors[0])[0]) if paper.authors else ""
    if _KEY.fullmatch(paper.id):
        known = bool(family) and paper.id.casefold().startswith(family)
        if known or paper.id.startswith("DBLP:"):
            return paper.id, True
    family = family.lstrip("0123456789")  # a key begins with a letter
    words = (_letters(word) for word in re.split(r"[\s\-‐–—/:]+", paper.title))
    telling = next((word for word in words if word and word not in _SMALL_WORDS), "")
    year = str(paper.year or "")
    return f"{family or 'anon'}{year}{telling}", False


def _letters(text: str) -> str:
    """The letters and digits of a word, without case and accents."""
    return re.sub(r"[^a-z0-9]", "", folded(text))


def _variant(key: str, number: int) -> str:
    """The key with `a` to `z` behind it, then with numbers."""
    return f"{key}{chr(ord('a') + number)}" if number < 26 else f"{key}-{number + 1}"

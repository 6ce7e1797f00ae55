"""The draft: its title, what is read of its text, and what that is in words."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.papers.text import normalise_abstract, normalise_title
from pipeline.sentences import MAX_CHARS, beginning_of

_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file is about.

    `title` and `text` are normalised as those of papers are; either may be "", not both. `text` is
    the abstract, or the beginning. `told` says in words what was used, `is_whole` whether that is
    all there is.
    """

    title: str
    text: str
    told: str
    is_whole: bool

    @property
    def query(self) -> str:
        """Title and text as one text: the title is the first of two lines where there is one."""
        return f"{self.title}\n{self.text}" if self.title and self.text else self.title or self.text


@dataclass(frozen=True, slots=True)
class Parts:
    """What a format's reader found, with its own markup gone: `title` and `abstract` are "" where
    there is none; `body` is what follows the title, the abstract included or not."""

    title: str
    abstract: str
    body: str
    is_whole: bool = True
    """False where the file has more than these."""


def draft_of(parts: Parts) -> Draft | None:
    """The draft of what was found: title and abstract, else title and beginning; None where there
    is no word in it."""
    title, abstract = normalise_title(parts.title), normalise_abstract(parts.abstract)
    body = normalise_abstract(parts.body)
    if len(title) > _LONGEST_TITLE:
        title, body = "", f"{title} {body}" if body else title
    named = ["the title"] if title else []
    text, whole = abstract or body, abstract or body
    if len(whole) > MAX_CHARS:
        text = beginning_of(whole)
        of = "its abstract" if abstract else "its text"
        named.append(f"the first {len(text):,} characters of {of}")
    elif text:
        named.append("the abstract" if abstract else "the text" if title else "all of it")
    if not any(character.isalnum() for character in title + text):
        return None
    is_whole = parts.is_whole and text == whole and not (abstract and body)
    return Draft(title, text, "used " + " and ".join(named), is_whole)

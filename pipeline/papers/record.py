"""What a paper is: one frozen record, whether it was read from a file or merged from several."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where a record was read: `file` relative to the SOURCE it was given in, `line` from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, or one record of a paper.

    A reader yields papers with exactly one source and `id` as the file gives it ("" when it gives
    none); `identity` and `merge` then fill in ids and aliases and join the records of one paper.
    """

    id: str = ""
    title: str = ""
    """Normalised for reading and embedding; "" when the source has none."""
    abstract: str = ""
    """Normalised likewise; "" when the source has none."""
    authors: tuple[str, ...] = ()
    """Display form, `First Last`, in the source's order."""
    authors_truncated: bool = False
    """True when the source ended the list with `et al.`."""
    affiliations: tuple[str, ...] = ()
    year: int | None = None
    date: str | None = None
    """ISO 8601: `2024-09-11`, `2024-09`, or, where the source gives no year, `--09-11`."""
    category: str | None = None
    """arXiv category: the full code where it is plain (`cs.LG`), else as the source has it."""
    venue: str | None = None
    doi: str | None = None
    """Lower case, without a resolver's address: `10.1000/xyz`."""
    arxiv_id: str | None = None
    """Without a version: `2401.01234`."""
    identifiers: tuple[str, ...] = ()
    """Ids in other catalogues, `scheme:value`, sorted: `openalex:W2741809807`, `pmid:29456894`;
    the schemes are those of `identity.SCHEMES`."""
    url: str | None = None
    keywords: tuple[str, ...] = ()
    code: bool = False
    """True when the source flags that code is available."""
    score: float | None = None
    """A rating given by the source page, as it stands there."""
    kind: str | None = None
    """What was published, by a type of CSL (citationstyles.org, "Appendix III: Types"):
    `article-journal`, `paper-conference`, `chapter`, `thesis`; `article` is a preprint."""
    language: str | None = None
    """That of the text as the source or the text itself tells, ISO 639-1: `en`, `de`."""
    status: str | None = None
    """`retracted` or `withdrawn`, where a source says so."""
    raw_title: str = field(default="", repr=False)
    """Exactly the source's characters, before any normalising."""
    raw_abstract: str = field(default="", repr=False)
    aliases: tuple[str, ...] = ()
    """Ids of the other records that were merged into this paper, sorted."""
    sources: tuple[Source, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    """What a table's other columns say: (column, text), sorted, short texts only. It has no part
    in identity, duplicates or vectors."""


class ProblemKind(StrEnum):
    """What a problem means for the papers."""

    SET_ASIDE = "set aside"
    """A record, or a whole file, that is not among them."""
    DOUBT = "doubt"
    """Something was guessed, or does not add up: it may be read wrongly."""
    NOTE = "note"
    """Nothing is amiss; something is worth knowing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to be told of a file, as a rule a record that was set aside, and why."""

    line: int
    """The record's first line, from 1; of a table without lines the row."""
    reason: str
    kind: ProblemKind = ProblemKind.SET_ASIDE
    raw: str = field(default="", repr=False, compare=False)
    """What stands there in the file; only until it is in `problems.csv`."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one input file: `found == imported + merged + set_aside`, always.

    `found` is counted apart from the parser.
    """

    file: str
    format: str
    found: int
    imported: int
    merged: int
    set_aside: int
    problems: tuple[Problem, ...] = ()

    @property
    def is_clean(self) -> bool:
        """True where nothing was set aside, guessed or left unread."""
        return not self.set_aside and all(p.kind is ProblemKind.NOTE for p in self.problems)

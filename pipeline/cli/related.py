"""`related` on the command line: a query of its options, and the page and JSON of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli import pages
from pipeline.cli.layout import bold, page_width, plain, wrap
from pipeline.errors import UsageError
from pipeline.search import CLOSE

if TYPE_CHECKING:
    from pipeline.atlas import Atlas
    from pipeline.novelty import Novelty
    from pipeline.papers import Paper
    from pipeline.related import RelatedPaper, SimilarPapers

DIVERSITY = 0.3
"""What `--diverse` asks for: a paper is worth two thirds by the query, one by what it adds."""
_N_NAMED = 3
_LISTED = ("bibtex", "ris", "csv")
# Of fewer words, a text lies farther from titles with abstracts than any of these from each other.
_FEWEST_WORDS = 30


@dataclass(frozen=True, slots=True)
class Question:
    """A query as `Atlas.related` takes it."""

    text: str | None
    paper: str | None
    like: tuple[str, ...]
    unlike: tuple[str, ...]
    more_of: str | None

    def options(self) -> dict[str, Any]:
        """Its parts by the names of `Atlas.related`."""
        return {
            name: getattr(self, name) for name in ("text", "paper", "like", "unlike", "more_of")
        }

    def named(self, atlas: Atlas) -> str:
        """What a page calls it."""
        parts = []
        if self.text is not None:
            parts.append(pages.text_query(self.text))
        if self.paper is not None:
            parts.append(pages.paper_query(atlas.find(self.paper)))
        if self.more_of is not None:
            theme = atlas.find_theme(self.more_of)
            parts.append(f"the theme {plain(theme.name)}")
        told = _listed([*parts, *_named(self.like, atlas)], "and")
        return f"{told}, not {_listed(_named(self.unlike, atlas), 'or')}" if self.unlike else told


def _listed(parts: Sequence[str], word: str) -> str:
    """`A, B and C`."""
    return f" {word} ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)


def _named(references: Sequence[str], atlas: Atlas) -> list[str]:
    """The first few papers by title and id, and how many more there are."""
    references = list(dict.fromkeys(references))
    told = [pages.paper_query(atlas.find(name)) for name in references[:_N_NAMED]]
    more = len(references) - _N_NAMED
    return [*told, f"{more:,} more"] if more > 0 else told


def question_from(
    *,
    text: str | None,
    file: Path | None,
    paper: str | None,
    doi: str | None,
    like: Sequence[str] | None,
    unlike: Sequence[str] | None,
    more_of: str | None,
) -> Question:
    """The query of the options; UsageError where they name none, or two that exclude each other."""
    from pipeline.cli import text_file

    if paper is not None and doi is not None:
        raise UsageError("expected one paper", hint="give --paper or --doi, and others by --like")
    if all(given is None for given in (text, file, paper, doi, more_of)) and not like:
        hint = "give --text, --file, --paper, --doi, --like or --more-of"
        raise UsageError(
            "only what is not wanted is given" if unlike else "expected a query", hint=hint
        )
    if text is not None or file is not None:
        text = text_file.shortened(text_file.one_text(text, file))
    if doi is not None:
        paper = _doi_reference(doi)
    return Question(text, paper, tuple(like or ()), tuple(unlike or ()), more_of)


def _doi_reference(text: str) -> str:
    from pipeline.papers import normalise_doi

    doi = normalise_doi(text)
    if doi is None:
        raise UsageError(f"--doi {text!r}: no DOI", hint="expected one such as 10.1000/xyz123")
    return f"doi:{doi}"


def format_of(form: str | None, *, as_json: bool, novelty: bool) -> str:
    """The format of the answer; UsageError for an unknown one, and for what it cannot tell."""
    known = ("table", "json", *_LISTED)
    if form is not None and form not in known:
        raise UsageError(f"no format {form!r}", hint=f"known formats: {', '.join(known)}")
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form}", hint="give one of them")
    if novelty and form in _LISTED:
        raise UsageError(f"{form} has no place for --novelty", hint="give --format table or json")
    return form or ("json" if as_json else "table")


def exported(found: Sequence[RelatedPaper], form: str) -> str:
    """The papers that were found, best first, as `paperatlas export` writes them."""
    import io

    from pipeline.export import WRITERS, entries_of

    text = io.StringIO(newline="")
    WRITERS[form](entries_of(found), text)
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class Among:
    """Where was looked: in `n_passed` of the atlas's `n_papers`, those that the `filters`, texts by
    option, let through."""

    n_papers: int
    n_passed: int
    filters: Mapping[str, str]

    @property
    def told(self) -> str:
        """In words; "" where there is no filter."""
        if not self.filters:
            return ""
        told = ", ".join(f"{name} {plain(text)}" for name, text in self.filters.items())
        return f"among {self.n_passed:,} of {pages.count(self.n_papers, 'paper')}: {told}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, best first, and how; `paper_of`: the paper of a row, for `novelty`."""

    hits: Sequence[RelatedPaper]
    mode: str
    among: Among
    question: Question
    novelty: Novelty | None
    paper_of: Callable[[int], Paper]

    @property
    def nearest(self) -> float | None:
        """The best cosine similarity; None where there is none, or where it is one to what is left
        of papers without what is not liked, which nothing is near to."""
        if self.question.unlike:
            return None
        return max((hit.score for hit in self.hits if hit.score is not None), default=None)


def related_page(answer: Answer, query: str) -> Iterator[str]:
    """Related papers, best first, each with its reasons."""
    width, nearest = page_width(), answer.nearest
    yield from wrap(f"Papers related to {query}", width, indent="  ")
    if answer.among.filters:
        yield from wrap(answer.among.told, width, first="  ", indent="  ")
    for hit in answer.hits:
        yield ""
        yield from _hit_lines(hit, width)
    if not answer.hits:
        yield ""
        yield from wrap(_why_nothing(answer), width)
    elif nearest is not None and nearest < CLOSE:
        yield ""
        yield f"Nothing is very close: the best is at {nearest:z.2f}."
    if answer.novelty is not None:
        from pipeline.cli.novelty import novelty_lines

        yield ""
        yield from novelty_lines(answer.novelty, width, answer.paper_of)
        text = answer.question.text
        if text is not None and len(text.split()) < _FEWEST_WORDS:
            told = "A text of few words lies far from all papers: an abstract tells more."
            yield from wrap(told, width, first="  ", indent="  ")


def _why_nothing(answer: Answer) -> str:
    which = "No paper that passes" if answer.among.filters else "No paper"
    if answer.among.n_passed == 0:
        return "No paper of this atlas passes."
    if answer.mode == "lexical":
        return f"{which} has a word of the query: --mode hybrid looks by meaning as well."
    return f"{which} is left beside those of the query."


def _hit_lines(hit: RelatedPaper, width: int | None) -> Iterator[str]:
    rank, indent = f"{hit.rank:>3}. ", " " * 5
    yield from map(bold, wrap(pages.title_of(hit.paper), width, first=rank, indent=indent))
    told = [*_scores(hit), pages.who_and_when(hit.paper)]
    yield from wrap(pages.joined(told), width, first=indent, indent=indent)
    theme = f"theme: {plain(hit.theme.name)}" if hit.theme else "in no theme"
    line = pages.joined([theme, plain(hit.paper.id)])
    yield from wrap(line, width, first=indent, indent=indent)
    for reason in hit.why:
        yield from wrap(plain(reason), width, first=f"{indent}- ", indent=f"{indent}  ")


def _scores(hit: RelatedPaper) -> Iterator[str]:
    if hit.score is not None:
        yield f"{hit.score:z.2f}"
    if hit.hit.rerank_score is not None:
        yield f"re-ranked at {hit.hit.rerank_score:z.2f}"
    ranks = []
    if hit.hit.dense_rank is not None:
        ranks.append(f"{_ordinal(hit.hit.dense_rank)} by meaning")
    if hit.hit.lexical_rank is not None:
        ranks.append(f"{_ordinal(hit.hit.lexical_rank)} by words")
    yield ", ".join(ranks)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if 10 <= number % 100 <= 20 else ending}"


def similar_page(found: SimilarPapers) -> Iterator[str]:
    """Pairs of similar papers, best first."""
    width = page_width()
    for score, *papers in found.pairs:
        for number, paper in enumerate(papers):
            head = f"{' ' * 6 if number else f'{score:.4f}'}  "
            yield from map(bold, wrap(pages.title_of(paper), width, first=head, indent=" " * 8))
            told = pages.joined(
                [pages.who_and_when(paper), plain(paper.venue or ""), plain(paper.id)]
            )
            yield from wrap(told, width, first=" " * 8, indent=" " * 8)
        yield ""
    if not found.n_papers:
        yield "No paper of this atlas passes the filters."
        return
    have = "has" if found.found == 1 else "have"
    n_shown = len(found.pairs)
    best = "the best one is" if n_shown == 1 else f"the best {n_shown:,} are"
    more = f"; {best} shown" if found.found > n_shown else ""
    pairs = pages.count(found.found, "pair") if found.found else "no two"
    told = (
        f"Of {pages.count(found.n_papers, 'paper')}, {pairs} {have} a similarity of {found.over:g}"
    )
    yield f"{told} or more{more}."


def related_values(answer: Answer) -> dict[str, Any]:
    """Related papers, best first, and where was looked for them."""
    nearest = answer.nearest
    values: dict[str, Any] = {
        "mode": answer.mode,
        "papers": answer.among.n_papers,
        "among": answer.among.n_passed,
        "filters": dict(answer.among.filters),
        "is_close": None if nearest is None else nearest >= CLOSE,
        "results": [_hit_values(hit) for hit in answer.hits],
    }
    if answer.novelty is not None:
        from pipeline.cli.novelty import novelty_values

        values["novelty"] = novelty_values(answer.novelty, answer.paper_of)
    return values


def _hit_values(related: RelatedPaper) -> dict[str, Any]:
    paper, theme, hit = related.paper, related.theme, related.hit
    return {
        "rank": hit.rank,
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "year": paper.year,
        "status": paper.status,
        "score": None if hit.score is None else round(hit.score, 6),
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
        "lexical_score": hit.lexical_score,
        "fused_score": hit.fused_score,
        "rerank_score": hit.rerank_score,
        "theme": theme and {"id": theme.id, "name": theme.name, "layer": theme.layer},
        "shared": list(hit.shared),
        "sentence": hit.sentence,
        "why": list(hit.why),
    }


def similar_values(found: SimilarPapers) -> dict[str, Any]:
    """Pairs of similar papers, best first; `found` may be more than are listed."""
    return {
        "over": found.over,
        "papers": found.n_papers,
        "found": found.found,
        "pairs": [
            {"score": score, "a": _named_values(one), "b": _named_values(other)}
            for score, one, other in found.pairs
        ],
    }


def _named_values(paper: Paper) -> dict[str, Any]:
    return {"id": paper.id, "title": paper.title, "year": paper.year}

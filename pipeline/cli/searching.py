"""The commands that look for papers: what each one takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import AtlasPath, Category, File, Json, Since, Theme, Where

if TYPE_CHECKING:
    from pipeline.papers import Paper


_Text = Annotated[
    str | None, typer.Option("--text", metavar="TEXT", help="A question, a title, an abstract.")
]
_Paper = Annotated[
    str | None,
    typer.Option("--paper", metavar="ID", help="A paper: id, DOI, arXiv id or title."),
]
_Doi = Annotated[str | None, typer.Option("--doi", metavar="DOI", help="A paper's DOI.")]
_Like = Annotated[
    list[str] | None,
    typer.Option("--like", metavar="ID", help="A paper to be like; may be given many times."),
]
_Unlike = Annotated[
    list[str] | None,
    typer.Option("--unlike", metavar="ID", help="A paper not to be like; many times."),
]
_MoreOf = Annotated[
    str | None,
    typer.Option("--more-of", metavar="THEME", help="A theme: papers near it, not in it."),
]
_K = Annotated[int, typer.Option("-k", metavar="N", help="How many papers.")]
_Mode = Annotated[
    str,
    typer.Option("--mode", metavar="MODE", help="hybrid, dense (meaning), lexical (words)."),
]
_Diverse = Annotated[
    bool, typer.Option("--diverse", help="Prefer papers that differ from each other.")
]
_Rerank = Annotated[
    str | None,
    typer.Option("--rerank", metavar="MODEL", help="Re-order the best by a cross-encoder."),
]
_AllowDownload = Annotated[
    bool, typer.Option("--allow-download", help="Fetch that cross-encoder where it is missing.")
]
_Format = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="table, json, bibtex, ris, csv; see export."),
]
_Novelty = Annotated[
    bool, typer.Option("--novelty", help="Tell how crowded the neighbourhood is, since when.")
]


def related(
    atlas: AtlasPath,
    text: _Text = None,
    file: File = None,
    paper: _Paper = None,
    doi: _Doi = None,
    like: _Like = None,
    unlike: _Unlike = None,
    more_of: _MoreOf = None,
    k: _K = 10,
    mode: _Mode = "hybrid",
    where: Where = None,
    since: Since = None,
    category: Category = None,
    theme: Theme = None,
    diverse: _Diverse = False,
    rerank: _Rerank = None,
    allow_download: _AllowDownload = False,
    novelty: _Novelty = False,
    form: _Format = None,
    as_json: Json = False,
) -> None:
    """Find papers related to a text, a draft, papers that you like or a theme, best first, by
    meaning and by words, and say why each one is there. Several of them are looked for together; no
    paper that is named is found itself. Scores are cosine similarities."""
    from pipeline.atlas import Atlas
    from pipeline.cli import related as answers
    from pipeline.cli import stream
    from pipeline.cli.progress import LOADING, SEARCHING, tell_if_slow
    from pipeline.search import mode_of

    printed = answers.format_of(form, as_json=as_json, novelty=novelty)
    found_by = mode_of(mode)
    filters = _given(where=where, since=since, category=category, theme=theme)
    query = answers.question_from(
        text=text, file=file, paper=paper, doi=doi, like=like, unlike=unlike, more_of=more_of
    )
    needs_model = query.text is not None and found_by != "lexical"
    with Atlas.open(atlas) as opened:
        with tell_if_slow(LOADING if needs_model else SEARCHING):
            hits = opened.related(
                **query.options(), k=k, mode=found_by, **filters,
                diversity=answers.DIVERSITY if diverse else 0.0,
                rerank=rerank, allow_download=allow_download,
            )  # fmt: skip
            among = answers.Among(opened.manifest.n_papers, opened.count(**filters), filters)
            crowd = opened.novelty(**query.options()) if novelty else None

        def paper_of(row: int) -> Paper:
            return opened.paper(opened.ids[row])

        answer = answers.Answer(hits, found_by, among, query, crowd, paper_of)
        if printed == "json":
            stream.write_json("related", answers.related_values(answer))
        elif printed != "table":
            stream.write_text(answers.exported(hits, printed))
        else:
            stream.write_lines(answers.related_page(answer, query.named(opened)))


def _given(**options: str | None) -> dict[str, str]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def similar(
    atlas: AtlasPath,
    over: Annotated[
        float, typer.Option("--over", metavar="X", help="The least similarity, above -1, to 1.")
    ] = 0.9,
    k: Annotated[int, typer.Option("-k", metavar="N", help="How many pairs.")] = 20,
    where: Where = None,
    since: Since = None,
    category: Category = None,
    theme: Theme = None,
    as_json: Json = False,
) -> None:
    """List the pairs of papers that are most similar, best first: versions that were not merged,
    and works that say nearly the same. Scores are cosine similarities; all pairs are compared."""
    from pipeline.atlas import Atlas
    from pipeline.cli import related as answers
    from pipeline.cli import stream
    from pipeline.cli.progress import DOING, tell_if_slow

    with Atlas.open(atlas) as opened:
        with tell_if_slow(DOING["compare"]):
            filters = _given(where=where, since=since, category=category, theme=theme)
            found = opened.similar(over=over, k=k, **filters)
        if as_json:
            stream.write_json("similar", answers.similar_values(found))
        else:
            stream.write_lines(answers.similar_page(found))

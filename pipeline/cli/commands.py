"""The commands. Each one parses, calls one function and prints what it gave."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import exporting, mapping, searching
from pipeline.cli.options import (
    AtlasPath,
    Config,
    File,
    Json,
    Layer,
    OnceCommand,
    Overrides,
    path,
)

app = typer.Typer(
    name="paperatlas",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cache_app = typer.Typer(
    name="cache",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
command = partial(app.command, cls=OnceCommand)
cache_command = partial(cache_app.command, cls=OnceCommand)

_Sources = Annotated[
    list[Path],
    typer.Argument(
        parser=path, metavar="SOURCE", help="Files, folders and archives of papers; - reads stdin."
    ),
]

_Strict = Annotated[
    bool,
    typer.Option("--strict", help="Stop with exit code 4 where anything is set aside or guessed."),
]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"paperatlas {version('paperatlas')}")
        raise typer.Exit


@app.callback(epilog="Example: paperatlas build papers/ -o my-atlas")
def paperatlas(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Find related papers, name research themes, draw theme maps. Offline."""


@command(
    short_help="Make an atlas of lists of papers.",
    epilog="Example: paperatlas build papers/ more.csv -o my-atlas --seed 7",
)
def build(
    sources: _Sources,
    out: Annotated[
        Path,
        typer.Option("-o", "--out", parser=path, metavar="ATLAS", help="The folder to write."),
    ],
    config: Config = None,
    overrides: Overrides = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed of every random step.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help="Use at most this many papers.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and count; write nothing.")
    ] = False,
    strict: _Strict = False,
    allow_download: Annotated[
        bool,
        typer.Option("--allow-download", help="Fetch a model that is not on this machine."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make an atlas of SOURCE: read and merge the papers, embed them, find and name their themes,
    draw the map. Building into an atlas adds a snapshot; the one before it is kept."""
    from pipeline.cli import interrupts, pages, stream, values
    from pipeline.cli.progress import ConsoleProgress
    from pipeline.settings import load_settings
    from pipeline.stages import build_atlas

    given = [*(overrides or []), *([f"seed={seed}"] if seed is not None else [])]
    given += ["embed.allow_download=true"] if allow_download else []
    settings = load_settings(config, given)
    try:
        with ConsoleProgress() as progress:
            result = build_atlas(
                sources,
                out,
                settings=settings,
                limit=limit,
                dry_run=dry_run,
                strict=strict,
                progress=progress,
            )
    except BaseException as error:
        if not (isinstance(error, KeyboardInterrupt) or interrupts.asked()):
            raise
        state = "the atlas is whole" if _has_snapshot(out) else "nothing was written"
        kept = "what was embedded is kept for the next build"
        raise KeyboardInterrupt(f"{state}, and {kept}") from None
    if as_json:
        stream.write_json("build", values.build_values(result))
    else:
        stream.write_lines(pages.build_page(result))


def _has_snapshot(atlas: Path) -> bool:
    from pipeline.artifacts.folder import read_current
    from pipeline.errors import PipelineError

    try:
        return bool(read_current(atlas))
    except PipelineError:
        return False


@command(
    short_help="Say what would be read, merged and set aside.",
    epilog="Example: paperatlas inspect papers/",
)
def inspect(
    sources: _Sources,
    config: Config = None,
    overrides: Overrides = None,
    problems: Annotated[
        Path | None,
        typer.Option(
            "--problems", parser=path, metavar="FILE", help="Write all problems, with their text."
        ),
    ] = None,
    strict: _Strict = False,
    as_json: Json = False,
) -> None:
    """Say what would be read, merged and set aside, and why. Nothing is written but the FILE of
    --problems, a CSV table with the raw text of what was set aside."""
    from pipeline.cli import pages, stream, values
    from pipeline.cli.progress import ConsoleProgress
    from pipeline.embed.registry import known_languages
    from pipeline.reading import inspect_sources, require_clean, require_read
    from pipeline.render import require_place, staged_file
    from pipeline.settings import load_settings

    settings = load_settings(config, overrides or [])
    out = None if problems is None else require_place(problems, option="--problems")
    with ConsoleProgress() as progress:
        progress.stage("read")
        languages = known_languages(settings.embed)
        read = inspect_sources(sources, settings, languages=languages, progress=progress)
    if out is not None:
        with staged_file(out) as staged:
            read.problems.save(staged)
    if as_json:
        stream.write_json("inspect", values.inspect_values(read.reports))
    else:
        stream.write_lines(pages.inspect_page(read.reports))
    require_read(read.unread)
    if strict:
        require_clean(read.reports)


@command(
    short_help="List the research themes.",
    epilog="Example: paperatlas themes my-atlas --layer 0",
)
def themes(
    atlas: AtlasPath,
    layer: Layer = None,
    as_json: Json = False,
) -> None:
    """List the research themes of one layer, largest first; with --json, of every layer."""
    from pipeline.atlas import Atlas
    from pipeline.cli import pages, stream, values

    with Atlas.open(atlas) as opened:
        if as_json:
            stream.write_json("themes", values.themes_values(opened, layer))
        else:
            stream.write_lines(pages.themes_page(opened, layer))


command(
    "related",
    short_help="Find papers related to a text, a draft or papers.",
    epilog='Example: paperatlas related my-atlas --text "transport maps" --where "year >= 2020"',
)(searching.related)
command(
    "similar",
    short_help="List pairs of papers that are nearly the same.",
    epilog='Example: paperatlas similar my-atlas --over 0.95 --where "year >= 2020"',
)(searching.similar)


@command(
    short_help="Show one paper and what is known of it.",
    epilog="Example: paperatlas show my-atlas p-6ad7cbcfb4a1",
)
def show(
    atlas: AtlasPath,
    paper: Annotated[str, typer.Argument(metavar="ID", help="Id, alias or title of a paper.")],
    as_json: Json = False,
) -> None:
    """Show one paper: its text, themes, nearest papers, versions and where it was read."""
    from pipeline.atlas import Atlas
    from pipeline.cli import pages, stream, values

    with Atlas.open(atlas) as opened:
        shown = opened.show(paper)
        if as_json:
            stream.write_json("show", values.show_values(shown))
        else:
            stream.write_lines(pages.show_page(shown))


@command(
    short_help="Tell the themes of a new text.",
    epilog="Example: paperatlas predict my-atlas --file draft.txt",
)
def predict(
    atlas: AtlasPath,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="A title, an abstract, or both.")
    ] = None,
    file: File = None,
    as_json: Json = False,
) -> None:
    """Tell which themes of the atlas a text belongs to, how surely, and which papers are near. The
    first line of several is its title. A paper of the atlas has its own themes."""
    from pipeline.atlas import Atlas
    from pipeline.cli import pages, stream, text_file, values
    from pipeline.cli.progress import LOADING, tell_if_slow

    asked = text_file.one_text(text, file)
    with Atlas.open(atlas) as opened:
        with tell_if_slow(LOADING):
            found = opened.predict([asked])
        if as_json:
            stream.write_json("predict", values.predict_values(found))
        else:
            stream.write_lines(pages.predict_page(found[0]))


@command(
    "name",
    short_help="Name the themes by a language model of yours.",
    epilog="Example: paperatlas name my-atlas --set refine.url=http://localhost:11434/v1 "
    "--set refine.model=qwen3 --dry-run",
)
def name_by_model(
    atlas: AtlasPath,
    config: Config = None,
    overrides: Overrides = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count calls and tokens; ask and write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Name the themes of an atlas by a language model behind any OpenAI-compatible address: that of
    refine.url. Titles and abstracts of exemplar papers are sent there, and nowhere else. Themes
    without a sound answer, and those named in labels.toml, keep their names."""
    from pipeline.cli import interrupts, pages, stream, values
    from pipeline.cli.progress import ConsoleProgress
    from pipeline.renaming import rename_themes
    from pipeline.settings import load_settings

    settings = load_settings(config, overrides or [])
    try:
        with ConsoleProgress() as progress:
            renaming = rename_themes(atlas, settings=settings, dry_run=dry_run, progress=progress)
    except BaseException as error:
        if not (isinstance(error, KeyboardInterrupt) or interrupts.asked()):
            raise
        told = "the atlas is whole, and the answers so far are kept for the next time"
        raise KeyboardInterrupt(told) from None
    if as_json:
        stream.write_json("name", values.renaming_values(renaming))
    else:
        stream.write_lines(pages.renaming_page(renaming))


@command(
    short_help="Measure the themes and their names.",
    epilog="Example: paperatlas evaluate my-atlas --labels area",
)
def evaluate(
    atlas: AtlasPath,
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels", metavar="COLUMN", help="A column of the sources to compare themes with."
        ),
    ] = None,
    layer: Layer = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Seed of samples, folds and baselines.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Measure the themes of each layer, beside k-means and plain UMAP + HDBSCAN on the same
    vectors: how many papers they hold, how separate they are, whether a name finds its papers,
    and with --labels how well they agree with what is known of the papers."""
    from pipeline.atlas import Atlas
    from pipeline.cli import stream
    from pipeline.cli.evaluation import evaluation_page, evaluation_values
    from pipeline.cli.progress import ConsoleProgress

    with Atlas.open(atlas) as opened:
        with ConsoleProgress() as progress:
            told = opened.evaluate(labels=labels, layer=layer, seed=seed, tell=progress.stage)
        if as_json:
            values = evaluation_values(told, default_layer=opened.default_layer)
            stream.write_json("evaluate", values)
        else:
            stream.write_lines(evaluation_page(told))


command(
    "map",
    short_help="Write the theme map to a file.",
    epilog="Example: paperatlas map my-atlas -o themes.pdf --width 180mm",
)(mapping.draw_map)
command(
    "export",
    short_help="Write papers, themes and graphs for other programs.",
    epilog="Example: paperatlas export my-atlas --format bibtex --format report -o exported",
)(exporting.export)


@command(
    short_help="Tell about this installation, and what it lacks.",
    epilog="Example: paperatlas doctor my-atlas",
)
def doctor(
    atlas: Annotated[
        Path | None,
        typer.Argument(parser=path, metavar="[ATLAS]", help="An atlas to check, every byte of it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what decides whether paperatlas works here and how fast: versions, model, processor,
    caches, and what is missing. With ATLAS: check every file of it, and whether its model is the
    one on this machine. Exit code 3: something essential is missing; 5: ATLAS is damaged."""
    from pipeline.cli import pages, stream, values
    from pipeline.doctor import examine

    report = examine(atlas)
    if as_json:
        stream.write_json("doctor", values.doctor_values(report))
    else:
        stream.write_lines(pages.doctor_page(report))
    raise typer.Exit(report.exit_code)


app.add_typer(cache_app, short_help="Show or clear what builds keep for the next one.")


@cache_app.callback(epilog="Example: paperatlas cache info")
def cache() -> None:
    """What builds keep for the next one: embedded texts and converted models. It is this user's,
    lies outside every atlas, and may be cleared at any time."""


@cache_command(
    "info",
    short_help="Show where the cache is and what it holds.",
    epilog="Example: paperatlas cache info",
)
def cache_info(as_json: Json = False) -> None:
    """Show where the cache is and what it holds."""
    from pipeline.cli import caches, pages, stream, values

    stored = caches.read_stored()
    if as_json:
        stream.write_json("cache", values.cache_values(stored))
    else:
        stream.write_lines(pages.cache_page(stored))


@cache_command(
    "clear",
    short_help="Forget embedded texts and converted models.",
    epilog="Example: paperatlas cache clear",
)
def cache_clear(as_json: Json = False) -> None:
    """Forget every embedded text and remove every converted model. No atlas changes; the next
    build or query makes again what it needs."""
    from pipeline.cli import caches, pages, stream, values

    cleared = caches.clear_stored()
    if as_json:
        stream.write_json("cache", values.cleared_values(cleared))
    else:
        stream.write_lines(pages.cleared_page(cleared))

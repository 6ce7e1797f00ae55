"""The commands. Each one parses, calls one function and prints what it gave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="paperatlas",
    help="Find related papers, name research themes, draw theme maps. Offline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_Sources = Annotated[
    list[Path],
    typer.Argument(metavar="SOURCE...", help="Files or folders with paper abstracts."),
]
_AtlasPath = Annotated[Path, typer.Argument(metavar="ATLAS", help="The folder of an atlas.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"paperatlas {version('paperatlas')}")
        raise typer.Exit


@app.callback()
def paperatlas(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Find related papers, name research themes, draw theme maps. Offline."""


@app.command()
def build(
    sources: _Sources,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="ATLAS", help="Folder to write.")],
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings in TOML.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One setting by its dotted name."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of every random step.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Use at most this many papers.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and count; write nothing.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Build an atlas of SOURCE: embed, find themes, name them, draw the map."""
    from pipeline.cli import output
    from pipeline.cli.progress import ConsoleProgress
    from pipeline.settings import load_settings
    from pipeline.stages import build_atlas

    given = [*(overrides or []), *([f"seed={seed}"] if seed is not None else [])]
    settings = load_settings(config, given)
    with ConsoleProgress() as progress:
        result = build_atlas(
            sources, out, settings=settings, limit=limit, dry_run=dry_run, progress=progress
        )
    output.print_build(result, as_json=as_json)


@app.command()
def inspect(sources: _Sources, as_json: _Json = False) -> None:
    """Say what would be read, merged and set aside, and why."""
    from pipeline.cli import output
    from pipeline.stages import read_table

    output.print_reports(read_table(sources), as_json=as_json)


@app.command()
def themes(
    atlas: _AtlasPath,
    layer: Annotated[
        int | None, typer.Option("--layer", help="Which layer; 0 is the finest.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """List the research themes; with --json those of every layer, or of the one given."""
    from pipeline.atlas import Atlas
    from pipeline.cli import output

    with Atlas.open(atlas) as opened:
        output.print_themes(opened, layer, as_json=as_json)


@app.command()
def related(
    atlas: _AtlasPath,
    text: Annotated[str | None, typer.Option("--text", help="A text, such as a question.")] = None,
    paper: Annotated[
        str | None, typer.Option("--paper", metavar="ID", help="A paper of the atlas.")
    ] = None,
    k: Annotated[int, typer.Option("-k", help="How many papers.")] = 10,
    as_json: _Json = False,
) -> None:
    """Find the papers nearest to a text or to a paper, and say why each is here."""
    from pipeline.atlas import Atlas
    from pipeline.cli import output

    with Atlas.open(atlas) as opened:
        found = opened.related(text, paper=paper, k=k)
        output.print_related(found, as_json=as_json)


@app.command()
def show(
    atlas: _AtlasPath,
    paper: Annotated[str, typer.Argument(metavar="ID", help="Id or alias of a paper.")],
    as_json: _Json = False,
) -> None:
    """Show one paper: its text, themes, neighbours, versions and where it came from."""
    from pipeline.atlas import Atlas
    from pipeline.cli import output

    with Atlas.open(atlas) as opened:
        output.print_paper(opened.show(paper), as_json=as_json)


@app.command("map")
def draw_map(
    atlas: _AtlasPath,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="A .html, .png, .svg or .pdf file.")
    ],
) -> None:
    """Write the theme map to a file, in the format that its ending names."""
    from pipeline.atlas import Atlas

    with Atlas.open(atlas) as opened:
        typer.echo(opened.map(out))

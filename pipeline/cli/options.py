"""Options that several commands have, and the refusal of one that is given twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from pipeline.errors import UsageError


def path(text: str) -> Path:
    """A path; an empty one (an unset shell variable, often) is not the current folder."""
    if not text:
        raise typer.BadParameter("expected a path, not an empty text")
    return Path(text)


AtlasPath = Annotated[
    Path, typer.Argument(parser=path, metavar="ATLAS", help="The folder of an atlas.")
]
Config = Annotated[
    Path | None,
    typer.Option("--config", parser=path, metavar="FILE", help="A TOML file of settings."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="One setting; may be given many times."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

File = Annotated[
    Path | None,
    typer.Option(
        "--file",
        parser=path,
        metavar="FILE",
        help="A draft, txt, md, tex or pdf; - reads stdin.",
    ),
]
Layer = Annotated[
    int | None, typer.Option("--layer", metavar="N", help="One layer; 0 has the finest themes.")
]
Where = Annotated[
    str | None,
    typer.Option("--where", metavar="FILTER", help='Such as "year >= 2020 and venue = icml".'),
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Papers of a year or date on.")
]
Category = Annotated[
    str | None, typer.Option("--category", metavar="NAME", help="Such as cs.LG, or all of cs.")
]
Theme = Annotated[
    str | None, typer.Option("--theme", metavar="THEME", help="Papers of a theme: id or name.")
]

_TWICE = {
    "--paper": "name further papers by --like",
    "--doi": "name further papers by --like",
    "--where": "join filters by `and` or `or`",
}


class OnceCommand(TyperCommand):
    """A command that refuses an option with a value that is given twice: the last one would win,
    and nobody would hear of it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own click
        """Check what is given, then read it."""
        *_, given = self.make_parser(ctx).parse_args(args=list(args))
        for option, times in Counter(given).items():
            if times > 1 and not option.multiple and not getattr(option, "is_flag", False):
                name = max(option.opts, key=len)
                raise UsageError(f"{name} is given twice", hint=_TWICE.get(name, "give it once"))
        return super().parse_args(ctx, args)

"""Entry point: runs a command and turns whatever goes wrong into one line and an exit code."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import click
import typer

from pipeline.cli.commands import app
from pipeline.errors import OutputError, PipelineError

EXIT_INTERRUPTED = 130
_ERROR_SCHEMA = "paperatlas.error/1"
_DEBUG_VARIABLE = "PAPERATLAS_DEBUG"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line on `arguments` (the process's own where None) and exit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # A service manager's stop is an interrupt like Ctrl-C: what was begun is taken back.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:  # standard output itself is full or gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _report(OutputError(f"standard output: {error.strerror}"), as_json=False)
    sys.exit(code)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _run(arguments: list[str]) -> int:
    as_json = "--json" in arguments or "json" in arguments
    try:
        outcome = typer.main.get_command(app).main(
            arguments, prog_name="paperatlas", standalone_mode=False
        )
    except PipelineError as error:
        return _report(error, as_json=as_json)
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        return 2
    except click.ClickException as error:
        return _report(_as_usage_error(error), as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted; nothing was changed\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get(_DEBUG_VARIABLE):
            raise
        message = f"internal error: {type(error).__name__}: {error}"
        hint = f"please report it; {_DEBUG_VARIABLE}=1 shows where it happened"
        return _report(PipelineError(" ".join(message.split()), hint=hint), as_json=as_json)
    return outcome if isinstance(outcome, int) else 0


def _as_usage_error(error: click.ClickException) -> PipelineError:
    from pipeline.errors import UsageError

    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "paperatlas"
    return UsageError(message.rstrip("."), hint=f"{command} --help lists what there is")


def _report(error: PipelineError, *, as_json: bool) -> int:
    """Say what went wrong: one line on stderr, or one object on stdout for `--json`."""
    if as_json:
        told = {"code": error.code, "message": error.message, "hint": error.hint}
        sys.stdout.write(json.dumps({"schema": _ERROR_SCHEMA, "error": told}) + "\n")
    else:
        hint = f" ({error.hint})" if error.hint else ""
        sys.stderr.write(f"paperatlas: {error.message}{hint}\n")
    return error.exit_code

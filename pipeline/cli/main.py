"""Entry point: runs a command and turns whatever goes wrong into one line and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NoReturn

from pipeline.cli import interrupts
from pipeline.errors import OutputError, PipelineError, UsageError

_ERROR_SCHEMA = "paperatlas.error/1"
_DEBUG_VARIABLE = "PAPERATLAS_DEBUG"
# More of a message, or of a hint, is what was typed and not what is wrong with it.
_LONGEST_TOLD = 1000
_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class _StoppedError(PipelineError):
    """The user, or a service manager, asked the command to stop."""

    exit_code = 130
    code = "interrupted"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line on `arguments` (the process's own where None) and exit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    interrupts.heed()
    has_output = sys.stdout is not None
    _fill_closed_streams()
    try:
        if not has_output:
            raise OutputError("standard output is closed", hint="send it to a file or /dev/null")
        code = _run(given)
    except PipelineError as error:
        _ignore_signals()
        options = given[: given.index("--")] if "--" in given else given
        code = _report(error, as_json=has_output and _asks_for_json(options))
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): that is its right.
        _discard_output()
        code = 0
    sys.exit(code)


def _asks_for_json(options: Sequence[str]) -> bool:
    """Whether the answer is to be JSON, by `--json` or by `--format json`."""
    asked = {"--json", "--format=json"} & {*options}
    return bool(asked) or ("--format", "json") in pairwise(options)


def _run(arguments: list[str]) -> int:
    """Run one command and give its exit code; whatever goes wrong is a PipelineError, but for a
    reader that has gone."""
    try:
        return _invoke(arguments)
    except (PipelineError, BrokenPipeError):
        raise
    except KeyboardInterrupt as interrupt:
        raise _StoppedError("interrupted", hint=str(interrupt)) from None
    except Exception as error:
        if interrupts.asked():
            raise _StoppedError("interrupted") from None
        if os.environ.get(_DEBUG_VARIABLE):
            raise
        raise _as_told_error(error) from error


def _invoke(arguments: list[str]) -> int:
    # Imported here, so that an interrupt in these few milliseconds is one line as well.
    import logging

    import typer

    from pipeline.cli.commands import app

    # It would tell of its own cache folder where the home folder cannot be written.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    # Not `app()`: that one answers errors, interrupts and closed pipes in its own way.
    command = typer.main.get_command(app)
    usage_error: type[Exception] = typer.BadParameter.__bases__[0]
    try:
        with command.make_context("paperatlas", list(arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as done:
        return done.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except usage_error as error:
        if not arguments:
            sys.stderr.write(f"{error}\n")  # the help page
            return UsageError.exit_code
        raise _as_usage_error(error) from None
    return 0


def _as_usage_error(error: Exception) -> UsageError:
    told = getattr(error, "format_message", error.__str__)()
    message = " ".join(str(told).split()).rstrip(".")
    message, _, suggestion = message.partition(" (Possible options: ")
    if suggestion:
        return UsageError(message, hint=f"did you mean {suggestion.rstrip(')')}?")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "paperatlas"
    return UsageError(message, hint=f"{command} --help lists what there is")


def _as_told_error(error: Exception) -> PipelineError:
    """What nobody foresaw, in one line; a full disk behind any library is told as such."""
    if isinstance(error, OSError) and error.errno in _FULL_DISK:
        where = error.filename or "standard output"
        return OutputError(f"{where}: {os.strerror(error.errno or 0).lower()}", hint="free space")
    hint = f"please report it; {_DEBUG_VARIABLE}=1 shows where it happened"
    return PipelineError(f"internal error: {type(error).__name__}: {error}", hint=hint)


def _report(error: PipelineError, *, as_json: bool) -> int:
    """Say what went wrong: one line on stderr, or one object on stdout for `--json`."""
    import json

    try:
        if as_json:
            told = {"code": error.code, "message": error.message, "hint": error.hint}
            sys.stdout.write(json.dumps({"schema": _ERROR_SCHEMA, "error": told}) + "\n")
            sys.stdout.flush()
            return error.exit_code
        sys.stdout.flush()
    except OSError:
        _discard_output()  # there is no output to tell it to: it goes to stderr
    parts = [_shortened(_one_line(part)) for part in (error.message, error.hint) if part]
    sys.stderr.write(f"paperatlas: {' - '.join(parts)}\n")
    return error.exit_code


def _one_line(text: str) -> str:
    """`text` without line breaks or anything else that could steer a terminal."""
    return "".join(
        c if c.isprintable() or "\ud800" <= c <= "\udfff" else repr(c)[1:-1]
        for c in " ".join(text.split())
    )


def _shortened(line: str) -> str:
    """`line` without its middle where it is too long to be read."""
    half = _LONGEST_TOLD // 2
    return line if len(line) <= _LONGEST_TOLD else f"{line[:half]} … {line[-half:]}"


def _ignore_signals() -> None:
    """Let nothing break off the last line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _fill_closed_streams() -> None:
    """Open /dev/null for standard streams that the caller closed (`>&-`): the next file that is
    opened would take their number, and whatever a library prints would end in it."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def _discard_output() -> None:
    """Send what is still to be written to standard output, at exit too, to nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

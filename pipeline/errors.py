"""Errors a user can meet: each says what went wrong, what to do next, and carries its exit code.

The codes are part of the command line's contract (see docs/design.md).
"""

from __future__ import annotations


class PipelineError(Exception):
    """Base of every error that is shown to a user as one line.

    `message` names what and where; `hint` says what to do next; `exit_code` is the process's exit
    status; `code` is the stable word of the JSON form.
    """

    exit_code = 1
    code = "internal"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PipelineError):
    """A value out of range, an unknown option, setting or id."""

    exit_code = 2
    code = "usage"


class MissingDependencyError(PipelineError):
    """A model or an optional library is not on this machine."""

    exit_code = 3
    code = "missing"


class InputError(PipelineError):
    """An input path is missing, empty, unusable, or not an atlas."""

    exit_code = 4
    code = "input"


class DamagedAtlasError(PipelineError):
    """A file of an atlas is not the one its manifest describes."""

    exit_code = 5
    code = "damaged"


class OutputError(PipelineError):
    """Output cannot be written: permission, full disk, or another writer holds it."""

    exit_code = 6
    code = "output"

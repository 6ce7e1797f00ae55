"""The one text of a command that takes it as an option or from a file."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.errors import InputError, UsageError


def one_text(text: str | None, file: Path | None) -> str:
    """The text, or what is in the file, UTF-8.

    Raises UsageError for none, both or an empty one, and InputError for a file that cannot be read.
    """
    if (text is None) == (file is None):
        raise UsageError("expected one text", hint="give either --text or --file")
    if file is None:
        found, named = text or "", "the text"
    else:
        found, named = _read(file), str(file)
    if not found.strip():
        raise UsageError(f"{named} is empty", hint="expected a title, an abstract, or both")
    return found


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file}: not text in UTF-8 (byte {error.start:,})", hint="save it as UTF-8"
        ) from None
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise InputError(f"{file}: cannot be read ({reason})", hint="name a text file") from error

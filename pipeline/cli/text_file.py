"""The one text of a command that takes it as an option or from a file."""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.errors import UsageError


def one_text(text: str | None, file: Path | None) -> str:
    """The text, or what the draft in the file is about; of a file, stderr hears what was used.

    Raises UsageError for none, both or an empty text, and InputError for a file that is no draft.
    """
    if (text is None) == (file is None):
        raise UsageError("expected one text", hint="give either --text or --file")
    if file is not None:
        return _read(file)
    if text is None or not text.strip():
        raise UsageError("the text is empty", hint="expected a title, an abstract, or both")
    return text.strip()


def shortened(text: str) -> str:
    """As much of a text as would be used of a file; stderr hears where that is not all of it."""
    from pipeline.sentences import beginning_of

    used = beginning_of(text)
    if used != text:
        sys.stderr.write(f"text: used the first {len(used):,} characters\n")
    return used


def _read(file: Path) -> str:
    from pipeline.drafts import read_draft

    draft = read_draft(file)
    sys.stderr.write(f"draft: {draft.told}\n")
    return draft.query

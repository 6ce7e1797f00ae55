"""What the tests of the command line take from its standard error."""

from __future__ import annotations

import re

from pipeline.cli.progress import DOING, LOADING, SEARCHING

_TEXTS = "|".join(map(re.escape, [*DOING.values(), LOADING, SEARCHING]))
_PROGRESS = re.compile(rf"(?:{_TEXTS})(?: \([\d,]+\))?|  [\d,]+ of [\d,]+(?:, .*)?")


def without_progress(stderr):
    """The lines that are no progress, which is told or not as the machine is slow or fast."""
    return [line for line in stderr.splitlines() if not _PROGRESS.fullmatch(line)]

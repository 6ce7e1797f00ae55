"""No telemetry, and no look-ups behind the user's back, from the libraries below us."""

from __future__ import annotations

import os
import sys


def forbid_telemetry() -> None:
    """Libraries that are imported from now on send nothing and look nothing up.

    To be called before a heavy library is imported: most read these variables once, then. Calling
    it again changes nothing. A download that the user allows passes all the same (see
    `pipeline.embed.hub`), also where HF_HUB_OFFLINE was set outside: the word of one command is
    newer than the environment's.
    """
    # OpenVINO's converter (2026.4) and NNCF (3.4) import this package to report each conversion to
    # Google Analytics, know no variable against it, and use a stub where the import fails. None
    # in sys.modules is Python's own way to make an import fail.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["HF_HUB_OFFLINE"] = "1"
    # stderr is ours to write; who looks for an error may set these otherwise.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

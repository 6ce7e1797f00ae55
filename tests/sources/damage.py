"""Damage to the text of a file, as transfers, editors and people do it."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.sources import read_sources

_SPOTS = st.integers(min_value=0, max_value=10_000)
_PIECES = st.sampled_from(
    ["{", "}", '"', ",", "\n", "\n\n", "\r", "@", "<", ">", "&", "%", "=", "  - ", "\x00", "\u2028",
     "ER  - \n", "TY  - JOUR\n", "@article{", "\ufeff", "\ud7ff", "x" * 40]
)  # fmt: skip


@st.composite
def damaged(draw, text):
    """The text with up to four pieces of it cut out, put twice, or something put in."""
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        at = draw(_SPOTS) % (len(text) + 1)
        length = draw(st.integers(min_value=0, max_value=60))
        match draw(st.sampled_from(["cut", "twice", "insert", "truncate"])):
            case "cut":
                text = text[:at] + text[at + length :]
            case "twice":
                text = text[: at + length] + text[at:]
            case "insert":
                text = text[:at] + draw(_PIECES) + text[at:]
            case "truncate":
                text = text[: max(at, 10)]
    return text


def read_damaged(path, text):
    """The records and the report of a damaged file; None where all of it is refused in one line."""
    path.write_text(text, encoding="utf-8", newline="")
    try:
        result = read_sources([path])
    except InputError:
        return None
    (report,) = result.reports
    assert report.found == report.imported + report.merged + report.set_aside
    assert report.imported == len(result.records)
    assert all(problem.line >= 1 for problem in report.problems)
    return result.records, report

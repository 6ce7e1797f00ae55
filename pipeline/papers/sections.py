"""Headings in structured abstracts: `Background: ... Methods: ... Results: ...`.

They are the same in every abstract of a field, whatever it is about. Only known ones are taken out,
and only where an abstract has several: one `Results:` in running prose is its author's.
"""

from __future__ import annotations

import re

# Medline's structured labels, and those of publishers; the longer of two before the shorter.
_PHRASES = """
availability|availability and implementation|contact|supplementary information|
aim|aims|animals|approach|background|brief description|brief summary|case|case description|
case presentation|case report|challenge|clinical importance|clinical relevance|
clinical significance|clinical trial registration|comparison|competing interests?|conclusion|
conclusions|context|contributions?|data analysis|data collection|data collection and analysis|
data extraction|data sources|data synthesis|design|design and methods|diagnosis|discussion|
duration|eligibility criteria|evidence acquisition|evidence synthesis|experimental approach|
experimental design|experimental procedures|exposures?|findings|funding|goals?|hypothesis|
impact|implications|importance|innovation|interpretation|interventions?|introduction|
key findings|key points|key results|keypoints|learning outcomes?|level of evidence|limitations|
limitations, reasons for caution|location|main findings|main outcome|main outcome measurements?|
main outcome measures?|main outcomes?|main results|main results and the role of chance|
main text|material|material & methods|material and methods|materials|materials and methods|
measurements?|measures|method|methodology|methods|motivation|novelty|objective|objectives|
observations?|originality|outcome|outcome measures?|outcomes|outcomes measured|output|
participants|patient concerns|patients|patients and methods|patients or other participants|
perspectives?|population|practical implications|practice implications|
primary and secondary outcome measures|primary outcome|principal findings|problem|
problem statement|procedures?|prospero registration number|public health implications|purpose|
purpose of review|purpose of the review|rationale|recent findings|recommendations|registration|
relevance|relevance to clinical practice|research design|research design and methods|
research implications|research limitations|research methods|research objectives?|
research question|result|results|review methods|sample|scope|search methods|search strategy|
selection criteria|setting|settings|significance|significance of the study|
significance statement|social implications|solution|statement of problem|
statement of significance|statement of the problem|statistical analysis|statistics|study design|
study design, size, duration|study funding|study question|study registration|study selection|
subject|subjects|subjects and methods|summary|summary answer|systematic review registration|
techniques?|theoretical framework|theory|tools|translational perspective|
translational relevance|treatment|trial registration|trial registration number|types of studies|
validation|value|what is known already|wider implications|wider implications of the findings
"""


def _heading() -> str:
    phrases = sorted(_PHRASES.replace("\n", "").split("|"), key=len, reverse=True)
    one = "|".join(phrases).replace(" ", r"\s+")
    return rf"(?:{one})(?:(?:\s*[/,&]\s*|\s+(?:and|or)\s+)(?:the\s+)?(?:{one})){{0,3}}"


_CANDIDATE = re.compile(
    # At the beginning, on a new line, or behind a sentence; capitals with a colon anywhere.
    r"(?:\A|(?<=\n)|(?<=[.!?)\]\"”’'…:;%*]\s)|(?<=[a-z0-9)\]%][.!?])|(?<=\s)(?=[A-Z]{3}))[^\S\n]*+"
    rf"(?P<heading>(?=[A-Z])(?i:{_heading()})(?:\s?\([sS]\))?)"
    r"(?:(?P<colon>\s*[:：]\s*(?:[-–—]\s+)?|\s?[—–]\s*)"
    r"|(?P<line>[^\S\n]*\n\s*)|(?P<stop>\.\s+)(?=[A-Z0-9])|(?P<glued>)(?=[A-Z](?:[a-z]|\s))"
    r"|(?P<space>\s+)(?=[A-Z]))"
)
_LEAST = 2
_LEAST_SPACED = 3


# What abstracts begin with that begin with a heading, in small letters.
_STARTS = frozenset(phrase.strip()[:4] for phrase in _PHRASES.split("|"))


def may_be_structured(text: str) -> bool:
    """Tell in no time whether `text` could have headings to take out: it begins
    with one, or has the commonest of them with a colon."""
    if text[:4].lower() in _STARTS and _CANDIDATE.match(text):
        return True
    return ":" in text and ("sults:" in text or "SULTS:" in text)


def without_headings(text: str) -> str:
    """Give `text` without the headings of its sections, where it has at least two kinds of them;
    three, where but a space divides them from their sentence."""
    found = [match for match in _CANDIDATE.finditer(text) if _is_heading(match)]
    if not _is_structured(found):
        return text
    out, position = [], 0
    for match in found:
        out.append(text[position : match.start("heading")])
        position = match.end()
    return "".join([*out, text[position:]])


def _is_heading(match: re.Match[str]) -> bool:
    """Capitals in the middle of a line are one with a colon only; `METHODSWe` is none."""
    heading = match["heading"]
    if heading.isupper():
        return match["glued"] is None and (match["colon"] is not None or _is_bounded(match))
    return _is_bounded(match)


def _is_bounded(match: re.Match[str]) -> bool:
    start = match.start("heading")
    before = match.string[max(0, start - 2) : start]
    return not before.strip() or "\n" in before or before.strip()[-1] in ".!?)]\"”’'…:;%*"


def _is_structured(found: list[re.Match[str]]) -> bool:
    plain = {_key(match) for match in found if match["space"] is None}
    return len(plain) >= _LEAST or len({_key(match) for match in found}) >= _LEAST_SPACED


def _key(match: re.Match[str]) -> str:
    return " ".join(match["heading"].casefold().split()).rstrip("s")

"""Invented records to compare."""

from __future__ import annotations

from pipeline.papers import Paper, Source

TOPICS = {
    "moss": (
        "Mosses of northern walls keep water through long summers by curling their leaves. We "
        "measured curling under lamps of several strengths and found that shade, rather than "
        "heat, decides how soon a cushion dries. A small model of cushions as sponges "
        "reproduces the drying curves from two constants. Gardeners may use the constants to "
        "choose species for roofs where watering is impossible."
    ),
    "tides": (
        "Harbour tides are usually predicted from astronomical constituents fitted to one "
        "gauge. We replace the gauge by cheap pressure loggers carried on fishing boats and "
        "correct for their motion with inertial sensors. Over nine months the boats recover "
        "the main constituents within a few millimetres. The approach brings tide tables to "
        "coasts without any fixed station, at the cost of a telephone."
    ),
    "loom": (
        "Patterns woven on draw looms were stored on cords tied by apprentices. Reading "
        "surviving cords with tomography, we recover four lost damasks and the order in which "
        "sheds were opened. Mistakes in the cords cluster near meal times, which suggests how "
        "long a working day lasted. The recovered patterns are published as programs for "
        "modern jacquard machines."
    ),
}


def paper(title="", abstract="", authors=(), *, file="a.txt", line=1, **fields) -> Paper:
    return Paper(
        title=title,
        abstract=abstract,
        authors=tuple(authors),
        sources=(Source(file, line),),
        **fields,
    )

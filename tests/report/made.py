"""A small atlas made by hand, whose every figure can be counted on the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.artifacts import BuildDetails, Contrast, Memberships, ThemeRow
from pipeline.nearest import NearestPapers
from pipeline.papers import FileReport, Paper, Problem, ProblemKind
from pipeline.report import Material

MOSS, TRANSPORT, COMETS, EARTH, SKY = range(5)

_TITLES = [
    ("Moss on granite", 2019, "Bogs"),
    ("Moss in wind", 2020, "Bogs"),
    ("Moss after fire", 2021, "Bogs"),
    ("Moss and its mites", 2021, "Mites"),
    ("Moss maps", 2022, ""),
    ("Transport plans", 2020, "Maths"),
    ("Transport of mass", 2022, "Maths"),
    ("Transport maps", 2023, "Maths"),
    ("Transport in peat", None, ""),
    ("Comet tails", 2023, ""),
    ("Comet ice", 2023, ""),
    ("A cookbook", 1999, ""),
]

THEMES = (
    ThemeRow(
        MOSS, 0, "moss", 5, EARTH,
        terms=("moss", "peat", "bogs"), exemplars=(2, 0),
        evidence=("“moss” in 5 of 5 papers",), stability=0.9, covered_share=1.0,
        contrast=Contrast(TRANSPORT, "moss", 8.5),
    ),
    ThemeRow(
        TRANSPORT, 0, "transport / maps", 4, EARTH,
        terms=("transport", "maps", "mass"), exemplars=(5,),
        evidence=("“transport” in 3 of 4 papers", "“maps” in 1 of 4 papers"),
        stability=0.4, covered_share=0.75, contrast=Contrast(MOSS, "maps", 0.8),
    ),
    ThemeRow(COMETS, 0, "comets", 2, SKY, terms=("ice",), exemplars=(9, 10), stability=1.0),
    ThemeRow(EARTH, 1, "earth", 9, None, exemplars=(2, 5), stability=0.7),
    ThemeRow(SKY, 1, "sky", 2, None, exemplars=(9,), stability=1.0),
)  # fmt: skip

_NEAREST = [
    [1, 2, 3, 4],
    [0, 2, 3, 4],
    [0, 1, 3, 4],
    [0, 1, 2, 8],
    [0, 1, 5, 7],  # between moss and transport
    [6, 7, 8, 4],
    [5, 7, 8, 9],
    [5, 6, 8, 4],
    [3, 5, 6, 11],  # one of moss, two of transport, one of no theme
    [10, 6, -1, -1],
    [9, -1, -1, -1],
    [3, 8, 9, 10],
]


def make_papers() -> tuple[Paper, ...]:
    return tuple(
        Paper(
            id=f"p-{row}",
            title=title,
            abstract="" if row == 8 else f"On {title.lower()}.",
            authors=("Ada Berg", "Bo Lind", "Cy Holt", "Di Vang")[: 1 + row % 4],
            year=year,
            venue=venue or None,
            url=f"https://papers.example/{row}" if row % 2 == 0 else None,
            status="retracted" if row == 3 else None,
            language="de" if row == 1 else "en",
        )
        for row, (title, year, venue) in enumerate(_TITLES)
    )


def make_material(**changes: object) -> Material:
    """Moss (0 to 4), transport (5 to 8) and comets (9, 10) below earth and sky; 11 is in none."""
    fine = np.array([MOSS] * 5 + [TRANSPORT] * 4 + [COMETS] * 2 + [-1], np.int32)
    broad = np.array([EARTH] * 9 + [SKY] * 2 + [-1], np.int32)
    strengths = np.array([0.9, 0.8, 1.0, 0.75, 0.4, 0.9, 0.8, 0.85, 0.3, 1, 1, 0], np.float32)
    nearest = np.array(_NEAREST, np.int32)
    similarities = np.where(nearest < 0, 0, 0.5).astype(np.float32)
    fields: dict[str, object] = {
        "papers": make_papers(),
        "themes": THEMES,
        "memberships": Memberships(np.stack([fine, broad]), np.stack([strengths, strengths]), 0),
        "nearest": NearestPapers(nearest, similarities),
        "preservation": np.array([1] * 10 + [0.5, 0.79], np.float32),
        "reports": (
            FileReport("a.bib", "bibtex", 12, 10, 1, 1, (
                Problem(7, "no title"), Problem(9, "year is guessed", ProblemKind.DOUBT),
            )),
            FileReport("b.ris", "ris", 2, 2, 0, 0),
        ),
        "details": make_details(),
        "content_digest": "0123456789abcdef" * 4,
        "n_records": 13,
        "dim": 8,
    }  # fmt: skip
    return Material(**(fields | changes))  # type: ignore[arg-type]


def make_details(**changes: object) -> BuildDetails:
    fields: dict[str, object] = {
        "model_name": "toy",
        "model_digest": "f" * 64,
        "settings": {"cluster": {"refits": 2}, "seed": 3},
        "seed": 3,
        "input_digests": {"a.bib": "a" * 64, "b.ris": "b" * 64},
        "library_versions": {"scipy": "1.0", "numpy": "2.0"},
        "facts": {
            "cut_share": 0.25,
            "edits": {"applied": 1, "problems": ["labels.toml: no paper x"]},
            "themes": {
                "stabilities": [0.8, 0.9],
                "calibration_errors": [0.04, 0.05],
                "agreements": [0.95, None],
            },
        },
    }
    return BuildDetails(**(fields | changes))  # type: ignore[arg-type]


def without_themes() -> Material:
    """The same papers, none in a theme."""
    none = np.full((1, 12), -1, np.int32)
    return make_material(themes=(), memberships=Memberships(none, np.zeros((1, 12), np.float32), 0))


def without_years() -> Material:
    return make_material(papers=tuple(replace(paper, year=None) for paper in make_papers()))


def with_one_theme() -> Material:
    """One layer of one theme that holds every paper."""
    theme = ThemeRow(0, 0, "everything", 12, None, exemplars=(0,))
    one = Memberships(np.zeros((1, 12), np.int32), np.ones((1, 12), np.float32), 0)
    return make_material(themes=(theme,), memberships=one, details=make_details(facts={}))


def with_one_paper() -> Material:
    """One paper, which has no nearest ones."""
    theme = ThemeRow(0, 0, "alone", 1, None, exemplars=(0,))
    return make_material(
        papers=make_papers()[:1],
        themes=(theme,),
        memberships=Memberships(np.zeros((1, 1), np.int32), np.ones((1, 1), np.float32), 0),
        nearest=NearestPapers(np.empty((1, 0), np.int32), np.empty((1, 0), np.float32)),
        preservation=np.ones(1, np.float32),
        reports=(),
        details=make_details(facts={}),
        n_records=1,
    )


def with_texts(text: str) -> Material:
    """The same atlas, with this text wherever a text can stand."""
    papers = tuple(
        replace(paper, title=text, authors=(text,), venue=text, url=text, id=text)
        for paper in make_papers()
    )
    themes = tuple(replace(theme, name=text, terms=(text,), evidence=(text,)) for theme in THEMES)
    report = FileReport(text, "bibtex", 12, 12, 0, 0)
    details = make_details(
        model_name=text,
        library_versions={"numpy": text},
        facts={"edits": {"applied": 0, "problems": [text]}},
    )
    return make_material(papers=papers, themes=themes, reports=(report,), details=details)

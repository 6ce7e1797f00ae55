"""The numbers that say whether to believe an atlas: themes, names, and agreement with labels."""

from pipeline.evaluate.agreement import Agreement
from pipeline.evaluate.figure import Figure
from pipeline.evaluate.report import (
    EvaluatedAtlas,
    EvaluatedTheme,
    Evaluation,
    GroupQuality,
    LabelColumn,
    LayerQuality,
    NameQuality,
    evaluate_atlas,
)

__all__ = [
    "Agreement",
    "EvaluatedAtlas",
    "EvaluatedTheme",
    "Evaluation",
    "Figure",
    "GroupQuality",
    "LabelColumn",
    "LayerQuality",
    "NameQuality",
    "evaluate_atlas",
]

"""The numbers that say whether to believe an atlas: themes, names, and agreement with labels."""

from pipeline.evaluate.agreement import Agreement
from pipeline.evaluate.figure import Figure
from pipeline.evaluate.layout import MapQuality
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
from pipeline.evaluate.trust import TrustQuality

__all__ = [
    "Agreement",
    "EvaluatedAtlas",
    "EvaluatedTheme",
    "Evaluation",
    "Figure",
    "GroupQuality",
    "LabelColumn",
    "LayerQuality",
    "MapQuality",
    "NameQuality",
    "TrustQuality",
    "evaluate_atlas",
]

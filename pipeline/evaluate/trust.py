"""How far the themes of a layer can be believed, as the refits of the build have shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.figure import Figure, no_figure
from pipeline.membership import Trust, tier_of

FloatRows = NDArray[np.float32]
Ids = NDArray[np.int32]

UNMEASURED = "the themes were not found again in refits"
_NO_THEME = "no paper has a theme"
_TOO_FEW = "it takes two refits and two themes"


@dataclass(frozen=True, slots=True)
class TrustQuality:
    """How far to believe the themes of one layer.

    `stability`, `calibration_error`, `agreement`: as in `Trust`; `n_unstable`: unstable themes,
    and `unstable_share` the share of the papers with a theme that are in one; `core`, `fringe` and
    `unassigned`: shares of all papers, which sum to 1.
    """

    stability: Figure
    n_unstable: int
    unstable_share: Figure
    calibration_error: Figure
    core: Figure
    fringe: Figure
    unassigned: Figure
    agreement: Figure


def trust_quality(
    theme_ids: Ids, strengths: FloatRows, trust: Trust, unstable: Sequence[int]
) -> TrustQuality:
    """The figures of one layer of n papers.

    `theme_ids`: (n,), -1 for none; `strengths`: (n,) in [0, 1]; `unstable`: ids of the unstable
    themes, of any layer.
    """
    has_theme = theme_ids >= 0
    if not has_theme.any():
        none = no_figure(_NO_THEME)
        return TrustQuality(none, 0, none, none, none, none, Figure(1.0), none)
    in_unstable = np.isin(theme_ids, list(unstable))
    in_core = np.array([tier_of(strength) == "core" for strength in strengths])
    is_measured = trust.stability is not None
    return TrustQuality(
        _measured(trust.stability, UNMEASURED),
        len(np.unique(theme_ids[in_unstable])),
        _share(in_unstable[has_theme], is_measured),
        _measured(trust.calibration_error, _TOO_FEW if is_measured else UNMEASURED),
        _share(has_theme & in_core, is_measured),
        _share(has_theme & ~in_core, is_measured),
        Figure(float((~has_theme).mean())),
        _measured(trust.agreement, "predictions were not judged"),
    )


def _share(which: NDArray[np.bool_], is_measured: bool) -> Figure:
    return Figure(float(which.mean())) if is_measured else no_figure(UNMEASURED)


def _measured(value: float | None, otherwise: str) -> Figure:
    return no_figure(otherwise) if value is None else Figure(value)

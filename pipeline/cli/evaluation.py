"""What `paperatlas evaluate` tells: the page and the JSON of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.cli.layout import bold, cell_len, fit, pad, page_width, plain, wrap

if TYPE_CHECKING:
    from pipeline.evaluate import (
        Agreement,
        Evaluation,
        Figure,
        GroupQuality,
        LayerQuality,
        MapQuality,
        NameQuality,
        TrustQuality,
    )

_NOTHING = "–"
_METHODS = {"themes": "themes", "k-means": "k-means", "umap+hdbscan": "UMAP + HDBSCAN"}
_MEASURES = {
    "ami": "AMI",
    "ari": "ARI",
    "fmi": "FMI",
    "homogeneity": "homogeneity",
    "completeness": "completeness",
}
_NAME_FIGURES = {
    "precision_by_meaning": "finds its papers, by meaning",
    "precision_by_words": "finds its papers, by words",
    "held_out_by_meaning": "papers it was not made from, by meaning",
    "held_out_by_words": "papers it was not made from, by words",
    "own_theme_nearest": "own theme nearest",
    "uniqueness": "unique",
    "diversity": "distinct words in terms",
    "coherence": "coherence of terms (NPMI)",
}
_NAME_KEYS = {
    "precision_by_meaning": "precision_embedder",
    "precision_by_words": "precision_bm25",
    "held_out_by_meaning": "held_out_precision_embedder",
    "held_out_by_words": "held_out_precision_bm25",
    "own_theme_nearest": "own_theme_nearest",
    "uniqueness": "unique",
    "diversity": "diversity",
    "coherence": "npmi",
}
_TRUST_FIGURES = {
    "stability": "two papers of a theme stay together",
    "unstable_share": "papers in unstable themes",
    "core": "papers in the core of a theme",
    "fringe": "papers in its fringe",
    "unassigned": "papers unassigned",
    "agreement": "nearest papers vote for the theme",
    "calibration_error": "calibration error of strengths",
}
_TRUST_KEYS = {name: name for name in _TRUST_FIGURES} | {"agreement": "leave_one_out_agreement"}
_MAP_FIGURES = {
    "trustworthiness": "what is beside a paper is near (trustworthiness)",
    "continuity": "what is near is beside a paper (continuity)",
    "neighbors_kept": "10 nearest papers that are so on the map",
    "arrangement": "arrangement of the themes (Spearman)",
    "far_share": "papers marked as far from their nearest",
}
_LEGEND = (
    "Higher is better, but for the calibration error and for papers in unstable themes, the fringe "
    "or none, or marked as far. Silhouette, density validity, NPMI, AMI, ARI and the arrangement "
    "may be negative: 0 is what chance gives, or groups that touch. All others lie from 0 to 1."
)
_INTERVALS = "In brackets is the 95% interval over halves of the papers."


def evaluation_page(told: Evaluation) -> Iterator[str]:
    """All figures, layer by layer."""
    width = page_width()
    for line in _basis(told):
        yield from wrap(line, width)
    for layer in told.layers:
        yield ""
        yield from _layer_lines(layer, width)
    yield ""
    yield from _map_lines(told.map, width)
    yield ""
    yield from wrap(f"{_LEGEND} {_INTERVALS}" if told.labels else _LEGEND, width)


def _basis(told: Evaluation) -> Iterator[str]:
    """What was measured on."""
    charted = f"{told.n_charted:,} can have a theme"
    yield f"{_count(told.n_papers, 'paper')}, {charted}; seed {told.seed}."
    if told.is_sampled:
        yield (
            "Coverage and sizes are of all, every other figure is of a sample of "
            f"{told.n_evaluated:,}."
        )
    if labels := told.labels:
        without = f"; {labels.n_without:,} without one are left out" if labels.n_without else ""
        kinds = _count(labels.n_labels, "label")
        papers = _count(labels.n_papers, "paper")
        yield f"Compared with {plain(labels.name)}: {kinds} of {papers}{without}."


def _layer_lines(layer: LayerQuality, width: int | None) -> Iterator[str]:
    sizes = layer.sizes
    first = ", shown first" if layer.is_default else ""
    yield bold(f"Layer {layer.layer}{first}: {_count(sizes.n_groups, 'theme')}")
    facts = [("papers in a theme", _cell(layer.coverage, as_share=True))]
    if sizes.n_groups:
        facts += [
            (
                "papers of a theme",
                f"{sizes.smallest:,} to {sizes.largest:,}, median {sizes.median:g}",
            ),
            ("share of the largest", f"{sizes.largest_share:.0%}"),
        ]
    yield from _columns(facts, width)
    yield ""
    yield "  Trust, as measured when the atlas was built"
    yield from _columns(_trust_rows(layer.trust), width)
    yield ""
    yield f"  Names of the {_count(layer.names.n_themes, 'theme')} with 5 papers or more"
    yield from _columns(
        [(name, _cell(getattr(layer.names, field))) for field, name in _NAME_FIGURES.items()],
        width,
    )
    yield ""
    yield from _columns(_group_rows(layer.groups), width)
    yield from _reason_lines(_reasons(layer), width)


def _reason_lines(reasons: Mapping[str, Sequence[str]], width: int | None) -> Iterator[str]:
    for reason, names in reasons.items():
        told = f"{_NOTHING} {reason} ({', '.join(names)})"
        yield from wrap(told, width, first="  ", indent="    ")


def _map_lines(told: MapQuality, width: int | None) -> Iterator[str]:
    yield bold("Map, as measured when the atlas was built")
    rows = []
    for field, name in _MAP_FIGURES.items():
        as_share = field in ("neighbors_kept", "far_share")
        rows.append((name, _cell(getattr(told, field), as_share=as_share)))
    yield from _columns(rows, width)
    reasons: dict[str, list[str]] = {}
    for field, name in _MAP_FIGURES.items():
        _note(reasons, name, getattr(told, field))
    yield from _reason_lines(reasons, width)


def _trust_rows(trust: TrustQuality) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for field, name in _TRUST_FIGURES.items():
        told = _cell(getattr(trust, field), as_share=field != "calibration_error")
        if field == "unstable_share" and trust.n_unstable:
            told += f", {_count(trust.n_unstable, 'theme')}"
        rows.append((name, told))
    return rows


def _group_rows(groups: Sequence[GroupQuality]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("Groups", *(_METHODS[g.method] for g in groups)),
        ("number", *(f"{g.n_groups:,}" if not g.missing else _NOTHING for g in groups)),
    ]
    if any(g.left_over for g in groups):
        rows.append(
            (
                "placed by nearest centre",
                *(f"{g.left_over:.0%}" if g.left_over else "" for g in groups),
            )
        )
    rows.append(("silhouette", *(_cell(g.silhouette) for g in groups)))
    rows.append(("density validity (DBCV)", *(_cell(g.density_validity) for g in groups)))
    for told, of in (("", "agreement"), (" of assigned", "agreement_of_assigned")):
        agreements: list[Agreement | None] = [getattr(g, of) for g in groups]
        if any(agreements):
            rows += [
                (name + told, *(_cell(getattr(a, field)) if a else _NOTHING for a in agreements))
                for field, name in _MEASURES.items()
            ]
    return rows


def _columns(rows: Sequence[tuple[str, ...]], width: int | None) -> Iterator[str]:
    """Rows of cells below each other, two columns further in than their heading."""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [pad(cell, size) for cell, size in zip(row, widths, strict=True)]
        yield fit("  " + "  ".join(cells).rstrip(), width)


def _cell(figure: Figure, *, as_share: bool = False) -> str:
    if figure.value is None:
        return _NOTHING
    if as_share:
        return f"{figure.value:.0%}"
    if figure.low is None or figure.high is None:
        return _decimals(figure.value)
    low, high = _decimals(figure.low), _decimals(figure.high)
    return f"{_decimals(figure.value)} [{low}, {high}]"


def _decimals(value: float) -> str:
    """Two decimals; what rounds to nothing has no sign."""
    return f"{round(value, 2) + 0.0:.2f}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _reasons(layer: LayerQuality) -> dict[str, list[str]]:
    """Why figures are missing, and which they are, in the page's words."""
    found: dict[str, list[str]] = {}

    _note(found, "papers in a theme", layer.coverage)
    for field, name in _TRUST_FIGURES.items():
        _note(found, name, getattr(layer.trust, field))
    for field, name in _NAME_FIGURES.items():
        _note(found, name, getattr(layer.names, field))
    for group in layer.groups:
        method = _METHODS[group.method]
        if group.missing:
            found.setdefault(group.missing, []).append(f"all of {method}")
            continue
        _note(found, f"silhouette of {method}", group.silhouette)
        _note(found, f"density validity of {method}", group.density_validity)
        if group.agreement:
            _note(found, f"agreement of {method}", group.agreement.ami)
    return found


def _note(reasons: dict[str, list[str]], name: str, figure: Figure) -> None:
    if figure.value is None:
        reasons.setdefault(figure.missing, []).append(name)


def evaluation_values(told: Evaluation, *, default_layer: int) -> dict[str, Any]:
    """The same for programs; null for a figure that does not exist, with the reason in `missing`
    of its layer."""
    labels = told.labels
    return {
        "papers": told.n_papers,
        "charted": told.n_charted,
        "evaluated": told.n_evaluated,
        "seed": told.seed,
        "default_layer": default_layer,
        "labels": None
        if labels is None
        else {
            "column": labels.name,
            "papers": labels.n_papers,
            "kinds": labels.n_labels,
            "without": labels.n_without,
        },
        "layers": [_layer_values(layer) for layer in told.layers],
        "map": _map_values(told.map),
    }


def _map_values(told: MapQuality) -> dict[str, Any]:
    missing: dict[str, str] = {}
    figures = {field: _value(field, getattr(told, field), missing) for field in _MAP_FIGURES}
    return {**figures, "missing": missing}


def _layer_values(layer: LayerQuality) -> dict[str, Any]:
    missing: dict[str, str] = {}
    sizes = layer.sizes
    return {
        "layer": layer.layer,
        "is_default": layer.is_default,
        "coverage": _value("coverage", layer.coverage, missing),
        "themes": {
            "count": sizes.n_groups,
            "min": sizes.smallest,
            "median": sizes.median,
            "max": sizes.largest,
            "largest_share": round(sizes.largest_share, 4),
        },
        "trust": _trust_values(layer.trust, missing),
        "names": _name_values(layer.names, missing),
        "groups": [_group_values(group, missing) for group in layer.groups],
        "missing": missing,
    }


def _trust_values(trust: TrustQuality, missing: dict[str, str]) -> dict[str, Any]:
    figures = {
        key: _value(f"trust.{key}", getattr(trust, field), missing)
        for field, key in _TRUST_KEYS.items()
    }
    return {"unstable_themes": trust.n_unstable, **figures}


def _name_values(names: NameQuality, missing: dict[str, str]) -> dict[str, Any]:
    figures = {
        key: _value(f"names.{key}", getattr(names, field), missing)
        for field, key in _NAME_KEYS.items()
    }
    return {"themes": names.n_themes, **figures}


def _group_values(group: GroupQuality, missing: dict[str, str]) -> dict[str, Any]:
    path = f"groups.{group.method}"
    return {
        "method": group.method,
        "count": group.n_groups,
        "left_over_share": round(group.left_over, 4),
        "silhouette": _value(f"{path}.silhouette", group.silhouette, missing),
        "density_validity": _value(f"{path}.density_validity", group.density_validity, missing),
        "agreement": _agreement_values(f"{path}.agreement", group.agreement, missing),
        "agreement_of_assigned": _agreement_values(
            f"{path}.agreement_of_assigned", group.agreement_of_assigned, missing
        ),
    }


def _agreement_values(
    path: str, agreement: Agreement | None, missing: dict[str, str]
) -> dict[str, Any] | None:
    if agreement is None:
        return None
    told: dict[str, Any] = {"papers": agreement.n_papers}
    for field in _MEASURES:
        figure: Figure = getattr(agreement, field)
        told[field] = {
            "value": _value(f"{path}.{field}", figure, missing),
            "low": _rounded(figure.low),
            "high": _rounded(figure.high),
        }
    return told


def _value(path: str, figure: Figure, missing: dict[str, str]) -> float | None:
    if figure.value is None:
        missing[path] = figure.missing
    return _rounded(figure.value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

"""The JSON of each command, as plain values. Other programs rely on these names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipeline.papers import ProblemKind

if TYPE_CHECKING:
    from pipeline.artifacts import ThemeRow
    from pipeline.atlas import Atlas
    from pipeline.cli.caches import Cleared, Stored
    from pipeline.doctor import CheckedAtlas, Report
    from pipeline.dossier import PaperInAtlas, PredictedPaper, ThemeOfPaper
    from pipeline.papers import FileReport, Paper, Source
    from pipeline.renaming import Renaming
    from pipeline.stages import BuildResult


def build_values(result: BuildResult) -> dict[str, Any]:
    """What a build made."""
    return {
        "atlas": str(result.atlas),
        "snapshot": result.snapshot,
        "records": result.n_records,
        "papers": result.n_papers,
        "merged": result.n_merged,
        "set_aside": result.n_set_aside,
        "themes": result.n_themes,
        "unassigned_share": round(result.unassigned_share, 4),
        "stability": result.stability,
        "unstable_themes": result.n_unstable,
        "split_share": round(result.split_share, 4),
        "cut_share": round(result.cut_share, 4),
        "edits": {"applied": result.edits.n_applied, "problems": list(result.edits.problems)},
        "refined": list(result.refined),
        "timings_s": result.timings_s,
    }


def renaming_values(renaming: Renaming) -> dict[str, Any]:
    """What became of the names of an atlas."""
    return {
        "snapshot": renaming.snapshot,
        "renamed": [
            {"id": theme, "before": before, "name": now}
            for theme, (before, now) in renaming.names.items()
        ],
        "told": list(renaming.told),
    }


def inspect_values(reports: Sequence[FileReport]) -> dict[str, Any]:
    """What became of each file."""
    return {"files": [_report_values(report) for report in reports]}


def _report_values(report: FileReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "format": report.format,
        "found": report.found,
        "imported": report.imported,
        "merged": report.merged,
        "set_aside": report.set_aside,
        "problems": [
            {"line": p.line, "reason": p.reason}
            for p in report.problems
            if p.kind is not ProblemKind.NOTE
        ],
        "notes": [p.reason for p in report.problems if p.kind is ProblemKind.NOTE],
    }


def themes_values(atlas: Atlas, layer: int | None) -> dict[str, Any]:
    """The themes of one layer, or of all, finest first. UsageError for an unknown layer."""
    layers = range(atlas.n_layers) if layer is None else [layer]
    return {
        "default_layer": atlas.default_layer,
        "layers": [_layer_values(atlas, number) for number in layers],
    }


def _layer_values(atlas: Atlas, layer: int) -> dict[str, Any]:
    trust = atlas.trust(layer)
    return {
        "layer": layer,
        "stability": trust.stability,
        "calibration_error": trust.calibration_error,
        "agreement": trust.agreement,
        "themes": [
            {
                "id": theme.id,
                "name": theme.name,
                "size": theme.size,
                "terms": list(theme.terms),
                "evidence": list(theme.evidence),
                "covered_share": theme.covered_share,
                "contrast": None if theme.contrast is None else asdict(theme.contrast),
                "stability": theme.stability,
                "is_unstable": theme.is_unstable,
                "exemplars": [atlas.ids[row] for row in theme.exemplars],
                "parent": theme.parent,
                "papers": atlas.members(theme),
            }
            for theme in atlas.themes(layer)
        ],
        "unassigned": atlas.unassigned(layer),
    }


def _theme_values(theme: ThemeRow) -> dict[str, Any]:
    return {"id": theme.id, "name": theme.name, "layer": theme.layer}


def predict_values(found: Sequence[PredictedPaper]) -> dict[str, Any]:
    """What the atlas makes of each text."""
    return {
        "results": [
            {
                "themes": _themes_of_paper(predicted.themes),
                "nearest": [
                    {"id": paper.id, "title": paper.title, "score": round(score, 6)}
                    for paper, score in predicted.nearest
                ],
                "known": None if predicted.known is None else predicted.known.id,
                "is_far": predicted.is_far,
            }
            for predicted in found
        ]
    }


def _themes_of_paper(themes: Sequence[ThemeOfPaper]) -> list[dict[str, Any]]:
    return [
        {**_theme_values(of.theme), "strength": round(of.strength, 4), "tier": of.tier}
        for of in themes
    ]


def show_values(shown: PaperInAtlas) -> dict[str, Any]:
    """One paper with all that the atlas knows of it."""
    return {
        **_paper_values(shown.paper),
        "themes": _themes_of_paper(shown.themes),
        "neighbours": [
            {"id": hit.paper.id, "title": hit.paper.title, "score": hit.score}
            for hit in shown.neighbours
        ],
        "versions": [
            {"id": record.id, "title": record.title, "abstract": record.abstract}
            for record in shown.records
        ],
        "sources": [_place(source) for source in shown.paper.sources],
        "provenance": {name: _place(source) for name, source in shown.provenance.items()},
    }


def _place(source: Source) -> dict[str, Any]:
    return {"file": source.file, "line": source.line}


def _paper_values(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.id,
        "aliases": list(paper.aliases),
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "authors_truncated": paper.authors_truncated,
        "affiliations": list(paper.affiliations),
        "year": paper.year,
        "date": paper.date,
        "category": paper.category,
        "venue": paper.venue,
        "doi": paper.doi,
        "arxiv_id": paper.arxiv_id,
        "identifiers": list(paper.identifiers),
        "kind": paper.kind,
        "language": paper.language,
        "status": paper.status,
        "url": paper.url,
        "keywords": list(paper.keywords),
        "code": paper.code,
        "score": paper.score,
        "raw_title": paper.raw_title,
        "raw_abstract": paper.raw_abstract,
        "extra": dict(paper.extra),
    }


def cache_values(stored: Stored) -> dict[str, Any]:
    """What the cache holds; a model without a name is what a stopped conversion has left."""
    return {
        "folder": str(stored.folder),
        "bytes": stored.n_bytes,
        "rows": stored.rows.n_rows,
        "rows_bytes": stored.rows.n_bytes,
        "rows_by_embedder": dict(stored.rows.rows_by_embedder),
        "models": [
            {
                "folder": str(model.path),
                "name": model.name,
                "precision": model.precision,
                "digest": model.digest,
                "bytes": model.n_bytes,
                "whole": model.is_whole,
            }
            for model in stored.models
        ],
        "answers": stored.answers.n_answers,
        "answers_bytes": stored.answers.n_bytes,
        "trouble": stored.rows_trouble,
        "answers_trouble": stored.answers_trouble,
    }


def cleared_values(cleared: Cleared) -> dict[str, Any]:
    """What was forgotten."""
    return {
        "folder": str(cleared.folder),
        "cleared_rows": cleared.n_rows,
        "cleared_models": cleared.n_models,
        "cleared_answers": cleared.n_answers,
        "cleared_bytes": cleared.n_bytes,
    }


def doctor_values(report: Report) -> dict[str, Any]:
    """All that was found out; null for what could not be, or was not asked."""
    return {
        "ok": report.exit_code == 0,
        "platform": _fields(report.platform, "paperatlas", "python", "system"),
        "processor": _fields(
            report.processor, "name", "machine", "n_threads", "n_present", "units"
        ),
        "openvino": _fields(report.openvino, "device", "capabilities"),
        "model": _fields(report.model, "name", "path", "digest", "is_packaged"),
        "backend": _fields(report.backend, "name", "precision", "is_converted"),
        "cache": _fields(
            report.cache, "folder", "n_rows", "n_bytes", "n_models", "model_bytes", "is_writable"
        ),
        "atlas": None if report.atlas is None else _checked_values(report.atlas),
        "libraries": [
            _fields(x, "name", "is_installed", "version", "purpose", "install", "is_essential")
            for x in report.libraries
        ],
        "problems": [_fields(x, "what", "remedy", "is_essential") for x in report.problems],
    }


def _checked_values(atlas: CheckedAtlas) -> dict[str, Any] | None:
    counts = ("n_papers", "n_files", "n_bytes")
    return _fields(atlas, "path", "snapshot", *counts, "model_name", "damage", "has_its_model")


def _fields(record: object, *names: str) -> dict[str, Any] | None:
    """These fields of a record as JSON has them, without the `is_`, `n_` or `has_` of Python."""
    if record is None:
        return None
    told = {}
    for name in names:
        value = getattr(record, name)
        shown = name.removeprefix("is_").removeprefix("n_").removeprefix("has_")
        told[shown] = (
            value if value is None or isinstance(value, bool | int | tuple) else str(value)
        )
    return told

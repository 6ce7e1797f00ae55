"""Naming the themes of an atlas anew: a new snapshot with other names, and all else as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.artifacts import (
    BuildDetails,
    Snapshot,
    SnapshotWriter,
    ThemeRow,
    open_snapshot,
    open_writer,
)
from pipeline.artifacts.folder import EMBEDDER
from pipeline.lexical import LexicalIndex
from pipeline.papers import Paper
from pipeline.refine.names import Progress
from pipeline.render import map_view, render
from pipeline.report import REPORT_FILE, Material, render_report
from pipeline.settings import Settings, as_dict
from pipeline.sources.problems import PROBLEMS_FILE
from pipeline.stages import MAP_FILES
from pipeline.themes import plan_names, refine_names

_OWN_NAMES = "own_names"


@dataclass(frozen=True, slots=True)
class Renaming:
    """What became of the names. `snapshot`: the new one, "" where nothing was written; `names`:
    the old and the new name of each theme that has another one now, by id; `told`: what the
    language model did, or would be asked, in words."""

    snapshot: str
    names: Mapping[int, tuple[str, str]]
    told: tuple[str, ...]


def rename_themes(
    atlas: Path, *, settings: Settings, dry_run: bool = False, progress: Progress | None = None
) -> Renaming:
    """Name the themes of an atlas by the language model of `settings.refine`.

    A new snapshot is written only where a name changes; `dry_run`: nothing is asked or written.
    Nobody else may write to the atlas meanwhile. Raises UsageError where the settings name no
    model, InputError, DamagedAtlasError, OutputError.
    """
    with open_snapshot(atlas) as old:  # also before a folder is made for what is no atlas
        if dry_run:
            told = plan_names(
                old.themes(), list(old.all_papers()), settings, own_names=_own_names(old)
            )
            return Renaming("", {}, told)
    with open_writer(atlas) as writer, open_snapshot(atlas) as old:
        themes, papers = old.themes(), list(old.all_papers())
        own_names = _own_names(old)
        renamed, told = refine_names(
            themes, papers, settings, progress=progress, own_names=own_names
        )
        names = {
            now.id: (before.name, now.name)
            for before, now in zip(themes, renamed, strict=True)
            if now.name != before.name
        }
        if not names:
            return Renaming("", names, told)
        own_names = {theme: before for theme, (before, _) in names.items()} | own_names
        _copy(old, papers, renamed, writer, _details(old.manifest.details, settings, own_names))
        return Renaming(writer.commit().name, names, told)


def _own_names(snapshot: Snapshot) -> dict[int, str]:
    """By id, the names from the papers' words of the themes that were renamed before."""
    told = snapshot.manifest.details.facts.get(_OWN_NAMES, {})
    return {int(theme): str(name) for theme, name in told.items()}


def _details(
    details: BuildDetails, settings: Settings, own_names: Mapping[int, str]
) -> BuildDetails:
    refine = {"url": settings.refine.url, "model": settings.refine.model}
    stored = dict(details.settings)
    stored["refine"] = {**as_dict(Settings())["refine"], **refine}
    own = {str(theme): name for theme, name in sorted(own_names.items())}
    return replace(details, settings=stored, facts={**details.facts, _OWN_NAMES: own})


def _copy(
    old: Snapshot,
    papers: list[Paper],
    themes: tuple[ThemeRow, ...],
    writer: SnapshotWriter,
    details: BuildDetails,
) -> None:
    """Write `old` again with other `themes`."""
    writer.write_papers(papers, old.all_records(), old.reports())
    for segment in old.manifest.segments:
        writer.write_array(segment.file, np.asarray(old.array(segment.file)))
    for name, entry in old.manifest.files.items():
        if entry.kind == "index":
            writer.copy_file(name, old.file(name))
    if EMBEDDER in old.manifest.files:
        writer.write_file(EMBEDDER, old.embedder_state)
    LexicalIndex.open(old).write(writer)
    members = old.memberships
    writer.write_themes(
        themes, members.theme_ids, members.strengths, default_layer=members.default_layer
    )
    writer.write_layout(np.asarray(old.layout))
    writer.write_nearest(
        np.asarray(old.neighbors), np.asarray(old.similarities), np.asarray(old.preservation)
    )
    info = writer.seal(details)
    view = map_view(
        info.content_digest,
        papers,
        themes,
        members,
        old.layout,
        neighbors=old.neighbors,
        similarities=old.similarities,
        preservation=old.preservation,
    )
    if PROBLEMS_FILE in old.manifest.files:
        writer.copy_file(PROBLEMS_FILE, old.file(PROBLEMS_FILE))
    for name in MAP_FILES:
        writer.write_file(name, render(view, Path(name).suffix))
    material = replace(
        Material.of_snapshot(old),
        themes=themes,
        details=details,
        content_digest=info.content_digest,
    )
    writer.write_file(REPORT_FILE, render_report(material))

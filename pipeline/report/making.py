"""How an atlas was made, so that another person can make it again, and how to cite it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pipeline.papers import FileReport
from pipeline.papers.plain import one_line
from pipeline.report.document import (
    Block,
    Cell,
    Code,
    Column,
    Fact,
    Facts,
    Paragraph,
    Section,
    Span,
    Table,
    cell,
    line,
)
from pipeline.report.material import Layer, Material
from pipeline.report.phrasing import counted
from pipeline.settings import Settings, as_dict

_MOST_FILES = 40
_DIGITS = 12  # of a SHA-256, as much as tells two files apart


def own_version() -> str:
    """That of paperatlas, by which a report was written."""
    return version("paperatlas")


def making_section(layer: Layer) -> Section:
    """Model, settings, versions and sources, and the command that makes the same atlas."""
    material = layer.material
    details = material.details
    steered = _steered(details.settings)
    facts = [
        Fact("Papers", line(_papers_line(material))),
        Fact(
            "Model",
            line(
                one_line(details.model_name),
                f", {material.dim} dimensions, SHA-256 ",
                Span(details.model_digest[:_DIGITS], is_code=True),
            ),
        ),
        Fact("Themes", line(_layer_line(layer))),
        Fact("Seed", line(str(details.seed))),
        Fact("Settings", line(_settings_line(steered))),
    ]
    if naming := _naming_line(material):
        facts.append(Fact("Names", line(naming)))
    versions = ", ".join(
        f"{name} {told}" for name, told in sorted(details.library_versions.items())
    )
    facts += [
        Fact("Versions", line(one_line(versions) or "not told")),
        Fact("Content", line("SHA-256 ", Span(material.content_digest, is_code=True))),
    ]
    return Section(
        "How it was made",
        "making",
        (
            Facts(tuple(facts)),
            Paragraph(line("With the same files and versions this makes the same atlas:")),
            Code(_command(material, steered)),
        ),
        (_files_section(material),) if material.reports else (),
    )


def _papers_line(material: Material) -> str:
    reports = material.reports
    n_read = sum(report.imported for report in reports)
    n_merged = sum(report.merged for report in reports)
    n_set_aside = sum(report.set_aside for report in reports)
    n_files = counted(len(reports), "file")
    told = f"{counted(_n_found(reports), 'record')} in {n_files} gave {counted(n_read, 'paper')}"
    if n_merged:
        told += f"; {counted(n_merged, 'further copy or version', 'further copies or versions')}"
    if n_set_aside:
        told += f"; {counted(n_set_aside, 'record')} that could not be used"
    if n_read > len(material.papers):
        told += f"; the first {len(material.papers):,} papers were taken"
    return told


def _layer_line(layer: Layer) -> str:
    told = f"layer {layer.number}"
    if layer.material.n_layers > 1:
        told += f" of the layers 0, the finest, to {layer.material.n_layers - 1}"
    is_default = layer.number == layer.material.memberships.default_layer
    return f"{told}; {'it is shown first' if is_default else 'another one is shown first'}"


def _naming_line(material: Material) -> str:
    details = material.details
    refine = details.settings.get("refine", {})
    told = []
    if refine.get("url"):
        told.append(f"proposed by the language model {one_line(str(refine.get('model', '')))}")
    if applied := details.facts.get("edits", {}).get("applied", 0):
        told.append(f"{counted(applied, 'edit')} of labels.toml applied")
    return "; ".join(told)


def _settings_line(steered: Mapping[str, str]) -> str:
    if not steered:
        return "the defaults"
    return "the defaults but for " + ", ".join(f"{name}={told}" for name, told in steered.items())


def _steered(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings that are not the defaults, by dotted name, as `--set` takes them."""
    usual = as_dict(Settings())
    return {
        f"{section}.{name}": one_line(str(value).replace("'", '"'))
        for section, values in sorted(settings.items())
        if isinstance(values, Mapping)
        for name, value in sorted(values.items())
        if value != usual.get(section, {}).get(name)
    }


def _command(material: Material, steered: Mapping[str, str]) -> str:
    parts = ["paperatlas build SOURCE... -o ATLAS"]
    if material.details.seed != Settings().seed:
        parts.append(f"--seed {material.details.seed}")
    if len(material.papers) < sum(report.imported for report in material.reports):
        parts.append(f"--limit {len(material.papers)}")
    parts += [f"--set {shlex.quote(f'{name}={told}')}" for name, told in steered.items()]
    return " \\\n    ".join(parts)


def _files_section(material: Material) -> Section:
    reports, digests = material.reports, material.details.input_digests
    columns = [Column("file"), Column("format")]
    columns += [Column(n, is_number=True) for n in ("records", "papers", "copies", "set aside")]
    columns.append(Column("SHA-256"))
    rows = tuple(
        _file_row(report, digests.get(report.file, "")) for report in reports[:_MOST_FILES]
    )
    blocks: list[Block] = [Table("Files that were read", tuple(columns), rows)]
    if left := reports[_MOST_FILES:]:
        told = (
            f"{counted(len(left), 'further file')} with "
            f"{counted(_n_found(left), 'record')}: the atlas's manifest.json names all."
        )
        blocks.append(Paragraph(line(told), is_note=True))
    return Section("Sources", "sources", tuple(blocks))


def _n_found(reports: Sequence[FileReport]) -> int:
    return sum(report.found for report in reports)


def _file_row(report: FileReport, digest: str) -> tuple[Cell, ...]:
    counts = (report.found, report.imported, report.merged, report.set_aside)
    return (
        cell(one_line(report.file)),
        cell(report.format),
        *(cell(f"{n:,}") for n in counts),
        Cell(line(Span(digest[:_DIGITS], is_code=True))),
    )


def citing_section(material: Material, told_version: str) -> Section:
    """How to cite the atlas, and the papers in it."""
    entry = (
        "@software{paperatlas,\n"
        "  author  = {{paperatlas contributors}},\n"
        "  title   = {paperatlas},\n"
        f"  version = {{{told_version}}},\n"
        f"  note    = {{Atlas of {counted(len(material.papers), 'paper')}, "
        f"content {material.content_digest[:_DIGITS]}}}\n"
        "}"
    )
    return Section(
        "How to cite",
        "citing",
        (
            Paragraph(
                line(
                    "An atlas is known by the digest of its content, which is the same for the "
                    "same papers and settings. In BibTeX:"
                )
            ),
            Code(entry),
            Paragraph(
                line(
                    "What was found by it are papers, and they are what to cite. ",
                    Span("paperatlas export ATLAS --format bibtex -o DIR", is_code=True),
                    " writes an entry for each, ",
                    Span("--theme", is_code=True),
                    " for those of a theme, and ",
                    Span("--format bib-by-theme", is_code=True),
                    " a file for each theme.",
                )
            ),
        ),
    )

"""The report that lies in the folder of an atlas, beside its map."""

from __future__ import annotations

from pipeline.report.making import own_version
from pipeline.report.markdown import write_markdown
from pipeline.report.material import Material
from pipeline.report.overview import MAP_PICTURE, report_on_atlas

REPORT_FILE = "report.md"
_MAP_FILE = "map.png"


def render_report(material: Material) -> bytes:
    """The report on a whole atlas, its default layer, as UTF-8; of pictures it has the map."""
    document = report_on_atlas(material, material.memberships.default_layer, version=own_version())
    return write_markdown(document, {MAP_PICTURE: _MAP_FILE}).encode("utf-8", errors="replace")

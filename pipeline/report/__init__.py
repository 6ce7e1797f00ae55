"""Reports on an atlas: what they say, and how that is written.

`Material` -> `report_on_atlas`, `report_on_theme` or `report_on_query` -> a `Document`, which holds
no markup -> `write_markdown` or `write_html`. To add a format: a function over a document.
"""

from pipeline.report.counts import YEARS_PICTURE
from pipeline.report.document import Document
from pipeline.report.focus import report_on_query, report_on_theme, sub_themes
from pipeline.report.html import Drawing, write_html
from pipeline.report.making import own_version
from pipeline.report.markdown import write_markdown
from pipeline.report.material import Material
from pipeline.report.overview import MAP_PICTURE, report_on_atlas
from pipeline.report.view import REPORT_FILE, render_report

__all__ = [
    "MAP_PICTURE",
    "REPORT_FILE",
    "YEARS_PICTURE",
    "Document",
    "Drawing",
    "Material",
    "own_version",
    "render_report",
    "report_on_atlas",
    "report_on_query",
    "report_on_theme",
    "sub_themes",
    "write_html",
    "write_markdown",
]

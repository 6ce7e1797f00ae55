"""Real export files of many makers, where they lie beside the repository: their licences forbid
shipping them. Records and abstracts were counted in the raw text, without a parser."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reading import read_table
from pipeline.sources import read_sources

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample files in {SAMPLES}")

# file: format, records, of these without title and abstract, with an abstract
COUNTS = {
    "arxiv_atom-arxiv_api-astro.xml": ("arxiv-atom", 63, 0, 63),
    "arxiv_oai-arxiv_oai2-gr_qc.xml": ("oai-pmh", 12, 0, 12),
    "bibtex-mendeley-odd_types.bib": ("bibtex", 512, 0, 313),
    "crossref_jsonl-crossref-bad_records.json": ("crossref jsonl", 14, 0, 2),
    "csl_json-zotero_bbt-glaciology.json": ("csl json", 187, 0, 89),
    "csv-scopus-bom_multiline.csv": ("csv", 8, 0, 8),
    "endnote_xml-endnote17-one_line_styled.xml": ("endnote-xml", 300, 6, 68),
    "nbib-pubmed-wrong_extension.ris": ("nbib", 50, 0, 49),
    "openalex_json-openalex_api-top_cited.json": ("openalex json", 25, 1, 22),
    "pubmed_xml-pubmed-mixed_citations.xml": ("pubmed-xml", 15, 0, 14),
    "ris-endnote-bom_jats_tags.ris": ("ris", 17, 0, 17),
    "ris-endnote_rayyan-bare_continuation_lines.txt": ("ris", 19, 0, 8),
    "ris-wos-bom_lone_cr.ris": ("ris", 50, 0, 49),
    "s2_json-allenai-dict_by_id.json": ("s2 json", 55, 0, 55),
    "wos_tab-wos-utf16le_cr_only.txt": ("wos-tab", 10, 0, 10),
    "wos_tagged-wos-restoration.ciw": ("wos", 247, 0, 215),
    "xlsx-embase-preamble_rows.xlsx": ("xlsx", 10, 0, 8),
}


@pytest.mark.parametrize("name", COUNTS)
def test_every_record_and_every_abstract_of_a_sample_is_read(name):
    result = read_sources([SAMPLES / name])
    (report,) = result.reports
    form, found, without_text, with_abstract = COUNTS[name]
    assert (report.format, report.found, report.set_aside) == (form, found, without_text)
    assert report.imported == len(result.records) == found - without_text
    assert sum(bool(paper.abstract) for paper in result.records) == with_abstract
    assert [p.reason for p in report.problems if p.kind == "doubt"] == []


def test_no_two_papers_of_the_samples_are_merged():
    """All 38 groups were read: each is one paper, listed again in its own file."""
    table = read_table([SAMPLES]).table
    groups = [records for records in table.records if len(records) > 1]
    assert all(len({record.sources[0].file for record in records}) == 1 for records in groups)
    merged = {report.file: report.merged for report in table.reports if report.merged}
    assert merged == {
        "bibtex-mendeley-odd_types.bib": 4,
        "crossref_jsonl-crossref-bad_records.json": 1,
        "csl_json-zotero_bbt-glaciology.json": 1,
        "endnote_xml-endnote17-one_line_styled.xml": 36,
    }

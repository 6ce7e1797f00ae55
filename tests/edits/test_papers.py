"""What a user may call a paper."""

from __future__ import annotations

from pipeline.edits import paper_finder
from pipeline.papers import Paper

PAPERS = [
    Paper(id="p-1", title="A Study of Ice", aliases=("arxiv:2401.01234", "old", "shared")),
    Paper(id="Old", title="On Glaciers", aliases=("doi:10.1000/abc", "shared")),
    Paper(id="p-3", title="On glaciers."),
    Paper(id="p-4", title=""),
    Paper(id="p-5", title="p-4"),
]
FOUND = {
    "p-1": 0, " p-1 ": 0, "old": 0, "Old": 1, "arxiv:2401.01234": 0, "2401.01234": 0,
    "arXiv:2401.01234v2": 0, "https://arxiv.org/abs/2401.01234": 0, "10.1000/ABC": 1,
    "https://doi.org/10.1000/abc": 1, "a study of  ICE": 0, "p-4": 3,
}  # fmt: skip
NOT_FOUND = ["", "p-9", "shared", "On Glaciers", "A Study"]


def test_a_paper_is_found_by_id_alias_doi_arxiv_id_or_title():
    find = paper_finder(PAPERS)
    assert {wanted: find(wanted) for wanted in FOUND} == FOUND


def test_what_no_paper_or_several_are_called_finds_none():
    find = paper_finder(PAPERS)
    assert {wanted: find(wanted) for wanted in NOT_FOUND} == dict.fromkeys(NOT_FOUND)

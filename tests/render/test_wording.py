from __future__ import annotations

import pytest

from pipeline.papers import Paper
from pipeline.render.wording import display_title, paper_link, paper_links, wrap_name


def test_an_untitled_paper_shows_how_its_abstract_begins():
    paper = Paper(abstract="We show that one two three four five six seven eight nine")
    assert display_title(paper) == "“We show that one two three four five six seven…”"
    assert display_title(Paper(abstract="Short one.")) == "“Short one.”"
    assert display_title(Paper()) == "Untitled paper"


def test_what_is_retracted_is_marked():
    assert display_title(Paper(title="On Moss", status="retracted")) == "[retracted] On Moss"
    assert display_title(Paper(abstract="Short.", status="withdrawn")) == "[withdrawn] “Short.”"


def test_long_names_are_set_on_two_balanced_lines():
    assert wrap_name("model merging") == ("model merging",)
    assert wrap_name("dataset distillation methods") == ("dataset", "distillation methods")
    assert wrap_name("LLM reasoning / test-time search") == ("LLM reasoning /", "test-time search")
    assert wrap_name("theory of causal graphs") == ("theory", "of causal graphs")
    assert wrap_name("Donaudampfschifffahrtsgesellschaft") == (
        "Donaudampfschifffahrtsgesellschaft",
    )
    assert wrap_name("") == ("",)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/x",
        "https:",
        "https://[broken",
        "ftp://papers.example/1",
        "http://a b",
        "https://papers.example:99999/1",
        "https://papers.example@evil.example/1",
    ],
)
def test_only_web_addresses_are_links(url):
    assert paper_link(Paper(url=url)) == ""


def test_a_paper_without_an_address_is_linked_by_its_doi_or_arxiv_id():
    assert (
        paper_link(Paper(url="https://papers.example/1", doi="10.1/x"))
        == "https://papers.example/1"
    )
    assert paper_link(Paper(doi="10.1000/a<b>#c")) == "https://doi.org/10.1000/a%3Cb%3E%23c"
    assert paper_link(Paper(arxiv_id="2401.01234")) == "https://arxiv.org/abs/2401.01234"
    assert paper_link(Paper(doi="10.1/\ud800")) == "https://doi.org/10.1/%3F"


def test_each_place_where_a_paper_can_be_read_is_linked_once():
    paper = Paper(doi="10.1000/x", arxiv_id="2401.01234", url="https://www.papers.example/1")
    assert paper_links(paper) == [
        ("DOI", "https://doi.org/10.1000/x"),
        ("arXiv", "https://arxiv.org/abs/2401.01234"),
        ("papers.example", "https://www.papers.example/1"),
    ]
    assert paper_links(Paper(doi="10.1000/x", url="https://dx.doi.org/10.1000/x")) == [
        ("DOI", "https://doi.org/10.1000/x")
    ]
    assert paper_links(Paper(arxiv_id="2401.01234", url="https://arxiv.org/pdf/2401.01234")) == [
        ("arXiv", "https://arxiv.org/abs/2401.01234")
    ]
    assert paper_links(Paper(url="javascript:alert(1)")) == []

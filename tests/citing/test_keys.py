"""Citation keys that people would have chosen, each once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.citing.keys import citation_keys
from pipeline.papers import Paper


def paper(title, *authors, paper_id="p-1", year=2002):
    return Paper(id=paper_id, title=title, authors=authors, year=year)


@pytest.mark.parametrize(
    ("given_paper", "key"),
    [
        (paper("Approximately Optimal RL", "Sham Kakade"), "kakade2002approximately"),
        (paper("On the Moss of Bogs", "Ludwig van der Berg"), "vanderberg2002moss"),
        (paper("A Study", "José Núñez Jr"), "nunez2002study"),
        (paper("GPT-4: a report", "OpenAI", year=None), "openaigpt"),
        (paper("Nobody wrote this"), "anon2002nobody"),
        (paper("漢字", "漢字", year=None), "anon"),
        (paper("T", "Sham Kakade", paper_id="Kakade02"), "Kakade02"),
        (paper("T", "Sham Kakade", paper_id="DBLP:conf/x/K02"), "DBLP:conf/x/K02"),
        (paper("T", "Sham Kakade", paper_id="kakade {02}"), "kakade2002t"),
        (paper("T", "Sham Kakade", paper_id="rkE8pVcle"), "kakade2002t"),
    ],
)
def test_a_key_names_author_year_and_title_unless_the_id_is_one(given_paper, key):
    assert citation_keys([given_paper]) == [key]


def test_papers_of_one_key_get_letters_and_an_own_key_is_nobody_elses():
    moss = paper("Moss", "Ann Lee")
    own = paper("T", "Ann Lee", paper_id="Lee2002MossA")
    assert citation_keys([moss, moss, moss, own]) == [
        "lee2002moss", "lee2002mossb", "lee2002mossc", "Lee2002MossA",
    ]  # fmt: skip


def test_behind_z_come_numbers():
    keys = citation_keys([paper("Moss", "Ann Lee")] * 29)
    assert keys[25:] == ["lee2002mossy", "lee2002mossz", "lee2002moss-27", "lee2002moss-28"]


@given(st.lists(st.builds(paper, st.text(max_size=8), st.text(min_size=1, max_size=8),
                          paper_id=st.text("aA1-:{ é", max_size=4))))  # fmt: skip
def test_keys_are_safe_and_no_two_are_alike_in_any_case(papers):
    keys = citation_keys(papers)
    assert len({key.casefold() for key in keys}) == len(papers)
    assert all(key[0].isalpha() and key.isascii() and key.isprintable() for key in keys)
    assert not any(set(key) & set("{}(),=\"#%~\\' ") for key in keys)

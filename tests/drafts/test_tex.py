"""LaTeX source as a reader of the paper sees it."""

from __future__ import annotations

import pytest

from pipeline.drafts.draft import draft_of
from pipeline.drafts.tex import read_tex

PAPER = r"""
% \title{An old one}
\documentclass[11pt]{article}
\newcommand{\method}{\textsc{MassNet}}
\newcommand*\ours{\method}
\newcommand{\norm}[1]{\lVert #1 \rVert}
\def\eg{e.g.}
\title[Short]{On {Great} Mass:\\ \method{}%
   \thanks{Funded.}}
\author{A. Body\footnote{Here.}}
\begin{document}
\maketitle
\begin{abstract}
% TODO shorten
\ours moves 90\% of na\"{\i}ve mass~\cite{monge}, \eg $\alpha \leq 1$.
It is \emph{fast}.
\end{abstract}
\begin{keywords}mass\end{keywords}
\section{Introduction}\label{sec:intro}
Long ago\footnote{In 1781.} it \textbf{moved}.
\begin{equation} x = 1 \end{equation}
\input{more}
\end{document}
"""


def test_title_and_abstract_are_what_the_page_shows():
    parts = read_tex(PAPER)
    found = draft_of(parts)
    assert found.title == "On Great Mass: MassNet"
    assert found.text == "MassNet moves 90% of naïve mass, e.g. α ≤ 1. It is fast."
    assert " ".join(parts.body.split()) == "Introduction Long ago it moved."


def test_without_an_abstract_the_body_is_read_from_its_beginning():
    before, _, rest = PAPER.partition("\\begin{abstract}")
    text = before + rest.partition("\\end{abstract}")[2]
    found = draft_of(read_tex(text))
    assert found.text == "Introduction Long ago it moved."


@pytest.mark.parametrize(
    ("source", "title", "abstract"),
    [
        (r"\icmltitle{On Mass}\icmltitlerunning{Mass}", "On Mass", ""),
        (r"\Title{On Mass} \abstract{Mass {\em moves}.}", "On Mass", "Mass moves."),
        (r"\begin{abstract}Mass \section{Intro} moves", "", "Mass"),
        (r"\titleformat{\section}{x} \title{On Mass", "On Mass", ""),
        (r"\iffalse \title{Old}\fi \title{On Mass}", "On Mass", ""),
        (r"\begin{comment}\title{Old}\end{comment}\title{100\% Mass\\% old", "100% Mass", ""),
    ],
)
def test_other_ways_to_write_them(source, title, abstract):
    parts = read_tex(source)
    found = [" ".join(part.split()) for part in (parts.title, parts.abstract)]
    assert found == [title, abstract]


def test_macros_that_stand_for_each_other_come_to_an_end():
    parts = read_tex(r"\def\a{\b\b}\def\b{\a\a}\title{On \a Mass}")
    assert parts.title.startswith("On ")
    bomb = r"\def\a{%s}\title{%s}" % (r"\a" * 90, r"\a" * 50_000)  # noqa: UP031 - braces
    assert len(read_tex(bomb).title) < 20_000_000


def test_a_plain_text_named_tex_is_read_as_text():
    assert draft_of(read_tex("Mass moves. 5\\% of it.")).text == "Mass moves. 5% of it."

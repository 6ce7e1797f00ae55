"""LaTeX source: title, abstract and body as text, without following what it includes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.drafts.draft import Parts
from pipeline.papers.latex import latex_to_text

# Of a pair of marks, how far apart they may be is bounded: beginnings without an end take minutes.
# A per cent sign behind an even number of backslashes: with the line's end and the next indent.
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*(?:\n[ \t]*)?")
_HIDDEN = re.compile(
    r"\\begin\s*\{comment\}.{0,20000}?\\end\s*\{comment\}|\\iffalse\b.{0,20000}?\\fi\b", re.S
)
_TITLE = re.compile(r"\\(?:icml|aistats|corl)?[tT]itle\s*(?:\[[^\[\]]*\]\s*)?(?=\{)")
_ABSTRACT_MACRO = re.compile(r"\\abstract\s*(?:\[[^\[\]]*\]\s*)?(?=\{)")
_ABSTRACT = re.compile(
    r"\\begin\s*\{(abstract\*?|Abstract|onecolabstract)\}(?:\[[^\[\]]*\])?(.{0,20000}?)(?:\\end\s*\{\1\}|"
    r"(?=\\(?:section|maketitle|chapter|end\s*\{document\})))",
    re.S,
)
_BODY = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", re.S)
_ASIDE = (
    "figure|table|tabular|equation|align|gather|multline|eqnarray|algorithm|lstlisting|verbatim|"
    "minted|tikzpicture|thebibliography|keywords?|IEEEkeywords|CCSXML|acknowledgements?|wrapfigure"
)
_ASIDES = re.compile(rf"\\begin\s*\{{((?:{_ASIDE})\*?)\}}.{{0,8000}}?\\end\s*\{{\1\}}", re.S)
_DISPLAYED = re.compile(r"\\\[.{0,2000}?\\\]|\$\$.{0,2000}?\$\$", re.S)
# With their argument they say nothing of what a paper is about.
_DROPPED = re.compile(
    r"\\(?:thanks|footnote(?:text|mark)?|author|affil(?:iation)?|address|institute|email|date|"
    r"keywords?|title(?:running)?|icmltitlerunning|input|include|usepackage|todo|authornote|orcid|"
    r"tnoteref|fnref|corref|inst|"
    r"markboth|acmConference|acmDOI|acmISBN|setcopyright|copyrightyear|acmYear|ccsdesc|note|tnotetext|"
    r"bibliography(?:style)?|IEEEoverridecommandlockouts|pagestyle|thispagestyle)\b\*?\s*"
    r"(?:\[[^\[\]]*\]\s*)*(?=\{)"
)
_CITATION = re.compile(
    r"[~\s]{0,4}\\(?:cite\w*|parencite|textcite|autocite|footcite)\*?\s*(?:\[[^\[\]]*\]\s*)*(?=\{)"
)
_BARE = re.compile(
    r"\\(?:maketitle|tableofcontents|newpage|clearpage|appendix|vfill|hfill|medskip|bigskip|smallskip|"
    r"frontmatter|mainmatter|twocolumn|onecolumn|balance|IEEEpeerreviewmaketitle)\b"
)
_HEADING = re.compile(
    r"\\(?:part|chapter|(?:sub)*section|paragraph)\*?\s*(?:\[[^\[\]]*\]\s*)?(?=\{)"
)
_OWN_MACRO = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?\s*\{?\s*\\([A-Za-z]+)\s*\}?\s*(?=\{)"
    r"|\\def\s*\\([A-Za-z]+)\s*(?=\{)"
)
_LONGEST_EXPANSION = 200
_MOST_NESTED = 3
_MOST_EXPANDED = 1_000_000
_MOST_MACROS = 500


def read_tex(text: str) -> Parts:
    """Title and abstract of a LaTeX document, and its body without floats and displayed formulas.

    The author's own macros without arguments are put in; comments, citations, labels and notes are
    left out. What `\\input` and `\\include` name is not read.
    """
    text = _HIDDEN.sub(" ", _COMMENT.sub(r"\1", text))
    macros = _own_macros(text)
    title = _argument(_TITLE, text)
    found = _ABSTRACT.search(text)
    abstract = found[2] if found else _argument(_ABSTRACT_MACRO, text)
    body = match[1] if (match := _BODY.search(text)) else text
    if found:  # what follows it; a front matter before the document has nothing before it
        body = body.split(found[0], 1)[-1]
    return Parts(_readable(title, macros), _readable(abstract, macros), _readable(body, macros))


def _own_macros(text: str) -> dict[str, str]:
    """What the author's macros without arguments stand for, the last definition of each."""
    macros: dict[str, str] = {}
    for match in _OWN_MACRO.finditer(text):
        stands_for = _group(text[match.end() : match.end() + _LONGEST_EXPANSION + 2], 0)
        if (
            len(macros) < _MOST_MACROS
            and len(stands_for) <= _LONGEST_EXPANSION
            and "#" not in stands_for
        ):
            macros[match[1] or match[2]] = stands_for
    return macros


def _readable(text: str, macros: dict[str, str]) -> str:
    """The text that a reader of the paper sees, in plain characters."""
    text = _DISPLAYED.sub(" ", _ASIDES.sub(" ", text))
    text = _BARE.sub(" ", _without_all((_DROPPED, _OWN_MACRO, _CITATION), text))
    text = _HEADING.sub("\n\n", text)
    for _ in range(_MOST_NESTED):
        expanded = re.sub(
            r"\\([A-Za-z]+)(?:\{\}|\\ |(?![A-Za-z]))", lambda m: _expanded(m, macros), text
        )
        if expanded == text or len(expanded) > _MOST_EXPANDED:
            break
        text = expanded
    return latex_to_text(text)


def _expanded(macro: re.Match[str], macros: dict[str, str]) -> str:
    if macro[1] not in macros:
        return macro[0]
    return f"{{{macros[macro[1]]}}}" + (" " if macro[0].endswith("\\ ") else "")


def _argument(macro: re.Pattern[str], text: str) -> str:
    """The argument of the first such macro; "" without one."""
    match = macro.search(text)
    return _group(text, match.end()) if match else ""


def _without_all(macros: Iterable[re.Pattern[str]], text: str) -> str:
    for macro in macros:
        text = _without(macro, text)
    return text


def _without(macro: re.Pattern[str], text: str) -> str:
    """The text without these macros and their arguments."""
    kept, position = [], 0
    while match := macro.search(text, position):
        kept.append(text[position : match.start()])
        position = match.end()
        while text[position : position + 1] == "{":
            position += len(_group(text, position)) + 2
    return "".join([*kept, text[position:]])


def _group(text: str, at: int) -> str:
    """What is between the brace at `at` and the one that closes it, or the text's end."""
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.S).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return text[at + 1 : match.start()]
    return text[at + 1 :]

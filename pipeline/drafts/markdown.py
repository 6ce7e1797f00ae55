"""Markdown: the text of a document without its markup, its title and its abstract."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.drafts.draft import Parts
from pipeline.drafts.plain import behind_heading, find_abstract, split_title

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(
    r"\A\s*(---|\+\+\+)[ \t]*\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M
)
# Pandoc's citations and footnotes, which CommonMark does not know.
# Runs of spaces and brackets without an end are passed once, not from each of their places.
_CITATION = re.compile(
    r"(?:(?<!\s)\s+)?\[(?:(?=[^\[\]]*?(?<!\w)@[\w:.#$%&+?<>~/-])[^\[\]]*\]|\^[^\[\]\s]+\](?!:))"
)
_FOOTNOTE = re.compile(r"^\[\^[^\[\]\s]+\]:.*(?:\n[ \t]+\S.*)*", re.M)
_TITLE_WITHIN = 3  # blocks: a line of badges or a date may come first
_ATTRIBUTES = re.compile(r"(?:(?<!\s)\s+)?\{[#.][^{}\n]*\}\s*$")


@dataclass(frozen=True, slots=True)
class _Block:
    """One heading (`level` from 1) or one piece of running text (`level` 0)."""

    level: int
    text: str


def read_markdown(text: str) -> Parts:
    """Title and abstract of a Markdown document, by its front matter, else by its headings.

    Code blocks, tables, images, HTML, citations and footnotes are left out; of links their
    text is kept. The first heading is the title where nothing but marks stands before it.
    """
    fields, body = _split_front_matter(text)
    blocks = list(_blocks(_CITATION.sub("", _FOOTNOTE.sub("", body))))
    title, abstract = fields.get("title", ""), fields.get("abstract", "")
    if not title:
        title, blocks = _split_title(blocks)
    if not abstract:
        abstract, blocks = _split_abstract(blocks)
    return Parts(title, abstract, "\n\n".join(block.text for block in blocks))


def _split_title(blocks: list[_Block]) -> tuple[str, list[_Block]]:
    """The first heading where hardly anything stands before it, else the first line as in a plain
    text, and the other blocks."""
    first = next((i for i, block in enumerate(blocks[:_TITLE_WITHIN]) if block.level), None)
    if first is not None:
        title = blocks[first].text
        if behind_heading(title) is None and (first == 0 or blocks[first].level == 1):
            return title, [*blocks[:first], *blocks[first + 1 :]]
        return "", blocks
    lines = "\n\n".join(block.text for block in blocks[:2]).split("\n")
    title, rest = split_title(lines)
    if not title:
        return "", blocks
    left = blocks[0].text.split("\n")[len(lines) - len(rest) :]
    return title, [_Block(0, "\n".join(left)), *blocks[1:]]


def _split_abstract(blocks: list[_Block]) -> tuple[str, list[_Block]]:
    """The abstract and the blocks behind it: all under its heading up to the next one, or what
    follows the word at a paragraph's beginning."""
    for i, block in enumerate(blocks):
        if behind_heading(block.text.split("\n", 1)[0]) is None:
            continue
        end = next((j for j in range(i + 1, len(blocks)) if blocks[j].level), len(blocks))
        if block.level:
            return "\n\n".join(other.text for other in blocks[i + 1 : end]), blocks[end:]
        lines = "\n\n".join(other.text for other in blocks[i:end]).split("\n")
        found, behind = find_abstract(lines)
        return found, [_Block(0, "\n".join(behind)), *blocks[end:]] if behind else blocks[end:]
    return "", blocks


def _blocks(text: str) -> Iterator[_Block]:
    from markdown_it import MarkdownIt

    level, in_table = 0, False
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type in {"table_open", "table_close"}:
            in_table = token.type == "table_open"
        elif token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "inline" and not in_table:
            found = _ATTRIBUTES.sub("", _inline_text(token.children or ())).strip()
            if found:
                yield _Block(level, found)
            level = 0


def _inline_text(tokens: Sequence[Token]) -> str:
    """What a reader sees of one block, pictures and HTML left out."""
    breaks = {"softbreak": "\n", "hardbreak": "\n"}
    return "".join(
        breaks.get(token.type, token.content)
        for token in tokens
        if token.type in {"text", "text_special", "code_inline", *breaks}
    )


def _split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Title and abstract of a YAML or TOML head, and the text behind it.

    Read are the forms in which people write them: `key: value`, quoted, or a block of indented
    lines behind `|` or `>`; the rest of YAML is not looked at.
    """
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    fields = {}
    for name in ("title", "abstract"):
        found = re.search(
            rf"^{name}[ \t]*[:=][ \t]*(.*(?:\n(?:[ \t]+\S.*|[ \t]*(?=\n[ \t])))*)", match[2], re.M
        )
        if found:
            fields[name] = _unquoted(re.sub(r"\A[|>][+-]?\d?[ \t]*(?=\n|\Z)", "", found[1]))
    return fields, text[match.end() :]


def _unquoted(value: str) -> str:
    value = " ".join(value.split())
    for quote in ('"""', "'''", '"', "'"):
        if len(value) >= 2 * len(quote) and value.startswith(quote) and value.endswith(quote):
            inner = value[len(quote) : -len(quote)]
            return inner.replace(2 * quote, quote) if quote == "'" else inner.replace('\\"', '"')
    return value

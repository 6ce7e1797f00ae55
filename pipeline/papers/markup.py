"""Tags of HTML, JATS and MathML made text: what a reader sees stays, once.

Only known names are tags, and attributes must look like ones: `p < .05 and n > 3`, `<image, verb>`
and `if a <b and c> d` are text. Tags that were never closed, or cut off with the text, go alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_HTML = (
    "a|abstract|abstracttext|b|blockquote|bold|br|cite|code|dd|div|dl|dt|em|font|h[1-6]|hr|i|img|"
    "inf|italic|li|ol|p|pre|sc|section|small|span|strike|strong|sub|sup|table|tbody|td|tex|th|"
    "thead|title|tr|tt|u|ul"
)
# Names of JATS that stand without a prefix too; `<list>` and `<label>` may be an author's own.
_JATS = (
    "alternatives|disp-formula|ext-link|formula|inline-formula|inline-graphic|list-item|monospace|"
    "named-content|sec|styled-content|tex-math|underline|xref"
)
_MATHML = (
    "annotation|annotation-xml|math|menclose|merror|mfenced|mfrac|mglyph|mi|mmultiscripts|mn|mo|"
    "mover|mpadded|mphantom|mprescripts|mroot|mrow|ms|mspace|msqrt|mstyle|msub|msubsup|msup|"
    "mtable|mtd|mtext|mtr|munder|munderover|semantics"
)
_ATTRIBUTES = (
    r"""(?:\s+[\w:.-]{1,60}\s*=\s*(?:"[^"<>]{0,500}"|'[^'<>]{0,500}'|[^\s"'<>]{1,500}))*+"""
)
_TAG = re.compile(
    rf"<\s?(?P<close>/?)\s?(?:(?:jats|mml|ce|xhtml|html|ns\d):(?P<prefixed>[a-z][\w-]{{0,40}})"
    rf"|(?:m:)?(?P<name>{_HTML}|{_JATS}|{_MATHML})){_ATTRIBUTES}\s*(?P<empty>/?)>"
    r"|<!\[CDATA\[|\]\]>|<!--[^<>]{0,2000}+(?<=--)>",
    re.IGNORECASE,
)
# An export that cut the text at a length may have cut a tag.
_CUT_TAG = re.compile(r"</?(?:jats|mml)(?::[\w-]{0,40}[^<>]{0,300})?\Z", re.IGNORECASE)
_BLOCKS = frozenset(
    """
    abstract abstracttext blockquote br dd disp-formula disp-quote div dl dt h1 h2 h3 h4 h5 h6 hr
    label li list list-item ol p pre sec section table tbody td th thead title tr ul
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_FORMULAS = frozenset(["alternatives", "disp-formula", "formula", "inline-formula"])
_TEX = frozenset(["tex", "tex-math"])
_ANNOTATIONS = frozenset(["annotation", "annotation-xml"])
_LONGEST_HEADING = 80
_JOINTS = {
    "mfrac": "/", "msub": "_", "msup": "^", "munder": "_", "mover": "", "msubsup": "_^",
    "munderover": "_^", "mroot": "",
}  # fmt: skip
# Bars, hats and arrows over a letter, as latex_to_text leaves them out.
_OVER = frozenset("¯ˉ^ˆ~˜˙¨→⃗‾_-‒–—―∼⏞")
_INVISIBLE = re.compile("[\u2061-\u2064]")


def without_markup(text: str, *, drop_headings: bool = False) -> str:
    """Give `text` without tags; of a formula in MathML and TeX the one in MathML.

    `x<sup>2</sup>` is `x2`, but `10<sup>6</sup>` `10^6`; MathML has its fractions, powers and
    indices as latex_to_text writes them. With `drop_headings` the titles of sections go.
    """
    tags = _read_tags(text)
    if tags:
        text = _Tagged(text, tags).text_between(0, len(tags), drop_headings=drop_headings)
    return _CUT_TAG.sub("", text) if "<" in text[-350:] else text


@dataclass(slots=True)
class _Tag:
    """One tag: where it stands, its name in lower case, and what it belongs to."""

    start: int
    end: int
    name: str
    closes: bool
    partner: int | None = None
    """The number of the tag that closes it."""
    formula: int | None = None
    """The number of the formula's tag that it stands in."""


def _read_tags(text: str) -> list[_Tag]:
    """All tags in order; an opening one knows its partner, if there is one in its parent."""
    tags: list[_Tag] = []
    is_open: dict[str, list[int]] = {}
    formulas: list[int] = []
    for match in _TAG.finditer(text):
        name = (match["prefixed"] or match["name"] or "").lower()
        tag = _Tag(match.start(), match.end(), name, bool(match["close"]))
        tag.formula = formulas[-1] if formulas else None
        if tag.closes and is_open.get(name):
            opening = is_open[name].pop()
            tags[opening].partner = len(tags)
            while formulas and formulas[-1] >= opening:
                formulas.pop()
        elif not tag.closes and not match["empty"]:
            is_open.setdefault(name, []).append(len(tags))
            if name in _FORMULAS:
                formulas.append(len(tags))
        tags.append(tag)
    return tags


@dataclass(slots=True)
class _Tagged:
    """A text and its tags."""

    text: str
    tags: Sequence[_Tag]
    maths: list[int] = field(init=False)
    """Numbers of the tags that open a closed formula of MathML."""

    def __post_init__(self) -> None:
        self.maths = [i for i, tag in enumerate(self.tags) if tag.name == "math" and tag.partner]

    def text_between(self, first: int, last: int, *, drop_headings: bool) -> str:
        """The text of all tags from number `first` on, before number `last`."""
        out: list[str] = []
        position, number = 0, first
        while number < last:
            tag = self.tags[number]
            out.append(self.text[position : tag.start])
            piece, number = self._piece(number, drop_headings=drop_headings)
            out.append(piece)
            position = self.tags[number - 1].end
        out.append(self.text[position:])
        return "".join(out)

    def _piece(self, number: int, *, drop_headings: bool) -> tuple[str, int]:
        """What stands for a tag, or an element, and the number of the tag that comes next."""
        tag = self.tags[number]
        if tag.partner is not None:
            inner = self.text[tag.end : self.tags[tag.partner].start]
            if tag.name == "math":
                return self._math(number), tag.partner + 1
            if tag.name in _ANNOTATIONS or (tag.name in _TEX and self._has_math(tag.formula)):
                return "", tag.partner + 1
            if tag.name == "title" and drop_headings and len(inner) <= _LONGEST_HEADING:
                return "\n", tag.partner + 1
        if tag.name in _BLOCKS:
            return "\n", number + 1
        if tag.name == "sup" and tag.partner is not None and self._is_power(tag):
            return "^", number + 1
        return "", number + 1

    def _is_power(self, tag: _Tag) -> bool:
        before, behind = self.text[tag.start - 1 : tag.start], self.text[tag.end : tag.end + 2]
        return before.isdigit() and behind.lstrip("-+−–")[:1].isdigit()

    def _has_math(self, formula: int | None) -> bool:
        if formula is None or (closing := self.tags[formula].partner) is None:
            return False
        place = bisect_left(self.maths, formula)
        return place < len(self.maths) and self.maths[place] < closing

    def _math(self, number: int) -> str:
        """A formula of MathML in a line, by one walk with a stack: depth costs nothing."""
        closing = self.tags[number].partner or number
        stack: list[tuple[str, list[str]]] = [("math", [])]
        for name, text, closes in self._math_events(number, closing):
            if text:
                stack[-1][1].append(text)
            if closes:
                if len(stack) > 1 and stack[-1][0] == name:
                    done, parts = stack.pop()
                    stack[-1][1].append(_written(done, parts))
            elif name:
                stack.append((name, []))
        while len(stack) > 1:
            done, parts = stack.pop()
            stack[-1][1].append(_written(done, parts))
        return _INVISIBLE.sub("", "".join(stack[0][1]))

    def _math_events(self, number: int, closing: int) -> Iterator[tuple[str, str, bool]]:
        """Triples of (name of a tag, text before it, whether it closes), annotations left out."""
        position = self.tags[number].end
        at = number + 1
        while at <= closing:
            tag = self.tags[at]
            text = self.text[position : tag.start].strip()
            is_element = tag.partner is not None and tag.partner < closing
            if is_element and tag.name in _ANNOTATIONS | _TEX:
                yield "", text, False
                at = tag.partner or at
            else:
                known = is_element or tag.closes
                yield (tag.name if known and at < closing else ""), text, tag.closes
            position = self.tags[at].end
            at += 1


def _written(name: str, parts: list[str]) -> str:
    """An element of MathML from the text of its parts."""
    joints = _JOINTS.get(name)
    if name == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if joints is None or len(parts) != (3 if len(joints) > 1 else 2):
        return " ".join(parts) if name == "mtr" else "".join(parts)
    if name == "mover" and parts[1] in _OVER:
        return parts[0]
    if name == "mroot":
        return f"{parts[1]}√{_grouped(parts[0])}"
    if name == "mfrac":
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    scripts = zip(joints or "^", parts[1:], strict=True)
    return parts[0] + "".join(sign + _grouped(part) for sign, part in scripts if part)


def _grouped(part: str) -> str:
    return part if re.fullmatch(r"[-+−]?\w*|\S", part) else f"({part})"

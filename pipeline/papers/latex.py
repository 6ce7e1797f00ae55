"""LaTeX to readable text: `na\\"{\\i}ve` is `naïve`, `$\\approx 90$` is `≈ 90`.

The symbols come from pylatexenc's table; the parser is our own. pylatexenc 2.11's reader takes a
bare `%` for a comment ("6.9% of" loses the rest of the line), a pair of prices for a formula, drops
unknown macros, and needs about a millisecond for an abstract: all wrong for scraped prose, which is
rarely valid LaTeX.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_MAX_DEPTH = 30
_MAX_MATH_CHARS = 600
_MAX_CLOSERS = 12

_TOKEN = re.compile(
    r"""(?P<url>(?:https?://|ftp://|www\.)[^\s{}$\\<>|^`"]+)
      | (?P<macro>\\(?:[A-Za-z]+|.|$))
      | (?P<dollars>\$\$?)
      | (?P<brace>[{}])
      | (?P<script>[\^_])
      | (?P<quote>``|''|`)
      | (?P<tie>~)
      | (?P<align>&)
      | (?P<dash>--+)""",
    re.VERBOSE | re.DOTALL,
)
# Springer's formulas are whole documents.
_PREAMBLE = re.compile(
    r"\\documentclass(?:(?!\\documentclass)[^$]){0,1500}?\\begin\{document\}|\\end\{document\}"
)
_QUOTED = re.compile(r"[^`'\n]{1,80}'(?!\w)")
_COMBINING = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
# Macros whose argument is the text; as declarations (`{\em x}`) they simply vanish.
_TRANSPARENT = frozenset(
    """
    emph textit textbf textsc textrm textsf texttt textsl textup textmd textnormal text mbox
    hbox underline uline mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathbb
    mathbbm boldsymbol bm pmb bb mc cal operatorname ensuremath smash url path hat tilde bar vec
    dot ddot widehat widetilde overline check breve Tilde Hat Bar wt em it bf rm sf tt sl sc
    bfseries itshape rmfamily sffamily ttfamily scshape normalfont displaystyle textstyle
    scriptstyle left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle
    limits nolimits noindent item small large Large footnotesize tiny normalsize centering
    xspace protect nobreak allowbreak textsuperscript textsubscript textquotesingle mathop
    mathbin mathrel phantom xs
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_DROPPED_WITH_ARGUMENT = frozenset(
    """
    cite citep citet citealp citeauthor citeyear citeyearpar citeProc parencite textcite
    autocite ref eqref cref Cref autoref label begin end vspace hspace vskip hskip color
    hypertarget bibliographystyle bibliography includegraphics thanks index
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_DROPS_FIRST_ARGUMENT = frozenset(["textcolor", "href", "hyperlink", "colorbox", "fontsize"])
_FRACTIONS = frozenset(["frac", "tfrac", "dfrac", "nicefrac", "sfrac", "cfrac"])
_OWN_SYMBOLS = {
    "ldots": "…", "dots": "…", "cdots": "⋯", "dotsc": "…", "dotsb": "⋯", "quad": " ", "qquad": " ",
    "eps": "ε", "epsilon": "ε", "ie": "i.e.", "eg": "e.g.", "etal": "et al.", "Pr": "Pr",
    "R": "R", "L": "Ł", "l": "ł", "i": "ı", "j": "ȷ", "mid": "|", "vert": "|", "Vert": "‖",
    "lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖", "backslash": " ", "sim": "∼",
    "texttrademark": "™", "textasciitilde": "~", "textasciicircum": "^",
    "textbraceleft": "{", "textbraceright": "}", "textbackslash": " ", "par": " ", "newline": " ",
    "linebreak": " ", "log": "log", "mod": "mod", "bmod": "mod", "lbrace": "{", "rbrace": "}",
    "otil": "Õ", "over": "/", "choose": " choose ", "textunderscore": "_", "newblock": " ",
    "to": "→", "ge": "≥", "le": "≤", "ne": "≠", "slash": "/", "star": "*", "ast": "*", "top": "⊤",
}  # fmt: skip
_ESCAPED = {
    "%": "%", "&": "&", "#": "#", "_": "_", "$": "$", "{": "{", "}": "}", "-": "", "/": "",
    "|": "‖", "\\": " ", ",": " ", ";": " ", ":": " ", "!": "", ">": " ", " ": " ", "\n": " ",
    "(": "", ")": "", "[": "", "]": "", "@": "",
}  # fmt: skip


def latex_to_text(text: str) -> str:
    """Give `text` with its LaTeX made readable: no macro, math dollar or grouping brace left.

    Unknown macros keep their name (`\\xset` is `xset`) or, with an argument, the argument. Prices
    ("$5 and $10"), URLs, `snake_case` and per cent signs are left as they are. Never raises.
    """
    if "\\documentclass" in text:
        text = _PREAMBLE.sub("", text)
    return _Latex(text).convert(0, len(text), math=False, depth=0)


class _Latex:
    """One text with its brace pairs; `convert` walks a range of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.closing = _brace_pairs(text)

    def convert(self, start: int, end: int, *, math: bool, depth: int) -> str:
        if depth > _MAX_DEPTH:
            return re.sub(r"[\\${}]", "", self.text[start:end])
        out: list[str] = []
        position = start
        while match := _TOKEN.search(self.text, position, end):
            out.append(self.text[position : match.start()])
            piece, position = self._token(match, end, math=math, depth=depth)
            if piece:
                out.append(_spaced(out, piece, match.lastgroup))
        out.append(self.text[position:end])
        return "".join(out)

    def _token(  # noqa: PLR0911  one return a kind
        self, match: re.Match[str], end: int, *, math: bool, depth: int
    ) -> tuple[str, int]:
        kind, token, after = match.lastgroup, match[0], match.end()
        if kind == "url":
            return token, after
        if kind == "macro":
            return self._macro(token[1:], after, end, math=math, depth=depth)
        if kind == "dollars":
            return self._dollars(match.start(), end, math=math, depth=depth)
        if kind == "brace":
            return self._group(match.start(), end, math=math, depth=depth)
        if kind == "script" and (math or self._char(after) == "{"):
            return self._script(token, after, end, depth=depth)
        if kind == "align" and math:
            return " ", after
        return self._typography(match, math=math), after

    def _typography(self, match: re.Match[str], *, math: bool) -> str:
        """Quotes, ties and dashes; one that fits no pattern stays as it is."""
        mark, before, behind = match[0], self._char(match.start() - 1), self._char(match.end())
        text = {"``": "“", "''": "″" if math else "”", "---": "—"}.get(mark, mark)
        if mark == "`" and _QUOTED.match(self.text, match.end()) and not before.isalnum():
            text = "'"
        elif mark == "~":
            tie = (before.isalnum() or before in ".,)") and (behind.isalnum() or behind in "$\\")
            text = " " if math or tie else mark
        elif mark == "--" and not math and (not before.strip()) == (not behind.strip()):
            text = "–"
        return text

    def _macro(  # noqa: PLR0911  one return a kind
        self, name: str, at: int, end: int, *, math: bool, depth: int
    ) -> tuple[str, int]:
        if not name.isascii() or not name.isalpha():
            return self._control_symbol(name, at, end, depth=depth)
        if len(name) == 1 and name in _COMBINING and self._char(at) == "{":
            return self._accent(_COMBINING[name], at, end, depth=depth)
        if name in _DROPPED_WITH_ARGUMENT:
            return "", self._skip_arguments(at, end)
        if name in _DROPS_FIRST_ARGUMENT:
            return "", self._skip_group(at, end)
        if name in _FRACTIONS:
            return self._fraction(at, end, math=math, depth=depth)
        if name in ("sqrt", "footnote"):
            inner, after = self._argument(at, end, math=math, depth=depth)
            simple = re.fullmatch(r"\w*", inner.strip())
            if name == "footnote":
                return f" ({inner.strip()})" if inner.strip() else "", after
            return "√" + (inner.strip() if simple else f"({inner.strip()})"), after
        if name in _TRANSPARENT:
            return "", at
        symbol = _OWN_SYMBOLS.get(name) or _symbols().get(name)
        if symbol is not None:
            return symbol, at
        return self._unknown(name, at, end)

    def _unknown(self, name: str, at: int, end: int) -> tuple[str, int]:
        """`\\xset` and `\\ours{}` give their names, `\\foo{bar}` is `bar`, `\\sqrtT` is √T."""
        for length in range(len(name) - 1, 1, -1):
            head, tail = name[:length], name[length:]
            if head in _PREFIXES:
                return _PREFIXES[head] + tail, at
        if name[0] in "nt" and name[1:2].isupper():
            return " " + name[1:], at  # an escaped line end or tab of some export
        if self._char(at) == "{" and self.closing.get(at, end) < end:
            return (name, self.closing[at] + 1) if self.closing[at] == at + 1 else ("", at)
        return name, at

    def _control_symbol(self, name: str, at: int, end: int, *, depth: int) -> tuple[str, int]:
        if name in _COMBINING:
            return self._accent(_COMBINING[name], at, end, depth=depth)
        return _ESCAPED.get(name, name), at

    def _accent(self, mark: str, at: int, end: int, *, depth: int) -> tuple[str, int]:
        letters, after = self._argument(at, end, math=False, depth=depth)
        if not letters.strip():
            return letters, after
        letters = letters.lstrip().replace("ı", "i", 1).replace("ȷ", "j", 1)
        if not letters[0].isalpha():
            return letters, after
        return unicodedata.normalize("NFC", letters[0] + mark) + letters[1:], after

    def _fraction(self, at: int, end: int, *, math: bool, depth: int) -> tuple[str, int]:
        upper, after = self._argument(at, end, math=math, depth=depth)
        lower, after = self._argument(after, end, math=math, depth=depth)
        return f"{_grouped(upper)}/{_grouped(lower)}", after

    def _script(self, sign: str, at: int, end: int, *, depth: int) -> tuple[str, int]:
        inner, after = self._argument(at, end, math=True, depth=depth)
        inner = inner.strip()
        if not inner:
            return "", after
        return sign + (inner if re.fullmatch(r"[-+]?\w+|\W", inner) else f"({inner})"), after

    def _argument(self, at: int, end: int, *, math: bool, depth: int) -> tuple[str, int]:
        """One macro argument from `at`: a group, a macro, or a single character."""
        while at < end and self.text[at] == " ":
            at += 1
        if at >= end or self.text[at] in "$}":
            return "", at
        if self.text[at] == "{" or self.text[at] == "\\":
            match = _TOKEN.match(self.text, at, end)
            if depth > _MAX_DEPTH:  # as `convert` does: without its mark, it is read as text
                return "", at + 1
            if match is not None:
                if match[0] == "{" and self.closing.get(at, end) >= end:
                    return "", at + 1
                return self._token(match, end, math=math, depth=depth + 1)
        return self.text[at], at + 1

    def _group(self, at: int, end: int, *, math: bool, depth: int) -> tuple[str, int]:
        close = self.closing.get(at)
        if close is None or close >= end:
            return "", at + 1  # an unbalanced brace
        inner = self.text[at + 1 : close]
        # `{0, 1}` in prose is a set: only braces that group are markup.
        is_set = not math and "," in inner and not re.search(r"[\\{}$]", inner)
        whole = at == 0 and close == len(self.text) - 1
        body = self.convert(at + 1, close, math=math, depth=depth + 1)
        before = self._char(at - 1)
        return (f"{{{body}}}" if is_set and not whole and not before.isalpha() else body), close + 1

    def _dollars(self, at: int, end: int, *, math: bool, depth: int) -> tuple[str, int]:
        run = 2 if self.text.startswith("$$", at) else 1
        close = self._math_end(at + run, end, run)
        if close is None:
            lonely = math or not self._char(at + run).isdigit()
            # A dollar before a number is a price; any other that pairs with nothing is debris.
            return (
                "" if lonely and run == 1 and not self._is_currency(at) else "$" * run
            ), at + run
        return self.convert(at + run, close, math=True, depth=depth + 1), close + run

    def _is_currency(self, at: int) -> bool:
        following = self.text[at + 1 : at + 3].lstrip()
        return following[:1].isdigit() or self._char(at - 1).isupper()

    def _math_end(self, start: int, end: int, run: int) -> int | None:
        """Where the formula that starts at `start` ends, or None when it is none.

        As in Pandoc's `tex_math_dollars`: no space inside the dollars and no digit behind the
        closing one, so that prices stay prices. Dollars inside braces belong to an inner formula.
        """
        position, limit = start, min(end, start + _MAX_MATH_CHARS)
        for _ in range(_MAX_CLOSERS):
            match = re.compile(r"[${]|\\.|\n\s*\n", re.DOTALL).search(self.text, position, limit)
            while match and not match[0].startswith("$"):
                if match[0].isspace():
                    return None
                position = match.end()
                if match[0] == "{":
                    position = max(position, self.closing.get(match.start(), 0))
                match = re.compile(r"[${]|\\.|\n\s*\n", re.DOTALL).search(
                    self.text, position, limit
                )
            if match is None:
                return None
            close = match.start()
            if self.text.startswith("$" * run, close) and self._is_math(start, close, run):
                return close
            position = close + 1
        return None

    def _is_math(self, start: int, close: int, run: int) -> bool:
        content = self.text[start:close]
        if not content.strip():
            return False
        marked = bool(re.search(r"[\\^_{}=<>+]", content))
        padded = content[0].isspace() or content[-1].isspace()
        if run == 1 and self._char(close + 1).isdigit() and not (marked and not padded):
            return False
        if padded and not (marked or re.fullmatch(r"\s*\S{1,8}\s*", content)):
            return False
        return marked or not re.search(
            r"[^\W\d_]{2,}\s+[^\W\d_]{2,}|^\d[\d.,]*\s*[A-Za-z]{2,}|^\d.*\s", content
        )

    def _skip_arguments(self, at: int, end: int) -> int:
        while at < end and self.text[at] in "[{*":
            if self.text[at] == "*":
                at += 1
                continue
            after = self._skip_group(at, end)
            if after == at:
                break
            at = after
        return at

    def _skip_group(self, at: int, end: int) -> int:
        if self._char(at) == "[":
            close = self.text.find("]", at, min(end, at + 120))
            return close + 1 if close >= 0 else at
        close = self.closing.get(at, end)
        return close + 1 if close < end else at

    def _char(self, at: int) -> str:
        return self.text[at] if 0 <= at < len(self.text) else ""


def _brace_pairs(text: str) -> dict[int, int]:
    """Positions of opening braces with those of their closing ones; escaped braces do not count."""
    pairs: dict[int, int] = {}
    stack: list[int] = []
    for match in re.finditer(r"\\.|[{}]", text, re.DOTALL):
        if match[0] == "{":
            stack.append(match.start())
        elif match[0] == "}" and stack:
            pairs[stack.pop()] = match.start()
    return pairs


def _grouped(part: str) -> str:
    part = part.strip()
    return part if re.fullmatch(r"\w*|\S", part) else f"({part})"


def _spaced(out: list[str], piece: str, kind: str | None) -> str:
    """Keep two words apart that only the backslash held apart: `a\\xset` is `a xset`."""
    if kind != "macro" or len(piece) < 2 or not piece[0].isalpha():
        return piece
    previous = next((part for part in reversed(out) if part), "")
    return " " + piece if previous[-1:].isalnum() and len(previous.split(" ")[-1]) > 1 else piece


# Exports that lost their braces glue a macro to its argument: `\emphnon`, `\sqrtT`, `\mathbbR`.
_GLUED = (
    "emph textit textbf texttt mathcal mathbb mathrm mathbf mathsf widetilde tilde begin end "
    "widehat boldsymbol operatorname citeProc"
)
_PREFIXES = {**dict.fromkeys(_GLUED.split(), ""), "sqrt": "√", "log": "log "}


@cache
def _symbols() -> dict[str, str]:
    """Macro names to characters, from pylatexenc; imported on first use, for it costs 70 ms."""
    from pylatexenc.latex2text import get_default_latex_context_db

    table: dict[str, str] = {}
    for spec in get_default_latex_context_db().iter_macro_specs():
        replacement = spec.simplify_repl
        if isinstance(replacement, str) and "%" not in replacement:
            table.setdefault(spec.macroname, replacement)
    return table

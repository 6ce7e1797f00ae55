"""Reading filters: a grammar without ambiguity (LALR), and errors that say where and what."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pipeline.errors import UsageError
from pipeline.filters.conditions import (
    KEYWORDS,
    WORD,
    AllOf,
    Among,
    AnyOf,
    Between,
    Comparison,
    Condition,
    Field,
    Filter,
    Like,
    Missing,
    Not,
    Operator,
)

if TYPE_CHECKING:
    from lark import Lark, Token, UnexpectedToken

_MOST_CHARACTERS = 10_000
_DEEPEST = 100
_LONGEST_NUMBER = 100
_LONGEST_SHOWN = 30
_EXAMPLE = "example: year >= 2020 and venue in (icml, nips)"
_QUOTES = {"'": "'", '"': '"', "`": "`", "[": "]"}
_SAME_OPERATOR = {"==": "=", "<>": "!="}
_NUMBER = re.compile(r"-?\d+(\.\d*)?")
_TIME = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?", re.ASCII)

# Keywords are so everywhere: a value or a field of such a name stands in quotes or brackets.
_GRAMMAR = (
    r"""
    ?start: either
    ?either: both | both (_OR both)+ -> any_of
    ?both: single | single (_AND single)+ -> all_of
    ?single: test | _NOT single -> negation | "(" either ")"
    ?test: field OPERATOR value -> comparison
        | field _IN "(" values ")" -> among
        | field _NOT _IN "(" values ")" -> not_among
        | field _LIKE value -> like
        | field _NOT _LIKE value -> not_like
        | field _BETWEEN value _AND value -> between
        | field _NOT _BETWEEN value _AND value -> not_between
        | field _IS (_NULL | _MISSING) -> missing
        | field _IS _NOT (_NULL | _MISSING) -> not_missing
    values: value ("," value)*
    field: WORD -> named_field | COLUMN -> column
    value: WORD -> bare_value | TEXT -> text_value
    OPERATOR: "==" | "!=" | "<>" | "<=" | ">=" | "=" | "<" | ">"
    TEXT: /'([^']|'')*'/ | /"([^"]|"")*"/
    COLUMN: /\[([^\]]|\]\])*\]/ | /`([^`]|``)*`/
    """
    + f"WORD: /{WORD.replace('/', chr(92) + '/')}/\n"
    + "".join(f"_{word.upper()}.2: /{word}(?![\\w.:\\/+%-])/i\n" for word in KEYWORDS)
    + "%ignore /\\s+/\n"
)
# What the parser could go on with, in the order and the words in which it is told.
_TOLD = {
    "WORD": "a field",
    "OPERATOR": "a comparison such as = or <",
    "TEXT": "a value",
    "_NOT": "not",
    "_IN": "in",
    "_LIKE": "like",
    "_BETWEEN": "between",
    "_IS": "is",
    "_NULL": "null",
    "_MISSING": "missing",
    "COMMA": "a comma",
    "LPAR": "(",
    "RPAR": ")",
    "_AND": "and",
    "_OR": "or",
    "$END": "the end",
}


_WORDS_FOR = {"&": "and", "|": "or", ";": "and"}


def parse_filter(text: str) -> Filter:
    """The filter that `text` says, such as `year >= 2020 and not venue = icml`.

    Raises UsageError, naming the place and what was expected there, for anything else, for more
    than 10,000 characters and for more than 100 levels of `and`, `or` and `not`. Whether a field
    is there is known only of an atlas: `Filter.rows` says so.
    """
    from lark import UnexpectedCharacters, UnexpectedToken

    if len(text) > _MOST_CHARACTERS:
        raise UsageError(
            f"filter: {len(text):,} characters", hint=f"expected at most {_MOST_CHARACTERS:,}"
        )
    if not text.strip():
        raise UsageError("filter: it is empty", hint=_EXAMPLE)
    try:
        condition = cast(Condition, _parser().parse(text))
    except UnexpectedCharacters as error:
        raise _unknown_character(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _unexpected(text, error) from None
    _require_shallow(condition)
    return Filter(condition)


def all_of(
    where: str | None = None,
    since: str | None = None,
    category: str | None = None,
    theme: str | None = None,
) -> Filter | None:
    """One filter of all that is given, None where nothing is.

    `where`: a text for `parse_filter`; `since`: a year or an ISO date, of papers from then on;
    `category`: such as `cs` or `cs.LG`; `theme`: an id or a name. Raises UsageError.
    """
    parts: list[Condition] = [] if where is None else [parse_filter(where).condition]
    if since is not None:
        if not _TIME.fullmatch(since.strip()):
            hint = "expected a year or an ISO date, such as 2020 or 2020-05-31"
            raise UsageError(f"since {_shown(since)}: no time", hint=hint)
        parts.append(Comparison(Field("date"), ">=", since.strip()))
    for name, value in (("category", category), ("theme", theme)):
        if value is not None:
            if not value.strip():
                raise UsageError(f"{name}: it is empty", hint=f"leave it away for any {name}")
            parts.append(Comparison(Field(name), "=", value))
    if not parts:
        return None
    return Filter(parts[0] if len(parts) == 1 else AllOf(tuple(parts)))


@cache
def _parser() -> Lark:
    """The parser of the grammar, made once: 40 ms, and as much to load Lark."""
    from lark import Lark

    # Lark takes any object with a method for each alias: its own class would be loaded to be
    # derived from. Conditions are made as the text is read, so nothing recurs over a tree.
    transformer = cast(Any, _Maker())
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=transformer)


class _Maker:
    """Makes a condition of the parts that the parser has found: one method for each alias."""

    def named_field(self, parts: list[Token]) -> Field:
        return Field(str(parts[0]), place=_place(parts[0]))

    def column(self, parts: list[Token]) -> Field:
        return Field(_unquoted(parts[0]), is_column=True, place=_place(parts[0]))

    def bare_value(self, parts: list[Token]) -> str:
        if len(parts[0]) > _LONGEST_NUMBER and _NUMBER.fullmatch(parts[0]):
            raise UsageError(
                f"filter, column {_place(parts[0])}: a number of {len(parts[0]):,} characters",
                hint=f"expected at most {_LONGEST_NUMBER}",
            )
        return str(parts[0])

    def text_value(self, parts: list[Token]) -> str:
        return _unquoted(parts[0])

    def values(self, parts: list[str]) -> tuple[str, ...]:
        return tuple(parts)

    def comparison(self, parts: tuple[Field, Token, str]) -> Comparison:
        field, written, value = parts
        operator = _SAME_OPERATOR.get(written, str(written))
        return Comparison(field, cast(Operator, operator), value)

    def among(self, parts: tuple[Field, tuple[str, ...]]) -> Among:
        return Among(*parts)

    def not_among(self, parts: tuple[Field, tuple[str, ...]]) -> Among:
        return Among(*parts, is_negated=True)

    def like(self, parts: tuple[Field, str]) -> Like:
        return Like(*parts)

    def not_like(self, parts: tuple[Field, str]) -> Like:
        return Like(*parts, is_negated=True)

    def between(self, parts: tuple[Field, str, str]) -> Between:
        return Between(*parts)

    def not_between(self, parts: tuple[Field, str, str]) -> Between:
        return Between(*parts, is_negated=True)

    def missing(self, parts: tuple[Field]) -> Missing:
        return Missing(*parts)

    def not_missing(self, parts: tuple[Field]) -> Missing:
        return Missing(*parts, is_negated=True)

    def negation(self, parts: list[Condition]) -> Not:
        return Not(parts[0])

    def all_of(self, parts: list[Condition]) -> AllOf:
        return AllOf(tuple(parts))

    def any_of(self, parts: list[Condition]) -> AnyOf:
        return AnyOf(tuple(parts))


def _unquoted(token: Token) -> str:
    end = token[-1]
    return str(token[1:-1]).replace(end * 2, end)


def _place(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _require_shallow(condition: Condition) -> None:
    """UsageError for more levels than functions that call themselves should go down."""
    level, depth = [condition], 0
    while level:
        depth += 1
        level = [part for whole in level for part in _parts(whole)]
    if depth > _DEEPEST:
        raise UsageError(
            f"filter: {depth:,} levels of and, or and not", hint=f"expected at most {_DEEPEST}"
        )


def _parts(condition: Condition) -> tuple[Condition, ...]:
    if isinstance(condition, AllOf | AnyOf):
        return condition.parts
    return (condition.part,) if isinstance(condition, Not) else ()


def _unknown_character(text: str, at: int) -> UsageError:
    where = f"filter, column {at + 1}"
    if end := _QUOTES.get(text[at]):
        told = f"{where}: what begins with {text[at]} has no end"
        return UsageError(told, hint=f"close it with {end}, and write {end} within it twice")
    hint = "texts go in quotes, names of columns in [brackets]"
    if text[at] in _WORDS_FOR:
        hint = f"write {_WORDS_FOR[text[at]]} for it"
    return UsageError(f"{where}: no filter has {text[at]!r} here", hint=hint)


def _unexpected(text: str, error: UnexpectedToken) -> UsageError:
    token = error.token
    is_end = token.type == "$END"
    at = len(text.rstrip()) if is_end else token.start_pos or 0
    could_follow = error.accepts or error.expected
    expected = _expected(could_follow)
    found = "the end" if is_end else _shown(str(token))
    return UsageError(
        f"filter, column {at + 1}: expected {expected}, not {found}",
        hint=f"{_advice(token, could_follow)}{_EXAMPLE}",
    )


def _expected(could_follow: set[str]) -> str:
    """What could follow, in words: `a value`, or `'and', 'or' or the end`."""
    names = could_follow - {"WORD"} if "TEXT" in could_follow else could_follow
    words = [word for name, word in _TOLD.items() if name in names]
    told = [word if " " in word else repr(word) for word in words]
    return " or ".join(filter(None, [", ".join(told[:-1]), told[-1]]))


def _advice(token: Token, could_follow: set[str]) -> str:
    if token.type.startswith("_"):
        return "a value of that name goes in quotes, a field in [brackets]; "
    if token.type == "WORD" and could_follow & {"_AND", "COMMA"}:
        return "a text of several words goes in quotes; "
    if token.type == "TEXT" and "COLUMN" in could_follow:
        return "a field of such a name goes in [brackets]; "
    return ""


def _shown(text: str) -> str:
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return repr(cut)

"""From what a model answered to a name, or to the reason why it is none.

An answer is taken for nothing but a name: JSON of one form, then characters, shape and words that
a theme's name may have. Which text made the model say it does not matter here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.phrases import MAX_CHARACTERS, SCHOLARLY_WORDS, STOP_WORDS
from pipeline.phrases.finder import word_key
from pipeline.phrases.words import INNER_WORDS, LOOSE_ENDS, LOOSE_STARTS
from pipeline.refine.evidence import ThemeEvidence

ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
MAX_ANSWER_CHARACTERS = 200
"""Of a name as answered; a longer string is no answer to the question."""
_MAX_WORDS = 6
_MAX_OWN_WORDS = 1
_STEM_LENGTH = 5
_STEM_SHARE = 0.6

_THOUGHTS = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)
_QUOTES = "\"'“”‘’«»„‚‹›"
_TOKEN = re.compile(r"[^\W_]+")
# Letters with their marks, digits, spaces, and the few signs that names of methods have. No angle,
# square or curly bracket, backtick, asterisk, underscore, colon, at sign, quotation mark: neither
# markup nor an address can be written without them, but for a bare host (below).
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "No"})
_SIGNS = frozenset(" -–'’+&/,.()")
# A point stands inside a number (`2.5D`, `GPT-4.1`) or behind a capital letter (`U.S. law`).
_POINT = re.compile(r"(?<=\d)\.(?=\d)|(?<=\b[A-Z])\.(?=$|[ )]|[A-Z]\.)")
_HOST = re.compile(r"\b(?:\d+\.){2,}\d|\bwww\b|\bhttps?\b", re.IGNORECASE)
_MORE_INNER_WORDS = frozenset({
    "a", "across", "against", "an", "and", "at", "before", "beyond", "between", "by", "into",
    "over", "per", "the", "through", "under", "via", "without", "within",
})  # fmt: skip
# Verbs that no theme's name begins with, unless the papers' own phrases do (`click models`).
_COMMANDS = frozenset({
    "buy", "click", "delete", "disregard", "download", "execute", "follow", "forget", "give",
    "ignore", "install", "obey", "override", "pretend", "rename", "respond", "reveal", "say",
    "see", "send", "subscribe", "tell", "use", "visit",
})  # fmt: skip
# `optimal transport in 4 papers`: of the question, not of the subject.
_OF_THE_QUESTION = frozenset({"paper", "subtheme", "theme"})
_COMMANDS_ANYWHERE = re.compile(
    r"\b(?:ignor(?:e|es|ed|ing)|disregard\w*|overrid\w+|obey\w*)\b"
    r"|\b(?:previous|prior|above|earlier|following|all|system|new)\s+(?:instruction|prompt)s?\b"
)


class BrokenAnswer(Exception):  # noqa: N818 - no PipelineError: names are kept, no command fails
    """An answer that is not JSON of the form that was asked for."""


class NameRefused(Exception):  # noqa: N818 - as above
    """An answered name that is none; `reason`: why, without a word of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Support:
    """The words that may carry a theme's name, from what is known of it.

    `keys`: words in the form in which they are compared; `phrases`: its phrases, as keys;
    `usual`: words as its phrases write them, `written`: as anything of it writes them, `lower`:
    keys of those that are written in lower case, `elsewhere`: of those in other themes.
    """

    keys: frozenset[str]
    phrases: frozenset[tuple[str, ...]]
    usual: frozenset[str]
    written: frozenset[str]
    lower: frozenset[str]
    elsewhere: frozenset[str]


def lower_case_keys(themes: Iterable[ThemeEvidence]) -> frozenset[str]:
    """Keys of the words that any theme's papers write in lower case."""
    texts = (text for theme in themes for text in (*theme.terms, *_texts_of_papers(theme)))
    return frozenset(
        word_key(word) for text in texts for word in _TOKEN.findall(text) if word == word.lower()
    )


def gather_support(
    theme: ThemeEvidence,
    *,
    children: Sequence[str] = (),
    elsewhere: frozenset[str] = frozenset(),
) -> Support:
    """The words of a theme's phrases, evidence, name and subthemes, and those that at least two
    of its typical papers share: no single paper can bring a word into a name.

    `elsewhere`: `lower_case_keys` of all themes.
    """
    phrases = [
        *theme.terms,
        *_phrases_of(theme.name),
        *(p for c in children for p in _phrases_of(c)),
    ]
    papers = _texts_of_papers(theme)
    shared = Counter(key for paper in papers for key in set(_keys_of(paper)))
    keys = {key for text in (*phrases, *theme.evidence) for key in _keys_of(text)}
    keys |= {key for key, n_papers in shared.items() if n_papers > 1}
    keys |= {_initials(phrase) for phrase in phrases if " " in phrase}
    usual = {word for phrase in phrases for word in phrase.split()}
    written = {word for text in (*phrases, *papers) for word in _TOKEN.findall(text)}
    return Support(
        keys=frozenset(keys),
        phrases=frozenset(map(_phrase_key, phrases)),
        usual=frozenset(usual),
        written=frozenset(written),
        lower=frozenset(word_key(word) for word in written if word == word.lower()),
        elsewhere=elsewhere,
    )


def parse_answer(text: str) -> str:
    """The name in a model's answer, as it is there; raises BrokenAnswer.

    The answer is one JSON object with "name" alone. A model's thoughts before it and the fence of
    a code block around it are passed over: many models cannot leave them.
    """
    text = _THOUGHTS.sub("", text, count=1) if text.lstrip().startswith("<think>") else text
    fenced = _FENCE.fullmatch(text)
    try:
        told = json.loads(fenced.group(1) if fenced else text)
    except (ValueError, RecursionError):
        raise BrokenAnswer from None
    if not isinstance(told, dict) or list(told) != ["name"]:
        raise BrokenAnswer
    name = told["name"]
    if not isinstance(name, str) or len(name) > MAX_ANSWER_CHARACTERS or not _is_unicode(name):
        raise BrokenAnswer
    return name


def read_name(
    answered: str,
    support: Support,
    *,
    taken: Collection[str] = (),
    stop: Collection[str] = (),
    banned: Collection[str] = (),
) -> str:
    """The name that was answered, tidied; raises NameRefused.

    `taken`: names of the other themes of the layer, by `compared`; `stop`: words that no phrase
    begins or ends with, `banned`: phrases that are no name, both in lower case.
    """
    name = _tidy(answered)
    _check_characters(name)
    phrases = name.split(" / ")
    if len(phrases) > 2 or not all(map(_may_be_phrase, phrases)):
        raise NameRefused("it was not one phrase, or two joined by ' / '")
    phrases = [_in_usual_case(phrase, support) for phrase in phrases]
    for phrase in phrases:
        _check_phrase(phrase, support, frozenset(stop))
    name = " / ".join(phrases)
    _check_characters(name)  # a letter in lower case may take two: `İ`
    if len({compared(phrase) for phrase in phrases}) < len(phrases):
        raise NameRefused("it said the same twice")
    if name.lower() in banned or any(phrase.lower() in banned for phrase in phrases):
        raise NameRefused("it was one of the names that the user does not want")
    if compared(name) in taken:
        raise NameRefused("another theme of the layer has that name")
    return name


def compared(name: str) -> str:
    """The form in which two names of a layer must differ: no case, no plural, no hyphens."""
    return " ".join(word_key(word) for word in name.casefold().split())


def _tidy(answered: str) -> str:
    """Without spaces and one pair of quotation marks around it."""
    name = unicodedata.normalize("NFC", answered).strip(" ")
    if len(name) > 1 and name[0] in _QUOTES and name[-1] in _QUOTES:
        name = name[1:-1].strip(" ")
    return re.sub(" +", " ", name)


def _check_characters(name: str) -> None:
    if not name:
        raise NameRefused("it was empty")
    if len(name) > MAX_CHARACTERS:
        raise NameRefused(f"it had more than {MAX_CHARACTERS} characters")
    if any(c not in _SIGNS and unicodedata.category(c) not in _LETTERS for c in name):
        raise NameRefused("it had signs that no name has")
    if "." in _POINT.sub("", name) or _HOST.search(unicodedata.normalize("NFKC", name)):
        raise NameRefused("it looked like a sentence or an address")
    if "//" in name or name[0] in "-–'’+&/,.)":
        raise NameRefused("it had signs where no name has them")
    if name[-1] in "-–&/,(" or re.search(r"\s/\S|\S/\s", name):
        raise NameRefused("it had signs where no name has them")


def _check_phrase(phrase: str, support: Support, stop: frozenset[str]) -> None:
    """Raises NameRefused unless it is formed as a name is and says what the papers say.

    It may have one word besides the papers' own: who names a theme sees what its papers take for
    granted.
    """
    words = phrase.lower().replace("(", "").replace(")", "").replace(",", "").split()
    ends = STOP_WORDS | stop
    if words[0] in ends or words[-1] in ends or phrase.isdecimal():
        raise NameRefused("it began or ended with a word that carries nothing")
    if len(words) > _MAX_WORDS:
        raise NameRefused(f"it had more than {_MAX_WORDS} words in a phrase")
    inner = STOP_WORDS - INNER_WORDS - _MORE_INNER_WORDS
    if any(word in inner for word in words):
        raise NameRefused("it read like a sentence")
    if _phrase_key(phrase) in support.phrases:
        return  # what the papers' own counts offer has the form of a name
    if words[0] in _COMMANDS or _COMMANDS_ANYWHERE.search(" ".join(words)):
        raise NameRefused("it read like an instruction")
    if words[0] in LOOSE_STARTS or words[-1] in LOOSE_ENDS or words[-1].endswith("ly"):
        raise NameRefused("it praised or counted, or its last word wanted a noun")
    if any(word_key(word) in _OF_THE_QUESTION for word in words):
        raise NameRefused("it spoke of papers or themes, not of their subject")
    content = [key for key in _keys_of(phrase) if not _is_common(key)]
    if not content:
        raise NameRefused("it said what any theme could be called")
    n_own = sum(not _is_supported(key, support.keys) for key in content)
    if n_own > _MAX_OWN_WORDS or n_own == len(content):
        raise NameRefused("the papers do not have its words")


def _may_be_phrase(phrase: str) -> bool:
    return bool(_TOKEN.search(phrase)) and phrase.count("(") == phrase.count(")")


def _in_usual_case(phrase: str, support: Support) -> str:
    """In lower case what the papers write so: models like a capital in front of every word."""
    return " ".join(_word_in_usual_case(word, support) for word in phrase.split(" "))


def _word_in_usual_case(word: str, support: Support) -> str:
    if word in support.usual or "." in word:
        return word
    return "-".join(_part_in_usual_case(part, support) for part in word.split("-"))


def _part_in_usual_case(part: str, support: Support) -> str:
    """A word between hyphens: an acronym or a name stays, what papers write small becomes so."""
    tokens = _TOKEN.findall(part)
    if len(part) < 2 or not tokens:
        return part
    is_title = all(token[1:] == token[1:].lower() for token in tokens)
    if not is_title and support.written.issuperset(tokens):
        return part  # `LLM`, `WaveNet`, as the papers have it
    is_usual = all(
        _is_common(key) or _is_supported(key, support.lower) or key in support.elsewhere
        for key in map(word_key, tokens)
    )
    return part.lower() if is_usual else part


def _texts_of_papers(theme: ThemeEvidence) -> list[str]:
    return [f"{paper.title} {paper.abstract}" for paper in theme.exemplars]


def _is_supported(key: str, keys: frozenset[str]) -> bool:
    """Whether it is one of `keys`, or another form of one: `generative` beside `generation`."""
    if key in keys:
        return True
    if len(key) < _STEM_LENGTH:
        return False
    stem = key[:_STEM_LENGTH]
    return any(
        other.startswith(stem)
        and _common_length(key, other) >= _STEM_SHARE * max(len(key), len(other))
        for other in keys
    )


def _common_length(a: str, b: str) -> int:
    return next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )


def _is_common(key: str) -> bool:
    return key in STOP_WORDS or key in SCHOLARLY_WORDS or key in INNER_WORDS or key.isdecimal()


def _keys_of(text: str) -> Iterator[str]:
    """Keys of its words but for the common ones; of a hyphenated one its parts too."""
    for token in _TOKEN.findall(text):
        if not _is_common(token.lower()):
            yield word_key(token)


def _phrases_of(name: str) -> Iterable[str]:
    return name.removeprefix("mixed: ").split(" / ")


def _phrase_key(phrase: str) -> tuple[str, ...]:
    return tuple(word_key(word) for word in phrase.split())


def _initials(phrase: str) -> str:
    """`large language models` -> `llm`."""
    return "".join(token[0] for token in _TOKEN.findall(phrase)).lower()


def _is_unicode(text: str) -> bool:
    return not any(unicodedata.category(character) == "Cs" for character in text)

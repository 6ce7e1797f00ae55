"""Why a paper is near a query: the phrases that both have, and the sentence that has most of them.

Both are found in the words alone: a reason is something that a reader can check in the texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log2

from pipeline.papers import Paper, comparison_key
from pipeline.phrases import (
    INNER_WORDS,
    SCHOLARLY_WORDS,
    Key,
    Mention,
    form_factor,
    form_rules,
    phrases_among,
    phrases_in,
    split_segments,
    word_key,
    word_rules,
)
from pipeline.sentences import split_sentences

_MAX_SHARED = 3
_LONGEST_SENTENCE = 200
_SHORTEST_WORD = 5
_EVERYDAY_TERM, _NO_REASON = 3, 4
_EVERYDAY_WORDS = SCHOLARLY_WORDS | {
    "accuracy", "ablation", "agent", "ai", "algorithm", "algorithms", "amount", "architecture",
    "art", "bound", "class", "classes", "cnn", "complexity", "computation", "computational",
    "computer", "convolutional", "cost", "costs", "deep", "dimension", "dimensional",
    "distribution", "distributions", "dnn", "dnns", "downstream", "dynamics", "environment",
    "environments", "error", "errors", "estimation", "evaluation", "exploit", "exploits", "feature",
    "features", "follow", "function", "functions", "generalization", "global", "gpu", "ground",
    "human", "image", "images", "input", "inputs", "learning", "local", "loss", "losses", "lower",
    "machine", "magnitude", "matrix", "measure", "measures", "mechanism", "ml", "model",
    "modeling", "modelling", "models", "module", "modules", "network", "networks", "neural", "nlp",
    "objects", "online", "optimal", "optimization", "orders", "output", "outputs", "parameter",
    "parameters", "prediction", "predictions", "representation", "representations", "robustness",
    "sample", "samples", "scheme", "sequence", "simulation", "sota", "space", "spaces", "synthetic",
    "target", "tasks", "testing", "theory", "training", "truth", "upper", "values", "vector",
    "weight", "weights", "world",
}  # fmt: skip
_EVERYDAY = frozenset(map(word_key, _EVERYDAY_WORDS))
# One word that wants a noun behind it: `large-scale`, `learned`.
_HANGING = re.compile(
    r"(?:-(?:scale|based|wise|levels?|order|free|aware|driven|end|dimensional|world|quality|time|"
    r"agnostic|specific|oriented|guided|art|efficient|effective|modal|stage|step|trained|tuned|"
    r"shot|grained|rank|term|range|supervised)|[^e]ed|ive|able|ible|ous|ful|less|ly)$"
)
_PARTICIPLE = re.compile(r"(?:[^e]ed|ing)$")
_VERBS = frozenset(
    {"achieves", "aims", "allows", "consists", "depends", "enables", "exists", "leads", "learns",
     "performs", "provides", "remains", "requires", "shows", "studies", "study", "suffers"}
)  # fmt: skip
# What a paper does says more of it than why its field matters, and that it works says least.
_SAYS_WHAT = re.compile(
    r"\b(?:we|this (?:paper|work|article|study)|our)\b.{0,40}?\b(?:propos|introduc|present|stud|"
    r"develop|investigat|address|design|show|prove|deriv|describ|consider|formulat|explor|analy)",
    re.IGNORECASE,
)
_SAYS_THAT_IT_WORKS = re.compile(
    r"\b(?:outperform|state-of-the-art (?:result|perform|method)|(?:extensive|our|comprehensive) "
    r"experiment|experiment(?:s|al results?) (?:on|show|demonstrate)|code (?:is|are|will))",
    re.IGNORECASE,
)
_WHAT, _WORKS = 1.25, 0.6


def reason_rules() -> dict[str, object]:
    """All that judges a shared phrase, as plain JSON: a map page finds its reasons in its own
    language, by these words and no others."""
    return {
        **word_rules(),
        **form_rules(),
        "mostShared": _MAX_SHARED,
        "shortest": _SHORTEST_WORD,
        "everyday": sorted(_EVERYDAY),
        "verbs": sorted(_VERBS),
        "hanging": _HANGING.pattern,
        "participle": _PARTICIPLE.pattern,
    }


@dataclass(frozen=True, slots=True)
class QueryWords:
    """A query's side of its reasons, worked out once: its well-formed phrases.

    `weights`: how much each phrase says, by its form; `counts`: how often the query has it;
    `topics`: the phrases of its title or first sentence, and those that it repeats; `vocabulary`:
    the words of all phrases.
    """

    weights: Mapping[Key, float]
    counts: Mapping[Key, int]
    topics: frozenset[Key]
    vocabulary: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> QueryWords:
        """The phrases of a query, be it a few words or a title and an abstract."""
        first = next(iter(split_sentences(text.strip().partition("\n")[0])), "")
        counts: Counter[Key] = Counter()
        weights: dict[Key, float] = {}
        for mention in phrases_in(split_segments(text)):
            key = mention.key
            counts[key] += 1
            if counts[key] == 1 and (weight := _weight(mention)):
                weights[key] = weight
        opening = {mention.key for mention in phrases_in(split_segments(first))}
        topics = frozenset(key for key in weights if key in opening or counts[key] > 1)
        return cls(weights, counts, topics, frozenset(word for key in weights for word in key))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper is near: the phrases that it shares with the query, as it writes them, the most
    telling first; and the sentence of its abstract that has most of them, "" where none has any."""

    shared: tuple[str, ...]
    sentence: str


def explain(query: QueryWords, paper: Paper) -> Explanation:
    """What a paper has in common with a query; nothing is said where only everyday words are."""
    sentences = split_sentences(paper.abstract)
    title = _shared_mentions(query, paper.title)
    said = [_shared_mentions(query, sentence) for sentence in sentences]
    found = _Shared.of(query, title, [mention for mentions in said for mention in mentions])
    chosen = found.most_telling()
    sentence = _closest(found, paper.title, list(zip(sentences, said, strict=True)))
    shared = tuple(re.sub("['’]s$", "", found.written[key]) for key in chosen)
    return Explanation(shared, sentence)


def _shared_mentions(query: QueryWords, text: str) -> list[Mention]:
    return [m for m in phrases_among(text, query.vocabulary) if m.key in query.weights]


@dataclass(frozen=True, slots=True)
class _Shared:
    """The phrases of one paper that the query has too.

    `written`: as the abstract writes each in running text where it does; `weights`: how much each
    says of both texts; `telling`: the best kind of phrases there is: terms and names, else single
    words that both texts are about, else everyday terms.
    """

    written: Mapping[Key, str]
    weights: Mapping[Key, float]
    telling: frozenset[Key]

    @classmethod
    def of(cls, query: QueryWords, title: Sequence[Mention], said: Sequence[Mention]) -> _Shared:
        running: dict[Key, str] = {}
        for mention in said:
            if mention.text[:1].islower():
                running.setdefault(mention.key, mention.text)
        counts: Counter[Key] = Counter()
        written: dict[Key, str] = {}
        for mention in (*title, *said):
            counts[mention.key] += 1
            written.setdefault(mention.key, running.get(mention.key, mention.text))
        in_title = {mention.key for mention in title}
        weights, kinds = {}, {}
        for key, text in written.items():
            n_topics = (key in query.topics) + (key in in_title or counts[key] > 1)
            kinds[key] = _kind(key, text, n_topics=n_topics)
            often = min(query.counts[key], counts[key])
            weights[key] = query.weights[key] * (1 + log2(often) / 2)
        best = min(kinds.values(), default=_NO_REASON)
        telling = frozenset(key for key, kind in kinds.items() if kind == best < _NO_REASON)
        return cls(written, weights, telling)

    def most_telling(self) -> list[Key]:
        """The phrases to name: the weightiest first, none with a word of another, no acronym
        beside what it is short for."""
        chosen: list[Key] = []
        for key in self.ordered(self.telling):
            whole = self._whole(key)
            words = {word for other in chosen for word in other}
            if words.isdisjoint(whole) and not any(_is_short_for(whole, o) for o in chosen):
                chosen.append(whole)
                if len(chosen) == _MAX_SHARED:
                    break
        return chosen

    def ordered(self, keys: Iterable[Key]) -> list[Key]:
        """The keys, the weightiest first; those of one weight by their words."""
        return sorted(keys, key=lambda key: (-self.weights[key], key))

    def _whole(self, key: Key) -> Key:
        """The longest shared term that this one is a piece of: of `Temporal Networks with
        Uncertainty`, the weights prefer the last three words."""
        own = set(key)
        wider = [k for k in self.telling if own < set(k) and _is_clean(self.written[k])]
        return max(wider, key=lambda k: (len(k), self.weights[k], k), default=key)


def _closest(found: _Shared, title: str, said: Sequence[tuple[str, Sequence[Mention]]]) -> str:
    """The sentence with the weightiest phrases for its length, cut to 200 characters."""
    best, best_score, best_mention = "", 0.0, ""
    title_key = comparison_key(title)
    for sentence, mentions in said:
        keys = found.ordered({mention.key for mention in mentions} & found.telling)
        taken: set[str] = set()
        weight = 0.0
        for key in keys:
            if taken.isdisjoint(key):
                taken.update(key)
                weight += found.weights[key]
        score = weight / (4 + len(sentence.split())) ** 0.5
        if score * _WHAT <= best_score:
            continue
        score *= _bonus(sentence)
        if score > best_score and not _repeats(title_key, sentence):
            first = next(m.text for m in mentions if m.key == keys[0])
            best, best_score, best_mention = sentence, score, first
    return _cut(best, best_mention)


def _bonus(sentence: str) -> float:
    if _SAYS_THAT_IT_WORKS.search(sentence):
        return _WORKS
    return _WHAT if _SAYS_WHAT.search(sentence) else 1.0


def _repeats(title_key: str, sentence: str) -> bool:
    """True where a sentence has no word that the title does not have."""
    return bool(title_key) and set(comparison_key(sentence).split()) <= set(title_key.split())


def _cut(sentence: str, mention: str) -> str:
    """At most 200 characters of a sentence and its marks, those around its weightiest phrase."""
    if len(sentence) <= _LONGEST_SENTENCE:
        return sentence
    start, place = 0, sentence.find(mention)
    if place + len(mention) > _LONGEST_SENTENCE - 10:
        clause = max(sentence.rfind(mark, place - 90, place) for mark in (", ", "; ", ": "))
        start = clause + 2 if clause >= 0 else sentence.rfind(" ", 0, place - 60) + 1
    end = start + _LONGEST_SENTENCE
    piece = sentence[start:end]
    if end < len(sentence):
        piece = piece.rsplit(" ", 1)[0] + " …"
    return f"… {piece}" if start else piece


def _weight(mention: Mention) -> float:
    """How much a phrase says by its form and length; 0 for what half of a field's papers say."""
    return 0.0 if _says_little(mention.text) else form_factor(mention.text) * len(mention.key)


def _kind(key: Key, text: str, *, n_topics: int) -> int:
    """How telling a phrase is, 0 the most: a term or a name, a plain word that both texts are
    about, one that one of them is about, an everyday term; else `_NO_REASON`.

    `n_topics`: in how many of the two texts it is in the title or repeated.
    """
    everyday = all(word in _EVERYDAY or word in INNER_WORDS for word in key)
    if len(key) > 1:
        return _EVERYDAY_TERM if everyday else 0 if _is_clean(text) else _NO_REASON
    if text[1:] != text[1:].lower():  # a name or an acronym: `VoteNet`, `GAN`
        return _EVERYDAY_TERM if everyday else 0
    if everyday or not n_topics or _HANGING.search(text):
        return _NO_REASON
    return 3 - n_topics if _is_plain_word(text) else 0


def _is_clean(text: str) -> bool:
    """False for the piece of a clause: `trained on natural language`, `grounding aims`."""
    words = text.lower().split()
    hanging = (
        _PARTICIPLE.search(word) or word in SCHOLARLY_WORDS
        for word, behind in pairwise(words)
        if behind in INNER_WORDS
    )
    return _VERBS.isdisjoint(words) and not any(hanging)


def _is_plain_word(text: str) -> bool:
    """True for one word of letters that are small but for the first."""
    return text.isalpha() and text[1:] == text[1:].lower()


def _says_little(text: str) -> bool:
    """True for a short or everyday word."""
    return _is_plain_word(text) and (len(text) < _SHORTEST_WORD or word_key(text) in _EVERYDAY)


def _is_short_for(key: Key, other: Key) -> bool:
    """True for an acronym of the other phrase, or a piece of its word: `BN`, `re-id`."""
    if len(key) != 1 or len(key[0]) > 6:
        return False
    (short,) = key
    initials = "".join(word[0] for word in other)
    return short in (initials, f"{initials}s") or any(
        len(short) >= 3 and word.startswith(short) and word != short for word in other
    )

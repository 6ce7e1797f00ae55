"""Names for the themes of all layers by a language model, one call a theme, finest layer first.

One theme a call: what a paper of one theme says to the model cannot reach another theme's name,
an answer is kept by itself, and a theme that has not changed is not asked again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.refine.answers import (
    ANSWER_SCHEMA,
    BrokenAnswer,
    NameRefused,
    compared,
    gather_support,
    lower_case_keys,
    parse_answer,
    read_name,
)
from pipeline.refine.endpoint import CallFailed, Completion, Endpoint, make_endpoint
from pipeline.refine.evidence import ThemeEvidence
from pipeline.refine.prompt import Message, count_text_tokens, count_tokens, write_messages
from pipeline.refine.store import AnswerStore, question_key
from pipeline.settings import RefineSettings

MAX_FAILURES_IN_A_ROW = 5
"""After so many failed calls in a row the endpoint is asked no more."""
# A name is some ten tokens; models that think before they speak take some hundred more.
_MAX_ANSWER_TOKENS = 2000
_LEAST_ANSWER_TOKENS = 64
_EXPECTED_ANSWER_TOKENS = 20
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 8.0
_BROKEN = "it was not JSON of the form that was asked for"


class Progress(Protocol):
    """Hears how far the naming is."""

    def stage(self, name: str, total: int = 0) -> None:
        """The naming of `total` themes begins."""

    def advance(self, count: int) -> None:
        """`count` more themes have their names."""


@dataclass(frozen=True, slots=True)
class Refined:
    """Names after a model was asked.

    `names`: of every theme, by id; `kept`: why a theme has its old name, by id, one line each;
    `n_calls`: calls made, failed ones counted; `n_cached`: answers that were in the cache;
    `n_tokens`: of prompts and answers, the endpoint's count where it is higher than the estimate;
    `stopped`: why no theme was asked any more, "" where all were.
    """

    model: str
    address: str
    names: Mapping[int, str]
    kept: Mapping[int, str]
    n_calls: int
    n_cached: int
    n_tokens: int
    stopped: str

    @property
    def n_refined(self) -> int:
        """Themes whose name is the model's, also where it gave the name that there was."""
        return len(self.names) - len(self.kept)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would ask, found out without asking.

    `n_calls`, `n_tokens`: if each first answer is taken; a theme of a coarser layer is counted
    with the names that its subthemes have now. `max_calls`, `max_tokens`: what a run stays within
    whatever happens. `n_cached`: answers that are in the cache; `n_left`: themes that the limits
    would leave without a call.
    """

    model: str
    address: str
    n_themes: int
    n_calls: int
    n_cached: int
    n_left: int
    n_tokens: int
    max_calls: int
    max_tokens: int


def refine_names(
    themes: Sequence[ThemeEvidence],
    settings: RefineSettings,
    *,
    answers: AnswerStore,
    progress: Progress | None = None,
    stop: Sequence[str] = (),
    banned: Sequence[str] = (),
) -> Refined:
    """Ask the endpoint of `settings` for the name of every theme.

    `themes`: those of all layers of an atlas; `stop`, `banned`: the user's lists (`label`). Raises
    UsageError for settings that name no endpoint (`make_endpoint`), ValueError where two themes
    share an id. Whatever the endpoint does, a theme has a name: the one it had, if no other.
    """
    run = _Run(themes, settings, answers, stop=stop, banned=banned, is_dry=False)
    if progress:
        progress.stage("refine names", len(themes))
    for theme in run.themes:
        run.name(theme)
        if progress:
            progress.advance(1)
    return Refined(
        model=run.endpoint.model,
        address=run.endpoint.address,
        names=run.names,
        kept=run.kept,
        n_calls=run.n_calls,
        n_cached=run.n_cached,
        n_tokens=run.n_tokens,
        stopped=run.stopped,
    )


def plan_calls(
    themes: Sequence[ThemeEvidence],
    settings: RefineSettings,
    *,
    answers: AnswerStore,
    stop: Sequence[str] = (),
    banned: Sequence[str] = (),
) -> Plan:
    """What `refine_names` would ask with the same arguments. No connection is made.

    Raises UsageError and ValueError as it does.
    """
    run = _Run(themes, settings, answers, stop=stop, banned=banned, is_dry=True)
    for theme in run.themes:
        run.name(theme)
    return Plan(
        model=run.endpoint.model,
        address=run.endpoint.address,
        n_themes=len(themes),
        n_calls=run.n_calls,
        n_cached=run.n_cached,
        n_left=run.n_left,
        n_tokens=run.n_tokens,
        max_calls=settings.max_calls,
        max_tokens=settings.max_tokens,
    )


class _NoName(Exception):  # noqa: N818 - flow within this module
    """A theme that keeps its name; the text says why."""


class _Run:
    """One walk over the themes; in a dry one a call is counted and not made."""

    def __init__(
        self,
        themes: Sequence[ThemeEvidence],
        settings: RefineSettings,
        answers: AnswerStore,
        *,
        stop: Sequence[str],
        banned: Sequence[str],
        is_dry: bool,
    ) -> None:
        self.endpoint: Endpoint = make_endpoint(settings)
        self.themes = sorted(themes, key=lambda theme: (theme.layer, theme.id))
        self.names = {theme.id: theme.name for theme in self.themes}
        if len(self.names) < len(themes):
            raise ValueError("two themes share an id")
        self.kept: dict[int, str] = {}
        self.n_calls = self.n_cached = self.n_left = self.n_tokens = 0
        self.stopped = ""
        self._first_names = dict(self.names)
        self._lower_case = lower_case_keys(self.themes)
        self._settings = settings
        self._answers = answers
        self._stop = frozenset(word.lower() for word in stop)
        self._banned = frozenset(phrase.lower() for phrase in banned)
        self._is_dry = is_dry
        self._is_plain = False
        self._n_failed_in_a_row = 0
        self._of_layer: dict[int, list[int]] = defaultdict(list)
        self._of_parent: dict[tuple[int, int | None], list[int]] = defaultdict(list)
        self._children: dict[int | None, list[int]] = defaultdict(list)
        for theme in self.themes:
            self._of_layer[theme.layer].append(theme.id)
            self._of_parent[theme.layer, theme.parent].append(theme.id)
            self._children[theme.parent].append(theme.id)

    def name(self, theme: ThemeEvidence) -> None:
        """Give the theme its name, or note why it keeps the one it has."""
        try:
            self.names[theme.id] = self._find_name(theme)
        except _NoName as trouble:
            self.kept[theme.id] = str(trouble)

    def _find_name(self, theme: ThemeEvidence) -> str:
        children = [self.names[child] for child in self._children[theme.id]]
        # With the names that they had: so the question is the same in a run that is resumed.
        siblings = [
            self._first_names[other]
            for other in self._of_parent[theme.layer, theme.parent]
            if other != theme.id
        ]
        support = gather_support(theme, children=children, elsewhere=self._lower_case)
        taken = {compared(self.names[o]) for o in self._of_layer[theme.layer] if o != theme.id}
        refusals: list[str] = []
        reason = ""
        for attempt in range(self._settings.attempts):
            messages = write_messages(
                theme, children=children, siblings=siblings, refusals=refusals
            )
            try:
                answered = self._answer(messages)
                return read_name(
                    answered, support, taken=taken, stop=self._stop, banned=self._banned
                )
            except CallFailed as failure:
                reason = f"the endpoint {failure.reason}"
                if not failure.is_transient:
                    break
                self._pause(failure, attempt)
                continue
            except BrokenAnswer:
                refusal = _BROKEN
            except NameRefused as refused:
                refusal = refused.reason
            reason = f"the answer was refused: {refusal}"
            if refusal in refusals:
                break  # it was told so and did not heed it
            refusals.append(refusal)
        raise _NoName(reason)

    def _answer(self, messages: Sequence[Message]) -> str:
        """The answer from the cache or from the endpoint, which is then kept."""
        key = question_key(self.endpoint.model, self._settings.url, messages)
        kept = self._answers.get(key)
        if kept is not None:
            self.n_cached += 1
            return kept
        n_prompt_tokens = count_tokens(messages)
        self._require_leave(n_prompt_tokens)
        if self._is_dry:
            self.n_calls += 1
            self.n_tokens += n_prompt_tokens + _EXPECTED_ANSWER_TOKENS
            raise _NoName("a dry run")
        try:
            answered = self._parsed(self._call(messages, n_prompt_tokens))
        except (CallFailed, BrokenAnswer) as failure:
            self._note_failure(failure)
            raise
        self._n_failed_in_a_row = 0
        self._answers.put(key, answered)
        return answered

    def _call(self, messages: Sequence[Message], n_prompt_tokens: int) -> Completion:
        """One call; a second one at once where the endpoint may not know an optional field."""
        was_plain = self._is_plain
        try:
            return self._call_once(messages, n_prompt_tokens)
        except CallFailed as failure:
            if not failure.is_form or was_plain:
                raise
        self._is_plain = True
        try:
            self._require_leave(n_prompt_tokens)
            return self._call_once(messages, n_prompt_tokens)
        except CallFailed as failure:
            self._is_plain = not failure.is_form  # it was not the form
            raise

    def _call_once(self, messages: Sequence[Message], n_prompt_tokens: int) -> Completion:
        left = self._settings.max_tokens - self.n_tokens - n_prompt_tokens
        self.n_calls += 1
        self.n_tokens += n_prompt_tokens  # also where it fails then: it may be paid for
        try:
            completion = self.endpoint.complete(
                messages,
                max_tokens=min(left, _MAX_ANSWER_TOKENS),
                schema=ANSWER_SCHEMA,
                is_plain=self._is_plain,
            )
        except CallFailed as failure:
            if not failure.is_sent:
                self.n_tokens -= n_prompt_tokens
            raise
        n_answer_tokens = count_text_tokens(completion.text)
        self.n_tokens += max(n_answer_tokens, completion.n_tokens - n_prompt_tokens)
        return completion

    def _parsed(self, completion: Completion) -> str:
        answered = parse_answer(completion.text)
        if self.endpoint.key and self.endpoint.key in answered:
            raise BrokenAnswer  # and nothing of it is kept
        return answered

    def _require_leave(self, n_prompt_tokens: int) -> None:
        """Raises _NoName where no further call may be made."""
        limits = self._settings
        if self.stopped:
            pass
        elif self.n_calls >= limits.max_calls:
            self.stopped = f"refine.max_calls={limits.max_calls} was reached"
        elif self.n_tokens + n_prompt_tokens + _LEAST_ANSWER_TOKENS > limits.max_tokens:
            self.stopped = f"refine.max_tokens={limits.max_tokens} was reached"
        if self.stopped:
            self.n_left += 1
            raise _NoName(f"not asked: {self.stopped}")

    def _note_failure(self, failure: CallFailed | BrokenAnswer) -> None:
        self._n_failed_in_a_row += 1
        what = "gave no JSON of the form that was asked for"
        if isinstance(failure, CallFailed):
            what = failure.reason
        if isinstance(failure, CallFailed) and failure.is_final:
            self.stopped = f"the endpoint {what}"
        elif self._n_failed_in_a_row >= MAX_FAILURES_IN_A_ROW:
            self.stopped = (
                f"{MAX_FAILURES_IN_A_ROW} calls in a row failed; at last the endpoint {what}"
            )

    def _pause(self, failure: CallFailed, attempt: int) -> None:
        """Wait as the endpoint asks, else longer each time; not where no call follows."""
        if self.stopped or attempt + 1 >= self._settings.attempts:
            return
        usual = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)
        time.sleep(usual if failure.wait_s is None else failure.wait_s)

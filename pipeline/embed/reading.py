"""Texts as a model's token ids: its tokenizer, window and prompt, without loading the model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.embed.protocol import LongTexts
from pipeline.embed.windows import Layout, is_cut, split_tokens
from pipeline.errors import MissingDependencyError, UsageError

if TYPE_CHECKING:
    from pipeline.embed.model_folder import ModelFolder

_USUAL_WINDOW = 512
# These models begin to count positions after the number of their padding token.
_OFFSET_POSITIONS = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer"}
# Texts are turned into tokens this many at a time, so that memory does not grow with n.
_WINDOW_TEXTS = 4096


class TextReader:
    """Reads texts into the inputs of one model: lists of token ids, special tokens included."""

    def __init__(
        self, folder: ModelFolder, *, max_length: int, max_pieces: int, prompt: str = ""
    ) -> None:
        """`max_length`: tokens of a window, 0 for the model's own; `prompt`: text before each
        window. Raises UsageError where the model cannot read so much at a time."""
        self._folder = folder
        self._prompt = prompt
        self.max_pieces = max_pieces
        self.window = max_length or _own_window(folder)
        most = _most_positions(folder)
        if max_length and most and max_length > most:
            raise UsageError(
                f"embed.max_length={max_length}: {folder.name} reads at most {most} tokens",
                hint="0 takes the model's own window",
            )
        if most:
            self.window = min(self.window, most)

    def inputs(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """The pieces of each text."""
        return [
            [piece or [0] for piece in split_tokens(lead, body, self._layout, self.max_pieces)]
            for lead, body in self._lead_and_body(texts)
        ]

    def count_long(self, texts: Sequence[str]) -> LongTexts:
        """How many of `texts` are longer than the window."""
        n_split = n_cut = 0
        for start in range(0, len(texts), _WINDOW_TEXTS):
            for lead, body in self._lead_and_body(texts[start : start + _WINDOW_TEXTS]):
                is_long = len(lead) + len(body) > self._layout.room
                n_split += is_long and self.max_pieces > 1
                n_cut += is_cut(len(lead), len(body), self._layout, self.max_pieces)
        return LongTexts(n_split, n_cut)

    @property
    def n_prompt_tokens(self) -> int:
        """Tokens that stand before the text, special ones included."""
        return len(self._layout.prefix)

    @cached_property
    def _layout(self) -> Layout:
        encoding = self._tokenizer.encode("a")
        text = [i for i, special in enumerate(encoding.special_tokens_mask) if not special]
        prompt = self._tokenizer.encode(_sound([self._prompt])[0], add_special_tokens=False).ids
        layout = Layout(
            self.window,
            (*encoding.ids[: text[0]], *prompt),
            tuple(encoding.ids[text[-1] + 1 :]),
        )
        if layout.room < 1:
            raise UsageError(
                f"embed.max_length={self.window}: the model's own tokens and the prompt fill it",
                hint="give a larger window or a shorter prompt",
            )
        return layout

    @cached_property
    def _tokenizer(self) -> Any:  # noqa: ANN401 - tokenizers ships no types
        """The model's tokenizer without torch or transformers, with neither padding nor cut."""
        from tokenizers import Tokenizer

        file = self._folder.path / "tokenizer.json"
        try:
            if file.is_file():
                tokenizer = Tokenizer.from_file(str(file))
            else:  # an old model, with a vocabulary alone
                tokenizer = Tokenizer.from_str(_converted_tokenizer(self._folder))
        except Exception as error:  # tokenizers raises plain Exception
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise MissingDependencyError(
                f"cannot load the tokenizer in {self._folder.path}: {reason}",
                hint="download the model again",
            ) from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    def _lead_and_body(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[int]]]:
        """Token ids of each text's first line, where it has several, and of the rest."""
        parts = [text.partition("\n") if "\n" in text else ("", "", text) for text in texts]
        leads, bodies = (
            self._tokenizer.encode_batch(_sound(part), add_special_tokens=False)
            for part in ([lead for lead, _, _ in parts], [body for _, _, body in parts])
        )
        for lead, body in zip(leads, bodies, strict=True):
            yield lead.ids, body.ids


def model_prompt(folder: ModelFolder, side: str) -> str:
    """The text that the model itself asks for before a `side`, "query" or "document"."""
    settings = _read_json(folder, "config_sentence_transformers.json")
    prompts = settings.get("prompts")
    if not isinstance(prompts, dict):
        return ""
    named = (side, "passage") if side == "document" else (side,)
    default = settings.get("default_prompt_name")
    found = next((prompts[name] for name in (*named, default) if prompts.get(name)), "")
    return str(found)


def _own_window(folder: ModelFolder) -> int:
    length = _read_json(folder, "sentence_bert_config.json").get("max_seq_length")
    # Since version 6 sentence-transformers leaves it out of that file.
    length = length or _read_json(folder, "tokenizer_config.json").get("model_max_length")
    most = _most_positions(folder) or _USUAL_WINDOW
    return int(min(length, most)) if isinstance(length, int | float) and length > 0 else most


def _most_positions(folder: ModelFolder) -> int:
    """Positions that the model has embeddings for; 0 where it does not say."""
    config = _read_json(folder, "config.json")
    most = config.get("max_position_embeddings")
    if not isinstance(most, int) or most < 1:
        return 0
    offset = config.get("model_type") in _OFFSET_POSITIONS
    return most - int(config.get("pad_token_id") or 1) - 1 if offset else most


def _read_json(folder: ModelFolder, name: str) -> dict[str, Any]:
    """A file of the model's transformer, which lies in the folder itself or in its first module's;
    empty where there is none."""
    for place in (folder.path, folder.path / "0_Transformer"):
        try:
            values = json.loads((place / name).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(values, dict):
            return values
    return {}


def _converted_tokenizer(folder: ModelFolder) -> str:
    """The model's slow tokenizer in the form of a fast one."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder.path), local_files_only=True)
    return str(tokenizer.backend_tokenizer.to_str())


def _sound(texts: Sequence[str]) -> list[str]:
    """The texts with U+FFFD for each half of a surrogate pair, which no tokenizer takes."""
    return [
        text
        if text.isascii()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        for text in texts
    ]

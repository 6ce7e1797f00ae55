"""Texts as token ids: windows, prompts, and what is counted."""

import json
import shutil
import subprocess
import sys

import pytest

from pipeline.embed import make_embedder
from pipeline.embed.model_folder import find_model_folder
from pipeline.embed.protocol import LongTexts
from pipeline.embed.reading import TextReader, model_prompt
from pipeline.errors import MissingDependencyError, UsageError
from pipeline.settings import EmbedSettings


def test_texts_longer_than_the_window_are_counted_to_the_token(embedder):
    """A one-letter word is one token; two more mark the ends; the window is 256."""
    fits, longer = "a " * 254, "a " * 255
    assert embedder.count_long([fits]) == LongTexts(0, 0)
    assert embedder.count_long([longer]) == LongTexts(1, 0)
    assert embedder.count_long([fits, longer, longer, fits, ""]) == LongTexts(2, 0)
    all_read, cut = "a " * (8 * 254), "a " * (8 * 254 + 1)
    assert embedder.count_long([all_read, cut]) == LongTexts(2, 1)


def test_long_texts_are_those_of_the_models_own_tokenizer(embedder, seed_texts):
    from transformers import AutoTokenizer

    from pipeline.embed.model_folder import find_model_folder

    tokenizer = AutoTokenizer.from_pretrained(find_model_folder("all-MiniLM-L6-v2").path)
    lengths = [len(ids) for ids in tokenizer(seed_texts, truncation=False)["input_ids"]]
    expected = sum(length > 256 for length in lengths)
    assert embedder.count_long(seed_texts) == LongTexts(expected, 0)


def test_only_the_first_window_is_one_piece_that_is_cut():
    embedder = make_embedder(EmbedSettings(max_pieces=1))
    assert embedder.count_long(["a " * 254, "a " * 255]) == LongTexts(0, 1)


def test_a_prompt_stands_before_every_piece(tiny_model):
    folder = find_model_folder(str(tiny_model))
    plain = TextReader(folder, max_length=0, max_pieces=3)
    prompted = TextReader(folder, max_length=0, max_pieces=3, prompt="q: ")
    start, *_, end = plain.inputs(["a"])[0][0]
    (first, second, *_) = prompted.inputs(["b\n" + "a " * 60])[0]
    assert first[0] == second[0] == start
    assert first[-1] == second[-1] == end
    assert first[1:3] == second[1:3] == plain.inputs(["q:"])[0][0][1:-1]
    assert prompted.n_prompt_tokens == 3
    assert len(first) == 48


@pytest.mark.parametrize(
    ("prompts", "default", "expected"),
    [
        ({}, None, ("", "")),
        ({"query": "q: ", "document": "d: "}, None, ("q: ", "d: ")),
        ({"query": "q: ", "passage": "p: "}, None, ("q: ", "p: ")),
        ({"query": "q: ", "document": ""}, None, ("q: ", "")),
        ({"title": "t: "}, "title", ("t: ", "t: ")),
    ],
)
def test_the_models_own_prompts_are_read_from_its_folder(
    tiny_model, tmp_path, prompts, default, expected
):
    copied = shutil.copytree(tiny_model, tmp_path / "prompted")
    told = {"prompts": prompts, "default_prompt_name": default}
    (copied / "config_sentence_transformers.json").write_text(json.dumps(told))
    folder = find_model_folder(str(copied))
    assert (model_prompt(folder, "query"), model_prompt(folder, "document")) == expected


def test_a_window_beyond_the_models_positions_is_refused(tiny_model):
    with pytest.raises(UsageError, match="reads at most 64 tokens"):
        make_embedder(EmbedSettings(model=str(tiny_model), max_length=65))
    make_embedder(EmbedSettings(model=str(tiny_model), max_length=64)).count_long(["a"])


def test_a_window_that_has_no_room_for_text_is_refused(tiny_model):
    embedder = make_embedder(EmbedSettings(model=str(tiny_model), max_length=2))
    with pytest.raises(UsageError, match="fill it"):
        embedder.count_long(["a"])


def test_a_damaged_tokenizer_gives_one_clear_line(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "damaged")
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(MissingDependencyError, match="cannot load the tokenizer"):
        make_embedder(EmbedSettings(model=str(folder))).count_long(["a"])


_WITHOUT_TORCH = """
import sys
from pipeline.embed import make_embedder
from pipeline.settings import EmbedSettings
embedder = make_embedder(EmbedSettings())
print(embedder.dim, len(embedder.digest), embedder.count_long(["a " * 300]).n_split)
print([name for name in ("torch", "transformers") if name in sys.modules])
"""


def test_maker_width_digest_and_count_of_cut_texts_load_no_torch():
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TORCH], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["384 64 1", "[]"]

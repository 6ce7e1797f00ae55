"""The languages that a model's card names."""

from __future__ import annotations

import pytest

from pipeline.embed.model_card import model_languages
from pipeline.embed.model_folder import DEFAULT_MODEL, ModelFolder, find_model_folder
from pipeline.embed.registry import make_embedder
from pipeline.settings import EmbedSettings


@pytest.mark.parametrize(
    ("card", "languages"),
    [
        ("---\nlanguage: en\nlicense: mit\n---\n# A model\n", {"en"}),
        ("---\nlanguage:\n- de\n- en\n---\n", {"de", "en"}),
        ("---\r\nlanguage: [no, sv]\r\n---\r\n", {"no", "sv"}),
        ("---\nlanguage: pt-BR\n---\n", {"pt"}),
        ("---\nlanguage: multilingual\n---\n", None),
        ("---\nlanguage:\n- en\n- multilingual\n---\n", None),
        ("---\nlanguage: []\n---\n", None),
        ("---\nlanguage:\n---\n", None),
        ("---\nlanguage: {en: 1}\n---\n", None),
        ("---\nlanguage: [[en]]\n---\n", None),
        ("---\nlicense: mit\n---\n", None),
        ("---\nlanguage: [en\n---\n", None),
        ("---\n- en\n---\n", None),
        ("# A model\nlanguage: en\n", None),
        ("", None),
        ("---\nlanguage: " + "[" * 20_000 + "\n---\n", None),
    ],
)
def test_languages_of_a_card(tmp_path, card, languages):
    (tmp_path / "README.md").write_bytes(card.encode())
    assert model_languages(ModelFolder("toy", tmp_path, "")) == languages


def test_folder_without_a_readable_card_names_none(tmp_path):
    assert model_languages(ModelFolder("toy", tmp_path, "")) is None
    (tmp_path / "README.md").write_bytes(b"---\nlanguage: \xff\n---\n")
    assert model_languages(ModelFolder("toy", tmp_path, "")) is None


def test_default_model_is_for_english():
    assert model_languages(find_model_folder(DEFAULT_MODEL)) == {"en"}


def test_words_alone_are_for_any_language():
    assert make_embedder(EmbedSettings(backend="lexical")).languages is None


@pytest.mark.parametrize("backend", ["openvino", "fused"])
def test_embedder_says_what_its_model_says(backend):
    assert make_embedder(EmbedSettings(backend=backend)).languages == {"en"}

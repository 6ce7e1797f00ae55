"""A BibTeX file for each theme."""

from __future__ import annotations

import bibtexparser
import pytest

from pipeline.export.by_theme import file_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("optimal transport", "optimal-transport"),
        ("LLMs / in-context learning", "llms-in-context-learning"),
        ("Schrödinger: a/b\\c*?", "schrodinger-a-b-c"),
        ("CON", "theme-con"),
        ("lpt1", "theme-lpt1"),
        ("漢字", "theme"),
        ("..", "theme"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_name_is_one_that_every_file_system_takes(name, stem):
    assert file_stem(name) == stem


def ids_in(path):
    library = bibtexparser.parse_file(str(path))
    assert not library.failed_blocks
    return [entry.get("paperatlas-id", entry).value if "paperatlas-id" in entry.fields_dict
            else entry.key for entry in library.entries]  # fmt: skip


@pytest.mark.parametrize("layer", [0, None])
def test_each_paper_is_in_the_file_of_its_theme(opened, tmp_path, layer):
    files = opened.export(tmp_path, "bib-by-theme", layer=layer)
    of_layer = opened.default_layer if layer is None else layer
    wanted = [opened.members(theme) for theme in opened.themes(of_layer)]
    wanted += [opened.unassigned(of_layer)] if opened.unassigned(of_layer) else []
    assert sorted(map(sorted, map(ids_in, [file.path for file in files]))) == sorted(
        map(sorted, wanted)
    )
    assert {file.path for file in files} == set((tmp_path / "bib-by-theme").iterdir())


def test_a_paper_has_the_same_key_in_all_files(opened, tmp_path):
    whole, *parts = opened.export(tmp_path, ["bibtex", "bib-by-theme"])
    keys = [entry.key for entry in bibtexparser.parse_file(str(whole.path)).entries]
    assert sorted(keys) == sorted(
        entry.key for part in parts for entry in bibtexparser.parse_file(str(part.path)).entries
    )
    assert len({key.casefold() for key in keys}) == len(opened.ids)

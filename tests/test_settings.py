"""Settings by name: what is accepted, what wins, and what a mistake is told."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError, UsageError
from pipeline.settings import (
    ClusterSettings,
    LabelSettings,
    ReduceSettings,
    Settings,
    as_dict,
    known_settings,
    load_settings,
    settings_from,
)


def refusal(*overrides: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load_settings(None, overrides)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def config(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_prompt_keeps_its_last_space():
    assert load_settings(None, ["embed.query_prompt=query: "]).embed.query_prompt == "query: "


def test_nothing_given_means_the_defaults():
    assert load_settings() == Settings() == settings_from({})


@pytest.mark.parametrize(
    ("override", "step", "name", "value"),
    [
        ("cluster.max_unassigned=0", "cluster", "max_unassigned", 0.0),
        ("cluster.max_unassigned=1", "cluster", "max_unassigned", 1.0),
        (" cluster.min_theme_size = 3 ", "cluster", "min_theme_size", 3),
        ("cluster={min_theme_size=3}", "cluster", "min_theme_size", 3),
        ("reduce.neighbors=[5, 25]", "reduce", "neighbors", (5, 25)),
        ("reduce.neighbors=[8]", "reduce", "neighbors", (8,)),
        ("cluster.layers=[60, 12]", "cluster", "layers", (60, 12)),
        ("cluster.layers=[]", "cluster", "layers", ()),
        ("cluster.refits=0", "cluster", "refits", 0),
        ("embed.model=my/folder", "embed", "model", "my/folder"),
        ("embed.model='my/folder'", "embed", "model", "my/folder"),
        ("embed.model=a=b", "embed", "model", "a=b"),
        ("embed.model=C:\\models\\new", "embed", "model", "C:\\models\\new"),
        ("embed.model=a # b", "embed", "model", "a # b"),
        ('label.banned=["our method", "π"]', "label", "banned", ("our method", "π")),
        ("label.stop=[]", "label", "stop", ()),
    ],
)
def test_override_reaches_its_setting(override, step, name, value):
    settings = load_settings(None, [override])
    assert getattr(getattr(settings, step), name) == value


def test_every_setting_is_reached_by_its_name():
    plain = as_dict(Settings())
    for name in known_settings():
        table, _, last = name.rpartition(".")
        value = plain[table][last] if table else plain[last]
        assert settings_from({name: value}) == Settings()


def test_later_override_wins_over_earlier_and_over_the_file(tmp_path):
    path = config(tmp_path, "seed = 1\n[reduce]\nmax_landmarks = 200\nneighbors = [3]\n")
    settings = load_settings(path, ["reduce.max_landmarks=400", "reduce.max_landmarks=500"])
    assert settings == Settings(seed=1, reduce=ReduceSettings(max_landmarks=500, neighbors=(3,)))


def test_override_by_table_leaves_its_neighbours_from_the_file(tmp_path):
    path = config(tmp_path, "[cluster]\nmin_theme_size = 4\n")
    settings = load_settings(path, ["cluster={max_unassigned=0.2}"])
    assert settings.cluster == ClusterSettings(min_theme_size=4, max_unassigned=0.2)


def test_dotted_keys_of_a_file_are_the_same_as_its_tables(tmp_path):
    dotted = load_settings(config(tmp_path, "cluster.min_theme_size = 4\n"))
    assert dotted == load_settings(config(tmp_path, "[cluster]\nmin_theme_size = 4\n"))


def test_byte_order_mark_of_windows_is_read_over(tmp_path):
    assert load_settings(config(tmp_path, b"\xef\xbb\xbfseed = 7\r\n")).seed == 7


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("cluster.min_theme_sise", "cluster.min_theme_size"),
        ("clutser.min_theme_size", "cluster.min_theme_size"),
        ("min_theme_size", "cluster.min_theme_size"),
        ("cluster.size", "cluster.min_theme_size"),
        ("model", "embed.model"),
        ("sed", "seed"),
        ("reduce.run_neighbors", "reduce.neighbors"),
    ],
)
def test_unknown_name_is_told_the_nearest(name, nearest):
    error = refusal(f"{name}=1")
    assert error.message == f"--set: unknown setting {name!r}"
    assert error.hint == f"did you mean {nearest}?"


@pytest.mark.parametrize("name", ["", ".", "zzzzz", "π"])
def test_name_like_no_other_is_told_all(name):
    error = refusal(f"{name}=1")
    assert error.message == f"--set: unknown setting {name!r}"
    assert all(known in error.hint for known in known_settings())


def test_unknown_name_in_a_file_names_the_file(tmp_path):
    path = config(tmp_path, "[cluster]\nmin_size = 4\n")
    with pytest.raises(UsageError) as caught:
        load_settings(path)
    assert caught.value.message == f"{path}: unknown setting 'cluster.min_size'"
    assert caught.value.hint == "did you mean cluster.min_theme_size?"


def test_table_given_as_one_value_is_told_what_it_holds():
    error = refusal("cluster=3")
    assert error.message == "--set: cluster is a table of settings, not one setting"
    assert error.hint == (
        "it has cluster.layers, cluster.max_unassigned, cluster.min_theme_size, cluster.refits, "
        "cluster.title_only"
    )


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("embed.model=", "setting embed.model='': string should have at least 1 character"),
        ("embed.model=5", "setting embed.model=5: input should be a valid string"),
        ("seed=-1", "setting seed=-1: input should be greater than or equal to 0"),
        ("seed=2147483648", "setting seed=2147483648: input should be less than 2147483648"),
        ("seed=1.0", "setting seed=1.0: input should be a valid integer"),
        ("seed='4'", "setting seed='4': input should be a valid integer"),
        ("seed=true", "setting seed=True: input should be a valid integer"),
        ("seed=four", "setting seed='four': input should be a valid integer"),
        ("seed=", "setting seed='': input should be a valid integer"),
        ("seed={a=1}", "setting seed={'a': 1}: input should be a valid integer"),
        (
            "seed=1\ncluster.refits=2",
            "setting seed='1\\ncluster.refits=2': input should be a valid",
        ),
        (
            "cluster.refits=-1",
            "setting cluster.refits=-1: input should be greater than or equal to 0",
        ),
        (
            "cluster.refits=51",
            "setting cluster.refits=51: input should be less than or equal to 50",
        ),
        ("reduce.max_landmarks=99", "setting reduce.max_landmarks=99: input should be greater"),
        ("cluster.layers=[0]", "setting cluster.layers=0: input should be greater"),
        ("cluster.layers=12", "setting cluster.layers=12: expected a list such as"),
        (
            "cluster.layers=[1,2,3,4,5,6,7,8,9]",
            "setting cluster.layers=[1, 2, 3, 4, 5, 6, 7, 8, 9]: exp",
        ),
        ("reduce.map_min_dist=1.1", "setting reduce.map_min_dist=1.1: input should be less than"),
        ("reduce.lexical_weight=nan", "setting reduce.lexical_weight=nan: input should be"),
        ("cluster.max_unassigned=inf", "setting cluster.max_unassigned=inf: input should be"),
        ("cluster.max_unassigned=true", "setting cluster.max_unassigned=True: input should be"),
        ("cluster.min_theme_size=0", "setting cluster.min_theme_size=0: input should be greater"),
        ("reduce.neighbors=8", "setting reduce.neighbors=8: expected a list such as [10"),
        ("reduce.neighbors=[]", "setting reduce.neighbors=[]: "),
        ("reduce.neighbors=[1, 9]", "setting reduce.neighbors=1: input should be greater"),
        ("reduce.neighbors=[2, 201]", "setting reduce.neighbors=201: input should be less"),
        ("label.banned=one", "setting label.banned='one': expected a list such as [\"a phrase\""),
        ("label.banned=[1]", "setting label.banned=1: input should be a valid string"),
    ],
)
def test_value_out_of_range_or_kind_gives_one_clear_line(override, message):
    assert refusal(override).message.startswith(message)


def test_override_without_equals_is_shown_the_form():
    error = refusal("cluster.refits")
    assert error.message == "--set cluster.refits: expected KEY=VALUE"
    example = error.hint.rpartition(" ")[2]
    assert load_settings(None, [example]) != Settings()


@pytest.mark.parametrize("text", ["9" * 5000, "[" * 100_000, "x" * 100_000])
def test_monstrous_value_is_refused_in_a_short_line(text):
    assert len(refusal(f"seed={text}").message) < 200


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_override_loads_or_is_refused(name, value):
    for key in (name, "seed", "cluster.max_unassigned", "label.stop"):
        with suppress(UsageError):
            load_settings(None, [f"{key}={value}"])


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path / "none.toml")
    assert caught.value.message == (
        f"cannot read config {tmp_path / 'none.toml'}: No such file or directory"
    )
    assert caught.value.exit_code == 4


def test_folder_in_place_of_a_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"cannot read config .*: Is a directory"):
        load_settings(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_unreadable_file_is_named(tmp_path):
    path = config(tmp_path, "seed = 1\n")
    path.chmod(0)
    with pytest.raises(InputError, match=r"cannot read config .*: Permission denied"):
        load_settings(path)


@pytest.mark.parametrize(
    "text",
    [
        "seed: 1\n",
        "seed = \n",
        "seed = 1\nseed = 2\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"\xff\xfes\x00",
        "seed = " + "9" * 5000,
    ],
    ids=["yaml", "no value", "twice", "binary", "utf-16", "monstrous"],
)
def test_file_that_is_no_toml_is_named(tmp_path, text):
    path = config(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_settings(path)
    assert caught.value.message.startswith(f"{path} is not TOML: ")
    assert "\n" not in caught.value.message


def test_values_of_a_python_user_are_held_to_the_same_rules():
    assert settings_from({"label.stop": ["we"]}).label == LabelSettings(stop=("we",))
    with pytest.raises(UsageError, match=r"unknown setting 'cluster\.minimum'"):
        settings_from({"cluster.minimum": 1})
    with pytest.raises(UsageError, match="input should be a valid integer"):
        settings_from({"seed": True})


def test_plain_values_load_as_the_settings_they_came_from():
    settings = load_settings(None, ["label.stop=['a']", "reduce.neighbors=[15, 8]", "seed=3"])
    assert settings_from(as_dict(settings)) == settings


@pytest.mark.parametrize(
    "url",
    ["", "http://localhost:11434/v1", "https://api.example.org/v1/", "http://[::1]:8080",
     "https://example.org/a-b/v1~x", "HTTP://LOCALHOST/v1"],
)  # fmt: skip
def test_an_endpoint_is_an_address_and_no_more(url):
    assert load_settings(None, [f"refine.url={url}"]).refine.url == url


@pytest.mark.parametrize(
    "url",
    ["localhost:11434", "//localhost/v1", "ftp://localhost", "file:///etc/passwd", "http://",
     "http:///v1", "http://:80/v1", "http://h:0/v1", "http://h:99999/v1", "http://h:x/v1",
     "http://user:hunter2@h/v1", "http://hunter2@h/v1", "http://h/v1?key=hunter2",
     "http://h/v1#hunter2", "http://h/v 1", "http://h/v1\r\nX: hunter2", "http://h\n/v1",
     "http://é.example/v1", "http://h/é", "http://[::1/v1", "http://h\\@hunter2/v1",
     "javascript:alert(1)", "http://h/" + "x" * 3000, 7, ["http://h/v1"]],
)  # fmt: skip
def test_an_endpoint_that_is_none_is_refused_without_being_shown(url):
    with pytest.raises(UsageError, match=r"^setting refine\.url: ") as caught:
        settings_from({"refine.url": url})
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("key", ["sk-hunter2", "gsk_hunter2", "hunter2", "A B", "9A", "A=B", 7])
def test_a_key_in_place_of_its_variable_is_refused_without_being_shown(key):
    with pytest.raises(UsageError, match=r"^setting refine\.key_variable: ") as caught:
        settings_from({"refine.key_variable": key})
    assert str(key) not in caught.value.message
    assert settings_from({"refine.key_variable": ""}).refine.key_variable == ""
    assert settings_from({"refine.key_variable": "MY_KEY_2"}).refine.key_variable == "MY_KEY_2"


def test_a_models_name_stays_on_one_line():
    assert load_settings(None, ["refine.model=llama3.1:8b"]).refine.model == "llama3.1:8b"
    with pytest.raises(UsageError, match=r"refine\.model"):
        settings_from({"refine.model": "a\nb"})


@pytest.mark.parametrize("override", ["refine.max_calls=0", "refine.max_tokens=-1",
                                      "refine.attempts=11", "refine.timeout_s=0",
                                      "refine.timeout_s=inf"])  # fmt: skip
def test_a_run_always_has_an_end(override):
    refusal(override)

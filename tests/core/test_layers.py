"""Layers of settings by hand, and against Snakemake's own merge."""

import copy
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from snakemake.utils import update_config

from wildframe.core.errors import UserError
from wildframe.core.layers import (
    Value,
    annotated,
    config_files,
    layer,
    merge,
    presets_of,
    read_layers,
    read_yaml,
    resolve,
    values,
)

KEYS = st.sampled_from("abc")
SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
LEAVES = SCALARS | st.lists(SCALARS | st.dictionaries(KEYS, SCALARS, max_size=2), max_size=3)
SETTINGS = st.dictionaries(
    KEYS, st.recursive(LEAVES, lambda below: st.dictionaries(KEYS, below, max_size=3)), max_size=3
)


@pytest.fixture
def presets(tmp_path):
    """Return a function that writes presets and resolves settings over them."""

    def resolved(top, **named):
        for name, settings in named.items():
            (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(settings))
        return resolve(layer(top, "mine.yaml"), tmp_path)

    return resolved


def leaves(settings, *path):
    """Return origin and value of every setting by its path."""
    found = {}
    for key, value in settings.items():
        here = (*path, key)
        found |= {here: value} if isinstance(value, Value) else leaves(value, *here)
    return found


def test_mappings_are_merged_by_key_and_lists_are_replaced():
    below = layer({"a": {"x": 1, "y": [1, 2]}, "b": 3}, "below")
    above = layer({"a": {"y": [4]}, "c": None}, "above")
    assert leaves(merge(below, above)) == {
        ("a", "x"): Value(1, "below"),
        ("a", "y"): Value([4], "above"),
        ("b",): Value(3, "below"),
        ("c",): Value(None, "above"),
    }
    assert values(below) == {"a": {"x": 1, "y": [1, 2]}, "b": 3}


@given(SETTINGS, SETTINGS)
def test_files_are_merged_as_snakemake_does(below, above):
    merged = merge(layer(below, "below"), layer(above, "above"))
    expected = copy.deepcopy(below)
    update_config(expected, above)
    assert values(merged) == expected
    assert list(values(merged)) == list(expected)


@given(SETTINGS, SETTINGS)
def test_every_setting_is_of_the_uppermost_layer_that_says_it(below, above):
    said = leaves(layer(above, "above"))
    found = leaves(merge(layer(below, "below"), layer(above, "above")))
    assert said.items() <= found.items()
    rest = {path: setting for path, setting in found.items() if path not in said}
    assert rest.items() <= leaves(layer(below, "below")).items()


def test_presets_lie_under_what_the_file_says_in_their_order(presets):
    found = presets(
        {"extends": ["one", "two"], "c": "mine"},
        one={"a": 1, "b": 1, "c": 1},
        two={"b": 2, "c": 2},
    )
    assert leaves(found) == {
        ("a",): Value(1, "preset one"),
        ("b",): Value(2, "preset two"),
        ("c",): Value("mine", "mine.yaml"),
    }


def test_what_two_presets_extend_undoes_neither(presets):
    """Merged again with the second, the base would lie over what the first says."""
    found = presets(
        {"extends": ["one", "two"]},
        base={"a": 0, "b": 0},
        one={"extends": ["base"], "a": 1},
        two={"extends": ["base"], "b": 2},
    )
    assert values(found) == {"a": 1, "b": 2}


def test_who_extends_nothing_inherits_nothing(presets):
    assert values(presets({"a": 1}, one={"b": 2})) == {"a": 1}
    assert values(presets({"extends": [], "a": 1}, one={"b": 2})) == {"a": 1}


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        (
            ["ego4"],
            "mine.yaml: extends: 'ego4' is no preset; choose from a, b, ego4d; did you mean",
        ),
        (["../a"], "mine.yaml: extends: '../a' is no preset; choose from a, b, ego4d"),
        ("ego4d", "mine.yaml: extends: a list of presets is expected, such as [demo]"),
        (None, "mine.yaml: extends: a list of presets is expected"),
        ([4], "mine.yaml: extends: a list of presets is expected"),
        ({"ego4d": 1}, "extends: a list of presets is expected"),
        (["ego4d", "a"], "presets extend each other in a circle: a -> b -> a"),
    ],
)
def test_a_wrong_name_or_a_circle_is_refused(presets, extends, message):
    named = {"ego4d": {}, "a": {"extends": ["b"]}, "b": {"extends": ["a"]}}
    with pytest.raises(UserError) as refused:
        presets({"extends": extends}, **named)
    assert message in str(refused.value)


def test_of_several_files_the_last_that_extends_decides(project, tmp_path, monkeypatch):
    folder = tmp_path / "workflow/presets"
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(f"{name}: 1\n")
        (tmp_path / f"{name}.yaml").write_text(f"extends: [{name}]\n{name}: {{x: 2}}\n")
    (tmp_path / "plain.yaml").write_text("plain: 3\n")
    monkeypatch.chdir(tmp_path)
    files = [tmp_path / f"{name}.yaml" for name in ("one", "two", "plain")]
    assert values(read_layers(files)) == {"two": {"x": 2}, "one": {"x": 2}, "plain": 3}
    assert values(read_layers(files[:1])) == {"one": {"x": 2}}


def test_files_are_merged_with_each_other_before_they_are_over_the_base(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    base, *others = (
        {"studies": {"s": {"models": [1], "seeds": [5]}}},
        {"studies": {"s": None}},
        {"studies": {"s": {"models": [2]}}},
    )
    files = [Path(name) for name in ("config.yaml", "a.yaml", "b.yaml")]
    for path, settings in zip(files, [base, *others], strict=True):
        path.write_text(yaml.safe_dump(settings))
    over: dict = {}
    for settings in others:
        update_config(over, settings)
    update_config(base, over)
    expected = {"studies": {"s": {"models": [2], "seeds": [5]}}}
    assert values(read_layers(config_files(*files[1:]))) == base == expected
    assert values(read_layers(config_files(*files))) == expected
    files[0].unlink()
    assert values(read_layers(config_files(*files[1:]))) == over == others[1]


def test_without_a_checkout_the_packages_presets_are_read(project, tmp_path):
    assert presets_of(project) == project / "workflow/presets"
    carried, shipped = presets_of(tmp_path), project / "workflow/presets"
    assert {path.name: path.read_bytes() for path in carried.iterdir()} == {
        path.name: path.read_bytes() for path in shipped.iterdir()
    }


def test_settings_are_shown_with_their_origins():
    origins = merge(layer({"a": {"x": 1, "l": [1]}}, "preset p"), layer({"b": "no"}, "mine.yaml"))
    settings = {"a": {"x": 1, "y": "", "l": [1, {"k": "v"}]}, "b": "no", "c": {}, "d": {"e": 0.5}}
    assert annotated(settings, origins) == (
        "a:\n"
        "  x: 1  # preset p\n"
        "  y: ''  # default\n"
        "  l:  # preset p\n"
        "    - 1\n"
        "    - k: v\n"
        "b: 'no'  # mine.yaml\n"
        "c: {}  # default\n"
        "d:\n"
        "  e: 0.5  # default\n"
    )


@given(SETTINGS, st.sets(KEYS))
@example({"a": ["\x85", 1, None, "\u2028"]}, set())
def test_what_is_shown_reads_back_as_it_was(settings, said):
    origins = layer({key: settings[key] for key in said & settings.keys()}, "mine.yaml")
    assert yaml.safe_load(annotated(settings, origins)) == (settings or None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: {b: 1, c: 2, b: 3}\n", "not YAML .line 1, column 17: the key 'b' is there twice"),
        ("a: 1\na: 2\n", "the key 'a' is there twice"),
        ("since: 2026-13-45\n", "not YAML .*month must be in 1..12"),
        (f"n: {'9' * 5000}\n", "not YAML .*4300 digits"),
        (f"a: {'[' * 30_000}\n", "nested too deeply to be settings"),
        ("".join(f"{' ' * depth}a:\n" for depth in range(600)), "nested too deeply"),
        ("- a\n", "a mapping of settings is expected"),
        ("", "a mapping of settings is expected"),
        ("a: !!python/name:os.system\n", "not YAML"),
        ("a: *b\n", "not YAML"),
        ("a: &b {c: [*b]}\n", "not YAML .line 1, column 4: .* recursive"),
        ("a: !!int ''\n", "not YAML"),
        ("a: !!bool perhaps\n", "not YAML .'perhaps'"),
        ("a: !!timestamp soon\n", "not YAML"),
    ],
)
def test_what_is_no_mapping_of_settings_is_told(tmp_path, text, told):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=f"{re.escape(str(path))}: .*{told}"):
        read_yaml(path)


def test_merged_and_like_named_keys_are_no_doubles(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("a: &a {x: 1}\nb: {<<: *a, <<: *a, x: 2}\n1: int\n'1': text\n")
    assert read_yaml(path) == {"a": {"x": 1}, "b": {"x": 2}, 1: "int", "1": "text"}
    path.write_text("a: &a {x: 1}\nn: {m: &b {<<: *a, x: 2}}\ntop: {<<: *b, y: 3}\n")
    assert read_yaml(path) == {"a": {"x": 1}, "n": {"m": {"x": 2}}, "top": {"x": 2, "y": 3}}

"""``models`` of the config: models of the user's own, their label spaces, and their mistakes."""

import pytest
from pydantic import ValidationError

from wildframe.core.errors import UserError
from wildframe.models import zoo_entry
from wildframe.models.settings import ModelSettings, parse_settings

LITE = "timm/tf_efficientnet_lite0"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working directory with a checkpoint, a list of two classes and a function."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pth").touch()
    (tmp_path / "pets.csv").write_text("index,wnid\n1,n02123045\n0,n02084071\n")
    (tmp_path / "mine.py").write_text("raise RuntimeError('planning imports nothing')\n")
    return tmp_path


def entry(**settings):
    return zoo_entry("mine", {"mine": ModelSettings(**settings)})


def test_what_is_left_out_is_that_of_the_architecture():
    found = entry(architecture=LITE, checkpoint="a.pth", crop_pct=0.5, mean=[0, 0, 0])
    hub = zoo_entry(LITE)
    assert (found.name, found.checkpoint, found.weights_file) == ("mine", "mine", "a.pth")
    assert (found.framework, found.architecture) == ("timm", hub.architecture)
    assert (found.params, found.input_size, found.std) == (hub.params, hub.input_size, hub.std)
    assert (found.crop_pct, found.mean, found.label_space) == (0.5, (0, 0, 0), "in1k")
    assert (found.source, hub.source) == ("file", "hub")
    assert found.files() == ["a.pth"]


def test_a_label_space_of_its_own_is_a_file_and_decides_the_outputs():
    found = entry(architecture=LITE, checkpoint="a.pth", label_space="pets.csv")
    assert (found.label_space, found.outputs, found.classes_file) == ("pets", 2, "pets.csv")
    assert found.own_wnids() == ["n02084071", "n02123045"]
    assert found.params == zoo_entry(LITE).params - 998 * 1281
    assert found.files() == ["a.pth", "pets.csv"]
    assert entry(architecture=LITE, checkpoint="a.pth", label_space="vid30").outputs == 30


def test_a_function_is_shown_rgb_in_0_to_1_and_not_imported_to_plan():
    found = entry(function="mine:predict", label_space="in1k")
    assert (found.framework, found.architecture) == ("function", "mine:predict")
    assert (found.mean, found.std, found.params) == ((0, 0, 0), (1, 1, 1), None)
    assert (found.outputs, found.files()) == (1000, ["mine.py"])
    assert entry(function="mine:predict", label_space="in1k", std=[2, 2, 2]).std == (2, 2, 2)


def test_sizes_and_trainings_work_on_it():
    own = {"mine": ModelSettings(architecture=LITE, checkpoint="a.pth")}
    found = zoo_entry("mine@160+by-clip", own)
    assert (found.checkpoint, found.input_size, found.training) == ("mine", 160, "by-clip")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"checkpoint": "b.pth"}, r"models\.mine: b\.pth: no such file; correct checkpoint"),
        ({"label_space": "no.csv"}, r"no\.csv: no such file; write it with the columns index,wnid"),
        (
            {"label_space": "pets.csv"},
            "its weights have 1000 outputs, the label space pets has 2 classes; name its own",
        ),
        ({"architecture": "timm/resnet9"}, r"timm/resnet9: no such model in timm .*; did you mean"),
        (
            {"architecture": "resnet50.a1_in1k"},
            "resnet50.a1_in1k: not a reference; write timm/",
        ),
        (
            {"architecture": "timm/convnext_nano.in12k"},
            "11821 classes are not a label space .* a CSV",
        ),
        (
            {"architecture": "timm/test_vit.r160_in1k", "input_size": 96},
            r"timm/test_vit\.r160_in1k: it takes images of 160 px only, not 96",
        ),
        (
            {"architecture": "timm/botnet50ts_256"},
            "its hub has no weights of it; name a",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(settings, message):
    with pytest.raises(UserError, match=message):
        entry(**{"architecture": LITE} | settings)


def test_a_module_that_is_nowhere_is_refused():
    with pytest.raises(UserError, match=r"mine: nowhere:f: no such module; put nowhere\.py into"):
        entry(function="nowhere:f", label_space="in1k")
    with pytest.raises(UserError, match=r"mine\.py:f: a module is named without \.py; write mine"):
        entry(function="mine.py:f", label_space="in1k")


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "timm"])
def test_a_name_that_is_taken_is_refused(name):
    own = {name: ModelSettings(architecture=LITE, checkpoint="a.pth")}
    with pytest.raises(UserError, match=rf"models\.{name}: this name is that of a model or hub"):
        zoo_entry(name, own)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "give either architecture or function"),
        ({"architecture": LITE, "function": "a:b"}, "give either architecture or function"),
        ({"function": "a:b", "checkpoint": "a.pth"}, "a function reads its weights itself"),
        ({"function": "a:b"}, "label_space: name that of the function's logits"),
        ({"function": "a.b"}, "'a.b': write module:function, such as my_models:predict"),
    ],
)
def test_settings_are_of_one_kind(settings, message):
    with pytest.raises(ValidationError, match=message):
        ModelSettings(**settings)


def test_a_command_is_told_the_same_settings():
    settings = ModelSettings(
        architecture=LITE, checkpoint="a=b.pth", input_size=160, crop_pct=0.5, std=[0.5, 1, 2]
    )
    texts = [option.removeprefix("--set=") for option in settings.options()]
    assert parse_settings(texts) == settings
    assert "std=[0.5, 1.0, 2.0]" in texts
    with pytest.raises(UserError, match="--set colour: Extra inputs are not permitted"):
        parse_settings(["architecture=timm/x", "colour=red"])
    told = r"--set mean=0\.5,0\.5,0\.5: write a list such as mean=\[0\.5,0\.5,0\.5\]"
    with pytest.raises(UserError, match=told):
        parse_settings(["architecture=timm/x", "mean=0.5,0.5,0.5"])

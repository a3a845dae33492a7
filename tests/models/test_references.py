"""What a config may call a model: a checkpoint, another size, a fine-tuned model."""

import pytest

from wildframe.configuration import parse_config
from wildframe.core.errors import UserError
from wildframe.models import (
    load_detectors,
    load_zoo,
    study_detectors,
    study_models,
    zoo_entry,
)


def test_a_name_says_checkpoint_size_and_training():
    entry = zoo_entry("tf_efficientnet_lite0@160+by-clip")
    assert entry.name == "tf_efficientnet_lite0@160+by-clip"
    assert entry.checkpoint == "tf_efficientnet_lite0"
    assert entry.untrained == "tf_efficientnet_lite0@160"
    assert entry.training == "by-clip"
    assert str(entry.preprocessing) == "resize182-crop160-bicubic-center"
    plain = zoo_entry("resnet50.a1_in1k")
    assert (plain.untrained, plain.training) == ("resnet50.a1_in1k", None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet9", "no such model"),
        ("resnet50.a1_in1k@", "no such model"),
        ("resnet50.a1_in1k+", "no such model"),
        ("resnet50.a1_in1k+a+b", "no such model"),
        ("resnet50.a1_in1k@12", "sizes are 64 to 1024 px"),
        ("resnet50.a1_in1k@9999", "sizes are 64 to 1024 px"),
        ("vit_base_patch16_224.augreg_in21k_ft_in1k@384", "takes images of 224 px only"),
    ],
)
def test_other_names_are_refused(name, message):
    with pytest.raises(UserError, match=message):
        zoo_entry(name)


@pytest.fixture
def config(demo_config):
    """The demo's configuration, to be changed."""
    return demo_config


def models_of(config):
    parsed = parse_config(config)
    return study_models(parsed.chosen, parsed.label_space_of)


def detectors_of(config):
    return study_detectors(parse_config(config).chosen)


def test_a_study_holds_what_its_models_are_made_of(config):
    study = config["studies"]["ego4d"]
    study["resolution"], study["models"] = ["tf_efficientnet_lite1@288"], ["squeezenet1_1"]
    models = models_of(config)
    assert "tf_efficientnet_lite1" in models
    assert models["tf_efficientnet_lite0@96"].training is None
    assert models["tf_efficientnet_lite0@96+by-clip"].training == "by-clip"
    assert models["tf_efficientnet_lite0@96+by-image"].label_space == "in1k"


def test_a_trained_model_answers_with_what_it_learnt(config):
    models = models_of(config)
    assert models["tf_efficientnet_lite0@96+demo-videos"].label_space == "coco80"
    assert models["tf_efficientnet_lite0@96"].label_space == "in1k"
    facts = models["tf_efficientnet_lite0@96+demo-videos"].facts
    assert (facts["training"], facts["label_space"]) == ("demo-videos", "coco80")


def test_only_models_of_the_studies_of_this_run_are_held(config):
    config["studies"]["ego4d"] = None
    models = models_of(config)
    assert "tf_efficientnet_lite0@96+demo-videos" in models
    assert "tf_efficientnet_lite0@96+by-clip" not in models


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"models": ["convnext_large.fb_in22k"]},
            r"ego4d\.models: convnext_large\.fb_in22k has the label space in22k; name models",
        ),
        ({"models": ["squeezenet1_1+by-clip"]}, r"ego4d\.models: .* trained models follow"),
        ({"in21k_models": ["squeezenet1_1+by-clip"]}, "in21k_models: .* trained models follow"),
        (
            {"pretraining": [{"name": "x", "in1k": "resnet9"}]},
            r"^studies\.ego4d\.pretraining: resnet9: no such model",
        ),
    ],
)
def test_a_model_that_cannot_stand_there_is_refused(config, settings, message):
    config["studies"]["ego4d"] |= settings
    with pytest.raises(UserError, match=message):
        models_of(config)


@pytest.fixture
def own(tmp_path, monkeypatch, config):
    """Return a function that puts a function of the user's own, of some classes, in the config."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").touch()

    def put(*wnids, setting="models"):
        rows = [f"{index},{wnid}\n" for index, wnid in enumerate(wnids)]
        (tmp_path / "pets.csv").write_text("".join(["index,wnid\n", *rows]))
        config["models"] = {"mine": {"function": "mine:predict", "label_space": "pets.csv"}}
        config["studies"]["ego4d"][setting] = ["mine"]
        parsed = parse_config(config)
        return study_models(parsed.chosen, parsed.label_space_of, parsed.models)

    return put


def test_a_model_of_ones_own_is_named_by_a_study(own):
    entry = own("n02123045", "n03063599")["mine"]
    assert (entry.framework, entry.label_space, entry.outputs) == ("function", "pets", 2)


def test_a_model_of_ones_own_that_cannot_stand_there_is_refused(own, config):
    with pytest.raises(
        UserError, match=r"ego4d\.models: mine: none of its classes, in pets\.csv, is one of in1k"
    ):
        own("n02084071")
    with pytest.raises(UserError, match=r"ego4d\.gradcam: mine: Grad-CAM needs a layer with"):
        own("n02123045", setting="gradcam")
    config["studies"]["ego4d"]["gradcam"] = ["squeezenet1_1"]
    config["studies"]["ego4d"]["finetuning"]["models"] = ["mine"]
    with pytest.raises(UserError, match="a function is not trained here; name a model"):
        own("n02123045")


def test_a_model_may_have_the_classes_of_a_dataset_that_imagenet_lacks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").touch()
    # ImageNet-1K has no genus of maples, nor the leaves of any; a fork lift is no class of WordNet.
    lists = {"leaves": "maple,n12752205\n", "tools": "fork lift,\n", "trees": "tree,n13104059\n"}
    for name, rows in lists.items():
        (tmp_path / f"{name}.csv").write_text(f"name,wnids\n{rows}")

    def models_on(label_space, of_model):
        source = {"kind": "images", "root": ".", "data_note": "a test", "label_space": label_space}
        dataset = {"kind": "images", "source": "mine", "label_space": label_space}
        parsed = parse_config(
            {
                "sources": {"mine": source},
                "datasets": {"mine": dataset},
                "models": {"own": {"function": "mine:predict", "label_space": of_model}},
                "studies": {"ego4d": {"in1k": "mine", "models": ["own"]}},
            }
        )
        return study_models(parsed.chosen, parsed.label_space_of, parsed.models)

    assert models_on("leaves.csv", "leaves.csv")["own"].label_space == "leaves"
    assert models_on("trees.csv", "leaves.csv")["own"].outputs == 1
    assert models_on("tools.csv", "tools.csv")["own"].outputs == 1
    for space, of_model in (
        ("in1k", "leaves"),
        ("in1k", "tools"),
        ("tools.csv", "leaves"),
        ("leaves.csv", "trees"),
    ):
        with pytest.raises(UserError, match=rf"own: none of its .*{of_model}\.csv, is .*{space}"):
            models_on(space, f"{of_model}.csv")


def test_models_of_other_spaces_may_be_evaluated_under_imagenet_21k(config):
    config["studies"]["ego4d"]["in21k_models"] = ["convnext_large.fb_in22k"]
    assert models_of(config)["convnext_large.fb_in22k"]


def test_models_of_other_spaces_may_be_evaluated_on_other_label_spaces(config):
    study = config["studies"]["vid_robust"]
    study["models"] = ["convnext_large.fb_in22k", "tf_efficientnet_lite0@96+demo-videos"]
    assert models_of(config)["convnext_large.fb_in22k"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet9", r"^studies\.vid_robust\.per_class: resnet9: no such model"),
        (
            "squeezenet1_1+no",
            r"^studies\.vid_robust\.per_class: squeezenet1_1\+no: the config has no such training; "
            "choose from by-clip, by-image, demo-videos",
        ),
        (
            "squeezenet1_1+demo-videos",
            "per_class: .* training demo-videos does not train squeezenet1_1; add it",
        ),
    ],
)
def test_a_model_that_no_training_makes_is_refused(config, name, message):
    config["studies"]["vid_robust"]["per_class"] = name
    with pytest.raises(UserError, match=message):
        models_of(config)


def test_training_starts_from_models_of_the_zoo(config):
    trainings = config["studies"]["vid_robust"]["trainings"]
    trainings["demo-noise"]["models"] += ["tf_efficientnet_lite0@96+demo-videos"]
    with pytest.raises(UserError, match=r"trainings\.demo-noise\.models: .* the model that the"):
        models_of(config)


def test_a_training_on_targets_that_no_model_answers_with_is_refused(config):
    config["datasets"]["demo-train"]["label_space"] = "ytbb24"
    with pytest.raises(
        UserError, match="no model has the label space ytbb24; train on a dataset of in1k"
    ):
        models_of(config)


def test_detectors_are_held_by_name(config):
    detectors = detectors_of(config)
    assert detectors["efficientdet_lite0"].label_space == "coco80"
    assert "efficientdet_lite0" not in models_of(config)
    config["studies"]["vid_robust"] = None
    assert detectors_of(config) == {}


def test_an_unknown_detector_is_refused(config):
    config["studies"]["vid_robust"]["detectors"] = ["yolo"]
    with pytest.raises(UserError, match=r"^studies\.vid_robust\.detectors: yolo: no such detector"):
        detectors_of(config)


def test_imported_predictions_take_no_name_of_the_configs_own_models(config):
    config["studies"]["vid_robust"]["external_predictions"] = [
        {"model": "mine", "dataset": "demo-videos", "predictions": "a.json"}
    ]
    with pytest.raises(UserError, match="external_predictions: mine is a model of the config"):
        study_detectors(parse_config(config).chosen, ["mine"])


def test_a_model_of_ones_own_is_not_called_as_a_detector_is(config):
    with pytest.raises(UserError, match=r"models\.efficientdet_lite0: this name is that of a dete"):
        study_detectors(parse_config(config).chosen, ["mine", "efficientdet_lite0"])


@pytest.mark.parametrize("name", ["squeezenet1_1", "efficientdet_lite0"])
def test_imported_predictions_take_no_name_of_the_zoo(config, name):
    config["studies"]["vid_robust"]["external_predictions"] = [
        {"model": name, "dataset": "demo-videos", "predictions": "a.json"}
    ]
    with pytest.raises(UserError, match=f"external_predictions: {name} is a model of the zoo"):
        detectors_of(config)


def test_no_model_has_the_name_of_a_detector():
    assert not load_zoo().keys() & load_detectors().keys()

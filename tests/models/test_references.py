"""What a config may call a model: a checkpoint, another size, a fine-tuned model."""

import pytest
import yaml

from wildframe.core.config import parse_config
from wildframe.core.errors import UserError
from wildframe.models import study_models, zoo_entry


def test_a_name_says_checkpoint_size_and_training():
    entry = zoo_entry("tf_efficientnet_lite0@160+by-clip")
    assert entry.name == "tf_efficientnet_lite0@160+by-clip"
    assert entry.checkpoint == "tf_efficientnet_lite0"
    assert entry.untrained == "tf_efficientnet_lite0@160"
    assert entry.finetuned_by == "clip"
    assert str(entry.preprocessing) == "resize182-crop160-bicubic-center"
    plain = zoo_entry("resnet50.a1_in1k")
    assert (plain.untrained, plain.finetuned_by) == ("resnet50.a1_in1k", None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet9", "no such model"),
        ("resnet50.a1_in1k@", "no such model"),
        ("resnet50.a1_in1k+by-frame", "no such model"),
        ("resnet50.a1_in1k@12", "from 64 to 1024 px"),
        ("resnet50.a1_in1k@9999", "from 64 to 1024 px"),
        ("vit_base_patch16_224.augreg_in21k_ft_in1k@384", "takes pictures of 224 px only"),
    ],
)
def test_other_names_are_refused(name, message):
    with pytest.raises(UserError, match=message):
        zoo_entry(name)


@pytest.fixture
def study(project):
    """Return a function that changes the shipped study and names its models."""

    def run(**settings):
        config = yaml.safe_load((project / "config.yaml").read_text())
        config["studies"]["ego4d"] |= settings
        return study_models(parse_config(config))

    return run


def test_a_study_holds_what_its_models_are_made_of(study):
    found = study(resolution=["tf_efficientnet_lite1@288"], models=["squeezenet1_1"])
    assert "tf_efficientnet_lite1" in found
    assert "tf_efficientnet_lite0@160+by-clip" in found
    assert "tf_efficientnet_lite0@160+by-image" in found


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"models": ["convnext_large.fb_in22k"]}, r"models: convnext_large\.fb_in22k is no"),
        ({"models": ["squeezenet1_1+by-clip"]}, "models: .* fine-tuned models follow"),
        ({"in21k_models": ["squeezenet1_1+by-clip"]}, "in21k_models: .* fine-tuned models follow"),
        ({"pretraining": [{"name": "x", "in1k": "resnet9"}]}, "resnet9: no such model"),
    ],
)
def test_a_model_that_cannot_stand_there_is_refused(study, settings, message):
    with pytest.raises(UserError, match=message):
        study(**settings)


def test_models_of_other_spaces_may_be_examined_under_imagenet_21k(study):
    assert study(in21k_models=["convnext_large.fb_in22k"])["convnext_large.fb_in22k"]

import subprocess
import sys
from dataclasses import dataclass

import pytest
import torch
from shapes import shapes_only

from wildframe.core.errors import UserError
from wildframe.frames.preprocessing import Preprocessing
from wildframe.models import load_zoo, zoo_entry
from wildframe.models.weights import build
from wildframe.predictions.gradcam import channels_first

HUB = [entry for entry in load_zoo().values() if entry.source == "hub"]
CLASSES = {"in1k": 1000, "in21k": 21843, "in22k": 21841}
BY_SIZE = sorted(load_zoo().values(), key=lambda entry: entry.params, reverse=True)
SMALLEST = list({entry.family: entry for entry in BY_SIZE}.values())
"""Of each family the entry with the fewest parameters."""


@pytest.fixture(scope="module", params=load_zoo().values(), ids=lambda entry: entry.name)
def entry(request):
    return request.param


@dataclass(frozen=True)
class Shown:
    """A model without memory for its weights, and what it makes of an image."""

    model: torch.nn.Module
    logits: torch.Tensor
    places: torch.Tensor
    """What the layer of Grad-CAM gives out."""


@pytest.fixture(scope="module")
def shown(entry):
    places = []
    with shapes_only():
        model = build(entry).eval()
        layer = model.get_submodule(entry.gradcam_layer)
        hook = layer.register_forward_hook(lambda _layer, _inputs, output: places.append(output))
        logits = model(torch.zeros(1, 3, entry.input_size, entry.input_size))
        hook.remove()
    (output,) = places
    return Shown(model, logits, output)


def test_the_architecture_has_the_entrys_parameters_and_classes(entry, shown):
    assert sum(parameter.numel() for parameter in shown.model.parameters()) == entry.params
    assert shown.logits.shape == (1, CLASSES[entry.label_space])


def test_the_layer_of_grad_cam_knows_places(entry, shown):
    height, width = channels_first(shown.places, shown.model).shape[2:]
    assert height == width
    # A stride of 32, of which Inception loses a little: its convolutions do not pad.
    assert entry.input_size / 40 <= height <= entry.input_size / 8


@pytest.fixture(scope="module", params=SMALLEST, ids=lambda entry: entry.name)
def smallest(request):
    return request.param


@pytest.fixture(scope="module")
def model(smallest):
    with shapes_only():
        return build(smallest).eval()


def test_a_family_takes_images_of_another_size_unless_the_zoo_says_no(smallest, model):
    larger = smallest.input_size + 64
    with shapes_only():
        images = torch.zeros(1, 3, larger, larger)
        if smallest.fixed_size:
            with pytest.raises(AssertionError, match="doesn't match model"):
                model(images)
        else:
            assert model(images).shape == (1, CLASSES[smallest.label_space])


def test_a_family_is_of_one_mind_about_the_size():
    assert len({(entry.family, entry.fixed_size) for entry in load_zoo().values()}) == len(SMALLEST)


def test_another_size_of_a_fixed_architecture_is_refused():
    with pytest.raises(UserError, match="@384: this architecture takes images of 224 px only"):
        zoo_entry("vit_base_patch16_224.augreg_in21k_ft_in1k@384")
    own = zoo_entry("vit_base_patch16_224.augreg_in21k_ft_in1k@224")
    assert own.preprocessing.crop == 224


def test_a_new_head_changes_nothing_else_of_a_family(smallest, model):
    with shapes_only():
        own, changed = model.state_dict(), build(smallest, 30).state_dict()
    assert own.keys() == changed.keys()
    other = [key for key in own if own[key].shape != changed[key].shape]
    classes = CLASSES[smallest.label_space]
    assert {own[key].shape[0] for key in other} == {classes}
    assert {changed[key].shape for key in other} == {(30, *own[key].shape[1:]) for key in other}
    assert len(other) == 2


@pytest.mark.parametrize(
    "entry",
    [entry for entry in HUB if entry.framework == "timm"],
    ids=lambda entry: entry.name,
)
def test_hub_entries_repeat_timms_own_data_config(entry):
    import timm

    config = timm.get_pretrained_cfg(entry.architecture)
    assert config.hf_hub_id == f"timm/{entry.checkpoint}"
    sizes = {config.input_size[-1]: config.crop_pct}
    if config.test_input_size:
        test_crop = config.test_crop_pct or config.crop_pct
        sizes[config.test_input_size[-1]] = test_crop
    assert entry.crop_pct == sizes[entry.input_size]
    assert entry.interpolation == config.interpolation
    assert entry.crop_mode == config.crop_mode
    assert (entry.mean, entry.std) == (config.mean, config.std)


@pytest.mark.parametrize(
    "entry",
    [entry for entry in HUB if entry.framework == "torchvision"],
    ids=lambda entry: entry.name,
)
def test_hub_entries_repeat_torchvisions_own_transforms(entry):
    from torchvision.models import get_model_weights

    weights = get_model_weights(entry.architecture)["DEFAULT"]
    shown = weights.transforms()
    assert entry.params == weights.meta["num_params"]
    assert [entry.preprocessing.resize, entry.preprocessing.crop] == [
        *shown.resize_size,
        *shown.crop_size,
    ]
    assert entry.interpolation == shown.interpolation.value
    assert (list(entry.mean), list(entry.std)) == (shown.mean, shown.std)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_efficientnet_lite_repeats_timms_own_data_config(size):
    import timm

    entry = zoo_entry(f"tf_efficientnet_lite{size}")
    config = timm.get_pretrained_cfg(entry.architecture)
    assert (entry.input_size, entry.crop_pct) == (config.input_size[-1], config.crop_pct)
    assert (entry.interpolation, entry.mean, entry.std) == (
        config.interpolation,
        config.mean,
        config.std,
    )


def test_the_papers_rows_are_told_by_their_printed_parameter_counts():
    from wildframe.exhibits.paper import paper_numbers

    printed = paper_numbers("ego4d", "fig7_zero_shot_in1k")
    rows = {entry.paper_row: entry for entry in HUB}
    assert len(printed) == 15
    for name, row in printed.items():
        # The paper cut digits off the two ViTs of 86.54 and 86.57 M, and rounded the others.
        millions = rows[name].params / 1e6
        assert abs(millions - float(row["params_m"])) < 0.1, name


def test_preprocessing_is_named_for_sharing():
    assert zoo_entry("tf_efficientnet_lite0").preprocessing == Preprocessing(
        256, 224, "bicubic", "center"
    )
    assert str(zoo_entry("squeezenet1_1").preprocessing) == "resize256-crop227-bicubic-center"


def test_unknown_models_are_refused():
    with pytest.raises(UserError, match="resnet51: no such model; `wildframe models list`"):
        zoo_entry("resnet51")


def test_a_name_that_is_close_is_offered():
    with pytest.raises(UserError, match=r"timm/<name> .*; did you mean resnet50\.a1_in1k\?$"):
        zoo_entry("resnet50.a1_in1")


def test_the_curated_say_what_tables_show():
    for entry in load_zoo().values():
        assert entry.params
        assert entry.family
        assert entry.gradcam_layer
        assert entry.told() == entry.name


def test_the_zoo_needs_no_torch():
    program = (
        "import sys; from wildframe.models import load_zoo; load_zoo(); "
        "assert not {'torch', 'timm'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

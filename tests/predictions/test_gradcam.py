from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from frames_data import kept, write_frames

from wildframe.core.errors import UserError
from wildframe.core.schemas import GRADCAMS, MANIFEST, PREDICTIONS
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.exhibits.attention import attention_of
from wildframe.frames.encode import encode
from wildframe.frames.preprocessing import PreprocessedStream, Shown, write_preprocessed
from wildframe.frames.views.full import Full
from wildframe.labels.spaces import class_wnids
from wildframe.models import ZooEntry, zoo_entry
from wildframe.models.weights import prepare
from wildframe.predictions import gradcam as module
from wildframe.predictions.gradcam import Explainer, channels_first, gradcam
from wildframe.predictions.inference import Inference
from wildframe.predictions.predict import predict
from wildframe.predictions.zoom import Classes
from wildframe.scores.image_results import score_images
from wildframe.scores.predicted import Protocol, open_predictions

CPU = torch.device("cpu")
COCK = "n01514668"

VITS = {
    "vit_tiny_patch16_224": (64, "blocks.11.norm1"),
    "deit_tiny_distilled_patch16_224": (64, "blocks.11.norm1"),
    "vit_small_patch14_reg4_dinov2": (56, "blocks.11.norm1"),
    "swin_tiny_patch4_window7_224": (64, "layers.3.blocks.1.norm1"),
}


class Linear(torch.nn.Module):
    """Images of 2 x 2 are their own activations; each class weighs every value of them."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Identity()
        self.head = torch.nn.Linear(8, 2, bias=False)
        weights = [[[4, 0, 0, 0], [0, -2, -2, 0]], [[-1, -1, -1, -1], [8, 0, 0, 0]]]
        self.head.weight.data = torch.tensor(weights, dtype=torch.float32).reshape(2, 8)

    def forward(self, images):
        return self.head(self.layer(images).flatten(1))


def test_maps_by_hand():
    # A channel's weight is the mean of the gradient over its places: 1 and -1 for class 0, -1 and 2
    # for class 1.
    explainer = Explainer(Linear().eval(), "layer")
    image = torch.tensor([[[1, 2], [3, 4]], [[4, 0], [0, -1]]], dtype=torch.float32)
    logits = explainer.forward(torch.stack([image, 2 * image, image]))
    assert logits[0].tolist() == [4, 22]
    maps, gradients = explainer.maps(logits, [0, 1, None])
    assert maps.tolist() == [[[0, 2], [3, 5]], [[14, 0], [0, 0]], [[0, 0], [0, 0]]]
    assert gradients[0, 0].tolist() == [[4, 0], [0, 0]]
    again, _ = explainer.maps(logits, [1, 1, 0])
    assert again[:, 0, 0].tolist() == [7, 14, 0]


def vit(name, seed=0):
    import timm

    torch.manual_seed(seed)
    size, layer = VITS[name]
    return (
        timm.create_model(name, img_size=size, num_classes=10).eval(),
        torch.rand(2, 3, size, size),
        layer,
    )


def cnn():
    import timm

    torch.manual_seed(0)
    return timm.create_model("resnet18", num_classes=10).eval(), torch.rand(2, 3, 96, 96), "layer4"


@pytest.mark.parametrize("name", [*VITS, "cnn"])
def test_maps_are_not_zero_and_move_with_the_class(name):
    model, images, layer = cnn() if name == "cnn" else vit(name)
    explainer = Explainer(model, layer)
    logits = explainer.forward(images)
    maps = [explainer.maps(logits, [target] * 2)[0] for target in range(10)]
    shown = [one for one in maps if one[0].any()]
    # With random weights all evidence may speak against a class: its map is then zero.
    assert len(shown) >= 2
    for first, second in pairwise(shown):
        assert not np.allclose(first[0] / first[0].max(), second[0] / second[0].max(), atol=0.01)
        assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("name", ["cnn", "vit_tiny_patch16_224"])
def test_scaled_and_resized_the_maps_are_those_of_grad_cam(name):
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.image import scale_cam_image
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    model, images, layer = cnn() if name == "cnn" else vit(name)
    cam = GradCAM(model, [model.get_submodule(layer)], lambda out: channels_first(out, model))
    expected = cam(images, [ClassifierOutputTarget(1), ClassifierOutputTarget(4)])
    cam.activations_and_grads.release()
    explainer = Explainer(model, layer)
    maps, _ = explainer.maps(explainer.forward(images), [1, 4])
    assert expected.max() > 0.9
    # Scaled before and after resizing, as there.
    ours = scale_cam_image(scale_cam_image(maps, images.shape[2:]))
    assert ours == pytest.approx(expected, abs=1e-3)


def test_prefix_tokens_are_no_places_and_the_others_stand_row_by_row():
    model, _, _ = vit("deit_tiny_distilled_patch16_224")
    assert model.num_prefix_tokens == 2
    tokens = torch.arange(18.0).reshape(1, 18, 1)
    assert channels_first(tokens, model)[0, 0].tolist() == [
        [2, 3, 4, 5],
        [6, 7, 8, 9],
        [10, 11, 12, 13],
        [14, 15, 16, 17],
    ]
    with pytest.raises(RuntimeError, match="shape"):
        channels_first(tokens[:, 1:], model)


def test_channels_that_stand_last_are_brought_to_the_front():
    model, _, _ = vit("swin_tiny_patch4_window7_224")
    assert channels_first(torch.zeros(2, 7, 5, 768), model).shape == (2, 768, 7, 5)


@pytest.mark.parametrize("layer", ["blocks.11", "blocks.11.norm2"])
def test_a_layer_past_the_last_attention_is_refused(layer):
    # From there on only the class token counts: the gradient of every place is zero.
    model, _, _ = vit("vit_tiny_patch16_224")
    entry = zoo_entry("vit_base_patch16_224.augreg_in21k_ft_in1k")
    entry = entry.model_copy(update={"gradcam_layer": layer})
    crops = [("a", "", np.ones((64, 64, 3), np.uint8))]
    facts = {"label_space": "own", "wnids": " ".join(f"n{i}" for i in range(10))}
    inference = Inference(entry, model, CPU, 8, facts)
    rows = module._rows(inference, crops, Path("manifest"), {"a": ["n1"]}, Classes.of(facts))
    with pytest.raises(
        UserError, match=rf"{entry.name}: the gradient at its layer {layer} is zero"
    ):
        list(rows)


class Colours(torch.nn.Module):
    """Four classes by mean red and green: 1, 2 and 5 times red, and green."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Identity()
        self.weights = torch.tensor([[1.0, 0, 0], [2, 0, 0], [0, 1, 0], [5, 0, 0]])

    def forward(self, images):
        return self.layer(images).mean(dim=(2, 3)) @ self.weights.T


def test_classes_are_explained_as_what_they_count_as():
    named = dict.fromkeys(("name", "checkpoint", "architecture"), "m")
    entry = ZooEntry(**named, mean=(0, 0, 0), std=(1, 1, 1), gradcam_layer="layer")
    facts = {"label_space": "own", "wnids": "n0 n1 n2 n3"}
    inference = Inference(entry, Colours().eval(), CPU, 8, facts)
    classes = Classes(["pet", "pet", "cup", None], np.array([True, True, True, False]))
    colours = {"red": (255, 51, 0), "green": (51, 255, 0), "unlabelled": (51, 255, 0)}
    crops = [(name, "", np.full((2, 2, 3), rgb, np.uint8)) for name, rgb in colours.items()]
    labels = {"red": ["n3", "pet"], "green": ["pet"], "unlabelled": ["n3"]}
    rows = list(module._rows(inference, crops, Path("manifest"), labels, classes))
    # The fourth class cannot be predicted, though red is it most. Of pets the second is likelier:
    # its gradient is 2 / 4 at each place.
    assert [(row["image_id"], row["target_is"], row["target"]) for row in rows] == [
        ("red", "label", "pet"),
        ("red", "predicted", "pet"),
        ("green", "label", "pet"),
        ("green", "predicted", "cup"),
        ("unlabelled", "predicted", "cup"),
    ]
    expected = [0.5 * 1, 0.5 * 1, 0.5 * 0.2, 0.25 * 1, 0.25 * 1]
    assert [row["map"] for row in rows] == [pytest.approx([value] * 4) for value in expected]
    own = Classes(classes.wnids, np.array([True] * 4))
    unrestricted = list(module._rows(inference, crops, Path("manifest"), labels, own))
    assert unrestricted[1]["target"] == "n3"


def open_inference(folder, batch_size):
    entry = zoo_entry("squeezenet1_1")
    crops = PreprocessedStream(folder / "pixels.arrow", entry.preprocessing)
    options = {"device_name": "cpu", "batch_size": batch_size, "threads": 1}
    return Inference.open(entry, folder / "weights.safetensors", **options), crops


@pytest.fixture
def run(tmp_path, manifest_row):
    """Return a function that runs a packaged model on two images with these labels."""
    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "weights.safetensors")
    rng = np.random.default_rng(1)
    frames = [
        kept(
            f"image-{number}",
            encode(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8), "png"),
        )
        for number in range(2)
    ]
    manifest, pixels = tmp_path / "manifest.parquet", tmp_path / "pixels.arrow"
    write_rows(manifest, MANIFEST, [manifest_row("image-0"), manifest_row("image-1")])
    written = write_frames(tmp_path, frames)
    write_preprocessed(Shown(*written, manifest, Full()), {entry.preprocessing: pixels})

    def make(labels, label_space=None):
        rows = [manifest_row(image_id, labels=wnids) for image_id, wnids in labels.items()]
        write_rows(manifest, MANIFEST, rows)
        output = tmp_path / "gradcam.parquet"
        inference, crops = open_inference(tmp_path, 1)
        gradcam(inference, crops, manifest, Classes.of(inference.facts, label_space), output)
        return output

    return make


def test_each_image_has_a_map_of_its_label_and_of_the_prediction(run):
    # The label of the first is no class of the model's; of the second, the second label is.
    output = run({"image-0": ["n5000"], "image-1": ["n5000", COCK]})
    rows = read_table(output, GRADCAMS).to_pylist()
    assert [(row["image_id"], row["target_is"]) for row in rows] == [
        ("image-0", "predicted"),
        ("image-1", "label"),
        ("image-1", "predicted"),
    ]
    assert rows[1]["target"] == COCK
    assert rows[2]["target"] != COCK
    for row in rows:
        assert (row["height"], row["width"], len(row["map"])) == (14, 14, 196)
        assert min(row["map"]) >= 0
    # Not scaled: the maxima differ. The model is sure of nothing here, but looks somewhere.
    assert 0 < max(rows[0]["map"]) != max(rows[2]["map"])
    assert rows[1]["map"] != rows[2]["map"]
    facts = read_facts(output, GRADCAMS)
    assert facts["model"] == "squeezenet1_1"
    assert facts["gradcam_layer"] == "features"


def test_the_class_of_the_prediction_is_that_of_the_predictions(run, tmp_path):
    rows = read_table(run({"image-0": [], "image-1": []}), GRADCAMS).to_pylist()
    predict(*open_inference(tmp_path, 2), tmp_path / "predictions.parquet", {})
    predicted = read_table(tmp_path / "predictions.parquet", PREDICTIONS).to_pylist()
    assert [row["target"] for row in rows] == [
        class_wnids("in1k")[row["top"][0]["class_index"]] for row in predicted
    ]


def test_the_figure_knows_the_class_in_a_label_space_of_ones_own(run, tmp_path):
    animal, artifact = "n00015388", "n00021939"
    space, labels = tmp_path / "own.csv", {"image-0": [animal], "image-1": [artifact]}
    space.write_text(f"name,wnids\nanimal,{animal}\nartifact,{artifact}\n")
    rows = read_table(run(labels, str(space)), GRADCAMS).to_pylist()
    predictions = tmp_path / "predictions.parquet"
    predict(*open_inference(tmp_path, 2), predictions, {})
    found, _ = open_predictions(predictions, Protocol(str(space)), None)
    images = [{"image_id": name, "labels": of, "kept_labels": []} for name, of in labels.items()]
    results = score_images(predictions, found, images, labels, {})
    maps = [row for row in rows if row["target_is"] == "predicted"]
    assert [row["target"] for row in rows if row["target_is"] == "label"] == [animal, artifact]
    for row, result in zip(maps, results, strict=True):
        attention = attention_of("m", np.zeros((8, 8, 3), np.uint8), row, result)
        assert attention.predicted == result["predicted"]
        assert attention.correct == result["correct_top1"]


def test_images_of_another_manifest_are_refused(run, tmp_path):
    with pytest.raises(UserError, match=r"manifest\.parquet: image image-1 is not in it"):
        run({"image-0": []})
    assert not (tmp_path / "gradcam.parquet").exists()

"""Maps before and after a step, against a copy of the model that has the weights of the step."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from frames_data import kept, write_frames
from PIL import Image
from torch import nn

from wildframe.core.adaptation import Adaptation
from wildframe.core.errors import UserError
from wildframe.core.schemas import GRADCAMS, MANIFEST, PREDICTIONS
from wildframe.core.tables import read_table, write_rows
from wildframe.exhibits.inputs import table_of
from wildframe.frames.encode import encode
from wildframe.frames.preprocessing import Preprocessed
from wildframe.labels.spaces import class_wnids
from wildframe.models import ZooEntry, zoo_entry
from wildframe.models.weights import prepare
from wildframe.predictions.adapted_gradcam import adapted_gradcam, changed_images
from wildframe.predictions.gradcam import Explainer
from wildframe.predictions.inference import Inference
from wildframe.predictions.memo import (
    AdaptedInference,
    adapted_weights,
    mixed_statistics,
    weights_of,
)
from wildframe.predictions.zoom import Classes
from wildframe.scores.image_results import score_images
from wildframe.scores.predicted import Protocol, open_predictions
from wildframe.studies.imagenet_hard.adapted_gradcam import choose, strips_of

DOG, CAT = "n02084071", "n02121808"
LABRADOR, EGYPTIAN_CAT = 208, 285


def tiny_net():
    torch.manual_seed(1)
    net = nn.Sequential(
        *(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 5, 3)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 6)),
    )
    return net.eval()


def test_the_map_after_a_step_is_that_of_a_model_with_its_weights():
    net = tiny_net()
    copies, image = torch.randn(4, 3, 9, 9), torch.randn(1, 3, 9, 9)
    explainer = Explainer(net, "3")
    before, _ = explainer.maps(explainer.forward(image), [2])
    with mixed_statistics(net, 16):
        # The layer of the maps is in the middle: the step needs gradients of what is before it.
        weights = adapted_weights(net, weights_of(net), copies, 5.0, 1, slice(None))
        after, _ = explainer.maps(explainer.forward(image, weights), [2])
    assert not torch.equal(weights["0.weight"], net[0].weight)
    stepped = deepcopy(net)
    stepped.load_state_dict(weights, strict=False)
    other = Explainer(stepped, "3")
    with mixed_statistics(stepped, 16):
        expected, _ = other.maps(other.forward(image), [2])
    np.testing.assert_allclose(after, expected, atol=1e-6)
    assert not np.allclose(after, before, rtol=0.01)
    again, _ = explainer.maps(explainer.forward(image), [2])
    np.testing.assert_array_equal(again, before)


ALL = Classes.of({"label_space": "in1k"})


def predictions(path, **classes):
    rows = [
        {
            "image_id": image_id,
            "view_key": "",
            "top": [{"class_index": index, "probability": 0.5}],
            "scores": None,
        }
        for image_id, index in classes.items()
    ]
    write_rows(path, PREDICTIONS, rows)
    return path


def test_images_whose_first_class_differs_are_explained(tmp_path):
    before = predictions(tmp_path / "before.parquet", a=1, b=2, c=3)
    after = predictions(tmp_path / "after.parquet", a=1, b=3, c=2)
    assert changed_images(before, after, ALL) == {"b", "c"}
    other = predictions(tmp_path / "other.parquet", a=1, b=2)
    with pytest.raises(UserError, match=r"other\.parquet: image c is in only one of it and"):
        changed_images(before, other, ALL)


def scored(path, rows, facts=None):
    """Write predictions with scores of all classes, by image."""
    made = [
        {
            "image_id": image_id,
            "view_key": "",
            "top": [{"class_index": int(np.argmax(scores)), "probability": 0.5}],
            "scores": scores,
        }
        for image_id, scores in rows.items()
    ]
    write_rows(path, PREDICTIONS, made, facts=facts)
    return path


def test_only_classes_that_can_be_predicted_are_compared(tmp_path):
    # The last class cannot: it is the most probable of a, and changes in b.
    classes = Classes(["x", "y", "y", "z"], np.array([True, True, True, False]))
    before = {"a": [5.0, 4, 0, 8], "b": [5.0, 0, 0, 8], "c": [0.0, 5, 4, 0]}
    after = {"a": [4.0, 5, 0, 8], "b": [9.0, 0, 0, 8], "c": [0.0, 4, 5, 0]}
    paths = scored(tmp_path / "1.parquet", before), scored(tmp_path / "2.parquet", after)
    # The two classes of c count as one.
    assert changed_images(*paths, classes) == {"a"}
    # Without scores, by the most probable classes: of none that can be predicted nothing is known.
    only_top = predictions(tmp_path / "3.parquet", a=3), predictions(tmp_path / "4.parquet", a=0)
    assert changed_images(*only_top, classes) == {"a"}
    assert changed_images(only_top[0], only_top[0], classes) == set()


def test_maps_are_of_the_classes_that_are_predicted(wildframe, tmp_path, manifest_row):
    rng = np.random.default_rng(1)
    images = [
        kept(name, encode(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8), "png"))
        for name in "ab"
    ]
    (frames,), statuses = write_frames(tmp_path, images)
    manifest = tmp_path / "manifest.parquet"
    write_rows(manifest, MANIFEST, [manifest_row(name) for name in "ab"])
    weights = tmp_path / "weights.safetensors"
    prepare(zoo_entry("squeezenet1_1"), weights)
    given = ["squeezenet1_1", "--weights", weights, "--frames", frames, "--statuses", statuses]
    given += ["--manifest", manifest, "--device", "cpu"]
    before, after = tmp_path / "before.parquet", tmp_path / "after.parquet"
    view = '{"kind": "full", "adapt": {"k": 2}}'
    wildframe("predictions", "run", *given, "--view", '{"kind": "full"}', "--output", before)
    wildframe("predictions", "adapt", *given, "--view", view, "--output", after)
    predicted = {side: first_classes(path) for side, path in (("before", before), ("after", after))}
    # Noise keeps its class: that of b is said to have been another.
    other = predictions(tmp_path / "other.parquet", a=predicted["after"]["a"], b=999)
    output = tmp_path / "gradcam.parquet"
    sides = ["--before", other, "--after", after]
    wildframe("predictions", "gradcam-adapted", *given, *sides, "--view", view, "--output", output)
    rows = read_table(output, GRADCAMS).to_pylist()
    assert [(row["image_id"], row["target_is"], row["target"]) for row in rows] == [
        ("b", side, class_wnids("in1k")[predicted[side]["b"]]) for side in ("before", "after")
    ]
    assert all(max(row["map"]) > 0 for row in rows)
    assert rows[0]["map"] != rows[1]["map"]


class Mean(nn.Module):
    """A thousand classes by the mean colour, of which the Egyptian cat has the most."""

    def __init__(self):
        super().__init__()
        self.layer, self.head = nn.Conv2d(3, 3, 1), nn.Linear(3, 1000)
        self.head.bias.data[EGYPTIAN_CAT] = 50

    def forward(self, images):
        return self.head(self.layer(images).mean(dim=(2, 3)))


def test_the_figure_knows_the_class_in_a_label_space_of_ones_own(tmp_path):
    space, facts = tmp_path / "own.csv", {"model": "m", "label_space": "in1k"}
    space.write_text(f"name,wnids\ndog,{DOG}\ncat,{CAT}\n")
    classes = Classes.of(facts, str(space))
    named = dict.fromkeys(("name", "checkpoint", "architecture"), "m")
    entry = ZooEntry(**named, input_size=8, crop_pct=1, gradcam_layer="layer")
    inference = Inference(entry, Mean().eval(), torch.device("cpu"), 1, facts)
    adapted = AdaptedInference(inference, Adaptation(k=2), classes.predictable)
    pixels = np.full((8, 8, 3), 200, np.uint8)
    gradcams = tmp_path / "gradcam.parquet"
    adapted_gradcam(adapted, [("a", "", Image.fromarray(pixels))], classes, gradcams)
    maps = table_of(GRADCAMS)(gradcams)
    assert [row["target"] for row in maps.rows] == [CAT, CAT]
    results = []
    for index in (LABRADOR, EGYPTIAN_CAT):
        path = scored(tmp_path / f"{index}.parquet", {"a": np.eye(1000)[index].tolist()}, facts)
        found, _ = open_predictions(path, Protocol(str(space)), None)
        image = {"image_id": "a", "labels": [DOG], "kept_labels": []}
        results.append(list(score_images(path, found, [image], ["a"], {})))
    (pair,) = choose(*results)
    (strip,) = strips_of(maps, Preprocessed(["a"], [""], [pixels], "exact"), [pair])
    assert (strip.after.predicted, strip.after.correct) == (CAT, False)


def first_classes(path):
    rows = read_table(path, PREDICTIONS).to_pylist()
    return {row["image_id"]: row["top"][0]["class_index"] for row in rows}

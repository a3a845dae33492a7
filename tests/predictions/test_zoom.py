"""Predictions on the crops of a zoom view: by hand, and by a run that is stopped and goes on."""

import numpy as np
import pytest
from frames_data import kept, lost, write_frames

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS, ZOOM_PREDICTIONS
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.frames.encode import encode
from wildframe.frames.preprocessing import Shown
from wildframe.frames.views.zoom import Zoom
from wildframe.labels.spaces import class_wnids
from wildframe.models import zoo_entry
from wildframe.models.weights import prepare
from wildframe.predictions.crops import of_image
from wildframe.predictions.opening import Space
from wildframe.predictions.predicted import softmax
from wildframe.predictions.zoom import Classes, crop_rows, predict_zoom

MUG, DOG = "n03063599", "n02084071"  # a mug is a class of ImageNet-1K, the dog is not
CLASSES = Classes(["a", "b", None, "b"], np.array([True, True, True, True]))
LOGITS = np.log(np.array([[0.1, 0.2, 0.4, 0.3], [0.3, 0.3, 0.2, 0.2]], np.float32))
KEYS = ["64,0,2", "256,1,1"]


def test_rows_of_crops_by_hand():
    first, second = crop_rows("image", KEYS, LOGITS, ["b", "c", "a"], CLASSES)
    assert first == {
        "image_id": "image",
        "size": 64,
        "row": 0,
        "col": 2,
        "class_index": 2,
        "wnid": None,
        "confidence": pytest.approx(0.4),
        "label_correct": False,
        # Of b the more probable of its two classes; there is no c.
        "label_logits": [pytest.approx(np.log(0.3)), None, pytest.approx(np.log(0.1))],
    }
    # Ties go to the lower index, here a label.
    assert (second["size"], second["row"], second["col"]) == (256, 1, 1)
    assert (second["class_index"], second["wnid"], second["label_correct"]) == (0, "a", True)


def test_an_image_without_labels_is_predicted_all_the_same():
    rows = crop_rows("image", KEYS, LOGITS, [], CLASSES)
    assert [(row["class_index"], row["label_logits"]) for row in rows] == [(2, []), (0, [])]
    assert not any(row["label_correct"] for row in rows)


def test_a_class_that_cannot_be_predicted_is_not():
    classes = Classes(CLASSES.wnids, np.array([False, True, False, True]))
    first, second = crop_rows("image", KEYS, LOGITS, ["a", "b"], classes)
    assert (first["class_index"], first["confidence"]) == (3, pytest.approx(0.6))
    assert (second["class_index"], second["confidence"]) == (1, pytest.approx(0.6))
    assert first["label_correct"]
    assert first["label_logits"] == [None, pytest.approx(np.log(0.3))]


def test_classes_count_as_those_of_the_label_space():
    own = Classes.of({"label_space": "in1k"}, None, restrict=True)
    assert (list(own.wnids), own.predictable.all()) == (class_wnids("in1k"), True)
    restricted = Classes.of({"label_space": "in1k"}, "vid30", restrict=True)
    dogs = restricted.of_wnid[DOG]
    assert "n02085620" in {class_wnids("in1k")[index] for index in dogs}  # a Chihuahua
    assert not restricted.predictable[class_wnids("in1k").index(MUG)]
    free = Classes.of({"label_space": "in1k"}, "vid30", restrict=False)
    assert free.predictable.all()
    only = Classes.of({"label_space": "in1k"}, only=[MUG, DOG])
    assert only.of_wnid == {MUG: [class_wnids("in1k").index(MUG)]}
    facts = {"label_space": "mine", "wnids": f"{MUG} n02085620"}
    assert list(Classes.of(facts, "vid30", restrict=True).wnids) == [None, DOG]


def test_what_is_restricted_is_either_a_label_space_or_the_models_own_classes(tmp_path):
    space = Space("vid30", restrict=True, predictable="labels", manifest=tmp_path)
    with pytest.raises(UserError, match="--predictable is of a model's own label space"):
        space.classes({"label_space": "in1k"})


class Model:
    """Predicts from the mean colour of a crop, and counts its crops; may stop on the way."""

    entry = zoo_entry("tf_efficientnet_lite0")
    batch_size = 4

    def __init__(self, stop_after: int | None = None) -> None:
        self.facts = {"label_space": "in1k", "model": "mean colour"}
        self.crops = 0
        self.stop_after = stop_after

    def logits(self, batch):
        self.crops += len(batch.pixels)
        if self.stop_after is not None and self.crops > self.stop_after:
            raise KeyboardInterrupt
        means = batch.pixels.mean(axis=(1, 2)).astype(np.float32)
        weights = np.random.default_rng(0).normal(size=(3, 1000)).astype(np.float32)
        return means @ weights / 100


@pytest.fixture
def shown(tmp_path, manifest_row, monkeypatch):
    """Five images in two shards, one of them unreadable; two images make a part."""
    monkeypatch.setattr("wildframe.predictions.zoom._CROPS_A_PART", 2 * 18)
    rng = np.random.default_rng(0)
    rows = [
        kept(name, encode(rng.integers(0, 256, (20 + 9 * side, 50, 3), np.uint8), "png"))
        for side, name in enumerate("abde")
    ]
    frames, statuses = write_frames(tmp_path, [*rows[:3], lost("c")], rows[3:])
    images = [manifest_row(name, labels=[MUG, DOG]) for name in "abcde"]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, images)
    return Shown(frames, statuses, tmp_path / "manifest.parquet", Zoom(grid=[32, 256]))


def run(shown, folder, model, code="1", only=None):
    """Predict, and return the rows of both tables."""
    classes = Classes.of(model.facts, None, restrict=True, only=only)
    outputs = folder / "m.parquet", folder / "m.zoom.parquet"
    predict_zoom(model, shown, classes, *outputs, {"code": code})
    contracts = PREDICTIONS, ZOOM_PREDICTIONS
    assert sorted(path.name for path in folder.iterdir()) == [path.name for path in outputs]
    return [
        read_table(path, contract).to_pylist()
        for path, contract in zip(outputs, contracts, strict=True)
    ]


def test_every_crop_and_every_image_is_a_row(shown, tmp_path):
    images, crops = run(shown, tmp_path / "out", Model())
    places = [(size, row, col) for size in (32, 256) for row in range(3) for col in range(3)]
    found = [(row["image_id"], row["size"], row["row"], row["col"]) for row in crops]
    assert found == [(name, *place) for name in "abde" for place in places]
    assert all(row["label_logits"][1] is None for row in crops)
    index = class_wnids("in1k").index(MUG)
    assert all(row["label_correct"] == (row["class_index"] == index) for row in crops)
    facts = read_facts(tmp_path / "out/m.zoom.parquet", ZOOM_PREDICTIONS)
    assert facts["view"] == '{"kind":"zoom","aggregate":"mean_probability","grid":[32,256]}'
    assert facts["model"] == "mean colour"
    # An image's probabilities are the mean of those on its crops.
    assert [row["image_id"] for row in images] == list("abde")
    shares = softmax(np.array([images[0]["scores"]]))[0]
    assert images[0]["top"][0]["probability"] == pytest.approx(shares.max())


def test_an_image_has_the_mean_of_its_crops():
    logits = np.log(np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4]], np.float32))
    row = of_image("a", logits, "mean_probability")
    assert [(one["class_index"], round(one["probability"], 6)) for one in row["top"]] == [
        *((0, 0.4), (1, 0.35), (2, 0.25))
    ]
    assert softmax(np.array([row["scores"]]))[0].tolist() == pytest.approx([0.4, 0.35, 0.25])


def test_a_run_that_is_stopped_goes_on(shown, tmp_path):
    whole = run(shown, tmp_path / "whole", Model())
    stopped = Model(stop_after=50)  # in the second part of 36 crops
    with pytest.raises(KeyboardInterrupt):
        run(shown, tmp_path / "out", stopped)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["m.parts"]
    again = Model()
    assert run(shown, tmp_path / "out", again) == whole
    assert again.crops == 36
    for name, contract in (("m.parquet", PREDICTIONS), ("m.zoom.parquet", ZOOM_PREDICTIONS)):
        made, other = (read_table(tmp_path / part / name, contract) for part in ("out", "whole"))
        assert made.equals(other)


@pytest.mark.parametrize("change", ["code", "view", "labels", "classes", "damage"])
def test_parts_of_other_settings_or_damaged_ones_are_not_used(
    change, shown, tmp_path, manifest_row
):
    with pytest.raises(KeyboardInterrupt):
        run(shown, tmp_path / "out", Model(stop_after=50))
    if change == "view":
        shown = Shown(shown.frames, shown.statuses, shown.manifest, Zoom(grid=[32, 224]))
    if change == "labels":
        images = [manifest_row(name, labels=[MUG]) for name in "abcde"]
        write_rows(shown.manifest, MANIFEST, images)
    if change == "damage":
        (part,) = (tmp_path / "out/m.parts").glob("*.zoom_predictions.parquet")
        part.write_bytes(part.read_bytes()[:-10])
    model = Model()
    only = [MUG, class_wnids("in1k")[0]] if change == "classes" else None
    _, crops = run(shown, tmp_path / "out", model, code="2" if change == "code" else "1", only=only)
    assert model.crops == len(crops) == 72


def test_an_image_that_the_manifest_lacks_is_named(shown, tmp_path, manifest_row):
    write_rows(shown.manifest, MANIFEST, [manifest_row("a")])
    with pytest.raises(UserError, match=r"image b is not in .*manifest.parquet; name the manifest"):
        run(shown, tmp_path / "out", Model())


def test_without_a_readable_image_nothing_is_written(tmp_path, manifest_row):
    frames, statuses = write_frames(tmp_path, [lost("a")])
    write_rows(tmp_path / "manifest.parquet", MANIFEST, [manifest_row("a")])
    shown = Shown(frames, statuses, tmp_path / "manifest.parquet", Zoom())
    with pytest.raises(UserError, match="no image could be read"):
        run(shown, tmp_path / "out", Model())


def test_the_command_runs_a_model(shown, tmp_path, wildframe):
    weights = tmp_path / "weights.safetensors"
    prepare(zoo_entry("squeezenet1_1"), weights)  # whose input has 227 pixels
    files = [option for path in shown.frames for option in ("--frames", path)]
    files += ["--statuses", shown.statuses, "--manifest", shown.manifest, "--weights", weights]
    outputs = ("--output", tmp_path / "m.parquet", "--crops", tmp_path / "m.zoom.parquet")
    command = ("predictions", "zoom", "squeezenet1_1", *files, *outputs, "--device", "cpu")
    wildframe(*command, "--view", shown.view.model_dump_json())
    crops = read_table(tmp_path / "m.zoom.parquet", ZOOM_PREDICTIONS).to_pylist()
    assert len(crops) == 72
    assert all(0 < row["confidence"] <= 1 for row in crops)
    with pytest.raises(UserError, match="not of kind zoom; use `wildframe predictions run`"):
        wildframe(*command, "--view", '{"kind": "full"}')

from pathlib import Path

import numpy as np
import pytest
import torch
from frames_data import kept, lost, write_frames
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.frames.encode import encode
from wildframe.frames.preprocessing import write_preprocessed
from wildframe.models import zoo_entry
from wildframe.models.weights import build, prepare
from wildframe.predictions.inference import Inference
from wildframe.predictions.predict import predict, top_classes

CPU = torch.device("cpu")


def test_top_classes_by_hand():
    top = top_classes(np.log(np.array([0.1, 0.4, 0.4, 0.1], np.float32)), k=3)
    assert [guess["class_index"] for guess in top] == [1, 2, 0]
    assert [guess["probability"] for guess in top] == pytest.approx([0.4, 0.4, 0.1])


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=30))
def test_top_classes_are_sorted_and_sum_to_one(logits):
    top = top_classes(np.array(logits, np.float32), k=100)
    order = [(-guess["probability"], guess["class_index"]) for guess in top]
    assert len(top) == len(logits)
    assert sum(guess["probability"] for guess in top) == pytest.approx(1)
    exact = [(-logits[guess["class_index"]], guess["class_index"]) for guess in top]
    assert exact == sorted(exact)
    assert [p for p, _ in order] == sorted(p for p, _ in order)


@pytest.fixture(scope="module")
def images(tmp_path_factory, manifest_row):
    """A shard of the frames station with two readable images and an unreadable one."""
    folder = tmp_path_factory.mktemp("frames")
    rng = np.random.default_rng(1)
    rows = [
        kept(
            f"image-{number}",
            encode(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8), "png"),
        )
        for number in range(2)
    ]
    rows.append(lost("image-2"))
    write_frames(folder, rows)
    write_rows(
        folder / "manifest.parquet", MANIFEST, [manifest_row(row["image_id"]) for row in rows]
    )
    return folder


@pytest.fixture
def write_inputs(images, tmp_path):
    """Write the pixels file of a model's preprocessing and return its path."""

    def write(entry):
        output = tmp_path / "pixels.arrow"
        frames = [images / "0-of-1.parquet"], images / "statuses.parquet"
        manifest = images / "manifest.parquet"
        write_preprocessed(*frames, manifest, "full", 0.1, entry.preprocessing, output)
        return output

    return write


def open_inference(entry, folder):
    files = folder / "weights.safetensors", folder / "pixels.arrow"
    return Inference.open(entry, *files, device_name="cpu", batch_size=1, threads=1)


def test_predictions_are_those_of_the_model(write_inputs, tmp_path):
    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "weights.safetensors")
    write_inputs(entry)
    output = tmp_path / "predictions.parquet"
    predict(open_inference(entry, tmp_path), output)
    rows = read_table(output, PREDICTIONS).to_pylist()
    assert [row["image_id"] for row in rows] == ["image-0", "image-1"]
    assert all(len(row["scores"]) == 1000 and len(row["top"]) == 100 for row in rows)
    assert rows[0]["top"][0]["class_index"] == int(np.argmax(rows[0]["scores"]))
    assert rows[0]["scores"] != rows[1]["scores"]
    facts = read_facts(output, PREDICTIONS)
    assert facts["model"] == "squeezenet1_1"
    assert facts["label_space"] == "in1k"
    assert facts["preprocessing"] == "resize256-crop227-bicubic-center"
    assert facts["device"] == "cpu"
    assert facts["torch_version"] == torch.__version__
    assert len(facts["weights_sha256"]) == 64


def test_images_of_another_preprocessing_are_refused(write_inputs, tmp_path):
    lite0, lite1 = (zoo_entry(f"tf_efficientnet_lite{size}") for size in (0, 1))
    prepare(lite0, tmp_path / "weights.safetensors")
    write_inputs(lite1)
    with pytest.raises(UserError, match="column 'pixels' should be fixed_size_binary"):
        open_inference(lite0, tmp_path)


def test_in_large_label_spaces_only_the_top_is_kept(monkeypatch):
    from wildframe.frames.preprocessing import Preprocessed
    from wildframe.predictions import predict as module

    entry = zoo_entry("convnext_large.fb_in22k")
    preprocessed = Preprocessed(["a"], [""], [np.zeros((224, 224, 3), np.uint8)])
    logits = torch.arange(21841, dtype=torch.float32)[None]
    inference = Inference(entry, lambda images: logits, CPU, Path("pixels"), preprocessed, 8, {})
    (row,) = module._rows(inference)
    assert row["scores"] is None
    assert [guess["class_index"] for guess in row["top"]] == list(range(21840, 21740, -1))


def test_the_architecture_is_in_evaluation_mode_after_loading(tmp_path):
    from wildframe.models.weights import load

    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "weights.safetensors")
    assert build(entry).training
    assert not load(entry, tmp_path / "weights.safetensors").training

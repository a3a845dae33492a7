"""Objects in clips: which frames are shown, and what is averaged, with small networks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_PREDICTIONS
from wildframe.core.tables import read_facts, read_table
from wildframe.frames.kept import KeptClips
from wildframe.frames.preprocessing import Preprocessing
from wildframe.models.zoo import ZooEntry
from wildframe.predictions.clip_objects import predict_objects, spaced, spaced_frames
from wildframe.predictions.inference import Inference

PREPROCESSING = Preprocessing(8, 8, "bilinear", "center")
GREYS = {"a": [0, 100, 200], "b": [50]}
"""Grey value of each frame of each clip."""


class MeanColour(torch.nn.Module):
    """Two logits from the mean of red and of all colours; pooled features before."""

    def __init__(self):
        super().__init__()
        self.head = torch.nn.Linear(3, 2, bias=False)
        self.head.weight.data = torch.tensor([[1.0, 0, 0], [1, 1, 1]])

    def forward(self, images):
        return self.head(images.mean(dim=(2, 3)))


@pytest.fixture
def kept(tmp_path, write_kept):
    images = {
        name: [np.full((8, 10, 3), grey, np.uint8) for grey in greys]
        for name, greys in GREYS.items()
    }
    return KeptClips([write_kept(tmp_path / "kept.arrow", images)])


def inference(model, kept, frames, batch_size=2):
    entry = ZooEntry(name="m", checkpoint="m", architecture="m", mean=(0, 0, 0), std=(1, 1, 1))
    crops = spaced_frames(kept.values(), frames, PREPROCESSING)
    return Inference(entry, model.eval(), torch.device("cpu"), batch_size, {"fact": "x"}), crops


def predicted(inference, frames, path):
    predict_objects(*inference, frames, path)
    return {row["clip_id"]: row for row in read_table(path, CLIP_PREDICTIONS).to_pylist()}


@pytest.mark.parametrize(
    ("frames", "count", "expected"),
    [(5, 3, [0, 2, 4]), (2, 64, [0, 1]), (1, 64, [0]), (64, 2, [0, 63]), (10, 4, [0, 3, 6, 9])],
)
def test_frames_are_evenly_spaced(frames, count, expected):
    assert spaced(frames, count) == expected


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_logits_and_features_are_means_over_frames(kept, tmp_path, batch_size):
    rows = predicted(inference(MeanColour(), kept, 64, batch_size), 64, tmp_path / "p.parquet")
    for name, greys in GREYS.items():
        mean = np.mean(greys) / 255
        assert rows[name]["scores"] == pytest.approx([mean, 3 * mean], abs=1e-6)
        assert rows[name]["embedding"] == pytest.approx([mean] * 3, abs=1e-6)
        assert (rows[name]["head"], rows[name]["views"]) == ("object", len(greys))
    assert read_facts(tmp_path / "p.parquet", CLIP_PREDICTIONS)["fact"] == "x"


class Memory(MeanColour):
    """Holds two images, of which none is bright."""

    def forward(self, images):
        if len(images) > 2 or (len(images) == 2 and images.max() > 0.5):
            raise torch.cuda.OutOfMemoryError("out of memory")
        return super().forward(images)


def test_features_are_those_of_each_frame_where_memory_splits_a_batch(kept, tmp_path):
    # Four do not fit; of two and two the first do, the others do not; then one by one.
    rows = predicted(inference(Memory(), kept, 64, 8), 64, tmp_path / "p.parquet")
    for name, greys in GREYS.items():
        mean = np.mean(greys) / 255
        assert rows[name]["views"] == len(greys)
        assert rows[name]["scores"] == pytest.approx([mean, 3 * mean], abs=1e-6)
        assert rows[name]["embedding"] == pytest.approx([mean] * 3, abs=1e-6)


def test_some_frames_of_a_clip_are_shown(kept, tmp_path):
    row = predicted(inference(MeanColour(), kept, 2), 2, tmp_path / "p.parquet")["a"]
    assert (row["views"], row["scores"][0]) == (2, pytest.approx(100 / 255, abs=1e-6))


class Tokens(MeanColour):
    """Classifies every pixel as a token, before the mean."""

    def forward(self, images):
        return self.head(images.flatten(2).transpose(1, 2)).mean(dim=1)


class Prompts(torch.nn.Module):
    """Classes that are no layer, as those of a model of images and texts."""

    def forward(self, images):
        return images.mean(dim=(2, 3)) @ torch.ones(3, 2)


# As SqueezeNet does; what follows the last layer does not matter.
MAPS = torch.nn.Sequential(
    torch.nn.Conv2d(3, 2, 1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
)


@pytest.mark.parametrize("model", [MAPS, Tokens()])
def test_features_are_pooled_where_a_model_pools_its_classes(kept, tmp_path, model):
    row = predicted(inference(model, kept, 64), 64, tmp_path / "p.parquet")["b"]
    assert row["embedding"] == pytest.approx([50 / 255] * 3, abs=1e-6)


def test_a_model_without_a_last_layer_has_no_features(kept, tmp_path):
    rows = predicted(inference(Prompts(), kept, 64), 64, tmp_path / "p.parquet")
    assert [row["embedding"] for row in rows.values()] == [None, None]


def test_a_logit_that_is_no_number_names_the_clip(kept, tmp_path):
    model = MeanColour()
    model.head.weight.data[0, 0] = torch.nan
    with pytest.raises(UserError, match="m: image a: a logit is NaN or infinite"):
        predict_objects(*inference(model, kept, 64), 64, Path(tmp_path / "p.parquet"))
    assert not (tmp_path / "p.parquet").exists()

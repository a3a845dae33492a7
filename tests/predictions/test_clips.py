"""Predictions of clips over views, worked out by hand and through the commands."""

import numpy as np
import pytest
import torch
from clips_data import clip_row, write_clips

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_PREDICTIONS
from wildframe.core.tables import read_table
from wildframe.models.clips.learner import ClipModel
from wildframe.predictions.clips import aggregate, run_views

LOGITS = {"action": torch.tensor([[1.0, -2.0], [3.0, 0.0]])}
EMBEDDINGS = torch.tensor([[1.0, 0.0], [0.0, 4.0]])


def test_views_have_their_mean_logits():
    (row,) = aggregate("c0", "viewpoint", {"viewpoint": LOGITS["action"]}, EMBEDDINGS)
    assert row == {
        "clip_id": "c0",
        "head": "viewpoint",
        "views": 2,
        "scores": [2, -1],
        "embedding": [0.5, 2],
    }


def test_of_classes_of_which_one_is_right_views_have_their_mean_probability():
    """One view that is sure of a class does not outvote three of another."""
    views = torch.tensor([[6.0, 0, 0], [0, 1.5, 0], [0, 1.5, 0], [0, 1.5, 0]])
    for task in ("action", "verb_noun"):
        (row,) = aggregate("c0", task, {"action": views}, EMBEDDINGS)
        # (403.43, 1, 1) / 405.43 and three times (1, 4.4817, 1) / 6.4817.
        assert np.exp(row["scores"]) == pytest.approx([0.36448, 0.51920, 0.11633], abs=1e-5)


def test_of_several_labels_each_has_its_largest_probability():
    (row,) = aggregate("c0", "multi_label", LOGITS, EMBEDDINGS)
    assert row["scores"] == pytest.approx([1 / (1 + 2.718281828**-3), 0.5])


def test_the_first_of_several_heads_has_the_embedding():
    rows = [
        *aggregate("c0", "verb_noun", {"verb": LOGITS["action"], "noun": EMBEDDINGS}, EMBEDDINGS)
    ]
    assert [row["head"] for row in rows] == ["verb", "noun"]
    assert [row["embedding"] for row in rows] == [[0.5, 2], None]


def test_views_are_run_in_parts():
    torch.manual_seed(0)
    model = ClipModel("tiny", {"verb": 3, "noun": 2}, appended=2).eval()
    views = torch.randint(256, (5, 3, 4, 32, 32), dtype=torch.uint8)
    appended = torch.tensor([[1.0, 2.0]])
    logits, embeddings = run_views(model, views, appended, batch_size=2)
    expected, pooled = model((views / 255 - 0.45) / 0.225, appended.expand(5, -1))
    for head, of_head in logits.items():
        torch.testing.assert_close(of_head, expected[head], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(embeddings, pooled, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, wildframe):
    """Write clips and a network that was trained on them."""
    path = tmp_path_factory.mktemp("clips")
    rows = [clip_row(number) for number in range(4)]
    write_clips(path, [*rows, clip_row(4, split="test"), clip_row(5, split="test")])
    train(wildframe, path, "plain", "verb_noun")
    return path


def train(wildframe, folder, name, task, *more):
    files = [f"--clips={folder}/kept.arrow", f"--manifest={folder}/manifest.parquet"]
    files += [f"--classes={folder}/classes.parquet", f"--history={folder}/{name}.parquet"]
    schedule = ["--epochs=1", "--batch-size=4", "--device=cpu", "--network=tiny"]
    output = f"--output={folder}/{name}.safetensors"
    wildframe("models", "train-clips", f"--task={task}", *files, *schedule, output, *more)


def predict(wildframe, folder, name, *more):
    output = folder / f"{name}.predictions.parquet"
    files = [f"--weights={folder}/{name}.safetensors", f"--clips={folder}/kept.arrow"]
    result = wildframe("predictions", "clips", *files, f"--output={output}", "--device=cpu", *more)
    assert result.exit_code == 0
    return read_table(output, CLIP_PREDICTIONS).to_pylist()


def test_every_readable_clip_is_predicted_by_each_head(folder, wildframe):
    rows = predict(wildframe, folder, "plain", "--views=2", "--crops=3")
    assert [(row["clip_id"], row["head"]) for row in rows] == [
        (f"c{number}", head) for number in range(6) for head in ("verb", "noun")
    ]
    assert {(row["head"], row["views"], len(row["scores"])) for row in rows} == {
        ("verb", 6, 3),
        ("noun", 6, 2),
    }
    # Frames are square, so that all crops are the same.
    once = predict(wildframe, folder, "plain", "--views=2", "--crops=1")
    for three, one in zip(rows, once, strict=True):
        assert three["scores"] == pytest.approx(one["scores"], abs=1e-4)


def test_clips_of_a_split_are_predicted(folder, wildframe):
    split = [f"--manifest={folder}/manifest.parquet", "--split=test"]
    rows = predict(wildframe, folder, "plain", *split)
    assert {row["clip_id"] for row in rows} == {"c4", "c5"}
    with pytest.raises(UserError, match=r"no clip is of the split val; .* in the source's list"):
        predict(wildframe, folder, "plain", split[0], "--split=val")
    with pytest.raises(UserError, match="belong together"):
        predict(wildframe, folder, "plain", split[0])


def test_a_network_is_given_the_embeddings_that_it_has_learnt_with(folder, wildframe):
    append = f"--appended={folder}/object.parquet"
    train(wildframe, folder, "append", "action", append)
    rows = predict(wildframe, folder, "append", append)
    assert len(rows) == 6
    with pytest.raises(UserError, match="it has learnt with embeddings of 3 numbers"):
        predict(wildframe, folder, "append")


def test_other_weights_are_refused(folder, wildframe):
    (folder / "other.safetensors").write_bytes(b"no weights")
    with pytest.raises(UserError, match="not a sound weights file"):
        predict(wildframe, folder, "other")

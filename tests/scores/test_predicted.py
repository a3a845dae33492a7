"""Predicted among targets, out of predictions and detections written by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, PREDICTIONS
from wildframe.core.tables import write_rows
from wildframe.labels.hypernyms import read_targets
from wildframe.labels.projection import NO_TARGET
from wildframe.predictions.blocks import Block
from wildframe.scores.predicted import Projection, class_count, classes_of, highest, open_predicted

# Of five classes two are of target 0, one of target 2, and none of target 1.
CLASSES = [[1, 3], [], [4]]
INFINITY = float("inf")


def projection_of(merge="max", restrict=True):
    return Projection(5, CLASSES, merge, restrict)


def test_only_the_classes_of_targets_answer_unless_all_do():
    scores = np.array([[9.0, 1, 9, 3, 2], [0, 0, 0, 0, 1], [1, 1, 0, 0, 1]])
    assert projection_of().targets_of(scores).tolist() == [0, 2, 0]
    # Of the equal scores 1 in the last row the lowest class counts, which is no target's.
    assert projection_of(restrict=False).targets_of(scores).tolist() == [NO_TARGET, 2, NO_TARGET]


def test_what_is_ruled_out_is_no_answer():
    nothing = np.full((1, 5), -INFINITY)
    for restrict in (True, False):
        assert projection_of(restrict=restrict).targets_of(nothing).tolist() == [NO_TARGET]
    assert highest(np.array([[-INFINITY, -5.0]])).tolist() == [1]


def test_confidences_are_merged_as_scores_are():
    probabilities = np.array([[0.1, 0.2, 0.1, 0.4, 0.2]])
    for merge, of_first in (("max", 0.4), ("sum", 0.6), ("mean", 0.3)):
        found = projection_of(merge).predicted(["i"], probabilities, probabilities)
        assert found.targets.tolist() == [0]
        assert found.confidences[0] == pytest.approx([of_first, -INFINITY, 0.2])


def block_of(*images):
    """Make a block of guesses: a list of class and probability for each image."""
    flat = [(at, *guess) for at, row in enumerate(images) for guess in row]
    image, index, probability = np.array(flat).T
    names = [f"i{at}" for at in range(len(images))]
    return Block(names, None, image.astype(int), index.astype(int), probability)


def test_the_most_probable_classes_answer_where_nothing_else_is_kept():
    block = block_of(
        [(0, 0.5), (4, 0.2), (1, 0.15), (3, 0.1)],
        [(2, 0.5), (0, 0.5)],
        [(3, 0.9), (4, 0.1)],
    )
    expected = {
        # The second image says nothing about any target.
        "max": ([2, NO_TARGET, 0], [[0.15, -INFINITY, 0.2], [0, -INFINITY, 0]]),
        "sum": ([0, NO_TARGET, 0], [[0.25, -INFINITY, 0.2], [0, -INFINITY, 0]]),
        "mean": ([2, NO_TARGET, 0], [[0.125, -INFINITY, 0.2], [0, -INFINITY, 0]]),
    }
    for merge, (targets, confidences) in expected.items():
        found = projection_of(merge).predicted_of_top(block)
        assert found.targets.tolist() == targets
        assert found.confidences[:2] == pytest.approx(np.array(confidences))
        full = projection_of(merge, False).predicted_of_top(block)
        assert full.targets.tolist() == [NO_TARGET, NO_TARGET, 0]


@given(
    arrays(np.float64, (4, 5), elements=st.integers(0, 10**6).map(float), unique=True),
    st.sampled_from(["max", "sum", "mean"]),
    st.booleans(),
)
def test_all_classes_in_the_top_predict_as_scores_do(scores, merge, restrict):
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    block = block_of(
        *([(at, row[at]) for at in np.argsort(-row, kind="stable")] for row in probabilities)
    )
    projection = projection_of(merge, restrict)
    found = projection.predicted_of_top(block)
    assert found.confidences == pytest.approx(
        projection.predicted(["i"] * 4, probabilities, probabilities).confidences
    )
    if merge == "max":
        assert found.targets.tolist() == projection.targets_of(probabilities).tolist()


def test_label_spaces():
    sizes = {"in1k": 1000, "in21k": 21_843, "vid30": 30, "ytbb24": 24, "coco80": 80}
    assert {space: class_count(space) for space in sizes} == sizes
    assert classes_of("ytbb24", "ytbb24") == [[index] for index in range(24)]
    assert classes_of("vid30", "in1k")[0] == [404]
    assert classes_of("vid30", "coco80")[0] == [4]  # airplanes


def predictions(path, rows, **facts):
    write_rows(
        path,
        PREDICTIONS,
        [
            {"image_id": image, "view_key": "", "top": [], "scores": scores}
            for image, scores in rows
        ],
        facts=facts,
    )
    return path


def read(path, targets="vid30", merge="max", restrict=True):
    predicted, facts = open_predicted(path, targets, merge, restrict)
    blocks = list(predicted)
    return {
        image: (int(target), row)
        for block in blocks
        for image, target, row in zip(
            block.image_ids, block.targets, block.confidences, strict=True
        )
    }, facts


def test_scores_of_the_targets_themselves(tmp_path):
    logits = [0.0] * 30
    logits[7] = np.log(11)  # 11 against 29 of 1 each
    path = predictions(tmp_path / "x.parquet", [("i", logits)], label_space="vid30", model="m")
    found, facts = read(path)
    assert found["i"][0] == 7
    assert found["i"][1][7] == pytest.approx(11 / 40)
    assert found["i"][1][0] == pytest.approx(1 / 40)
    assert facts == {
        "model": "m",
        "label_space": "vid30",
        "targets": "vid30",
        "merge": "max",
        "restrict_to_label_space": "True",
        "predicted_from": "scores of all classes",
    }


def test_probabilities_that_were_imported_stay_as_they_are(tmp_path):
    given_as = [0.0] * 28 + [0.25, 0.75]
    for facts, expected in (
        ({"origin": "external"}, 0.75),
        ({}, np.exp(0.75) / (28 + 2.117 + 1.284)),
    ):
        path = predictions(tmp_path / "m.parquet", [("i", given_as)], label_space="vid30", **facts)
        found, named = read(path)
        assert found["i"][1][29] == pytest.approx(expected, rel=1e-4)
        assert named["model"] == "m"  # by the file where the metadata has no name


def test_scores_of_imagenet_are_projected(tmp_path):
    scores = [-5.0] * 1000
    scores[0], scores[151], scores[404] = 9.0, 2.0, 1.0  # a tench, a dog, an airplane
    path = predictions(tmp_path / "m.parquet", [("i", scores)], label_space="in1k")
    assert read(path)[0]["i"][0] == 8
    assert read(path, restrict=False)[0]["i"][0] == NO_TARGET
    # What is added up is probability: logits of 117 dogs at -5 would drown the one at 2.
    assert read(path, merge="sum")[0]["i"][0] == 8
    given = predictions(
        tmp_path / "n.parquet", [("i", scores)], label_space="in1k", origin="external"
    )
    assert read(given, merge="sum")[0]["i"][0] == 0


@pytest.mark.parametrize("faulty", [float("nan"), INFINITY])
def test_scores_that_are_no_numbers_are_refused_with_the_image(tmp_path, faulty):
    rows = [("i1", [0.0] * 30), ("i2", [0.0] * 29 + [faulty])]
    path = predictions(tmp_path / "m.parquet", rows, label_space="vid30")
    with pytest.raises(UserError, match=r"m\.parquet: image i2: a score is NaN or infinite"):
        read(path)


def test_a_model_with_a_label_space_of_its_own_is_projected_by_its_wnids(tmp_path):
    # A tabby is a cat of vid30, a coffee mug nothing.
    facts = {"label_space": "pets", "wnids": "n03063599 n02123045", "model": "m"}
    path = predictions(tmp_path / "m.parquet", [("i", [3.0, 1.0]), ("j", [0.0, 1.0])], **facts)
    cat = [target.name for target in read_targets("vid30")].index("domestic_cat")
    predicted, known = open_predicted(path, "vid30", "max", True)
    assert [block.targets.tolist() for block in predicted] == [[cat, cat]]
    predicted, _ = open_predicted(path, "vid30", "max", False)
    assert [block.targets.tolist() for block in predicted] == [[NO_TARGET, cat]]
    assert (known["label_space"], known["targets"]) == ("pets", "vid30")


def test_scores_of_another_label_space_are_refused(tmp_path):
    path = predictions(tmp_path / "m.parquet", [("i", [0.0] * 30)], label_space="in1k")
    with pytest.raises(UserError, match="30 scores an image, but its label space has 1000"):
        read(path)
    rows = [("i1", [0.0] * 30), ("i2", [0.0] * 29)]
    path = predictions(tmp_path / "m.parquet", rows, label_space="vid30")
    with pytest.raises(UserError, match="scores of different lengths"):
        read(path)


def test_predictions_without_scores(tmp_path):
    path = tmp_path / "m.parquet"
    rows = [
        {
            "image_id": image,
            "view_key": "",
            "top": [{"class_index": index, "probability": 0.5}],
            "scores": None,
        }
        for image, index in (("i1", 404), ("i2", 0))
    ]
    write_rows(path, PREDICTIONS, rows, facts={"label_space": "in1k"})
    found, facts = read(path)
    assert [target for target, _ in found.values()] == [0, NO_TARGET]
    assert facts["predicted_from"].startswith("100 most probable classes")
    rows[0]["top"][0]["class_index"] = 1000
    write_rows(path, PREDICTIONS, rows, facts={"label_space": "in1k"})
    with pytest.raises(UserError, match="class index 1000, but its label space has 1000"):
        read(path)


def test_detections(tmp_path):
    path = tmp_path / "lite.detections.parquet"
    box = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    found_on = {
        "plane": [(4, 0.5), (16, 0.25), (4, 0.125)],
        "dog": [(4, 0.25), (16, 0.5)],
        "person": [(0, 0.75), (16, 0.5)],
        "nothing": [],
    }
    rows = [
        {
            "image_id": image,
            "width": 10,
            "height": 10,
            "detections": [
                {"class_index": index, "score": score, "box": box} for index, score in found
            ],
        }
        for image, found in found_on.items()
    ]
    write_rows(path, DETECTIONS, rows, facts={"label_space": "coco80"})
    # Boxes are not added up, whatever is asked for.
    found, facts = read(path, merge="sum")
    assert [target for target, _ in found.values()] == [0, 8, 8, NO_TARGET]
    assert found["plane"][1][[0, 8]].tolist() == [0.5, 0.25]
    assert (facts["model"], facts["merge"]) == ("lite", "max")
    # Where all classes can be predicted, a person is outside the label space.
    full = [target for target, _ in read(path, restrict=False)[0].values()]
    assert full == [0, 8, NO_TARGET, NO_TARGET]


def test_files_that_are_something_else_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"no\.parquet: no such file"):
        open_predicted(tmp_path / "no.parquet", "vid30", "max", True)
    path = tmp_path / "x.parquet"
    path.write_text("no table")
    with pytest.raises(UserError, match=r"x\.parquet: not a sound Parquet file"):
        open_predicted(path, "vid30", "max", True)

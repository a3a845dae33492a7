"""Predicted among targets, out of predictions and detections written by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from predictions_data import top_rows

from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, PREDICTIONS
from wildframe.core.tables import write_rows
from wildframe.labels.hypernyms import read_targets
from wildframe.labels.spaces import class_ids, class_wnids
from wildframe.predictions.blocks import Block
from wildframe.predictions.predicted import softmax
from wildframe.scores.predicted import (
    Projection,
    Protocol,
    classes_of,
    open_predictions,
    probabilities_of,
    projected,
)

# Of five classes two are of target 0, one of target 2, and none of target 1.
CLASSES = [[1, 3], [], [4]]
INFINITY = float("inf")


OWN = ["c0", "c1", "c2", "c3", "c4"]
TARGETS = ["t0", "t1", "t2"]


def projection_of(merge="max", restrict=True):
    return Projection(OWN, TARGETS, CLASSES, merge, restrict)


def block_of(*images):
    """Make a block of guesses: a list of class and probability for each image."""
    flat = [(at, *guess) for at, row in enumerate(images) for guess in row]
    image, index, probability = np.array(flat).reshape(-1, 3).T
    names = [f"i{at}" for at in range(len(images))]
    keys = [""] * len(images)
    return Block(names, keys, None, image.astype(int), index.astype(int), probability)


def by_score(scores, merge="max", restrict=True, probabilities=None):
    """Predict by scores of the model's classes, and list these from the highest."""
    ranked = [np.argsort(-row, kind="stable") for row in scores]
    block = block_of(
        *(
            [(index, row[index]) for index in order if row[index] > -INFINITY]
            for row, order in zip(scores, ranked, strict=True)
        )
    )
    projection = projection_of(merge, restrict)
    merged = projection.merged(scores)
    confidences = merged if probabilities is None else projection.confidences(probabilities)
    return list(projection.predictions(block, merged, confidences))


def test_only_the_classes_of_targets_answer_unless_all_do():
    scores = np.array([[9.0, 1, 9, 3, 2], [0, 0, 0, 0, 1], [1, 1, 0, 0, 1]])
    assert [one.predicted for one in by_score(scores)] == ["t0", "t2", "t0"]
    # Of the equal scores 1 in the last row the lowest class counts, which is no target's.
    assert [one.predicted for one in by_score(scores, restrict=False)] == [None, "t2", None]


def test_up_to_five_classes_are_listed_by_their_target_or_as_the_models_own():
    scores = np.array([[0.5, 0.1, 0.0, 0.3, -INFINITY]])
    (restricted,) = by_score(scores)
    # Nothing is below t1, and what is below t2 is excluded.
    assert restricted.top == [{"wnid": "t0", "probability": 0.3}]
    (free,) = by_score(scores, restrict=False)
    assert [(one["wnid"], one["probability"]) for one in free.top] == [
        ("c0", 0.5),
        ("t0", 0.3),
        ("t0", 0.1),
        ("c2", 0.0),
    ]
    assert (free.predicted, free.confidences["t0"]) == (None, 0.3)


def test_what_is_ruled_out_is_no_answer():
    nothing = np.full((1, 5), -INFINITY)
    for restrict in (True, False):
        (found,) = by_score(nothing, restrict=restrict)
        assert (found.predicted, found.top) == (None, [])
    # One that is allowed is predicted, however low.
    (found,) = by_score(np.array([[-INFINITY] * 4 + [-5.0]]))
    assert found.predicted == "t2"


def test_confidences_are_merged_as_scores_are_among_what_can_be_predicted():
    shares = np.array([[0.1, 0.2, 0.1, 0.4, 0.2]])
    for merge, of_first in (("max", 0.4), ("sum", 0.6), ("mean", 0.3)):
        # Four fifths of all belong to a target.
        for restrict, whole in ((True, 0.8), (False, 1)):
            (found,) = by_score(shares, merge, restrict, shares)
            expected = [of_first / whole, -INFINITY, 0.2 / whole]
            assert list(found.confidences.values()) == pytest.approx(expected)
            assert found.predicted == "t0"


def test_confidences_in_ones_own_label_space_are_those_among_its_classes(tmp_path):
    """As where `predictable` names the same classes."""
    own = tmp_path / "own.csv"
    own.write_text("name,wnids\ntench,n01440764\ngoldfish,n01443537\n")
    # Of logits log 3, log 1 and, of a class that is none of these, log 9.
    scores = [np.log(3), 0.0, np.log(9)] + [-50.0] * 997
    path = predictions(tmp_path / "p.parquet", [("i", scores)], label_space="in1k")
    among_two, _ = open_predictions(path, Protocol(), ["n01440764", "n01443537"])
    for found in (among_two, open_predictions(path, Protocol(str(own)), None)[0]):
        (one,) = found
        assert one.confidences == pytest.approx({"n01440764": 0.75, "n01443537": 0.25})
    (free,), _ = open_predictions(path, Protocol(str(own), restrict=False), None)
    assert free.confidences["n01440764"] == pytest.approx(3 / 13)


def of_top(tmp_path, block, merge="max", restrict=True):
    """Predict from the most probable classes alone."""
    return list(projected(tmp_path, [block], projection_of(merge, restrict), softmax))


def test_the_most_probable_classes_answer_where_nothing_else_is_kept(tmp_path):
    block = block_of(
        [(0, 0.5), (4, 0.2), (1, 0.15), (3, 0.1)],
        [(2, 0.5), (0, 0.5)],
        [(3, 0.9), (4, 0.1)],
    )
    expected = {
        # The second image says nothing about any target.
        "max": (["t2", None, "t0"], [[0.15, -INFINITY, 0.2], [0, -INFINITY, 0]]),
        "sum": (["t0", None, "t0"], [[0.25, -INFINITY, 0.2], [0, -INFINITY, 0]]),
        "mean": (["t2", None, "t0"], [[0.125, -INFINITY, 0.2], [0, -INFINITY, 0]]),
    }
    for merge, (targets, confidences) in expected.items():
        found = of_top(tmp_path, block, merge)
        assert [one.predicted for one in found] == targets
        merged = np.array([list(one.confidences.values()) for one in found])
        listed = 0.15 + 0.2 + 0.1  # of classes that can be predicted
        assert merged[:2] == pytest.approx(np.array(confidences) / [[listed], [1]])
        full = of_top(tmp_path, block, merge, restrict=False)
        assert [one.predicted for one in full] == [None, None, "t0"]


def test_without_probabilities_the_order_of_classes_decides(tmp_path):
    nothing = float("nan")
    block = block_of([(4, nothing), (1, nothing)], [(1, 0.75), (4, 0.25)], [])
    each = [[index] for index in range(5)]
    for restrict in (True, False):
        projection = Projection(OWN, OWN, each, "max", restrict)
        first, second, third = projected(tmp_path, [block], projection, softmax)
        assert (first.predicted, second.predicted, third.predicted) == ("c4", "c1", None)
        assert first.top == [{"wnid": wnid, "probability": None} for wnid in ("c4", "c1")]
        assert (first.confidences, second.confidences["c1"]) == ({}, 0.75)


def test_classes_without_probabilities_have_a_best_but_no_sum(tmp_path):
    nothing = float("nan")
    block = block_of([(0, 0.5)], [(0, nothing), (4, nothing), (1, nothing), (3, nothing)])
    assert [one.predicted for one in of_top(tmp_path, block)] == [None, "t2"]
    with pytest.raises(UserError, match="image i1 has no probabilities, of which classes have the"):
        of_top(tmp_path, block, "sum")
    # Nor is one needed, if any class can be predicted.
    assert [one.predicted for one in of_top(tmp_path, block, "sum", restrict=False)] == [None] * 2


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
    found = of_top(Path("m.parquet"), block, merge, restrict)
    expected = by_score(probabilities, merge, restrict, probabilities)
    for one, other in zip(found, expected, strict=True):
        assert one.confidences == pytest.approx(other.confidences)
        if merge == "max":
            assert one.predicted == other.predicted


def test_label_spaces():
    sizes = {"in1k": 1000, "in21k": 21_843, "vid30": 30, "ytbb24": 24, "coco80": 80}
    assert {space: len(class_ids(space)) for space in sizes} == sizes
    assert classes_of("ytbb24", "ytbb24") == [[index] for index in range(24)]
    assert classes_of("vid30", "in1k")[0] == [404]
    assert classes_of("vid30", "coco80")[0] == [4]  # airplanes


def predictions(path, rows, **facts):
    write_rows(
        path,
        PREDICTIONS,
        [
            {"image_id": image, "view_key": "", "top": listed(scores), "scores": scores}
            for image, scores in rows
        ],
        facts=facts,
    )
    return path


def listed(scores):
    """Return the most probable classes of scores, as the station of predictions lists them."""
    return top_rows(np.nan_to_num(np.array(scores, np.float32)))


def read(path, targets="vid30", merge="max", restrict=True):
    """Return predicted class and confidences of each image by index, and the metadata."""
    found, facts = open_predictions(path, Protocol(targets, merge, restrict), None)
    index_of = {wnid: index for index, wnid in enumerate(class_ids(targets))}
    return {
        one.image_id: (index_of.get(one.predicted), np.array(list(one.confidences.values())))
        for one in found
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
        ({"origin": "external", "scores": "probabilities"}, 0.75),
        ({}, np.exp(0.75) / (28 + 2.117 + 1.284)),
    ):
        path = predictions(tmp_path / "m.parquet", [("i", given_as)], label_space="vid30", **facts)
        found, named = read(path)
        assert found["i"][1][29] == pytest.approx(expected, rel=1e-4)
        assert named["model"] == "m"  # by the file where the metadata has no name


def test_of_probabilities_an_excluded_class_adds_nothing(tmp_path):
    scores = np.array([[0.1, -INFINITY, 0.1, 0.6, 0.2], [0.1, -INFINITY, 0.1, -INFINITY, 0.8]])
    block = block_of([], [])
    block = Block(block.image_ids, block.view_keys, scores.astype(np.float32), *[np.array([])] * 3)
    of_given = probabilities_of({"scores": "probabilities"})
    # Of the first image's 0.8 of targets, 0.6 is of t0; of the second's, nothing.
    for merge, of_first, of_second in (
        ("max", 0.75, 0),
        ("sum", 0.75, 0),
        ("mean", 0.375, 0),
    ):
        found = list(projected(tmp_path, [block], projection_of(merge), of_given))
        assert [one.predicted for one in found] == ["t0", "t2"]
        confidences = [(one.confidences["t0"], one.confidences["t2"]) for one in found]
        assert np.array(confidences) == pytest.approx(np.array([(of_first, 0.25), (of_second, 1)]))


def test_scores_of_imagenet_areprojected(tmp_path):
    scores = [-5.0] * 1000
    scores[0], scores[151], scores[404] = 9.0, 2.0, 1.0  # a tench, a dog, an airplane
    path = predictions(tmp_path / "m.parquet", [("i", scores)], label_space="in1k")
    assert read(path)[0]["i"][0] == 8
    assert read(path, restrict=False)[0]["i"][0] is None
    # What is added up is probability: logits of 117 dogs at -5 would drown the one at 2.
    assert read(path, merge="sum")[0]["i"][0] == 8


@pytest.mark.parametrize("faulty", [float("nan"), INFINITY])
def test_scores_that_are_no_numbers_are_refused_with_the_image(tmp_path, faulty):
    rows = [("i1", [0.0] * 30), ("i2", [0.0] * 29 + [faulty])]
    path = predictions(tmp_path / "m.parquet", rows, label_space="vid30")
    with pytest.raises(UserError, match=r"m\.parquet: image i2: a score is NaN or infinite"):
        read(path)


def test_a_model_with_a_label_space_of_its_own_isprojected_by_its_wnids(tmp_path):
    # A tabby is a cat of vid30, a coffee mug nothing.
    facts = {"label_space": "pets", "wnids": "n03063599 n02123045", "model": "m"}
    path = predictions(tmp_path / "m.parquet", [("i", [3.0, 1.0]), ("j", [0.0, 1.0])], **facts)
    cat = "n02121808"
    assert (cat, "domestic_cat") in [(one.wnid, one.name) for one in read_targets("vid30")]
    predicted, known = open_predictions(path, Protocol("vid30"), None)
    assert [one.predicted for one in predicted] == [cat, cat]
    predicted, _ = open_predictions(path, Protocol("vid30", restrict=False), None)
    assert [one.predicted for one in predicted] == [None, cat]
    assert (known["label_space"], known["targets"]) == ("pets", "vid30")


def test_classes_of_ones_own_are_predicted_by_models_of_imagenet_and_of_the_same_list(tmp_path):
    own = tmp_path / "kitchen.csv"
    own.write_text("name,wnids\ncup,n03147509 n03797390 n07930864 n03438257\nfork lift,\n")
    path = tmp_path / "p.parquet"
    scores = [0.0] * 1000
    # The crane scores highest, and is none of the classes; of those, the coffee mug is a cup.
    scores[517], scores[504] = 9.0, 5.0
    predictions(path, [("i", scores)], label_space="in1k")
    found, facts = read(path, str(own))
    assert (found["i"][0], facts["targets"]) == (0, str(own))
    predictions(path, [("i", [1.0, 2.0])], label_space="kitchen", wnids="n03147509 fork_lift")
    assert read(path, str(own))[0]["i"][0] == 1


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
    assert [target for target, _ in found.values()] == [0, None]
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
    assert [target for target, _ in found.values()] == [0, 8, 8, None]
    assert found["plane"][1][[0, 8]].tolist() == [0.5, 0.25]
    assert (facts["model"], facts["merge"]) == ("lite", "max")
    # Where all classes can be predicted, a person is outside the label space.
    full = [target for target, _ in read(path, restrict=False)[0].values()]
    assert full == [0, 8, None, None]


def test_files_that_are_something_else_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"no\.parquet: no such file"):
        open_predictions(tmp_path / "no.parquet", Protocol("vid30"), None)
    path = tmp_path / "x.parquet"
    path.write_text("no table")
    with pytest.raises(UserError, match=r"x\.parquet: not a sound Parquet file"):
        open_predictions(path, Protocol("vid30"), None)


def test_in_its_own_label_space_a_model_predicts_what_it_lists(tmp_path):
    """Beyond index 9,204 the two orders of ImageNet-21K differ: an index must not travel alone."""
    television, mouse = "n04404412", "n03793489"
    shares = (0.5, 0.25, 0.1, 0.1, 0.03, 0.02)
    for space in ("in21k", "in22k"):
        indices = [class_wnids(space).index(wnid) for wnid in (television, mouse)]
        top = [
            {"class_index": index, "probability": share}
            for index, share in zip([*indices, 5, 4, 3, 2], shares, strict=True)
        ]
        path = tmp_path / f"{space}.parquet"
        rows = [{"image_id": "i", "view_key": "left", "top": top, "scores": None}]
        write_rows(path, PREDICTIONS, rows, facts={"label_space": space})
        (found,), facts = open_predictions(path, Protocol(), None)
        assert (found.image_id, found.view_key, found.predicted) == ("i", "left", television)
        assert [one["wnid"] for one in found.top][:2] == [television, mouse]
        assert len(found.top) == 5
        # All that are listed are known.
        assert found.confidences[class_wnids(space)[2]] == pytest.approx(0.02)
        assert facts == {"model": space, "label_space": space}


def test_a_class_may_come_without_probability_but_must_be_of_the_list(tmp_path):
    path = tmp_path / "m.parquet"
    top = [{"class_index": index, "probability": None} for index in (1, 0)]
    rows = [{"image_id": "i", "view_key": "", "top": top, "scores": None}]
    facts = {"label_space": "pets", "wnids": "n03063599 n02123045"}
    write_rows(path, PREDICTIONS, rows, facts=facts)
    ((found,), _) = open_predictions(path, Protocol(), None)
    assert found.top == [{"wnid": wnid, "probability": None} for wnid in ("n02123045", "n03063599")]
    assert (found.predicted, found.confidences) == ("n02123045", {})
    top[0]["class_index"] = 2
    write_rows(path, PREDICTIONS, rows, facts=facts)
    with pytest.raises(UserError, match=r"m\.parquet: class index 2, but its .* has 2 classes"):
        list(open_predictions(path, Protocol(), None)[0])


def test_among_some_classes_listed_probabilities_add_up_to_1_as_those_of_scores_do(tmp_path):
    airliner, dog, fish = (class_ids("in1k")[index] for index in (404, 151, 1))
    top = [
        {"class_index": at, "probability": share}
        for at, share in ((1, 0.5), (404, 0.3), (151, 0.1))
    ]
    row = {"image_id": "i", "view_key": "", "top": top, "scores": None}
    path = tmp_path / "m.parquet"
    write_rows(path, PREDICTIONS, [row], facts={"model": "m", "label_space": "in1k"})
    (found,), _ = open_predictions(path, Protocol(), [airliner, dog])
    assert found.predicted == airliner
    assert found.confidences == pytest.approx({airliner: 0.75, dog: 0.25})
    assert fish not in found.confidences


def test_only_some_of_the_models_classes_can_be_predicted(tmp_path):
    """As ImageNet-A is evaluated: the most probable of its classes, among them."""
    wnids = class_wnids("in1k")
    logits = np.full(1000, -20, np.float32)
    logits[[0, 1, 2]] = np.log([0.5, 0.3, 0.1])
    row = {"image_id": "a", "view_key": "", "top": top_rows(logits), "scores": logits.tolist()}
    for kept in (True, False):  # without scores, among the most probable classes
        path = tmp_path / f"{kept}.parquet"
        rows = [row if kept else row | {"scores": None}]
        write_rows(path, PREDICTIONS, rows, facts={"label_space": "in1k"})
        only = [wnids[2], wnids[1], "n00000000"]
        (found,), _ = open_predictions(path, Protocol(), only)
        assert found.predicted == wnids[1]
        assert [one["wnid"] for one in found.top] == [wnids[1], wnids[2]]
        if kept:
            assert found.top[0]["probability"] == pytest.approx(0.75)
            assert found.confidences == pytest.approx({wnids[1]: 0.75, wnids[2]: 0.25})


def test_a_list_of_an_external_model_tells_the_classes_that_it_has(tmp_path):
    wnids = class_wnids("in1k")
    top = [{"class_index": index, "probability": None} for index in range(5)]
    rows = [
        {"image_id": name, "view_key": "", "top": top[:count], "scores": None}
        for name, count in (("five", 5), ("two", 2))
    ]

    def known(only=None, **facts):
        path = tmp_path / "m.parquet"
        write_rows(path, PREDICTIONS, rows, facts={"label_space": "in1k", **facts})
        return [one.known_to for one in open_predictions(path, Protocol(), only)[0]]

    assert known(origin="external") == [5, 2]
    assert known() == [5, 5]
    # Of four classes two are listed of the first image, and none of the second.
    assert known([wnids[at] for at in (3, 4, 5, 6)], origin="external") == [2, 0]
    # Both classes that there are.
    assert known(wnids[:2], origin="external") == [5, 5]
    # Of three of in1k's classes that a label space of one's own may have, one is none of in1k's.
    own = tmp_path / "own.csv"
    own.write_text(f"name,wnids\nfirst,{wnids[0]}\nsecond,{wnids[1]}\nown,\n")
    path = tmp_path / "m.parquet"
    assert [one.known_to for one in open_predictions(path, Protocol(str(own)), None)[0]] == [5, 5]
    # Scores of all classes were given, but only the first classes are kept.
    assert known([wnids[9]], origin="external", scores="probabilities") == [5, 5]


def test_classes_whose_probability_is_rounded_to_0_are_listed_in_their_order(tmp_path):
    wnids = class_wnids("in1k")
    given = [(9, 1.0), (4, 0.0), (2, 0.0), (3, 0.0)]
    top = [{"class_index": at, "probability": share} for at, share in given]
    row = {"image_id": "a", "view_key": "", "top": top, "scores": None}
    facts = {"label_space": "in1k", "origin": "external"}
    only = [wnids[at] for at in (2, 3, 4)]
    # Of scores of all classes, those of 0 are in no order.
    write_rows(tmp_path / "m.parquet", PREDICTIONS, [row], facts={**facts, "scores": "p"})
    ((found,), _) = open_predictions(tmp_path / "m.parquet", Protocol(), only)
    assert (found.top, found.predicted) == ([], None)
    write_rows(tmp_path / "m.parquet", PREDICTIONS, [row], facts=facts)
    (found,), _ = open_predictions(tmp_path / "m.parquet", Protocol(), only)
    assert found.top == [{"wnid": wnids[at], "probability": 0.0} for at in (4, 2, 3)]
    assert found.known_to == 5

"""The command pm-k on files written by hand, in the shapes of ImageNet-Vid-Robust."""

import csv
import io
import json

import pytest

from wildframe.core.errors import UserError
from wildframe.sources import sets_json

# Two videos; in the first a dog (8) runs out of the image of a car (6).
A = "val/ILSVRC2015_val_00000001/000010.JPEG"
A1, A2 = (A.replace("10.", f"1{n}.") for n in (1, 2))
B = "val/ILSVRC2017_val_00000002/000044.JPEG"
PMSETS = {A: [A1, A2], B: []}
LABELS = {A: [6, 8], A1: [6, 8], A2: [6], B: [29]}


def one_hot(index, width=30):
    return [float(index == place) for place in range(width)]


PREDICTIONS = {A: one_hot(8), A1: one_hot(6), A2: one_hot(8), B: one_hot(29)}


@pytest.fixture
def run(tmp_path, wildframe):
    """Return a function that scores predictions and returns the rows printed."""

    def call(predictions=PREDICTIONS, *options, pmsets=PMSETS, labels=LABELS):
        arguments = ["scores", "pm-k"]
        for name, content in (("p", predictions), ("pmsets", pmsets), ("labels", labels)):
            path = tmp_path / f"{name}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            arguments += [*([] if name == "p" else [f"--{name}"]), str(path)]
        result = wildframe(*arguments, "--format", "csv", *options)
        return list(csv.DictReader(io.StringIO(result.stdout)))

    return call


def successes(rows):
    return [int(row["successes"]) for row in rows]


def test_frames_are_scored_by_their_own_labels(run):
    rows = run(PREDICTIONS, "--k", 3)
    assert successes(rows) == [2, 2, 1, 1]
    assert rows[2] == {
        "k": "2",
        "anchors": "2",
        "pairs": "2",
        "successes": "1",
        "accuracy": "0.500000",
        # Exact interval of 1 in 2: the roots of (1 - p)^2 and p^2 at 97.5 %.
        "low": "0.012579",
        "high": "0.987421",
        "delta": "0.500000",
    }


def test_frames_are_scored_by_their_anchors_labels(run):
    assert successes(run(PREDICTIONS, "--label-source", "anchor")) == [2] * 11
    # As YTBB-Robust does by itself; there only anchors have labels.
    only = {frame: LABELS[frame] for frame in PMSETS}
    only[B] = [23]
    predictions = {frame: one_hot(8, 24) for frame in (A, A1, A2)} | {B: one_hot(23, 24)}
    assert successes(run(predictions, "--label-space", "ytbb24", labels=only)) == [2] * 11


def test_none_is_no_class_that_a_prediction_could_be_right_by(run):
    # 22 of YouTube-BB.
    predictions = {frame: one_hot(22, 24) for frame in (A, A1, A2)} | {B: one_hot(23, 24)}
    labels = {A: [22], B: [23]}
    assert successes(run(predictions, "--label-space", "ytbb24", labels=labels)) == [1] * 11


def test_an_anchor_with_two_labels_is_right_by_either(run):
    for predicted, expected in ((6, 2), (8, 2), (7, 1)):
        assert successes(run(PREDICTIONS | {A: one_hot(predicted)}, "--k", 0)) == [expected]


def test_ties_go_to_the_lowest_index(run):
    tied = one_hot(29)
    tied[3] = 1.0
    assert successes(run(PREDICTIONS | {B: tied}, "--k", 0)) == [1]


def test_only_frames_within_k_are_needed(run):
    assert successes(run({A: one_hot(8), B: one_hot(29)}, "--k", 0)) == [2]
    assert successes(run({f: PREDICTIONS[f] for f in (A, A1, B)}, "--k", 1)) == [2, 2]


@pytest.mark.parametrize("block", [1, 2, 3, 4])
def test_the_size_of_blocks_does_not_show(run, monkeypatch, block):
    expected = run()
    monkeypatch.setattr(sets_json, "BLOCK", block)
    assert run() == expected


def test_predictions_of_other_frames_are_passed_over(run):
    assert run(PREDICTIONS | {"val/other/000001.JPEG": ["no number"]}) == run()


@pytest.fixture
def thousand():
    """Return a function that gives scores of ImageNet-1K: all -5 but for those named."""

    def make(**values):
        scores = [-5.0] * 1000
        for index, value in values.items():
            scores[int(index[1:])] = value
        return scores

    return make


def test_scores_of_imagenet_1k_are_projected(run, thousand):
    # Dogs are 151 to 268, cars among others 436, a zebra 340; 0 is a tench, of no target.
    predictions = {
        A: thousand(c151=-1, c0=9),
        A1: thousand(c436=-1),
        A2: thousand(c817=-1),
        B: thousand(c340=-1),
    }
    assert successes(run(predictions, "--k", 2)) == [2, 2, 2]
    # Where all classes can be predicted, the tench is.
    assert successes(run(predictions, "--k", 2, "--no-restrict")) == [1, 1, 1]
    # Added up, 118 dogs at -5 are less than one airplane at -5; their mean is a little above it.
    assert successes(run(predictions, "--k", 0, "--merge", "sum")) == [1]
    assert successes(run(predictions, "--k", 0, "--merge", "mean")) == [2]


def test_the_five_uncovered_names_are_never_an_answer(run, thousand):
    # All scores are below zero, where zeros for cow, giraffe, ... would win.
    labels = {A: [19], B: [6]}
    rows = run(
        {f: thousand(c151=-1) for f in (A, B)}, "--k", 0, "--label-space", "ytbb24", labels=labels
    )
    assert successes(rows) == [1]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "0.5", [1], True])
def test_scores_that_are_no_numbers_are_refused_with_the_frame(run, value):
    scores = one_hot(6)
    scores[20] = value
    if value is True:
        scores = [True] * 30
    with pytest.raises(UserError, match=rf"p\.json: {A1}: a score is NaN, infinite or no number"):
        run(PREDICTIONS | {A1: scores})


def test_minus_infinity_is_a_score(run):
    ruled_out = [float("-inf")] * 30
    ruled_out[29] = -3.0
    assert successes(run(PREDICTIONS | {B: ruled_out}, "--k", 0)) == [2]


def test_a_frame_on_which_everything_is_ruled_out_is_wrong(run):
    nothing = [float("-inf")] * 30
    labels = LABELS | {B: [0]}  # the class of the lowest index
    assert successes(run(PREDICTIONS | {B: nothing}, "--k", 0, labels=labels)) == [1]


def test_a_frame_without_a_prediction_is_named(run):
    some = {A: PREDICTIONS[A], B: PREDICTIONS[B]}
    with pytest.raises(UserError, match=rf"p\.json: frame {A1} has no prediction \(2 such\)"):
        run(some)
    with pytest.raises(UserError, match=rf"frame {A} has no prediction \(4 such\)"):
        run({})


@pytest.mark.parametrize(
    ("value", "found"), [([0.0] * 29, "29 values"), ([], "0 values"), (0.5, "something else")]
)
def test_wrong_widths_are_refused(run, value, found):
    message = rf"{A}: 30 scores \(vid30\) or 1000 scores \(in1k\) are expected, {found} found"
    with pytest.raises(UserError, match=message):
        run(PREDICTIONS | {A: value})


def test_all_frames_must_have_as_many_scores(run):
    message = rf"{B}: 30 scores \(vid30\) are expected, 1000 values found"
    with pytest.raises(UserError, match=message):
        run(PREDICTIONS | {B: one_hot(340, 1000)})


def test_all_classes_does_not_predict_where_only_targets_were_scored(run):
    with pytest.raises(UserError, match="drop --no-restrict"):
        run(PREDICTIONS, "--no-restrict")


def test_a_frame_that_is_predicted_twice_is_refused(run):
    pairs = [*PREDICTIONS.items(), (A, one_hot(1))]
    text = "{" + ", ".join(f'"{name}": {scores}' for name, scores in pairs) + "}"
    with pytest.raises(UserError, match=rf"the key '{A}' is there twice"):
        run(text)


@pytest.mark.parametrize("labels", [[], [30], [-1], 6, ["6"], [True], None])
def test_labels_that_are_no_indices_are_refused(run, labels):
    message = rf"labels\.json: {A1}: labels are a list of indices from 0 to 29, those of vid30"
    with pytest.raises(UserError, match=message):
        run(labels=LABELS | {A1: labels})


def test_a_frame_without_labels_is_named(run):
    with pytest.raises(UserError, match=rf"labels\.json: frame {A2} has no label \(1 such\)"):
        run(labels={name: LABELS[name] for name in (A, A1, B)})


@pytest.mark.parametrize(
    ("pmsets", "message"),
    [
        ({}, r"pmsets\.json: has no sets; is this pmsets\.json"),
        ({A: A1}, "not a list of frames"),
        ({A: [3]}, "not a list of frames"),
        ({A: [A1, A1]}, "a frame is named twice"),
        ({A: [A]}, "a frame is named twice"),
        (f'{{"{A}": [], "{A}": []}}', f"the key '{A}' is there twice"),
        ({A: [A1, A1.replace("/0", "/")]}, "named twice, as val/ILSVRC2015_val_00000001/00011"),
        ({A: [], A.replace("/0", "/"): []}, "named twice, as val/ILSVRC2015_val_00000001/00010"),
        ({A: [B]}, f"{B} is of another video"),
        ({"x-bcdefgh_k_1000/frame-1.jpg": ["x-bcdefgh_j_1000/frame-2.jpg"]}, "is of another video"),
        ({"camera_1/frame-1.jpg": ["camera_2/frame-2.jpg"]}, "is of another video"),
        ({"side_camera_1/frame-1.jpg": ["side_camera_2/frame-2.jpg"]}, "is of another video"),
        ({"a_camera_1000/frame-1.jpg": ["a_camera_2000/frame-2.jpg"]}, "is of another video"),
        ({"val/x/frame.JPEG": []}, "does not end with the number of the frame"),
        ([], "no object at the top level; is this pmsets.json"),
        ("", "no object at the top level"),
        ('{"a": ', "not JSON"),
    ],
)
def test_sets_that_are_no_sets_are_refused(run, pmsets, message):
    with pytest.raises(UserError, match=message):
        run(pmsets=pmsets)


def test_youtubes_names_have_numbers_too(run):
    anchor, neighbours = "ab-1_c_24400/frame-732.jpg", "ab-1_c_24400/frame-742.jpg"
    scores = {anchor: one_hot(0, 24), neighbours: one_hot(1, 24)}
    rows = run(
        scores, "--label-space", "ytbb24", pmsets={anchor: [neighbours]}, labels={anchor: [0]}
    )
    assert successes(rows) == [1] * 10 + [0]


def test_classes_may_be_ones_own(run, tmp_path):
    (tmp_path / "mine.csv").write_text("name,wnids\ncup,n03147509\nmug,n03063599\n")
    pmsets, labels = {"a/0.jpg": ["a/1.jpg"]}, {"a/0.jpg": [0], "a/1.jpg": [1]}
    scores = {"a/0.jpg": [2.0, 1.0], "a/1.jpg": [2.0, 1.0]}
    options = ["--label-space", str(tmp_path / "mine.csv"), "--k", 1]
    assert successes(run(scores, *options, pmsets=pmsets, labels=labels)) == [1, 0]
    options += ["--label-source", "anchor"]
    assert successes(run(scores, *options, pmsets=pmsets, labels=labels)) == [1, 1]


def test_an_unknown_label_space_is_named(run):
    with pytest.raises(UserError, match=r"no-space\.csv"):
        run(PREDICTIONS, "--label-space", "no-space.csv")


def test_files_that_are_absent_are_named(wildframe):
    with pytest.raises(UserError, match=r"^no-sets\.json: no such file; name the file"):
        wildframe("scores", "pm-k", "no.json", "--pmsets", "no-sets.json", "--labels", "no.json")

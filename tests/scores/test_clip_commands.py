"""``wildframe scores clips`` and ``failure-predictors``, on tables written by hand."""

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    CLIP_CLASS_SCORES,
    CLIP_CLASSES,
    CLIP_PREDICTIONS,
    CLIP_SCORES,
    CLIPS,
    FAILURE_PREDICTORS,
    IMAGE_RESULTS,
    INTERACTIONS,
    PAIRS,
)
from wildframe.core.tables import read_table, write_rows
from wildframe.frames.kept import write_shard

TEXT = {"dataset": "d", "media": "m", "media_kind": "video"}


def write_predictions(path, head, scores):
    rows = [
        {"clip_id": clip, "head": head, "views": 1, "scores": of_clip, "embedding": None}
        for clip, of_clip in scores.items()
    ]
    write_rows(path, CLIP_PREDICTIONS, rows)
    return path


@pytest.fixture
def score(tmp_path, blank, wildframe):
    """Score predictions of the head action on four clips of two classes; return the tables."""
    shown = {"a": "c0", "b": "c1", "c": "c0", "d": "c1", "learnt": "c0"}
    rows = [
        blank(
            CLIPS,
            clip_id=clip,
            video_id=clip,
            split="train" if clip == "learnt" else "test",
            actions=[{"class": action, "start": None, "stop": None}],
            **TEXT,
        )
        for clip, action in shown.items()
    ]
    write_rows(tmp_path / "clips.parquet", CLIPS, rows)
    classes = [
        {"head": "action", "class_index": n, "class": f"c{n}", "name": f"c{n}"} for n in range(2)
    ]
    write_rows(tmp_path / "classes.parquet", CLIP_CLASSES, classes)

    def run(predictions, *options, head="action"):
        paths = [
            write_predictions(tmp_path / f"{name}.parquet", head, scores)
            for name, scores in predictions.items()
        ]
        tables = {"output": CLIP_SCORES, "class-scores": CLIP_CLASS_SCORES, "pairs": PAIRS}
        made = [f"--{name}={tmp_path / name}.out.parquet" for name in tables]
        named = [f"--manifest={tmp_path}/clips.parquet", f"--classes={tmp_path}/classes.parquet"]
        wildframe("scores", "clips", *paths, *named, "--seed=0", *made, *options)
        return [
            read_table(tmp_path / f"{name}.out.parquet", contract).to_pylist()
            for name, contract in tables.items()
        ]

    return run


RIGHT, WRONG = {"a": [1, 0], "b": [0, 1]}, {"c": [0, 1], "d": [1, 0]}
ALL = RIGHT | {"c": [1, 0], "d": [0, 1]}


def test_clips_of_the_split_are_scored_and_trainings_compared(score):
    # The clip that was learnt from does not count.
    predictions = {"t.seed-0": RIGHT | WRONG | {"learnt": [0, 1]}, "u.seed-0": ALL}
    scores, classes, pairs = score(predictions, "--pair=u=t")
    found = {(row["training"], row["metric"]): row["value"] for row in scores}
    assert (found["t", "action_top1"], found["u", "action_top1"]) == (0.5, 1)
    assert classes == []
    top_1 = next(row for row in pairs if row["metric"] == "action_top1")
    assert (top_1["model_a"], top_1["model_b"], top_1["only_a"]) == ("u", "t", 2)


def test_who_is_seen_comes_out_of_the_training_clips_of_the_manifest(tmp_path, score):
    manifest = tmp_path / "clips.parquet"
    of = {"a": "P1", "b": "P5", "c": "P1", "d": "P1", "learnt": "P1"}
    rows = read_table(manifest, CLIPS).to_pylist()
    write_rows(manifest, CLIPS, [row | {"participant_id": of[row["clip_id"]]} for row in rows])
    scores, _, _ = score({"t.seed-0": RIGHT | WRONG})
    top_1 = [row for row in scores if row["metric"] == "action_top1"]
    found = {row["subset"]: (row["successes"], row["n"]) for row in top_1}
    assert found == {"all": (2, 4), "seen": (1, 3), "unseen": (1, 1)}


def test_several_labels_and_an_ensemble_of_two_seeds(score):
    sure, doubtful = ({clip: [one / 4 for one in of] for clip, of in ALL.items()}, RIGHT | WRONG)
    predictions = {f"{name}.seed-{n}": of for n in (1, 2) for name, of in (("t", ALL), ("u", sure))}
    predictions["u.seed-2"] = doubtful
    options = ("--multi-label", "--ensemble=both=t,u", "--pair=both=u")
    scores, classes, pairs = score(predictions, *options)
    found = {(row["training"], row["seed"], row["metric"]): row["value"] for row in scores}
    assert found["both", 1, "map"] == found["t", 2, "map"] == 1
    # Of u alone a positive clip is among the first two, and the other among the last.
    assert found["u", 2, "map"] == (1 / 2 + 2 / 4) / 2
    assert {(row["training"], row["class"]) for row in classes} == {
        (name, action) for name in ("t", "u", "both") for action in ("c0", "c1")
    }
    (pair,) = pairs
    assert (pair["model_a"], pair["metric"]) == ("both", "map")


@pytest.mark.parametrize(
    ("predictions", "options", "problem"),
    [
        ({"t": ALL}, [], "predictions are named <training>.seed-<seed>.parquet"),
        (
            {"t.seed-0": {"x": [0, 1]}},
            [],
            "no clip of split test of .* is predicted, out of 4; `wildframe frames show-clips`",
        ),
        (
            {"t.seed-0": ALL, "u.seed-0": RIGHT},
            [],
            r"u.seed-0.parquet: clip c has no prediction \(2",
        ),
        (
            {"t.seed-0": {"a": [0, 1, 2]}},
            [],
            "head action has 3 scores a clip, and the dataset has 2",
        ),
        ({"t.seed-0": ALL}, ["--pair=t"], "t: write <name>=<value>"),
        ({"t.seed-0": ALL}, ["--ensemble=e=t,u"], "ensemble e: u has no predictions of seed 0"),
    ],
)
def test_what_does_not_fit_is_named(score, predictions, options, problem):
    with pytest.raises(UserError, match=problem):
        score(predictions, *options)


def test_clips_without_a_label_that_is_predicted_are_refused(tmp_path, score, blank):
    row = blank(CLIPS, clip_id="a", video_id="a", split="test", actions=[], **TEXT)
    write_rows(tmp_path / "clips.parquet", CLIPS, [row])
    for options in ([], ["--multi-label"]):
        with pytest.raises(
            UserError, match=r"t\.seed-0\.parquet: none of the 1 clips .* a label of action; add"
        ):
            score({"t.seed-0": {"a": [0, 1]}}, *options)
    # What a classifier of viewpoints says is wanted anyway.
    assert score({"t.seed-0": {"a": [0, 1]}}, head="viewpoint") == [[], [], []]


@pytest.mark.parametrize("lacking", ["t", "u"])
def test_a_clip_that_one_model_lacks_is_missing_whichever_is_first(score, lacking):
    predictions = {f"{name}.seed-0": RIGHT if name == lacking else ALL for name in "tu"}
    with pytest.raises(UserError, match=rf"{lacking}\.seed-0\.parquet: clip c has no prediction"):
        score(predictions)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_scores_of_a_model_that_diverged_are_refused_and_not_correct(score, value):
    broken = ALL | {"b": [value, value]}
    with pytest.raises(UserError, match=r"t\.seed-0\.parquet: clip b: a score of the head action"):
        score({"t.seed-0": broken})


def test_failure_predictors_of_clips_with_boxes(tmp_path, blank, wildframe, result):
    names = [f"c{n}" for n in range(8)]
    rows = [
        result(name, "correct_top1" * (n % 2), video_id=name, group_id=name)
        for n, name in enumerate(names)
    ]
    write_rows(tmp_path / "m.parquet", IMAGE_RESULTS, rows)
    ego = {name: [0.0, float(n)] for n, name in enumerate(names)}
    objects = {name: [0.0, float(n % 3)] for n, name in enumerate(names)}
    clips = [
        blank(CLIPS, clip_id=name, video_id=name, split="test", actions=[], **TEXT)
        for name in names
    ]
    write_rows(tmp_path / "clips.parquet", CLIPS, clips)
    sides = {"x1": 0.0, "y1": 0.0, "x2": 1.0, "y2": 1.0}
    box = {"frame": 0, "kind": "hand", "position": 0, "score": 1.0, **sides}
    write_rows(tmp_path / "i.parquet", INTERACTIONS, [{"video_id": "c1", **box}])
    kept = [
        {"clip_id": name, "status": "ok", "detail": "", "frames": [0, 2], "times": [0.0, 1.0]}
        | {"width": 1, "height": 1, "images": [b"", b""]}
        for name in names
    ]
    write_shard(tmp_path / "kept.arrow", kept, {"stride": 2})
    teachers = [
        f"--ego-scores={write_predictions(tmp_path / 'ego.parquet', 'viewpoint', ego)}",
        f"--object-scores={write_predictions(tmp_path / 'objects.parquet', 'object', objects)}",
    ]
    output = f"--output={tmp_path}/out.parquet"
    boxes = [f"--interactions={tmp_path}/i.parquet", f"--manifest={tmp_path}/clips.parquet"]
    command = ("scores", "failure-predictors", tmp_path / "m.parquet", *teachers, output)
    wildframe(*command, *boxes, f"--clips={tmp_path}/kept.arrow")
    found = read_table(tmp_path / "out.parquet", FAILURE_PREDICTORS).to_pylist()
    assert len(found) == 6
    coverage = next(row for row in found if row["predictor"] == "interaction_coverage")
    # One of two frames of one of eight clips is covered.
    assert (coverage["mean"], coverage["n"]) == (0.5 / 8, 8)
    with pytest.raises(UserError, match="--interactions, --clips and --manifest together"):
        wildframe(*command, *boxes)
    with pytest.raises(UserError, match="has no predictions of the head viewpoint"):
        wildframe(*command, f"--ego-scores={tmp_path}/objects.parquet")

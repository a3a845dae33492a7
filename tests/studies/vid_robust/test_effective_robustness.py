"""Effective robustness: above the line of published models, or below."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from image_data import scored
from robustness_data import legend_of, robustness_table, sets_of

from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.tables import write_rows
from wildframe.exhibits.registry import Context
from wildframe.studies.vid_robust.effective_robustness import (
    ByVideo,
    effective_robustness,
    read_by_video,
)

A, B = "tf_efficientnet_lite0", "squeezenet1_1"
KINDS = {A: "zoo", B: "zoo"}


def percent(logit):
    return 100 / (1 + math.exp(-logit))


def by_video(videos=8, **correct):
    """Return correct anchors and sets of one-set videos, so many each, by model."""
    found = {}
    for model, (anchors, sets) in correct.items():
        counts = [[n < anchors, n < sets] for n in range(videos)]
        found[model] = ByVideo(np.array(counts, int), np.ones(videos, int))
    return found


@pytest.fixture
def published(tmp_path):
    """Standard models on the line logit y = logit x - 1, and one that is not standard, above."""
    path = tmp_path / "published.csv"
    lines = ["model,model_type,imagenet-vid-robust_pm0,imagenet-vid-robust_pm10"]
    for number, x in enumerate((0.5, 1.0, 1.5, 2.0)):
        lines.append(f"m{number},STANDARD,{percent(x)},{percent(x - 1)}")
    lines.append("robust,LP_ADV,60,59")
    lines.append("other,,60,30")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_points_lie_above_the_line_of_published_models(published):
    table = robustness_table(sets_of(A, 32, {0: 16, 10: 16}) + sets_of(B, 32, {0: 16, 10: 4}))
    results = by_video(32, **{A: (16, 16), B: (16, 4)})
    figure = effective_robustness(table, results, [published], KINDS, "vid30", 0, "d", True)
    # On anchors 50 %, logit 0: the line lets expect logit -1 on sets.
    assert [row["effective"] for row in figure.numbers.rows] == [
        pytest.approx(50 - percent(-1)),
        pytest.approx(12.5 - percent(-1)),
    ]
    for row in figure.numbers.rows:
        assert row["effective_low"] < row["effective"] < row["effective_high"]
        assert row["effective_data_set"] is None
    assert any("4 of 6 published models" in note for note in figure.notes)
    assert not any("No interval" in note for note in figure.notes)
    assert any("The interval of a model" in note for note in figure.notes)


def test_a_distance_of_few_videos_has_no_interval(published):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 4}) + sets_of(B, 8, {0: 4, 10: 1}))
    results = by_video(**{A: (4, 4), B: (4, 1)})
    figure = effective_robustness(table, results, [published], KINDS, "vid30", 0, "d", True)
    first = figure.numbers.rows[0]
    assert first["effective"] == pytest.approx(50 - percent(-1))
    assert (first["effective_low"], first["effective_high"]) == (None, None)
    legend = [text.replace("\n", " ") for text in legend_of(figure.drawing)]
    assert f"{A} (zoo, +23.1 [N/A])" in legend
    assert any("fewer than 30 videos" in note for note in figure.notes)
    assert not any("interval of a model" in note for note in figure.notes)


@pytest.mark.parametrize(
    ("given", "label_space", "k", "as_published", "said"),
    [
        (False, "vid30", 10, True, "no published models in the config: studies.vid_robust"),
        (True, "coco80", 10, True, "are of vid30 and ytbb24, these sets of coco80"),
        (True, "vid30", 4, True, "up to 10 frames away, these reach 4"),
        (True, "vid30", 10, False, "these are not"),
    ],
)
def test_without_anything_to_compare_with_it_is_not_known(
    given, label_space, k, as_published, said, published
):
    table = robustness_table(sets_of(A, 8, {0: 8, k: 8}) + sets_of(B, 8, {0: 0, k: 0}))
    figure = effective_robustness(
        table, {}, [published] if given else [], KINDS, label_space, 0, "our clips", as_published
    )
    assert [row["effective"] for row in figure.numbers.rows] == [None, None]
    assert figure.notes[0] == "Data: our clips"
    assert figure.notes[-1].startswith("Effective robustness is not known: ")
    assert said in figure.notes[-1]
    # Accuracies of 0 and 1 have no logit, and are drawn half an anchor away.
    assert legend_of(figure.drawing) == ["y = x", f"{A} (zoo)", f"{B} (zoo)"]


def test_an_accuracy_without_a_logit_has_no_effective_robustness(published):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 0}) + sets_of(B, 8, {0: 8, 10: 4}))
    results = by_video(**{A: (4, 0), B: (8, 4)})
    figure = effective_robustness(table, results, [published], KINDS, "vid30", 0, "our clips", True)
    assert [row["effective"] for row in figure.numbers.rows] == [None, None]
    assert f"{B} (zoo, N/A)" in legend_of(figure.drawing)
    said = "half an anchor away, and the model's effective robustness is not known"
    assert [said in note for note in figure.notes].count(True) == 1


def test_published_models_are_drawn_by_type_and_ours_with_their_points(published):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 4}))
    results = by_video(**{A: (4, 4)})
    figure = effective_robustness(
        table, results, [published], {A: "zoo"}, "vid30", 0, "our clips", True
    )
    legend = legend_of(figure.drawing)
    for said in ("STANDARD (4)", "LP_ADV (1)", "no type (1)"):
        assert f"published: {said}" in legend
    # 50 - 26.9
    (label,) = (text for text in legend if text.startswith(A))
    assert label.replace("\n", " ").startswith(f"{A} (zoo, +23.1 [")
    (line,) = (text for text in legend if text.startswith("line of"))
    assert line == ("line of 4 published models:\nlogit y = 1.00 logit x - 1.00, r = 1.00")


TORCHVISION = "resnet50.tv_in1k"


def test_the_shift_of_data_set_is_beside_that_of_consistency(tmp_path):
    path = tmp_path / "published.csv"
    names = ["val-on-vid-robust-classes", "imagenet-vid-robust_pm0", "imagenet-vid-robust_pm10"]
    lines = [",".join(["model", "model_type", *names])]
    # Of the logit on validation images, 3 less on anchors, and 1 less on sets.
    for number, x in enumerate((3.2, 3.6, 4.0, 4.4)):
        cells = [str(percent(x - drop)) for drop in (0, 3, 4)]
        lines.append(",".join([f"m{number}", "STANDARD", *cells]))
    lines.append(f"resnet50,STANDARD,{percent(3.0)},60,40")
    path.write_text("\n".join(lines) + "\n")
    models = (A, TORCHVISION)
    table = robustness_table([row for m in models for row in sets_of(m, 32, {0: 24, 10: 16})])
    results = by_video(32, **dict.fromkeys(models, (24, 16)))
    kinds = dict.fromkeys(models, "zoo")
    figure = effective_robustness(table, results, [path], kinds, "vid30", 0, "d", True)
    lite, resnet = figure.numbers.rows
    assert lite["effective_data_set"] is lite["validation"] is None
    assert resnet["validation"] == pytest.approx(percent(3.0), abs=0.01)
    low, high = resnet["effective_data_set_low"], resnet["effective_data_set_high"]
    assert low < resnet["effective_data_set"] < high
    assert len(figure.drawing.axes) == 2
    # Models and types of published ones are named once for both panels, lines one by one.
    legend = legend_of(figure.drawing)
    assert len(legend) == len(set(legend))
    assert sum(text.startswith("line of") for text in legend) == 2
    assert any("known of 1 of the 2 models" in note for note in figure.notes)
    figure.write([tmp_path / "a.png"])


def test_results_are_counted_by_video(tmp_path):
    # Both anchors are correct, and of the sets all frames of that of b.
    rows = [scored("a", 0), scored("a", 1, correct=False), scored("b", 0), scored("b", 1)]
    rows += [scored("c", 0, correct=False), scored("c", 1)]
    rows = [row | {"video_id": "w" if row["anchor_id"] == "c" else "v"} for row in rows]
    facts = {"model": "m", "review": "human"}
    write_rows(path := tmp_path / "m.parquet", IMAGE_RESULTS, rows, facts=facts)
    found = read_by_video([path])["m"]
    assert (found.correct.tolist(), found.sets.tolist()) == ([[2, 1], [0, 0]], [2, 1])
    assert read_by_video([]) == {}


def test_models_on_few_videos_are_points_without_intervals():
    few = robustness_table(sets_of(A, 3, {0: 2, 10: 1}))
    figure = effective_robustness(few, {}, [], {A: "zoo"}, "vid30", 0, "three clips", True)
    (row,) = figure.numbers.rows
    assert row["original_low"] is None
    (axis,) = figure.drawing.axes
    low, high = axis.get_xlim()
    assert low < high


@pytest.mark.parametrize(
    ("merge", "restrict", "kind", "step", "expected"),
    [
        ("max", True, "full", 1, True),
        ("sum", True, "full", 1, False),
        ("max", False, "full", 1, False),
        ("max", True, "box", 1, False),
        ("max", True, "full", 2, False),
    ],
)
def test_published_accuracies_are_of_each_frame_as_a_whole_and_restricted_by_max(
    merge, restrict, kind, step, expected
):
    chosen = SimpleNamespace(merge=merge, restrict_to_label_space=restrict, step=step)
    config = SimpleNamespace(datasets={"d": chosen}, views={"v": SimpleNamespace(kind=kind)})
    run = Context(config, {}, {}, None, "d", "v")
    assert effective_robustness.exhibit.settings["as_published"].of(run) == expected

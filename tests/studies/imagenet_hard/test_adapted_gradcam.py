"""Grad-CAM before and after adaptation: which images, which maps, which names."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from wildframe.core.errors import UserError
from wildframe.exhibits.inputs import TableFile
from wildframe.exhibits.registry import Context
from wildframe.frames.preprocessing import Preprocessed
from wildframe.studies.imagenet_hard.adapted_gradcam import adapted_gradcam, choose, strips_of

NAMES = {"n1": "cup", "n2": "dog"}


def result(image_id, predicted, confidence=0.5, labels=("n1",)):
    return {
        "image_id": image_id,
        "predicted": predicted,
        "confidence": confidence,
        "labels": list(labels),
        "correct_top1": predicted in labels,
        "top": [{"wnid": predicted, "probability": confidence}],
    }


BEFORE = [result(name, "n2") for name in ("same", "won", "surely won")]
BEFORE += [result("lost", "n1"), result("still", "n2", labels=("n3",))]
AFTER = [result("same", "n2"), result("won", "n1", 0.4), result("surely won", "n1", 0.75)]
AFTER += [result("lost", "n2"), result("still", "n1", labels=("n3",))]


def maps(*names):
    rows = [
        {
            "image_id": name,
            "view_key": "",
            "target_is": side,
            "target": found["predicted"],
            "height": 1,
            "width": 2,
            "map": values,
        }
        for side, values, results in (("before", [0, 3], BEFORE), ("after", [5, 0], AFTER))
        for found in results
        if (name := found["image_id"]) in names
    ]
    return TableFile(Path("gradcam.parquet"), rows, {"model": "m"})


def shown(*names):
    pixels = [np.full((8, 8, 3), at, np.uint8) for at in range(len(names))]
    return Preprocessed(list(names), [""] * len(names), pixels, "exact")


def test_images_that_become_correct_come_first_and_unchanged_ones_never():
    chosen = choose(BEFORE, AFTER)
    assert [row["image_id"] for row, _ in chosen] == ["surely won", "won", "lost", "still"]


def test_each_side_has_its_map_its_name_and_its_verdict():
    (strip,) = strips_of(maps("won"), shown("same", "won"), choose(BEFORE, AFTER)[1:2])
    assert (strip.before.map.tolist(), strip.after.map.tolist()) == ([[0, 3]], [[5, 0]])
    assert (strip.before.predicted, strip.after.predicted) == ("n2", "n1")
    assert (strip.before.correct, strip.after.correct) == (False, True)
    assert strip.before.shown[0, 0].tolist() == [1, 1, 1]


def test_a_map_that_is_missing_is_named():
    with pytest.raises(UserError, match=r"gradcam\.parquet: has no map of image surely won"):
        strips_of(maps("won"), shown("won", "surely won"), choose(BEFORE, AFTER))


def test_the_figure_says_how_many_change():
    names = [row["image_id"] for row in BEFORE]
    figure = adapted_gradcam(
        maps(*names), BEFORE, AFTER, shown(*names), NAMES, "m", "MEMO", "our clips"
    )
    assert "4 of 5 images: 2 become correct, 1 incorrect" in figure.notes[1]
    titles = {axis.get_title() for axis in figure.drawing.axes}
    assert {"label: cup", "dog\nincorrect, p = 0.50", "cup\ncorrect, p = 0.75"} <= titles


def test_another_correct_label_is_neither_gained_nor_lost():
    labels = ("n1", "n2")
    before, after = [result("either", "n2", labels=labels)], [result("either", "n1", labels=labels)]
    pairs = {"before": before, "after": after}
    found = [
        row | {"target": pairs[row["target_is"]][0]["predicted"], "image_id": "either"}
        for row in maps("won").rows
    ]
    gradcams = TableFile(Path("gradcam.parquet"), found, {"model": "m"})
    figure = adapted_gradcam(gradcams, before, after, shown("either"), NAMES, "m", "MEMO", "clips")
    assert "1 of 1 images: 0 become correct, 0 incorrect" in figure.notes[1]


def test_where_nothing_changes_nothing_is_drawn():
    figure = adapted_gradcam(maps(), BEFORE, BEFORE, shown(), NAMES, "m", "MEMO", "our clips")
    assert "0 of 5 images" in figure.notes[1]


def test_the_first_model_is_shown_that_grad_cam_can_explain():
    models = {
        "none": SimpleNamespace(gradcam_layer=None),
        "some": SimpleNamespace(gradcam_layer="l"),
    }
    declared = adapted_gradcam.exhibit
    study = SimpleNamespace(adapted_models=["none", "some"])
    run = Context(None, models, {}, study)
    assert declared.when(run)
    assert declared.settings["model"].of(run) == "some"
    study.adapted_models = ["none"]
    assert not declared.when(run)

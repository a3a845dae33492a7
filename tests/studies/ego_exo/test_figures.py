"""The figures: what is chosen and counted, and that all of it is drawn."""

import io
import math

import numpy as np
import pyarrow as pa
import pytest
from exo_data import context, over_seeds
from pair_data import ALIKE
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_SCORES
from wildframe.core.tables import write_rows
from wildframe.exhibits.lookup import load_exhibit
from wildframe.frames.kept import KeptClip
from wildframe.studies.ego_exo.attention import attention, steps_of
from wildframe.studies.ego_exo.classes import differences
from wildframe.studies.ego_exo.fig4_classes import both_ends, fig4_classes
from wildframe.studies.ego_exo.fig_s1_fractions import fig_s1_fractions
from wildframe.studies.ego_exo.fig_s2_ego_scores import (
    fig_s2_ego_scores,
    histogram,
    read_accuracies,
)
from wildframe.studies.ego_exo.fig_s3_venn import (
    CENTRES,
    RADIUS,
    fig_s3_venn,
    region_counts,
    region_place,
)
from wildframe.studies.ego_exo.sorted_clips import ClipText, sorted_figure
from wildframe.studies.ego_exo.strips import positions
from wildframe.studies.ego_exo.teachers import combined, signals_of


def class_score(training, name, ap, seed=0):
    return {"training": training, "class": name, "ap": ap, "seed": seed}


def test_differences_by_class_are_of_means_over_seeds():
    rows = [
        class_score("a", "c1", 0.5),
        class_score("a", "c1", 0.7, seed=1),
        class_score("b", "c1", 0.5),
    ]
    assert differences(rows, "a", "b") == {"c1": pytest.approx(10)}
    with pytest.raises(UserError, match="c has no scores by class"):
        differences(rows, "c", "b")


def test_both_ends_overlap_nowhere():
    rows = [{"class": name} for name in "abcde"]
    assert both_ends(rows, 2) == [rows[0], rows[1], rows[3], rows[4]]
    assert both_ends(rows, 3) == rows


def test_figure_4_has_a_bar_a_class_and_the_numbers_of_all():
    scores = [class_score("ours", f"c{at:03}", at / 200) for at in range(100)]
    scores += [class_score("base", f"c{at:03}", 0.25) for at in range(100)]
    figure = fig4_classes(scores, {"c099": "Washing a dish"}, "ours", "base", ["the data"])
    (axis,) = figure.drawing.axes
    assert len(axis.patches) == 70
    assert axis.get_xticklabels()[0].get_text() == "Washing a dish"
    assert [row["class"] for row in figure.numbers.rows[:2]] == ["c099", "c098"]
    assert "49 gain and 50 lose" in figure.notes[1]


def test_regions_are_counted_by_the_sets_they_are_in():
    counts = region_counts([{"a", "b", "x"}, {"b", "x"}, {"c", "x"}])
    assert counts[True, True, True] == counts[True, True, False] == 1
    assert counts[True, False, False] == counts[False, False, True] == 1
    assert sum(counts.values()) == 4


def test_figure_s3_counts_classes_that_gain():
    names = {"third_only": "base", "ego": "e", "object": "o", "interaction": "i"}
    scores = [class_score("base", name, 0.2) for name in ("c1", "c2")]
    for training, of_c1 in (("e", 0.3), ("o", 0.3), ("i", 0.1)):
        scores += [class_score(training, "c1", of_c1), class_score(training, "c2", 0.2)]
    figure = fig_s3_venn(scores, {}, names, [])
    assert [(row["ego"], row["object"], row["interaction"]) for row in figure.numbers.rows] == [
        (1, 1, 0),
        (0, 0, 0),
    ]
    drawn = [text.get_text() for text in figure.drawing.axes[0].texts]
    assert "Ego-Score\n(1)" in drawn
    assert sorted(drawn[3:]) == ["0"] * 6 + ["1"]
    assert "1 are improved by none" in figure.notes[0]


def test_figure_s1_has_a_point_a_share_method_and_head():
    trainings = {
        percent: {method: f"{method}-{percent}" for method in ("third_only", "ego_exo")}
        for percent in ("10", "100")
    }
    scores = {
        (name, "all", f"{head}_top1"): over_seeds(0.5, 0.01, 2)
        for of_share in trainings.values()
        for name in of_share.values()
        for head in ("verb", "noun")
    }
    figure = fig_s1_fractions(scores, ALIKE, trainings, [])
    assert len(figure.numbers.rows) == 8
    assert figure.numbers.rows[1]["p_holm"] == 1
    assert figure.numbers.rows[0]["difference"] is None
    assert "verbs, 10 %: +0.00 [-5.00, +5.00], p = 1" in figure.notes[0]
    assert figure.notes[1].startswith("Whiskers: standard deviation")
    assert len(figure.drawing.axes) == 2
    highest = max(row["value"] for row in figure.numbers.rows)
    assert all(axis.get_ylim()[1] > highest for axis in figure.drawing.axes)


def test_figure_s1_of_one_seed_has_no_whiskers():
    trainings = {"100": {"third_only": "third", "ego_exo": "ours"}}
    one = {
        (name, "all", f"{head}_top1"): over_seeds(0.5)
        for name in ("third", "ours")
        for head in ("verb", "noun")
    }
    figure = fig_s1_fractions(one, ALIKE, trainings, [])
    assert not any("Whiskers" in note for note in figure.notes)
    assert not any(line.has_yerr for axis in figure.drawing.axes for line in axis.containers)


def test_the_shares_of_figure_s1_end_with_all_clips():
    exhibit = load_exhibit("ego_exo", "fig_s1_fractions")
    run = context(fractions=[0.5])
    assert exhibit.when(run)
    found = exhibit.settings["trainings"].of(run)
    assert [*found] == ["50", "100"]
    assert found["50"]["ego_exo"] == "ego_exo-tiny-epic100-50pct"
    assert not exhibit.when(context(fractions=[]))
    assert not exhibit.when(context(fractions=[0.5], methods=["third_only"]))


@pytest.mark.parametrize(
    ("name", "setting", "first"),
    [
        ("attention", "data_notes", "C-Ego: cego"),
        ("fig4_classes", "notes", "C-Ego: cego"),
        ("fig_s3_venn", "notes", "C-Ego: cego"),
        ("fig_s1_fractions", "notes", "EPIC-100: epic100"),
    ],
)
def test_the_note_that_a_figure_shows_is_of_the_data_that_it_shows(name, setting, first):
    told = load_exhibit("ego_exo", name).settings[setting].of(context())
    assert told == [first, "Pre-training: kinetics"]


def test_the_histogram_has_every_clip():
    rows = histogram(np.array([0.0, 0.01, 0.5, 1.0]))
    assert [row["clips"] for row in rows if row["clips"]] == [2, 1, 1]
    accuracy = {"successes": 15, "n": 16, "low": 0.7, "high": 0.99}
    figure = fig_s2_ego_scores({"a": 0.1, "b": 0.9}, {"ego": accuracy}, "ego", "the data")
    assert "1 of 2 are above 0.5" in figure.notes[1]
    told = "tells 15 of 16 test clips of both viewpoints apart"
    assert f"{told} (95 % interval over videos: 70.0 to 99.0 %)." in figure.notes[2]
    alike = accuracy | {"low": None, "high": None}
    figure = fig_s2_ego_scores({"a": 0.1}, {"ego": alike}, "ego", "the data")
    assert figure.notes[2].endswith(f"{told}.")
    assert len(fig_s2_ego_scores({"a": 0.1}, {}, "ego", "the data").notes) == 2


def test_the_classifier_is_judged_by_all_test_clips(tmp_path):
    row = {"training": "ego", "seed": 0, "metric": "viewpoint_top1", "value": 0.5, "videos": 2}
    row |= {"low": None, "high": None}
    counts = {"all": (3, 4), "seen": (2, 2), "unseen": (1, 2)}
    rows = [row | {"subset": name, "successes": s, "n": n} for name, (s, n) in counts.items()]
    write_rows(tmp_path / "scores.parquet", CLIP_SCORES, rows)
    found = read_accuracies([tmp_path / "scores.parquet"])["ego"]
    assert (found["successes"], found["n"]) == (3, 4)


def kept(name, frames=6):
    """Return a clip of grey frames."""
    buffer = io.BytesIO()
    Image.new("RGB", (20, 10), (90, 90, 90)).save(buffer, "JPEG")
    images = pa.array([buffer.getvalue()] * frames, pa.binary())
    return KeptClip(name, range(frames), [0.1] * frames, 20, 10, images)


def test_the_frames_of_a_strip_are_the_middles_of_equal_parts():
    assert positions(6) == [1, 3, 5]
    assert positions(1) == [0, 0, 0]


def test_signals_that_a_run_lacks_are_left_out_and_clips_without_any_of_them():
    box = {"video_id": "v", "frame": 0, "x1": 0, "y1": 0, "x2": 1, "y2": 1}
    clips = {"a": kept("a", 2), "b": kept("b", 2)}
    signals = signals_of({"a": 0.5, "c": 1.0}, {}, [box], clips, {"a": "v", "b": "w"})
    assert signals["interaction"] == {"a": 0.5, "b": 0}
    assert combined(signals, {"ego": 0.1, "interaction": 1}) == {"a": pytest.approx(0.55)}


def test_sorted_clips_are_those_at_both_ends():
    ego = {name: place / 10 for place, name in enumerate("abcdef")}
    clips = {name: kept(name) for name in ego}
    names = ClipText(dict.fromkeys(ego, "v"), {name: f"doing {name}" for name in ego})
    figure = sorted_figure(clips, names, ego, {}, [], {"ego": 1}, "the data", 2)
    titles = [axis.get_title() for axis in figure.drawing.axes if axis.get_title()]
    assert [title.splitlines()[0] for title in titles] == [f"doing {name}" for name in "feba"]
    assert titles[0].splitlines()[1] == "0.50: ego 0.50"
    # Of two clips, one is at either end.
    two = sorted_figure(clips, names, {"a": 0.1, "b": 0.2}, {}, [], {"ego": 1}, "the data", 6)
    assert two.notes[1].startswith("Of 2 clips that have every signal, of 6. Score: 1 ego, ")
    assert sum(bool(axis.get_title()) for axis in two.drawing.axes) == 2


@pytest.mark.parametrize("region", [*region_counts([set(), set(), set()])])
def test_a_count_is_written_within_its_region(region):
    x, y = region_place(region)
    for (left, top), is_in in zip(CENTRES, region, strict=True):
        assert (math.hypot(x - left, y - top) < RADIUS) == is_in


def test_a_map_spans_the_shown_frames_and_its_brightest_place_is_one():
    row = {"positions": [0, 2, 4, 6], "length": 2, "height": 1, "width": 2, "map": [0, 1, 4, 2]}
    assert [step.tolist() for step in steps_of(row)] == [
        [[0, 0.25]],
        [[0, 0.25]],
        [[1, 0.5]],
        [[1, 0.5]],
    ]


def test_attention_lies_on_the_part_of_the_frame_that_was_shown():
    row = {"clip_id": "a", "head": "action", "class": "c1", "positions": [0, 1, 2, 3]}
    row |= {"left": 0.25, "top": 0.0, "right": 0.75, "bottom": 1.0}
    row |= {"length": 1, "height": 1, "width": 2, "map": [1.0, 0.0]}
    figure = attention([row], {"a": kept("a")}, {"c1": "Pouring"}, [])
    drawn = [axis for axis in figure.drawing.axes if axis.images]
    assert len(drawn) == 3
    assert drawn[0].images[1].get_extent() == [4.5, 14.5, 9.5, -0.5]
    assert drawn[1].get_title() == "predicted: Pouring"

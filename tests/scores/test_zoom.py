from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from wildframe.core.schemas import ZOOM_CROPS, ZOOM_SCORES
from wildframe.scores.zoom import (
    CropKey,
    ZoomResults,
    any_correct,
    cross_validated,
    hard_images,
    min_cover,
    score_crops,
    score_zoom,
    visible_anchors,
    with_real_labels,
)

CORRECT = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 7)))


def table(*rows):
    """Return images by crops: 1 where correct."""
    return np.array([[mark == "1" for mark in row] for row in rows])


def results(correct, crops, *, groups=None, size=(9, 9), classes=1000, model="m"):
    """Return results on images of one size."""
    names = [f"i{at}" for at in range(len(correct))]
    return ZoomResults(
        model,
        names,
        groups or names,
        crops,
        correct,
        [size] * len(correct),
        classes,
        "full",
    )


def greedy_by_sets(correct):
    """Set cover written out with sets: the reference."""
    solves = [set(np.flatnonzero(column)) for column in correct.T]
    left, cover = set().union(*solves), []
    while left:
        best = max(range(len(solves)), key=lambda at: (len(solves[at] & left), -at))
        cover.append(best)
        left -= solves[best]
    return cover


def test_a_cover_by_hand():
    # Crop 1 solves three; of the rest crops 0 and 2 solve one each, and the first is taken.
    correct = table("0100", "0100", "0110", "1010", "0000")
    assert min_cover(correct) == [1, 0]
    assert min_cover(correct, 1) == [1]
    assert min_cover(table("00", "00")) == []


@given(CORRECT)
def test_a_cover_is_that_of_sets_and_leaves_nothing_out(correct):
    cover = min_cover(correct)
    assert cover == greedy_by_sets(correct)
    assert (any_correct(correct, cover) == any_correct(correct)).all()


@given(CORRECT)
def test_a_cover_is_as_good_as_the_theory_of_greedy_covers_says(correct):
    """The best cover by brute force has at least size / H(most that a crop solves) crops."""
    cover, count = min_cover(correct), correct.shape[1]
    best = next(
        size
        for size in range(count + 1)
        for crops in combinations(range(count), size)
        if (any_correct(correct, list(crops)) == any_correct(correct)).all()
    )
    harmonic = sum(1 / k for k in range(1, correct.sum(axis=0).max(initial=0) + 1))
    assert best <= len(cover) <= max(best * harmonic, best)


@given(CORRECT)
def test_the_first_crop_of_a_cover_is_the_best_by_brute_force(correct):
    accuracies = correct.sum(axis=0)
    assert not accuracies.any() or min_cover(correct, 1) == [int(np.argmax(accuracies))]


@given(CORRECT)
def test_upper_bounds_rise_with_the_number_of_crops_up_to_the_union(correct):
    cover = min_cover(correct)
    bounds = [any_correct(correct, cover[:crops]).sum() for crops in range(len(cover) + 1)]
    assert bounds == sorted(set(bounds))
    assert bounds[-1] == any_correct(correct).sum()


CROPS = [CropKey(256, 1, 1), CropKey(224, 0, 0), CropKey(64, 1, 1), CropKey(512, 2, 2)]


def test_of_equal_crops_the_cover_has_the_first_in_the_authors_order():
    # All solve the same image: by anchor, then by size, but for those that are listed last.
    crops = [CropKey(64, 1, 1), CropKey(122, 0, 2), CropKey(128, 0, 2), CropKey(1024, 0, 2)]
    left = [*range(4)]
    found = []
    while left:
        (first,) = results(table("1" * len(left)), [crops[at] for at in left]).cover
        found.append(crops[left.pop(first)])
    assert found == [(128, 0, 2), (122, 0, 2), (1024, 0, 2), (64, 1, 1)]


def metrics(rows):
    return {(row["metric"], row["crops"], row["row"], row["col"]): row["successes"] for row in rows}


def test_a_cross_validated_crop_is_compared_with_the_one_crop_on_the_same_images():
    # Of eight images the one crop solves none, and the crop at size 224 all.
    correct = table(*["0100"] * 8)
    rows = {(row["metric"], row["crops"]): row for row in zoomed(correct, CROPS)}
    compared = rows["cross_validated", 1]
    assert (compared["gained"], compared["lost"], compared["difference"]) == (8, 0, 1)
    assert compared["p_value"] == pytest.approx(2 / 2**8)
    assert rows["one_crop", 1]["p_value"] is None
    assert rows["oracle", 4]["p_value"] is None, "an oracle knows the labels"
    assert zoomed(correct, [CropKey(255, 1, 1), *CROPS[1:]])[0]["p_value"] is None


def zoomed(correct, crops):
    return score_zoom(results(correct, crops), 0)


def test_scores_by_hand():
    correct = table("1001", "1000", "0100", "0010", "0000")
    rows = score_zoom(results(correct, CROPS, classes=10), 0)
    found = metrics(rows)
    assert found["one_crop", 1, None, None] == 2
    # The cover is 256, 224 and 64; 512 solves nothing new.
    assert found["oracle", 4, None, None] == 4
    assert found["zoom_in", 1, None, None] == 2
    assert found["zoom_out", 1, None, None] == 1
    assert found["unzoomed", 1, None, None] == 1
    assert found["only_zoom_in", 1, None, None] == 2
    assert found["at_anchor", 2, 1, 1] == 3
    assert found["at_anchor", 1, 2, 2] == 1
    assert found["at_anchor", 0, 0, 1] == 0
    assert found["showing_anchor", 4, 0, 1] == 4
    assert found["showing_anchor_cover", 3, 0, 1] == 4
    # The crop at the top left of size 224 does not show the anchor at the bottom right.
    assert found["showing_anchor", 4, 2, 2] == 3
    oracle = next(row for row in rows if row["metric"] == "oracle")
    assert (oracle["oracle"], oracle["random"], oracle["value"], oracle["n"]) == (True, 0.4, 0.8, 5)
    one = rows[0]
    assert (one["oracle"], one["random"], one["interval"]) == (False, None, "clopper-pearson-95")
    assert all({"dataset", *row} == set(ZOOM_SCORES.schema.names) for row in rows)


def test_a_metric_of_as_many_crops_stands_once():
    for crops in (CROPS, CROPS[:1]):
        rows = score_zoom(results(np.ones((3, len(crops)), bool), crops), 0)
        assert len(metrics(rows)) == len(rows)


def test_only_one_direction_means_that_no_other_solves_it():
    crops = [CropKey(512, 1, 1), CropKey(64, 1, 1)]
    correct = table("10", "11", "10", "01")
    found = metrics(score_zoom(results(correct, crops), 0))
    assert found["zoom_in", 1, None, None] == 3
    assert found["only_zoom_in", 1, None, None] == 2
    assert found["only_zoom_out", 1, None, None] == 1


def test_crops_by_hand():
    rows = score_crops(results(table("1001", "1000", "0100", "0010", "0000"), CROPS))
    assert all(row["cluster_low"] < row["successes"] / 5 < row["cluster_high"] for row in rows)
    kept = [name for name in ZOOM_CROPS.schema.names if name not in ("cluster_low", "cluster_high")]
    assert [tuple(row[name] for name in kept) for row in rows] == [
        ("m", 256, 1, 1, 2, 5, 5, 1, 2),
        ("m", 224, 0, 0, 1, 5, 5, 2, 3),
        ("m", 64, 1, 1, 1, 5, 5, 3, 4),
        ("m", 512, 2, 2, 1, 5, 5, None, None),
    ]
    assert list(rows[0]) == ZOOM_CROPS.schema.names


def test_the_interval_of_a_crop_is_over_clips():
    # Both clips are solved by half: without one of them, the accuracy is the same.
    clips = replace(results(table("1", "0", "1", "0"), CROPS[:1]), groups=list("aabb"))
    (row,) = score_crops(clips)
    assert (row["n"], row["clusters"], row["cluster_low"]) == (4, 2, None)


def test_an_image_has_no_say_in_the_crop_that_it_is_tried_on():
    # Each clip is solved by a crop of its own: the best on one half solves nothing on the other.
    correct = table("10", "10", "01", "01")
    assert cross_validated(correct, ["a", "a", "b", "b"], 1, 0).tolist() == [False] * 4
    # What is best for everyone is found on either half.
    correct = table("10", "11", "10", "11")
    assert cross_validated(correct, ["a", "a", "b", "b"], 1, 0).tolist() == [True] * 4


def test_both_halves_have_as_many_clips():
    # Two clips are solved by one crop, two by the other. Halves of two alike choose what solves
    # nothing on the others; of mixed halves both crops are equal, and the first is tried.
    correct = table("10", "10", "01", "01")
    found = {tuple(cross_validated(correct, list("abcd"), 1, seed).tolist()) for seed in range(20)}
    assert found == {(False,) * 4, (True, True, False, False)}


def test_where_nothing_is_solved_the_first_crop_is_tried():
    # Nothing of a is solved, so that all crops are equal to those who try them on b.
    correct = table("00", "00", "11", "10")
    assert cross_validated(correct, ["a", "a", "b", "b"], 1, 0).tolist() == [False] * 2 + [True] * 2


def test_halves_are_of_clips_and_depend_on_the_seed_alone():
    rng = np.random.default_rng(0)
    correct = rng.random((40, 9)) < 0.3
    groups = [f"clip-{at // 4}" for at in range(40)]
    once = cross_validated(correct, groups, 1, 7)
    order = rng.permutation(40)
    shuffled = cross_validated(correct[order], [groups[at] for at in order], 1, 7)
    assert (shuffled == once[order]).all()
    seeds = {cross_validated(correct, groups, 1, seed).tobytes() for seed in range(9)}
    assert len(seeds) > 1


@given(CORRECT, st.integers(0, 5))
def test_cross_validation_is_between_nothing_and_the_union(correct, seed):
    groups = [str(at) for at in range(len(correct))]
    for crops in (1, 3):
        solved = cross_validated(correct, groups, crops, seed)
        if len(correct) == 1:
            assert solved is None
        else:
            assert (solved <= any_correct(correct)).all()


def test_with_noise_alone_an_oracle_is_far_above_what_cross_validation_finds():
    correct = np.random.default_rng(0).random((400, 63)) < 0.1
    found = results(correct, [CropKey(100 + at, 1, 1) for at in range(63)])
    scores = {(row["metric"], row["crops"]): row for row in score_zoom(found, 0) if not row["row"]}
    assert scores["oracle", 63]["value"] > 0.95
    assert scores["cross_validated", 1]["value"] < 0.15


def grid(size):
    return [CropKey(size, row, col) for row in range(3) for col in range(3)]


def test_anchors_in_crops_by_hand():
    """A square of 300 px at size 300: tiles of 100 px, anchors at 50, 150, 250; crops of 224."""
    visible = visible_anchors(300, 300, grid(300))
    assert visible.shape == (9, 3, 3)
    # Around (50, 50) from -62 to 162: anchors at 50 and 150.
    assert visible[0].tolist() == [[True, True, False], [True, True, False], [False] * 3]
    # Around the middle, from 38 to 262: all.
    assert visible[4].all()
    # Around (row 2, column 0).
    assert visible[6].tolist() == [[False] * 3, [True, True, False], [True, True, False]]


def test_a_crop_shows_its_first_pixel_and_not_the_one_behind_its_last():
    # Tiles of 112 px, anchors at 56, 168 and 280. The middle crop is from 56 to 279.
    seen = [False] * 3, [True, True, False], [True, True, False]
    assert visible_anchors(336, 336, grid(336))[4].tolist() == [*seen[1:], seen[0]]


def test_of_an_enlarged_image_a_crop_shows_its_own_anchor_and_of_a_reduced_one_all():
    enlarged = visible_anchors(1000, 500, grid(1024))
    for at in range(9):
        assert enlarged[at].sum() == 1
        assert enlarged[at, at // 3, at % 3]
    assert visible_anchors(1000, 500, grid(64)).all()


def test_anchors_are_those_of_each_images_own_size():
    """At size 300, the first crop of a square shows the middle; of an image twice as wide, not."""
    first = np.eye(1, 9, dtype=bool).repeat(3, axis=0)
    sizes = [(300, 300), (1000, 500), (300, 300)]
    of_all, of_cover = replace(results(first, grid(300)), image_sizes=sizes).showing
    # Of 600 x 300 pixels: anchors at 100, 300 and 500, the crop from -12 to 212.
    assert of_all[:, 1, 1].tolist() == of_cover[:, 1, 1].tolist() == [True, False, True]
    assert of_all[:, 1, 0].all()
    assert not of_all[:, 2, 2].any()
    # The last crop, which is all of the cover, shows the other end.
    last = replace(results(first[:, ::-1], grid(300)), image_sizes=sizes)
    assert last.cover == [8]
    assert last.showing[1][:, 2, 2].all()
    assert not last.showing[1][:, 0, 0].any()


def test_hard_images_are_those_that_no_model_solves_on_any_crop():
    crops = CROPS[:2]
    a = results(table("10", "00", "00"), crops, model="a")
    b = results(table("11", "01", "00"), crops, model="b")
    solved = {one.model: any_correct(one.correct) for one in (a, b)}
    assert hard_images(a.image_ids, solved) == [
        {"image_id": "i0", "solved_by": ["a", "b"], "hard": False},
        {"image_id": "i1", "solved_by": ["b"], "hard": False},
        {"image_id": "i2", "solved_by": [], "hard": True},
    ]


def test_both_labels_count_and_images_without_a_second_one_are_kept_or_not():
    own = {"a": ["n1"], "b": ["n2"], "c": ["n3"]}
    real = {"a": ["n1", "n7"], "b": []}
    assert with_real_labels(own, real, keep_without=True) == {
        "a": {"n1", "n7"},
        "b": {"n2"},
        "c": {"n3"},
    }
    assert with_real_labels(own, real, keep_without=False) == {"a": {"n1", "n7"}}


@pytest.mark.parametrize(
    ("crops", "classes", "bound"),
    [
        (36, 1000, 3.6),
        (36, 200, 18),
        (36, 113, 31.858),
        (324, 1000, 32.4),
        (324, 200, 100),
        (324, 113, 100),
    ],
)
def test_the_bound_of_random_guessing_is_the_papers(crops, classes, bound):
    sizes = range(200, 236)
    crops_of_all = [crop for size in sizes for crop in grid(size)]
    found = results(np.ones((1, 324), bool), crops_of_all, classes=classes)
    # One crop solves the only image, so that the first 36 of the cover are that one.
    rows = [row for row in score_zoom(found, 0) if row["metric"] == "oracle"]
    (row,) = (row for row in rows if row["crops"] == crops)
    assert 100 * row["random"] == pytest.approx(bound, abs=1e-3)

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from wildframe.scores.average_precision import Boxes, curve_area, match

CLASSES = 3
THRESHOLDS = [0.5, 0.75]


def ranking(text):
    """A ranking, best first: T hits, F does not."""
    return np.array([[letter == "T" for letter in text]], bool)


@pytest.mark.parametrize(
    ("hits", "positives", "area"),
    [
        ("T", 1, 1),
        # Precision 0 then 1/2, at recall 1: 1/2 is the best at or above every recall.
        ("FT", 1, 1 / 2),
        # Precision 1 up to recall 1/2, which are the 51 recalls 0, 0.01 ... 0.50; then nothing.
        ("TF", 2, 51 / 101),
        # 1 up to recall 1/3: 34 recalls, 0 ... 0.33. Then 2/3 up to 2/3: 33 recalls, 0.34 ... 0.66.
        ("TFT", 3, (34 + 33 * 2 / 3) / 101),
        ("FF", 1, 0),
        ("", 2, 0),
    ],
)
def test_the_area_under_a_curve_by_hand(hits, positives, area):
    assert curve_area(ranking(hits), positives) == pytest.approx([area])


def test_without_an_object_there_is_no_average_precision():
    assert np.isnan(curve_area(ranking("FF"), 0)).all()


def test_an_image_that_counts_twice_is_two_images():
    # Objects and boxes twice: T T F F of four objects, and two of them reached.
    twice = curve_area(ranking("TF"), 4, np.array([2, 2]))
    assert twice == pytest.approx(curve_area(ranking("TTFF"), 4))
    # Not at all: as if it were not there.
    assert curve_area(ranking("FT"), 1, np.array([0, 1])) == pytest.approx([1])


def boxes(*rows):
    """Boxes of an image: class, (x, y, width, height), score."""
    return Boxes(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.float64).reshape(-1, 4),
        np.array([row[2] for row in rows], np.float64),
    )


def test_a_box_hits_its_own_class_alone_and_an_object_is_hit_once():
    place = (10, 10, 20, 20)
    objects = [boxes((0, place, 0), (1, (200, 10, 20, 20), 0))]
    found = [boxes((0, place, 0.5), (1, place, 0.9), (0, place, 0.8), (1, (200, 10, 20, 20), 0.7))]
    matches = match(objects, found, 2, [0.5])
    assert matches.scores.tolist() == [0.9, 0.8, 0.7, 0.5]
    assert matches.classes.tolist() == [1, 0, 1, 0]
    assert matches.hits.tolist() == [[False, True, True, False]]
    assert matches.objects.tolist() == [[1, 1]]


def test_the_best_hundred_boxes_of_an_image_count():
    at, beside = (0, 0, 5, 5), (50, 0, 5, 5)
    found = [*((0, beside, 0.9) for _ in range(100)), (0, at, 0.8)]
    matches = match([boxes((0, at, 0))], [boxes(*found)], 1, [0.5])
    assert matches.scores.tolist() == [0.9] * 100
    assert not matches.hits.any()


def test_exactly_enough_overlap_is_enough_also_for_high_classes():
    objects = [boxes((999, (0, 0, 10, 10), 0))]
    found = [boxes((999, (0, 0, 10, 5), 0.5))]
    assert match(objects, found, 1000, [0.5, 0.51]).hits.tolist() == [[True], [False]]


def test_images_without_boxes_keep_their_place():
    place = (0, 0, 5, 5)
    objects = [boxes(), boxes((0, place, 0)), boxes((0, place, 0))]
    found = [boxes(), boxes(), boxes((0, place, 0.3))]
    matches = match(objects, found, 1, [0.5])
    assert matches.image.tolist() == [2]
    assert matches.of_image(1).tolist() == [0]
    assert matches.of_image(2).tolist() == [1]
    assert np.isnan(matches.of_image(0)).all()
    assert matches.mean_over_classes(np.array([1, 1, 1])) == pytest.approx([51 / 101])
    assert np.isnan(matches.mean_over_classes(np.array([1, 0, 0]))).all()


def test_images_are_matched_in_blocks(monkeypatch):
    monkeypatch.setattr("wildframe.scores.average_precision._BLOCK", 2)
    at, beside = (0, 0, 5, 5), (50, 0, 5, 5)
    objects = [boxes((0, at, 0))] * 5
    found = [boxes((0, place, 0.5)) for place in (at, beside, beside, at)]
    matches = match(objects, [*found, boxes()], 1, [0.5])
    assert matches.image.tolist() == [0, 1, 2, 3]
    assert matches.hits.tolist() == [[True, False, False, True]]
    assert matches.objects.tolist() == [[1]] * 5
    assert [float(matches.of_image(image)[0]) for image in range(5)] == [1, 0, 0, 1, 0]


def test_nothing_found_anywhere_is_nought():
    matches = match([boxes((1, (0, 0, 5, 5), 0))], [boxes()], 2, THRESHOLDS)
    assert matches.mean_over_classes(np.array([1])).tolist() == [0, 0]


def random_images(seed):
    """Objects, and boxes on and beside them, with ties of scores."""
    rng = np.random.default_rng(seed)
    objects, found = [], []
    for _ in range(rng.integers(1, 7)):
        truths = [
            (int(rng.integers(CLASSES)), tuple(rng.integers(1, 60, 4)), 0.0)
            for _ in range(rng.integers(0, 4))
        ]
        guesses = [
            (
                of if rng.random() < 0.7 else int(rng.integers(CLASSES)),
                tuple(np.add(place, rng.integers(-5, 6, 4)).clip(1)),
                round(float(rng.random()), 1),
            )
            for of, place, _ in truths
            for _ in range(rng.integers(0, 4))
        ]
        objects.append(boxes(*truths))
        found.append(boxes(*guesses))
    return objects, found


def by_pycocotools(objects, found):
    """AP of each threshold and class as pycocotools has it, -1 without objects."""

    def coco(images):
        made = COCO()
        rows = [
            (image, int(c), box.tolist(), float(s))
            for image, p in enumerate(images)
            for c, box, s in zip(p.classes, p.boxes, p.scores, strict=True)
        ]
        made.dataset = {
            "images": [{"id": image} for image in range(len(images))],
            "categories": [{"id": number} for number in range(CLASSES)],
            "annotations": [
                {
                    "id": number,
                    "image_id": image,
                    "category_id": c,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                    "score": score,
                }
                for number, (image, c, box, score) in enumerate(rows, start=1)
            ],
        }
        made.createIndex()
        return made

    with contextlib.redirect_stdout(io.StringIO()):
        evaluator = COCOeval(coco(objects), coco(found), "bbox")
        evaluator.params.iouThrs = np.array(THRESHOLDS)
        evaluator.evaluate()
        evaluator.accumulate()
    return evaluator.eval["precision"][:, :, :, 0, -1].mean(axis=1)


@given(st.integers(0, 10**6))
def test_map_is_that_of_pycocotools(seed):
    objects, found = random_images(seed)
    expected = by_pycocotools(objects, found)
    has_objects = expected[0] >= 0
    ours = match(objects, found, CLASSES, THRESHOLDS).mean_over_classes(np.ones(len(objects), int))
    if has_objects.any():
        assert ours == pytest.approx(expected[:, has_objects].mean(axis=1), abs=1e-12)
    else:
        assert np.isnan(ours).all()


@given(st.integers(0, 10**6))
def test_counting_images_is_repeating_them(seed):
    objects, found = random_images(seed)
    rng = np.random.default_rng(seed)
    # Of equal scores of two images the earlier image's come first; that a copy would not keep.
    for image in found:
        image.scores[:] = rng.permutation(len(image.scores)) + rng.random(len(image.scores))
    times = rng.integers(0, 3, len(objects))
    counted = match(objects, found, CLASSES, THRESHOLDS).mean_over_classes(times)
    repeated = match(
        [p for p, n in zip(objects, times, strict=True) for _ in range(n)],
        [p for p, n in zip(found, times, strict=True) for _ in range(n)],
        CLASSES,
        THRESHOLDS,
    )
    ours = repeated.mean_over_classes(np.ones(int(times.sum()), int))
    assert counted == pytest.approx(ours, abs=1e-12, nan_ok=True)

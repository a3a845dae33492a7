import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.clusters import bca_ends
from wildframe.core.errors import UserError
from wildframe.scores.detection import _delta_ends, class_scores, detection_scores, thresholds_of

# A detector of four classes: two targets, one that is none, and another kind of the first.
A, B = "n00000001", "n00000002"
TARGET_OF = [A, B, None, A]
LEFT, RIGHT, ELSEWHERE = (10, 10, 20, 20), (60, 10, 20, 20), (100, 60, 20, 20)


def box(sides):
    return dict(zip(("x", "y", "width", "height"), map(float, sides), strict=True))


@pytest.fixture
def frame(manifest_row):
    """Return a function that makes an image of the manifest with these objects."""

    def make(image_id, *objects, **values):
        return manifest_row(
            image_id,
            annotation_labels=[[wnid] for wnid, _ in objects],
            boxes=[box(sides) for _, sides in objects],
            **{"video_id": "video", **values},
        )

    return make


def member(anchor_id, image_id, offset):
    return {"anchor_id": anchor_id, "image_id": image_id, "offset": offset}


def seen(*found, width=200, height=100):
    """A row of DETECTIONS: class index, sides, score of each box, in the order given."""
    return {
        "width": width,
        "height": height,
        "detections": [
            {"class_index": index, "box": box(sides), "score": score}
            for index, sides, score in found
        ],
    }


def score(manifest, reviews, detections, ious=("0.5",), k=10, resamples=20):
    rows = ({"image_id": name, **row} for name, row in detections.items())
    return detection_scores(manifest, reviews, rows, TARGET_OF, ious, k, resamples, seed=0)


@pytest.fixture
def by_hand(frame):
    """Two sets of two frames.

    Precision by itself, classes pooled, detection then localization:
    a1: its one object hit                                               1            1
    n1: a miss, then its object                         ranks F T        1/2          1/2
    a2: the first of two objects hit, the other called A     T F         51/101       1 (T T)
    n2: both hit                                             T T         1            1
    """
    manifest = [
        frame("a1", (A, LEFT)),
        frame("n1", (A, LEFT)),
        frame("a2", (A, LEFT), (B, RIGHT)),
        frame("n2", (A, LEFT), (B, RIGHT)),
    ]
    reviews = [
        member("a1", "a1", 0),
        member("a1", "n1", 1),
        member("a2", "a2", 0),
        member("a2", "n2", -2),
    ]
    detections = {
        # What is no target does not count, however sure.
        "a1": seen((2, ELSEWHERE, 0.99), (0, LEFT, 0.9)),
        "n1": seen((0, ELSEWHERE, 0.8), (3, LEFT, 0.6)),
        "a2": seen((0, LEFT, 0.7), (0, RIGHT, 0.5)),
        "n2": seen((0, LEFT, 0.4), (1, RIGHT, 0.3)),
    }
    return manifest, reviews, detections


def test_a_case_worked_out_by_hand(by_hand):
    result = score(*by_hand)
    detection, localization = result.rows
    # Anchors a1 and a2. A: two objects, ranks T (0.9) T (0.7) F (0.5): precision 1 at recall 1/2
    # and at recall 1, so 1 at all 101 recalls. B: one object, no box: 0. Mean 1/2.
    assert detection["map_orig"] == pytest.approx(1 / 2)
    # Worst frames n1 and a2. A: F (0.8) T (0.7) T (0.6) F (0.5): precision 0, 1/2, 2/3, 2/4 at
    # recall 0, 1/2, 1, 1; the highest at or above any recall is 2/3, so 2/3. B: 0. Mean 1/3.
    assert detection["map_pm_k"] == pytest.approx(1 / 3)
    assert detection["delta"] == pytest.approx(1 / 6)
    # One class: three objects of a1 and a2, T T T: 1. Of n1 and a2: F (0.8) T (0.7) T (0.6)
    # T (0.5), precision 0, 1/2, 2/3, 3/4: 3/4 at every recall.
    assert localization["map_orig"] == pytest.approx(1)
    assert localization["map_pm_k"] == pytest.approx(3 / 4)
    assert [row["task"] for row in result.rows] == ["detection", "localization"]
    assert [row["categories"] for row in result.rows] == [2, 1]
    assert {row["anchors"] for row in result.rows} == {2}
    assert {row["flavour"] for row in result.rows} == {"COCO 101-point"}
    columns = ("task", "anchor_id", "image_id", "offset", "ap_anchor", "ap")
    assert [tuple(row[name] for name in columns) for row in result.worst] == [
        ("detection", "a1", "n1", 1, pytest.approx(1), pytest.approx(1 / 2)),
        ("detection", "a2", "a2", 0, pytest.approx(51 / 101), pytest.approx(51 / 101)),
        ("localization", "a1", "n1", 1, pytest.approx(1), pytest.approx(1 / 2)),
        # Both frames are faultless: the anchor stays.
        ("localization", "a2", "a2", 0, pytest.approx(1), pytest.approx(1)),
    ]
    assert (result.without_objects, result.not_covered) == ([], {})


def test_rows_fit_their_contracts(by_hand):
    from wildframe.core.schemas import DETECTION_SCORES, WORST_FRAMES

    result = score(*by_hand)
    named = {"dataset", "model", "review"}
    assert set(result.rows[0]) == {field.name for field in DETECTION_SCORES.fields} - named
    assert set(result.worst[0]) == {field.name for field in WORST_FRAMES.fields} - named


def test_intervals_are_over_videos(by_hand, frame):
    manifest, reviews, detections = by_hand
    one_video = score(manifest, reviews, detections).rows[0]
    assert (one_video["delta_low"], one_video["delta_high"], one_video["videos"]) == (None, None, 1)
    for row in manifest[2:]:
        row["video_id"] = "another"
    two_videos = score(manifest, reviews, detections).rows[0]
    # The second set alone loses nothing; the first, from 1 (A alone has objects) down to F F T T of
    # two objects, 1/2. Student's t of two such values is wider than what mAP can be.
    assert two_videos["delta"] == one_video["delta"]
    assert (two_videos["delta_low"], two_videos["delta_high"], two_videos["videos"]) == (-1, 1, 2)


def test_the_interval_of_many_videos_is_a_bias_corrected_bootstrap():
    draws = np.random.default_rng(0).normal(0.1, 0.02, 500)
    left_out = 0.1 + np.random.default_rng(1).normal(0, 0.02, 40) / 39
    ends = _delta_ends(0.1, left_out, draws, np.ones(40, np.int64))
    assert ends == pytest.approx(tuple(bca_ends(0.1, draws, left_out)))
    assert ends == pytest.approx((0.1 - 1.96 * 0.02, 0.1 + 1.96 * 0.02), abs=0.006)
    few = _delta_ends(0.1, left_out[:10], None, np.ones(10, np.int64))
    assert few[0] < 0.1 < few[1]


def test_the_order_of_rows_does_not_matter(by_hand):
    manifest, reviews, detections = by_hand
    again = score(manifest[::-1], reviews[::-1], dict(reversed(detections.items())))
    assert again == score(manifest, reviews, detections)


def test_frames_beyond_k_are_not_asked(by_hand):
    result = score(*by_hand, k=0)
    assert [row["offset"] for row in result.worst] == [0] * 4
    assert [row["delta"] for row in result.rows] == [0, 0]


def test_the_anchor_then_the_nearest_then_the_earlier_of_equal_frames_counts(frame):
    offsets = (3, -2, 2, 5)
    manifest = [frame(f"f{offset}", (A, LEFT)) for offset in (0, *offsets)]
    reviews = [member("f0", f"f{offset}", offset) for offset in (0, *offsets)]
    blind = {row["image_id"]: seen() for row in manifest}
    assert {row["offset"] for row in score(manifest, reviews, blind).worst} == {0}
    assert [row["map_orig"] for row in score(manifest, reviews, blind).rows] == [0, 0]
    blind["f0"] = seen((0, LEFT, 0.5))
    assert {row["offset"] for row in score(manifest, reviews, blind).worst} == {-2}


def test_of_equal_scores_the_box_that_comes_first_ranks_first(frame):
    manifest = [frame("hit", (A, LEFT)), frame("miss", (A, LEFT))]
    reviews = [member("hit", "hit", 0), member("hit", "miss", 1)]
    boxes = [(0, LEFT, 0.5), (0, ELSEWHERE, 0.5)]
    result = score(manifest, reviews, {"hit": seen(*boxes), "miss": seen(*boxes[::-1])})
    assert result.worst[0]["ap_anchor"] == 1
    assert result.worst[0]["ap"] == 1 / 2


def test_a_mean_over_thresholds(frame):
    manifest, reviews = [frame("a", (A, (0, 0, 50, 50)))], [member("a", "a", 0)]
    # Overlap 31/50 = 0.62: enough at 0.5, 0.55 and 0.6, three of the ten.
    detections = {"a": seen((0, (0, 0, 50, 31), 0.5))}
    rows = score(manifest, reviews, detections, ["0.5", "0.5:0.95", "0.75"]).rows
    assert [row["iou"] for row in rows[:3]] == ["0.5", "0.5:0.95", "0.75"]
    assert [row["map_orig"] for row in rows[:3]] == pytest.approx([1, 0.3, 0])


def test_frames_are_chosen_at_the_first_threshold(frame):
    manifest = [frame(name, (A, (0, 0, 50, 50))) for name in ("a", "loose", "late")]
    reviews = [member("a", "a", 0), member("a", "loose", 1), member("a", "late", 2)]
    detections = {
        "a": seen((0, (0, 0, 50, 50), 0.5)),
        "loose": seen((0, (0, 0, 50, 31), 0.5)),  # correct at 0.5 only
        "late": seen((0, ELSEWHERE, 0.6), (0, (0, 0, 50, 50), 0.5)),  # 1/2 at both
    }
    result = score(manifest, reviews, detections, ["0.5", "0.75"])
    assert {row["image_id"] for row in result.worst} == {"late"}
    strict = score(manifest, reviews, detections, ["0.75", "0.5"])
    assert {row["image_id"] for row in strict.worst} == {"loose"}
    by_iou = {row["iou"]: row["map_pm_k"] for row in strict.rows if row["task"] == "detection"}
    assert by_iou == {"0.75": 0, "0.5": 1}


def test_boxes_are_brought_to_the_size_that_objects_are_given_in(frame):
    reviews = [member("a", "a", 0)]
    small = {"a": seen((0, (5, 20, 10, 40), 0.5), width=100, height=200)}
    assert score([frame("a", (A, LEFT))], reviews, small).rows[0]["map_orig"] == 1
    # Without a size, objects are given in the image's own pixels.
    own = frame("a", (A, (5, 20, 10, 40)), width=None, height=None)
    assert score([own], reviews, small).rows[0]["map_orig"] == 1


def test_frames_without_objects_are_never_worst_and_their_sets_are_named(frame):
    manifest = [frame("a", (A, LEFT)), frame("empty"), frame("b"), frame("c", (A, LEFT))]
    reviews = [
        member("a", "a", 0),
        member("a", "empty", 1),
        member("b", "b", 0),
        member("b", "c", 1),
    ]
    incorrect = {row["image_id"]: seen((0, ELSEWHERE, 0.9)) for row in manifest}
    result = score(manifest, reviews, incorrect)
    assert {row["image_id"] for row in result.worst} == {"a"}
    assert (result.without_objects, result.bare_frames) == (["b"], 1)
    assert {row["anchors"] for row in result.rows} == {1}


def test_classes_that_the_detector_does_not_predict_stay_out_and_are_named(frame):
    fox = "n00000009"
    manifest = [frame("a", (A, LEFT), (fox, RIGHT)), frame("b", (fox, LEFT))]
    reviews = [member("a", "a", 0), member("b", "b", 0)]
    detections = {"a": seen((0, LEFT, 0.9)), "b": seen((0, LEFT, 0.9))}
    result = score(manifest, reviews, detections)
    assert [row["map_orig"] for row in result.rows] == [1, 1]
    assert [row["categories"] for row in result.rows] == [1, 1]
    assert result.not_covered == {fox: 2}
    assert result.without_objects == ["b"]


def test_a_frame_of_two_sets_can_be_the_worst_of_both(frame):
    manifest = [frame(name, (A, LEFT)) for name in ("a", "b", "shared")]
    reviews = [
        member("a", "a", 0),
        member("a", "shared", 2),
        member("b", "b", 0),
        member("b", "shared", -2),
    ]
    detections = {"a": seen((0, LEFT, 0.9)), "b": seen((0, LEFT, 0.8)), "shared": seen()}
    result = score(manifest, reviews, detections)
    assert [row["image_id"] for row in result.worst] == ["shared"] * 4
    assert result.rows[0]["delta"] == 1


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda m, r, d: d.pop("n1"), r"n1: .* has no detections \(1 such\)"),
        (lambda m, r, d: m.pop(0), "a1: .* not in the manifest"),
        (lambda m, r, d: r.pop(0), "a1: its set has 0 accepted frames at offset 0"),
        (lambda m, r, d: m[0]["annotation_labels"][0].append(B), "a1: an object has the classes"),
        (lambda m, r, d: r.clear(), "no anchor has an annotated object"),
    ],
)
def test_what_cannot_be_scored_is_told(by_hand, spoil, message):
    spoil(*by_hand)
    with pytest.raises(UserError, match=message):
        score(*by_hand)


def test_thresholds_of_texts():
    assert thresholds_of("0.5") == [0.5]
    assert thresholds_of("0.5:0.95") == pytest.approx([0.5 + 0.05 * step for step in range(10)])
    for text in ("", "high", "0", "1.5", "0.9:0.5", "nan", "0.5:0.7:0.9", "0.5:0.97", "0.5:0.52"):
        with pytest.raises(UserError, match="reads like"):
            thresholds_of(text)


@given(st.integers(0, 10**6))
def test_no_anchor_is_worse_than_the_worst_frame_of_its_set(manifest_row, seed):
    rng = np.random.default_rng(seed)
    manifest, reviews, detections = [], [], {}
    for set_ in range(3):
        for offset in range(-2, 3):
            image_id = f"s{set_}f{offset}"
            places = [tuple(rng.integers(1, 60, 4)) for _ in range(2)]
            wnids = [(A, B)[int(rng.integers(2))] for _ in places]
            manifest.append(
                manifest_row(
                    image_id,
                    annotation_labels=[[wnid] for wnid in wnids],
                    boxes=[box(place) for place in places],
                )
            )
            detections[image_id] = seen(
                *[
                    (int(rng.integers(4)), np.add(place, rng.integers(0, 9, 4)), rng.random())
                    for place in places
                    for _ in range(2)
                ]
            )
            reviews.append(member(f"s{set_}f0", image_id, offset))
    result = score(manifest, reviews, detections, ["0.5", "0.5:0.95"])
    for row in result.worst:
        assert 0 <= row["ap"] <= 1
        if row["iou"] == "0.5":
            assert row["ap"] <= row["ap_anchor"] + 1e-12
    for row in result.rows:
        if row["delta_low"] is not None:
            assert row["delta_low"] <= row["delta"] <= row["delta_high"]


def test_a_detector_as_a_classifier():
    boxes = seen((1, LEFT, 0.3), (0, LEFT, 0.2), (1, RIGHT, 0.6))["detections"]
    assert class_scores(boxes, 3).tolist() == [0.2, 0.6, -np.inf]
    assert class_scores([], 2).tolist() == [-np.inf] * 2

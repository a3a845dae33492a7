import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from wildframe.core.errors import UserError
from wildframe.core.schemas import SCORES
from wildframe.scores.accuracy import held_out, incorrect_above, score_model


@pytest.fixture
def scored():
    """Score results and return the rows by subset, metric and k."""

    def score(results, high_confidence=0.9):
        rows = score_model("m", results, high_confidence)
        return {(row["subset"], row["metric"], row["k"]): row for row in rows}

    return score


def counts(rows):
    return {key: (row["successes"], row["n"]) for key, row in rows.items()}


def test_accuracy_by_hand(result, scored):
    rows = scored(
        [
            result("i1", "correct_top1 correct_top5 tree_top1 tree_top5"),
            result("i2", "correct_top5 tree_top1 tree_top5"),
            result("i3"),
        ]
    )
    found = counts(rows)
    assert found["all", "accuracy", 1] == (1, 3)
    assert found["all", "accuracy", 5] == (2, 3)
    assert found["all", "tree_accuracy", 1] == (2, 3)
    assert found["all", "tree_accuracy", 5] == (2, 3)
    row = rows["all", "accuracy", 1]
    assert row["value"] == 1 / 3
    # Exact interval of 1 in 3: the roots of 1 - (1 - p)^3 and p^3 + 3 p^2 (1 - p) at 2.5 %.
    assert row["low"] == pytest.approx(1 - 0.975 ** (1 / 3))
    assert row["high"] == pytest.approx(0.905701, abs=1e-6)
    # Three clips of one image: Student's t of 0, 0 and 1 on the logit scale.
    half = t.ppf(0.975, 2) * np.std([0, 0, 1], ddof=1) / 3**0.5 / (1 / 3 * 2 / 3)
    ends = 1 / (1 + 2 * np.exp([half, -half]))
    assert [row["cluster_low"], row["cluster_high"]] == pytest.approx(list(ends))
    assert row["clusters"] == 3
    assert (row["model"], row["interval"]) == ("m", "clopper-pearson-95")
    assert row.keys() | {"study", "dataset", "view"} == set(SCORES.schema.names)


def test_a_model_without_probabilities_has_no_confident_errors(result, scored):
    rows = [result(name, top=[{"wnid": "n9", "probability": None}]) for name in ("i1", "i2")]
    assert {metric for _, metric, _ in scored(rows)} == {"accuracy", "tree_accuracy"}


def test_incorrect_and_confident(result, scored):
    def sure(image, correct, probability):
        return result(image, correct, top=[{"wnid": "n9", "probability": probability}])

    rows = [
        sure("i1", "correct_top1", 0.95),
        sure("i2", "", 0.95),
        sure("i3", "correct_top5", 0.96),
        sure("i4", "", 0.9),
        sure("i5", "", 0.1),
    ]
    assert counts(scored(rows))["all", "incorrect_above_0.90", 1] == (2, 5)
    assert counts(scored(rows, 0.955))["all", "incorrect_above_0.955", 1] == (1, 5)


@pytest.mark.parametrize(
    ("probability", "metric"),
    [(0.9, "incorrect_above_0.90"), (0, "incorrect_above_0.00"), (0.999, "incorrect_above_0.999")],
)
def test_no_two_probabilities_share_a_metric(probability, metric):
    assert incorrect_above(probability) == metric


def test_senses_are_compared_on_the_same_images(result, scored):
    rows = scored(
        [
            result("i1", "correct_top1 correct_top5 sense_top1 sense_top5"),
            result("i2", "correct_top1 correct_top5", kept_labels=["n2"]),
            result("i3", "correct_top1 correct_top5", kept_labels=[], sense_top1=None),
        ]
    )
    found = counts(rows)
    assert found["senses", "accuracy", 1] == found["senses", "accuracy", 5] == (1, 2)
    assert found["senses_before", "accuracy", 1] == (2, 2)
    assert found["all", "accuracy", 1] == (3, 3)


def test_a_label_that_no_noun_led_to_counts_in_no_sense(result, scored):
    found = counts(scored([result("i1"), result("i2", "sense_top1", noun=None)]))
    assert found["senses", "accuracy", 1] == (0, 1)


def test_no_rows_of_senses_where_no_label_is_kept(result, scored):
    subsets = {key[0] for key in scored([result("i1", kept_labels=[])])}
    assert subsets == {"all", "class=n1", "area=0.3-1"}


def test_subsets_by_role_first_label_and_area(result, scored):
    correct = "correct_top1 correct_top5"
    rows = [
        result("i1", correct, labels=["n1", "n2"], box_area=0.0),
        result("i2", "correct_top5", labels=["n2"], box_area=0.01),
        result("i3", labels=["n2"], role="post", box_area=0.0100001),
        result("i4", correct, labels=["n1"], role="post", box_area=1.0),
    ]
    found = counts(scored(rows))
    assert {key[0]: value for key, value in found.items() if key[1:] == ("accuracy", 1)} == {
        "all": (2, 4),
        "senses": (0, 4),
        "senses_before": (2, 4),
        "role=post": (1, 2),
        "role=pre": (1, 2),
        "class=n1": (2, 2),
        "class=n2": (0, 2),
        "area=0-0.01": (1, 2),
        "area=0.01-0.03": (0, 1),
        "area=0.3-1": (1, 1),
    }
    assert found["class=n2", "accuracy", 5] == (1, 2)


def test_a_class_is_scored_as_if_its_images_were_all(result, scored):
    """Also its interval: videos without an image of it say nothing."""
    rows = [
        result(
            f"i{n}", "correct_top1" if n % 3 else "", labels=[f"n{n % 2}"], group_id=f"c{n // 4}"
        )
        for n in range(24)
    ]
    whole, alone = scored(rows), scored(rows[1::2])
    measured = ("successes", "n", "clusters", "low", "high", "cluster_low", "cluster_high")
    assert whole["class=n1", "accuracy", 1]["n"] == 12
    for name in measured:
        expected = alone["all", "accuracy", 1][name]
        assert whole["class=n1", "accuracy", 1][name] == pytest.approx(expected), name


def test_images_without_noun_or_box_are_in_no_subset_of_senses_or_area(result, scored):
    bare = {"noun": None, "box_area": None, "role": None}
    rows = [result("i1", "correct_top1", box_area=0.3), result("i2", **bare)]
    found = counts(scored(rows))
    assert found["all", "accuracy", 1] == found["class=n1", "accuracy", 1] == (1, 2)
    assert found["senses_before", "accuracy", 1] == found["area=0.1-0.3", "accuracy", 1] == (1, 1)
    subsets = {key[0] for key in scored([result("i1", **bare)])}
    assert subsets == {"all", "class=n1"}


@pytest.mark.parametrize("roles", [("pre", "pre"), (None, None), (None, "pre")])
def test_one_role_is_no_subset(result, scored, roles):
    rows = scored([result(f"i{n}", role=role) for n, role in enumerate(roles)])
    assert not [key for key in rows if key[0].startswith("role=")]


def test_images_of_one_clip_that_are_alike_say_what_one_says(result, scored):
    """Ten clips of ten equal images, half of them correct: not 100 trials but 10."""
    rows = [
        result(f"c{clip}-{n}", "correct_top1" if clip % 2 else "", group_id=f"c{clip}")
        for clip in range(10)
        for n in range(10)
    ]
    row = scored(rows)["all", "accuracy", 1]
    assert (row["successes"], row["n"]) == (50, 100)
    clustered, exact = (row["cluster_low"], row["cluster_high"]), (row["low"], row["high"])
    assert clustered[0] < exact[0] < 0.5 < exact[1] < clustered[1]
    # Of 10 trials with probability 1/2, the exact interval is from 0.19 to 0.81.
    assert clustered == pytest.approx((0.2, 0.8), abs=0.06)


def test_clips_of_one_video_are_one_unit(result, scored):
    rows = [result(f"i{n}", "correct_top1" if n % 2 else "") for n in range(8)]
    assert scored(rows)["all", "accuracy", 1]["clusters"] == 8
    rows = [row | {"video_id": f"v{n // 2}"} for n, row in enumerate(rows)]
    assert scored(rows)["all", "accuracy", 1]["clusters"] == 4


def test_one_clip_has_no_interval(result, scored):
    rows = [result("i1", "correct_top1", group_id="c"), result("i2", group_id="c")]
    row = scored(rows)["all", "accuracy", 1]
    assert (row["cluster_low"], row["cluster_high"], row["clusters"]) == (None, None, 1)


def test_a_class_of_one_clip_has_no_interval_among_many(result, scored):
    rows = [result(f"i{n}", labels=["n2"]) for n in range(30)]
    rows += [result("a", "correct_top1", group_id="c"), result("b", group_id="c")]
    row = scored(rows)["class=n1", "accuracy", 1]
    assert (row["n"], row["clusters"]) == (2, 1)
    assert (row["cluster_low"], row["cluster_high"]) == (None, None)


def test_several_views_of_an_image_are_no_trials_of_their_own(result, scored):
    with pytest.raises(
        UserError, match="m: image i1 has several predictions; accuracy needs a view"
    ):
        scored([result("i0"), result("i1", view_key="a"), result("i1", view_key="b")])


def test_held_out(result):
    rows = [result(image) for image in ("i1", "i2", "i3")]
    parts = {"i1": "val", "i2": "train", "i3": "val", "i4": "val"}
    assert [row["image_id"] for row in held_out("m", rows, parts)] == ["i1", "i3"]
    with pytest.raises(UserError, match="m: image i3 is in no part of the split"):
        held_out("m", rows, {"i1": "val", "i2": "train"})
    with pytest.raises(UserError, match="m: no held-out image was evaluated"):
        held_out("m", rows, dict.fromkeys(parts, "train"))


@st.composite
def predicted(draw):
    """Clip, class and whether it is correct, of each image; both kinds of predictions occur."""
    one = st.tuples(st.integers(0, 8), st.integers(0, 2), st.booleans())
    return [*draw(st.lists(one, min_size=1, max_size=30)), (0, 0, True), (1, 1, False)]


def rows_of(result, found):
    return [
        result(f"i{n}", "correct_top1 correct_top5" if correct else "", group_id=f"g{clip}")
        | {"labels": [f"n{label}"]}
        for n, (clip, label, correct) in enumerate(found)
    ]


@given(found=predicted(), order=st.randoms(use_true_random=False))
def test_intervals_do_not_depend_on_the_order_of_images(result, found, order):
    rows = rows_of(result, found)
    before = score_model("m", rows, 0.9)
    order.shuffle(rows)
    assert score_model("m", rows, 0.9) == before


@given(found=predicted())
def test_subsets_share_out_all_images(result, found):
    rows = score_model("m", rows_of(result, found), 0.9)
    keys = [tuple(row[name] for name in ("subset", "metric", "k")) for row in rows]
    assert len(set(keys)) == len(keys)
    whole = {row["k"]: row for row in rows if (row["subset"], row["metric"]) == ("all", "accuracy")}
    for kind in ("class=", "area="):
        for k in (1, 5):
            parts = [row for row in rows if row["subset"].startswith(kind) and row["k"] == k]
            for count in ("successes", "n"):
                assert sum(row[count] for row in parts) == whole[k][count]
    for row in rows:
        assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1
        if row["cluster_low"] is not None:
            assert 0 <= row["cluster_low"] <= row["value"] <= row["cluster_high"] <= 1


def test_the_interval_holds_the_estimate(result):
    """On data such as are met: hundreds of images, in clips of a few."""
    draw = random.Random(1)
    found = [(draw.randrange(100), draw.randrange(3), draw.random() < 0.3) for _ in range(300)]
    rows = [row for row in score_model("m", rows_of(result, found), 0.9) if row["successes"]]
    assert len(rows) > 5
    for row in rows:
        assert row["cluster_low"] < row["value"] < row["cluster_high"]


def test_accuracy_at_5_of_a_short_list_is_left_out(result):
    rows = [result("i1", "correct_top1"), result("i2", correct_top5=None)]
    found = score_model("m", rows, 0.9)
    assert {row["k"] for row in found} == {1}
    assert {row["subset"] for row in found} == {
        *("all", "senses", "senses_before", "class=n1", "area=0.3-1")
    }

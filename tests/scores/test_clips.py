"""Metrics of models of clips, worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_CLASS_SCORES, CLIP_SCORES, PAIRS
from wildframe.scores.clip_files import Subsets, labels_of
from wildframe.scores.clip_pairs import clip_pairs
from wildframe.scores.clips import (
    OverSeeds,
    class_rows,
    ensemble_of,
    over_seeds,
    rank_of,
    results_of,
    score_rows,
)

CLASSES = {
    "action": ["c0", "c1", "c2"],
    "verb": [f"v{n}" for n in range(7)],
    "noun": [f"n{n}" for n in range(7)],
    "viewpoint": ["exo", "ego"],
}


def labelled(rows, subsets=None, multi_label=False, learnt=()):
    lists, place = subsets or Subsets(), Path("manifest")
    return labels_of(rows, {*learnt}, CLASSES, lists, multi_label, place)


def clip(name, verb=None, noun=None, actions=(), **values):
    return {
        "clip_id": name,
        "video_id": name[0],
        "verb": verb,
        "noun": noun,
        "viewpoint": None,
        "participant_id": None,
        "actions": [{"class": one, "start": None, "stop": None} for one in actions],
        **values,
    }


@pytest.fixture
def lists(tmp_path):
    def write(**values):
        for name, listed in values.items():
            (tmp_path / name).write_text("\n".join(["header", *listed]) + "\n")
        return Subsets(**{name: tmp_path / name for name in values})

    return write


def ranked(*first):
    """Return scores of seven classes for each clip: its classes in order, then the others."""
    rows = [[*one, *(n for n in range(7) if n not in one)] for one in first]
    return np.array([[7 - row.index(n) for n in range(7)] for row in rows], np.float32)


@pytest.fixture
def verbs_and_nouns(lists):
    subsets = lists(unseen=["P9"], tail_verbs=["v5"], tail_nouns=["n6"])
    rows = [
        clip("a1", "v0", "n0", participant_id="P1"),
        clip("a2", "v1", "n6", participant_id="P9"),
        clip("b1", "v5", "n2", participant_id="P9"),
        clip("b2", "v3", None),
    ]
    return labelled(rows, subsets)


def test_verbs_nouns_and_actions_by_hand(verbs_and_nouns):
    scores = {
        "verb": ranked([0], [1], [6, 5], [2, 3]),  # ranks 0, 0, 1, 1
        "noun": ranked([0], [0, 1, 2, 3, 4, 6], [2], [0]),  # ranks 0, 5, 0; the last has none
    }
    rows = score_rows(results_of("t", 3, scores, verbs_and_nouns), verbs_and_nouns)
    found = {(row["metric"], row["subset"]): (row["successes"], row["n"]) for row in rows}
    assert found == {
        ("verb_top1", "all"): (2, 4),
        ("verb_top5", "all"): (4, 4),
        # Whose b2 is, nobody knows.
        ("verb_top1", "seen"): (1, 1),
        ("verb_top5", "seen"): (1, 1),
        ("verb_top1", "unseen"): (1, 2),
        ("verb_top5", "unseen"): (2, 2),
        ("verb_top1", "tail"): (0, 1),
        ("verb_top5", "tail"): (1, 1),
        ("noun_top1", "all"): (2, 3),
        ("noun_top5", "all"): (2, 3),
        ("noun_top1", "seen"): (1, 1),
        ("noun_top5", "seen"): (1, 1),
        ("noun_top1", "unseen"): (1, 2),
        ("noun_top5", "unseen"): (1, 2),
        ("noun_top1", "tail"): (0, 1),
        ("noun_top5", "tail"): (0, 1),
        # Both, of those that have both: a1 at 1, b1 at 5; the tail has a rare verb or noun.
        ("action_top1", "all"): (1, 3),
        ("action_top5", "all"): (2, 3),
        ("action_top1", "seen"): (1, 1),
        ("action_top5", "seen"): (1, 1),
        ("action_top1", "unseen"): (0, 2),
        ("action_top5", "unseen"): (1, 2),
        ("action_top1", "tail"): (0, 2),
        ("action_top5", "tail"): (1, 2),
    }
    assert {row["videos"] for row in rows if row["subset"] == "all"} == {2}
    assert all(row.keys() == set(CLIP_SCORES.schema.names) for row in rows)
    assert {(row["training"], row["seed"]) for row in rows} == {("t", 3)}


@pytest.mark.parametrize(("participant", "such"), [("P01", " such as P01,"), (None, ",")])
def test_a_list_of_participants_by_other_names_is_refused(lists, participant, such):
    said = rf"unseen: none of the 2 values is the participant of .* dataset names them{such} or"
    with pytest.raises(UserError, match=said):
        labelled([clip("a1", participant_id=participant)], lists(unseen=["P1", "P2"]))


def by_participant(learnt, *scored, subsets=None):
    """Return which of the scored clips, of one participant each, are seen and unseen."""
    rows = [clip(f"{n}x", "v0", participant_id=one) for n, one in enumerate(scored)]
    found = labelled(rows, subsets, learnt=learnt).participants
    return {subset: members.astype(int).tolist() for subset, members in found.items()}


def test_participants_are_seen_if_they_have_training_clips(lists, capsys):
    found = {"seen": [1, 0, 1], "unseen": [0, 1, 0]}
    assert by_participant(["P1", "P2", "P3"], "P1", "P5", "P2") == found
    # A list may have others, of another split.
    of_both = lists(unseen=["P5", "P6"])
    assert by_participant(["P1", "P2", "P3"], "P1", "P5", "P2", subsets=of_both) == found
    assert by_participant(["P1"], "P1") == {"seen": [1], "unseen": [0]}
    assert capsys.readouterr().err == ""


def test_clips_of_no_known_participant_are_neither_and_that_is_told(capsys):
    assert by_participant(["P1"], "P1", None, "P5") == {"seen": [1, 0, 0], "unseen": [0, 0, 1]}
    assert "manifest: 1 of 3 scored clips have no participant_id" in capsys.readouterr().err


@pytest.mark.parametrize("learnt", [[], [None], ["P1", None]])
def test_where_participants_of_training_clips_are_not_known_only_a_list_says_who_is_unseen(
    lists, learnt
):
    assert by_participant(learnt, "P1", "P5") == {}
    found = by_participant(learnt, "P1", "P5", subsets=lists(unseen=["P5"]))
    assert found == {"seen": [1, 0], "unseen": [0, 1]}


@pytest.mark.parametrize(
    ("learnt", "problem"),
    [
        (["P1", "P5"], r"unseen: P5 is the participant of training clips of manifest \(1 such\)"),
        (["P5", None], r"unseen: P5 is the participant of training clips"),
        (["P2"], r"unseen: P1 is in no training clip of manifest either \(1 such\); list all"),
    ],
)
def test_a_list_that_the_training_clips_refute_is_refused(lists, learnt, problem):
    with pytest.raises(UserError, match=problem):
        by_participant(learnt, "P1", "P5", subsets=lists(unseen=["P5"]))


def test_a_list_of_rare_classes_by_other_names_is_refused(lists):
    subsets = lists(tail_verbs=["take", "put"])
    with pytest.raises(UserError, match=r"tail_verbs: none of the 2 values is a class of the head"):
        labelled([clip("a1", "v0", "n0")], subsets)


def test_one_action_a_clip_and_viewpoints():
    rows = [clip("a1", actions=["c1"], viewpoint="ego"), clip("b1", viewpoint="exo")]
    labels = labelled(rows)
    scores = {
        "action": np.array([[0, 1, 0], [1, 0, 0]], np.float32),
        "viewpoint": np.array([[0, 1], [0, 1]], np.float32),
    }
    found = score_rows(results_of("t", 0, scores, labels), labels)
    assert [(row["metric"], row["value"], row["n"]) for row in found] == [
        ("action_top1", 1, 1),
        ("action_top5", 1, 1),
        ("viewpoint_top1", 0.5, 2),
        ("viewpoint_top5", 1, 2),
    ]


def test_map_and_average_precision_of_classes():
    rows = [clip("a1", actions=["c0"]), clip("b1", actions=["c0", "c2"]), clip("c1")]
    labels = labelled(rows, multi_label=True)
    scores = {"action": np.array([[0.9, 0, 0.5], [0.1, 0, 0.4], [0.5, 1, 0.3]], np.float32)}
    results = results_of("t", 1, scores, labels)
    # c0: positive clips at ranks 1 and 3; c2 at 2; c1 has none and does not count.
    by_class = {row["class"]: row for row in class_rows(results, labels)}
    assert {name: row["ap"] for name, row in by_class.items()} == {
        "c0": pytest.approx((1 + 2 / 3) / 2),
        "c2": 0.5,
    }
    assert by_class["c0"].keys() == set(CLIP_CLASS_SCORES.schema.names)
    assert (by_class["c0"]["positives"], by_class["c0"]["n"]) == (2, 3)
    (row,) = score_rows(results, labels)
    assert row["value"] == pytest.approx((5 / 6 + 1 / 2) / 2)
    assert (row["metric"], row["successes"], row["n"], row["videos"]) == ("map", None, 3, 3)
    assert row.keys() == set(CLIP_SCORES.schema.names)


def test_a_video_of_all_labelled_clips_is_a_video_but_leaves_no_interval():
    labels = labelled([clip("a1", actions=["c0"]), clip("b1")], multi_label=True)
    (row,) = score_rows(results_of("t", 0, {"action": np.eye(2, 3)}, labels), labels)
    assert (row["value"], row["videos"], row["low"], row["high"]) == (1, 2, None, None)


@given(
    arrays(np.float32, (4, 6), elements=st.sampled_from([0, 1, 2])),
    arrays(np.int64, 4, elements=st.integers(0, 5)),
)
def test_ranks_are_those_of_a_stable_order(scores, classes):
    order = np.argsort(-scores, axis=1, kind="stable")
    expected = [row.tolist().index(one) for row, one in zip(order, classes, strict=True)]
    assert rank_of(scores, classes).tolist() == expected


def test_an_ensemble_averages_probabilities():
    # As logits 8 + 0 against 0 + 3 the first class would win; of three models two say the second.
    members = [np.array([[8.0, 0.0]]), np.array([[0.0, 3.0]]), np.array([[0.0, 3.0]])]
    found = ensemble_of([{"verb": one} for one in members], labelled([clip("a1")]))["verb"]
    assert found.sum() == pytest.approx(1)
    assert found[0, 1] > 0.6
    of_several = labelled([clip("a1")], multi_label=True)
    shares = ensemble_of([{"action": one / 8} for one in members], of_several)["action"]
    assert shares == pytest.approx(np.mean(members, axis=0) / 8)


def test_seeds_have_a_mean_and_a_spread():
    rows = [
        {"training": name, "seed": seed, "subset": "all", "metric": "map", "value": value}
        for name, seed, value in (("t", 0, 0.2), ("t", 1, 0.4), ("one", 0, 0.5))
    ]
    found = over_seeds(rows)
    assert found["t", "all", "map"] == OverSeeds(
        pytest.approx(0.3), pytest.approx(0.02**0.5), seeds=2
    )
    assert found["one", "all", "map"] == OverSeeds(0.5, None, seeds=1)


def results(labels, name, *seeds):
    """Return results on verbs: of each seed, whether each clip is correct."""
    verbs = labels.classes["verb"].tolist()
    return [
        results_of(
            name,
            seed,
            {
                "verb": ranked(
                    *([verb if right else 6] for verb, right in zip(verbs, one, strict=True))
                )
            },
            labels,
        )
        for seed, one in enumerate(seeds)
    ]


@pytest.fixture
def ten():
    """Ten clips of one verb, each of its own video."""
    return labelled([clip(f"{n}x", "v0") for n in range(10)])


def by_metric(rows):
    return {row["metric"]: row for row in rows}


def test_pairs_of_one_seed_count_clips(ten):
    both = results(ten, "a", [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    both += results(ten, "b", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    row = by_metric(clip_pairs(both, [("a", "b")], ten, 0))["verb_top1"]
    assert row == row | {
        "model_a": "a",
        "model_b": "b",
        "subset_a": "all",
        "k": 1,
        "both": 1,
        "only_a": 2,
        "only_b": 0,
        "neither": 7,
        "difference": pytest.approx(0.2),
        "p_value": 0.5,
        "clusters": 10,
    }
    assert row.keys() == set(PAIRS.schema.names)


def test_pairs_average_over_seeds(ten):
    both = results(ten, "a", [1] * 10, [1] * 5 + [0] * 5)
    both += results(ten, "b", [1] * 5 + [0] * 5)
    for pair, difference in ((("a", "b"), 0.25), (("b", "a"), -0.25)):
        row = by_metric(clip_pairs(both, [pair], ten, 0))["verb_top1"]
        assert row["difference"] == pytest.approx(difference)
        assert (row["n_a"], row["both"]) == (10, None)
        # In five videos, of one sign each: 2 of 2^5 flips.
        assert row["p_value"] == 2 / 32
        assert row["low"] < difference < row["high"]


def test_a_pair_without_predictions_is_named(ten):
    with pytest.raises(UserError, match="absent is to be compared, but has no predictions"):
        clip_pairs(results(ten, "a", [1] * 10), [("a", "absent")], ten, 0)


def several(labels, name, scores):
    return results_of(name, 0, {"action": scores}, labels)


def test_map_is_compared_by_jackknife_and_flips():
    rng = np.random.default_rng(1)
    shown = rng.random((40, 3)) < 0.4
    rows = [
        clip(f"{n:02}", actions=[f"c{c}" for c in np.flatnonzero(one)], video_id=f"{n}")
        for n, one in enumerate(shown)
    ]
    labels = labelled(rows, multi_label=True)
    noise = rng.normal(size=shown.shape)
    gains = {"a": 3, "b": 0, "same": 3}
    models = {name: several(labels, name, shown * gain + noise) for name, gain in gains.items()}
    row, same = clip_pairs([*models.values()], [("a", "b"), ("a", "same")], labels, 0)
    assert row.keys() == set(PAIRS.schema.names)
    assert (row["metric"], row["k"], row["clusters"], row["n_a"]) == ("map", 0, 40, 40)
    assert row["value_a"] == models["a"].mean_precision.value
    assert row["difference"] == pytest.approx(row["value_a"] - row["value_b"])
    assert 0 < row["low"] < row["difference"] < row["high"]
    assert row["p_value"] < 0.01
    assert (same["difference"], same["p_value"], same["low"]) == (0, 1, None)


def test_flips_hold_their_level_where_two_models_are_equally_good():
    """Of 200 comparisons under the null hypothesis some 5 % are below 5 %."""
    rng = np.random.default_rng(2)
    below = 0
    for _ in range(200):
        rows = [clip(f"{n}x", actions=["c0"] if rng.random() < 0.4 else []) for n in range(10)]
        labels = labelled(rows, multi_label=True)
        if labels.actions.any():
            models = [
                several(labels, name, labels.actions + rng.normal(size=labels.actions.shape))
                for name in "ab"
            ]
            below += clip_pairs(models, [("a", "b")], labels, 0)[0]["p_value"] < 0.05
    assert 1 <= below <= 18


def test_a_label_that_is_no_class_is_named():
    with pytest.raises(UserError, match="clip a1: 'v9' is no class of the head verb"):
        labelled([clip("a1", "v9")])


def test_a_list_of_two_columns_is_refused(tmp_path):
    (tmp_path / "tail.csv").write_text("verb,count\nv1,3\n")
    with pytest.raises(UserError, match="a header and one value a line are expected"):
        labelled([clip("a1")], Subsets(tail_verbs=tmp_path / "tail.csv"))

"""Two rounds, worked out by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_data import BEAR, ZEBRA, decided, set_rows, write_dataset

from wildframe.core.errors import UserError
from wildframe.reviews.consensus import (
    ACCEPTED,
    by_people,
    by_similarity,
    counting,
    read_sets,
    review_rows,
    unreadable_rows,
)

REMEDY = "serve --annotator"
NO = "correct;dissimilar;blur-increase"
TWO = set_rows("a", [-2, 2]) + set_rows("b", [2])


def decide(sets, *decisions):
    """Return accepted and reason by image, as people decide."""
    judge, bad = by_people(sets, dict(decisions), REMEDY, rounds=2)
    rows = review_rows(sets, {}, judge, bad)
    return {row["image_id"]: (row["accepted"], row["reason"]) for row in rows}


def test_the_first_round_accepts():
    sets = set_rows("a", [2, 4])
    first = [decided(1, "anna", "a", "a+2"), decided(1, "anna", "a", "a+4")]
    judge, bad = by_people(sets, dict(first), REMEDY, rounds=2)
    rows = review_rows(sets, {}, judge, bad)
    assert [row["accepted"] for row in rows] == [True, True, True]
    assert [(row["similar_votes"], row["votes"]) for row in rows] == [(None, None), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("votes", "accepted"),
    [("ynn", False), ("yyn", True), ("yynn", False), ("yyyn", True), ("n", False), ("y", True)],
)
def test_the_second_round_needs_a_strict_majority(votes, accepted):
    sets = set_rows("a", [2])
    second = [
        decided(2, f"r{number}", "a", "a+2", "correct;similar" if vote == "y" else NO)
        for number, vote in enumerate(votes)
    ]
    judge, _ = by_people(sets, dict([decided(1, "r0", "a", "a+2", NO), *second]), REMEDY, rounds=2)
    verdict = judge(("a", "a+2"))
    assert verdict.reason == (None if accepted else "dissimilar;blur-increase")
    assert (verdict.similar_votes, verdict.votes) == (votes.count("y"), len(votes))


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_majority_is_more_than_half(yes, no):
    if not yes + no:
        return
    said = ["correct;similar"] * yes + [NO] * no
    second = [decided(2, f"r{n}", "a", "a+2", tags) for n, tags in enumerate(said)]
    first = decided(1, "r0", "a", "a+2", NO)
    judge, _ = by_people(set_rows("a", [2]), dict([first, *second]), REMEDY, rounds=2)
    assert (judge(("a", "a+2")).reason is None) == (yes > no)


def test_whoever_does_not_say_similar_rejects():
    said = decide(
        set_rows("a", [2]),
        decided(1, "anna", "a", "a+2", "correct"),
        decided(2, "anna", "a", "a+2", "correct"),
    )
    assert said == {"a": (True, None), "a+2": (False, "correct")}


def test_all_of_several_first_reviewers_must_accept():
    first = [decided(1, "anna", "a", "a+2"), decided(1, "ben", "a", "a+2", NO)]
    with pytest.raises(UserError, match=r"round 2 lacks decisions on 1 pair by"):
        decide(set_rows("a", [2]), *first)


def test_pairs_that_nobody_judged_are_counted():
    with pytest.raises(UserError) as error:
        decide(TWO, decided(1, "anna", "a", "a+2"))
    assert str(error.value) == (
        "round 1 lacks 2 of 3 pairs, the first of anchor a and image a-2; review with "
        "`serve --annotator NAME --round 1`, and your --part if several share the pairs"
    )
    with pytest.raises(UserError, match=r"lacks 1 of 1 pair, the first of anchor b and"):
        decide(set_rows("b", [2]))


def test_the_second_round_alone_decides_nothing():
    with pytest.raises(UserError, match="round 1 lacks 1 of 1 pair,"):
        decide(set_rows("a", [2]), decided(2, "anna", "a", "a+2"))


def test_rejected_pairs_wait_for_the_second_round():
    first = [
        decided(1, "anna", "a", "a+2", NO),
        decided(1, "anna", "a", "a-2", "dont know"),
        decided(1, "anna", "b", "b+2"),
    ]
    with pytest.raises(UserError) as error:
        decide(TWO, *first)
    assert str(error.value) == (
        "round 2 lacks decisions on 2 pairs by anna (for 2): whoever reviewed in "
        "round 1 reviews all of round 2; the first is of anchor a and image a-2; review with "
        "`serve --annotator anna --round 2`, each under their own name; "
        "who reviews alone may set rounds to 1"
    )


def test_one_vote_does_not_settle_what_others_have_yet_to_judge():
    first = [
        decided(1, "anna", "a", "a-2"),
        decided(1, "anna", "a", "a+2", NO),
        decided(1, "ben", "b", "b+2", NO),
    ]
    second = [
        decided(2, "anna", "a", "a+2"),
        decided(2, "ben", "a", "a+2"),
        decided(2, "anna", "b", "b+2"),
        # Carl came in the second round: he has a vote, and nobody waits for his others.
        decided(2, "carl", "a", "a+2", NO),
    ]
    with pytest.raises(UserError, match=r"on 1 pair by ben \(for 1\):.*anchor b .*ben --"):
        decide(TWO, *first, *second)
    with pytest.raises(UserError, match=r" 2 pairs by anna \(for 1\), ben \(for 1\):.*a\+2;"):
        decide(TWO, *first, *second[1:])
    said = decide(TWO, *first, *second, decided(2, "ben", "b", "b+2", NO))
    assert said["a+2"] == (True, None)
    assert said["b+2"] == (False, "dissimilar;blur-increase")


def test_a_corrected_first_decision_does_not_end_the_second_round():
    first = [decided(1, "anna", "a", "a+2"), decided(1, "ben", "b", "b+2")]
    first.append(decided(1, "anna", "a", "a-2"))
    with pytest.raises(UserError, match=r"by anna \(for 1\):"):
        decide(TWO, *first, decided(2, "ben", "b", "b+2", NO))
    said = decide(TWO, *first, *(decided(2, name, "b", "b+2", NO) for name in ("anna", "ben")))
    assert said["b+2"] == (False, "dissimilar;blur-increase")


@given(
    people=st.lists(st.sampled_from("pqrs"), min_size=1, max_size=3),
    second=st.lists(st.tuples(st.sampled_from("pqrs"), st.sampled_from([1, 2, 3]))),
)
def test_the_second_round_is_complete_with_everybody_of_the_first(people, second):
    sets = set_rows("a", [1, 2, 3])
    first = [
        decided(1, people[number % len(people)], "a", f"a+{number}", NO) for number in (1, 2, 3)
    ]
    decisions = [*first, *(decided(2, name, "a", f"a+{at}") for name, at in second)]
    if {(name, at) for name in people for at in (1, 2, 3)} <= set(second):
        assert decide(sets, *decisions)["a+1"] == (True, None)
    else:
        with pytest.raises(UserError, match="round 2 lacks"):
            decide(sets, *decisions)


BAD = "correct;similar;bad-anchor"


def test_a_bad_anchor_takes_its_set_along():
    said = decide(
        TWO,
        decided(1, "anna", "a", "a-2"),
        decided(1, "anna", "a", "a+2", BAD),
        decided(1, "anna", "b", "b+2"),
        decided(2, "anna", "a", "a+2", BAD),
        decided(2, "ben", "a", "a+2", "bad-anchor"),
        decided(2, "carl", "a", "a+2"),
    )
    assert said == {
        "a-2": (False, "anchor"),
        "a": (False, "bad-anchor"),
        "a+2": (False, "anchor"),
        "b": (True, None),
        "b+2": (True, None),
    }


def test_half_of_the_reviewers_do_not_make_an_anchor_bad():
    said = decide(
        set_rows("a", [-2, 2]),
        decided(1, "anna", "a", "a-2", NO),
        decided(1, "anna", "a", "a+2", BAD),
        decided(2, "anna", "a", "a-2"),
        decided(2, "anna", "a", "a+2", BAD),
        # Whoever judged any pair of the anchor could have objected.
        decided(2, "ben", "a", "a-2"),
    )
    assert said == {"a": (True, None), "a-2": (True, None), "a+2": (False, "bad-anchor")}


def test_an_anchor_is_bad_by_majority_of_everybody_at_once():
    sets = set_rows("a", [1, 2, 3]) + set_rows("b", [2])
    first = [decided(1, name, "a", f"a+{at}", BAD) for at, name in enumerate("pqr", 1)]
    first.append(decided(1, "p", "b", "b+2"))
    # One of three objects; the others have still to judge.
    second = [decided(2, "p", "a", "a+1", BAD)]
    with pytest.raises(UserError, match=r"by p \(for 2\), q \(for 3\), r \(for 3\):"):
        decide(sets, *first, *second)
    # What the third says of it changes nothing.
    said = decide(sets, *first, *second, decided(2, "q", "a", "a+2", BAD))
    assert said["a"] == (False, "bad-anchor")
    assert said["a+3"] == (False, "anchor")


def test_the_first_round_alone_does_not_make_an_anchor_bad():
    with pytest.raises(UserError, match="round 2 lacks"):
        decide(set_rows("a", [2]), decided(1, "anna", "a", "a+2", BAD))


def test_no_set_is_left():
    with pytest.raises(UserError, match=r"none of 1 sets is left: 0 have .* 1 a bad anchor"):
        decide(
            set_rows("a", [2]),
            decided(1, "anna", "a", "a+2", BAD),
            decided(2, "anna", "a", "a+2", BAD),
        )


def test_a_set_without_candidates_stays():
    assert decide(set_rows("a", [])) == {"a": (True, None)}


@pytest.mark.parametrize("pair", [("a", "a+9"), ("c", "c+2"), ("a", "a"), ("b", "a+2")])
def test_a_decision_on_other_pairs_is_refused(pair):
    decisions = dict([decided(1, "anna", "a", "a+2"), decided(1, "ben", *pair)])
    with pytest.raises(UserError, match=r"^d/ben\.csv: line 2: .* \(1 such decision\)") as error:
        counting(decisions, TWO)
    told = str(error.value)
    assert "or restore window, anchors and seed; if a label or video of" in told
    assert told.endswith("restore it or delete these lines")


def test_a_decision_under_other_labels_does_not_count():
    labels = {"a+2": "", "a-2": f"{BEAR} {ZEBRA};{ZEBRA}", "b+2": f"{BEAR};{ZEBRA}"}
    decisions = {}
    for image, shown in labels.items():
        key, one = decided(1, "anna", image[0], image)
        decisions[key] = replace(one, labels=shown)
    sets = [row | {"labels": [ZEBRA, BEAR]} if row["image_id"] == "a" else row for row in TWO]
    found, notes = counting(decisions, sets)
    # Where labels are not known they are taken to be the same.
    assert [pair[1] for *_, pair in found] == ["a+2", "a-2"]
    assert notes == [
        f"d/anna.csv: line 2: made under the labels {BEAR};{ZEBRA}, which are {ZEBRA};{ZEBRA} now: "
        "it does not count (1 such decision)"
    ]


STATUS = {row["image_id"]: "ok" for row in TWO}


def test_unreadable_frames_are_refused():
    with pytest.raises(UserError) as error:
        unreadable_rows(TWO, STATUS | {"a+2": "media_missing", "b": "decode_failed"}, "refuse")
    for part in ("image a+2", "media_missing", "2 of 5", "`touch` their folder", "unreadable to"):
        assert part in str(error.value)
    assert unreadable_rows(TWO, STATUS, "refuse") == {}


def test_unreadable_frames_leave_their_sets():
    statuses = STATUS | {"a+2": "media_missing", "b": "decode_failed"}
    assert unreadable_rows(TWO, statuses, "drop_frames") == {
        ("a", "a+2"): "unreadable",
        ("b", "b"): "unreadable",
        ("b", "b+2"): "anchor",
    }


def test_sets_with_unreadable_frames_go():
    assert unreadable_rows(TWO, STATUS | {"a+2": "media_missing"}, "drop_sets") == {
        ("a", "a-2"): "set",
        ("a", "a"): "set",
        ("a", "a+2"): "unreadable",
    }


def test_a_frame_near_two_anchors_goes_from_both():
    # The anchor b is a candidate of a, too.
    sets = [*TWO, {**TWO[0], "image_id": "b", "offset": 7}]
    assert unreadable_rows(sets, STATUS | {"b": "decode_failed"}, "drop_frames") == {
        ("a", "b"): "unreadable",
        ("b", "b"): "unreadable",
        ("b", "b+2"): "anchor",
    }


def test_images_without_status_are_refused():
    with pytest.raises(UserError, match=r"image b of the sets.*\(2 such"):
        unreadable_rows(TWO, {"a": "ok", "a-2": "ok", "a+2": "ok"}, "drop_frames")


def test_similar_candidates_are_in():
    judge = by_similarity({("a", "a+2"): 0.9, ("a", "a-2"): 0.89}, 0.9)
    assert judge(("a", "a+2")) == ACCEPTED
    assert judge(("a", "a-2")).reason == "similarity"
    with pytest.raises(UserError, match=r"anchor b and image b\+2 has no similarity"):
        judge(("b", "b+2"))


def test_sets_are_whole(tmp_path):
    with pytest.raises(UserError, match="no set"):
        read_sets(write_dataset(tmp_path, []).sets)
    candidates = [row for row in set_rows("a", [2]) if row["offset"]]
    with pytest.raises(UserError, match="set a lacks its own anchor"):
        read_sets(write_dataset(tmp_path, candidates).sets)


@pytest.mark.parametrize(
    ("votes", "accepted"), [("y", True), ("n", False), ("yn", False), ("yyn", True)]
)
def test_with_one_round_its_strict_majority_decides(votes, accepted):
    first = [
        decided(1, f"r{number}", "a", "a+2", "correct;similar" if vote == "y" else NO)
        for number, vote in enumerate(votes)
    ]
    judge, bad = by_people(set_rows("a", [2]), dict(first), REMEDY, rounds=1)
    assert (judge(("a", "a+2")).reason is None, bad) == (accepted, set())


def test_with_one_round_a_lone_reviewer_drops_an_anchor():
    first = [
        decided(1, "anna", "a", "a+2", "bad-anchor"),
        decided(1, "anna", "b", "b+2"),
    ]
    # The other pair of the bad anchor needs no decision.
    assert by_people(TWO, dict(first), REMEDY, rounds=1)[1] == {"a"}
    with pytest.raises(UserError, match="round 1 lacks 1 of 3 pairs"):
        by_people(TWO, dict([*first[1:], decided(1, "anna", "a", "a-2", NO)]), REMEDY, rounds=1)


def test_a_second_round_of_one_is_refused():
    said = [decided(1, "anna", "a", "a+2"), decided(2, "anna", "a", "a+2", NO)]
    with pytest.raises(UserError, match=r"decision of round 2, but rounds is 1; set rounds to 2"):
        by_people(set_rows("a", [2]), dict(said), REMEDY, rounds=1)

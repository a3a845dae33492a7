"""Two rounds, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_data import decided, set_rows, write_dataset
from typer.testing import CliRunner

from wildframe.core.errors import UserError
from wildframe.core.schemas import REVIEWS, SIMILARITIES
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.reviews import deciding
from wildframe.reviews.commands import app
from wildframe.reviews.consensus import (
    ACCEPTED,
    by_people,
    by_similarity,
    read_sets,
    require_known,
    review_rows,
    unreadable_rows,
)
from wildframe.reviews.decisions import HEADER

REMEDY = "serve --round"
NO = "correct;dissimilar;blur-increase"
TWO = set_rows("a", [-2, 2]) + set_rows("b", [2])


def decide(sets, *decisions):
    """Return accepted and reason by picture, as people decide."""
    judge, bad = by_people(sets, dict(decisions), REMEDY)
    rows = review_rows(sets, {}, judge, bad)
    return {row["image_id"]: (row["accepted"], row["reason"]) for row in rows}


def test_the_first_round_accepts():
    sets = set_rows("a", [2, 4])
    first = [decided(1, "anna", "a", "a+2"), decided(1, "anna", "a", "a+4")]
    judge, bad = by_people(sets, dict(first), REMEDY)
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
    judge, _ = by_people(sets, dict([decided(1, "anna", "a", "a+2", NO), *second]), REMEDY)
    verdict = judge(("a", "a+2"))
    assert verdict.reason == (None if accepted else "dissimilar;blur-increase")
    assert (verdict.similar_votes, verdict.votes) == (votes.count("y"), len(votes))


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_majority_is_more_than_half(yes, no):
    if not yes + no:
        return
    said = ["correct;similar"] * yes + [NO] * no
    second = [decided(2, f"r{n}", "a", "a+2", tags) for n, tags in enumerate(said)]
    judge, _ = by_people(set_rows("a", [2]), dict(second), REMEDY)
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
    with pytest.raises(UserError, match="1 pairs that the first round did not accept"):
        decide(set_rows("a", [2]), *first)


def test_pairs_that_nobody_judged_are_counted():
    with pytest.raises(UserError, match=r"2 of 3 pairs are not reviewed yet.*`serve --round 1`"):
        decide(TWO, decided(1, "anna", "a", "a+2"))


def test_rejected_pairs_wait_for_the_second_round():
    first = [
        decided(1, "anna", "a", "a+2", NO),
        decided(1, "anna", "a", "a-2", "dont know"),
        decided(1, "anna", "b", "b+2"),
    ]
    with pytest.raises(UserError, match=r"2 pairs.*wait for the second.*`serve --round 2`"):
        decide(TWO, *first)


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
        decided(2, "anna", "a", "a+2", BAD),
        # Whoever judged any pair of the anchor could have objected.
        decided(2, "ben", "a", "a-2"),
    )
    assert said == {"a": (True, None), "a-2": (True, None), "a+2": (False, "bad-anchor")}


def test_the_first_round_alone_does_not_make_an_anchor_bad():
    with pytest.raises(UserError, match="wait for the second"):
        decide(set_rows("a", [2]), decided(1, "anna", "a", "a+2", BAD))


def test_no_set_is_left():
    with pytest.raises(UserError, match=r"no set is left of 1: 0 .* anchor of 1 bad"):
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
    with pytest.raises(UserError, match=r"ben\.csv: .*in no set \(1 such"):
        require_known(decisions, TWO)


STATUS = {row["image_id"]: "ok" for row in TWO}


def test_unreadable_frames_are_refused():
    with pytest.raises(UserError) as error:
        unreadable_rows(TWO, STATUS | {"a+2": "media_missing", "b": "decode_failed"}, "refuse")
    for part in ("picture a+2", "media_missing", "2 of 5", "datasets.<name>.unreadable"):
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


def test_pictures_without_status_are_refused():
    with pytest.raises(UserError, match=r"picture b of the sets.*\(2 such"):
        unreadable_rows(TWO, {"a": "ok", "a-2": "ok", "a+2": "ok"}, "drop_frames")


def test_similar_candidates_are_in():
    judge = by_similarity({("a", "a+2"): 0.9, ("a", "a-2"): 0.89}, 0.9)
    assert judge(("a", "a+2")) == ACCEPTED
    assert judge(("a", "a-2")).reason == "similarity"
    with pytest.raises(UserError, match=r"anchor b and picture b\+2 has no similarity"):
        judge(("b", "b+2"))


# ---- The command --------------------------------------------------------------------------------


@pytest.fixture
def paths(tmp_path):
    return write_dataset(tmp_path, TWO, broken=["a-2"])


def consensus(paths, *options):
    output = paths.sets.parent / "reviews.parquet"
    files = ["--sets", paths.sets, "--statuses", paths.statuses, "--output", output]
    result = CliRunner().invoke(app, ["consensus", *map(str, files), *map(str, options)])
    if result.exception:
        raise result.exception
    return output


def rows_of(output):
    rows = read_table(output, REVIEWS).to_pylist()
    return {row["image_id"]: row["reason"] for row in rows}


def test_every_row_stays_with_its_reason(paths):
    output = consensus(paths, "--review", "none", "--unreadable", "drop_frames")
    assert rows_of(output) == {"a-2": "unreadable"} | dict.fromkeys(["a", "a+2", "b", "b+2"])
    assert read_facts(output, REVIEWS)["review"] == "none"


@pytest.mark.parametrize("unreadable", ["drop_frames", "drop_sets"])
def test_what_cannot_be_read_is_named(paths, unreadable, capsys):
    deciding.decide(paths.sets, paths.statuses, "none", unreadable, None, None, None)
    assert capsys.readouterr().err == "a-2 is left out: decode_failed (is broken)\n"


def test_many_that_cannot_be_read_are_counted(tmp_path, capsys):
    sets = set_rows("a", range(1, 23))
    files = write_dataset(tmp_path, sets, broken=[f"a+{at}" for at in range(1, 23)])
    deciding.decide(files.sets, files.statuses, "none", "drop_frames", None, None, None)
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "a+1 is left out: decode_failed (is broken)"
    assert (len(told), told[-1]) == (21, "22 pictures are left out so in all")


def test_what_cannot_be_read_is_refused_with_its_reason(paths):
    with pytest.raises(UserError, match=r"picture a-2 .*decode_failed \(is broken\)"):
        consensus(paths, "--review", "none")


def test_auto(paths, tmp_path):
    table = tmp_path / "similarity.parquet"
    measured = [("a", "a+2", 0.95), ("b", "b+2", 0.5)]
    keys = ("anchor_id", "image_id", "similarity")
    write_rows(table, SIMILARITIES, [dict(zip(keys, one, strict=True)) for one in measured])
    options = ["--similarities", table, "--threshold", 0.9, "--unreadable", "drop_sets"]
    output = consensus(paths, "--review", "auto", *options)
    assert rows_of(output) == {
        "a-2": "unreadable",
        "a": "set",
        "a+2": "set",
        "b": None,
        "b+2": "similarity",
    }
    assert read_facts(output, REVIEWS)["review"] == "auto"


def write_decisions(folder, name, *rows):
    folder.mkdir(exist_ok=True)
    lines = [",".join(HEADER)]
    lines += [f"{n},{name},{a},{i},{tags},,2026-01-01T00:00:00Z" for n, a, i, tags in rows]
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")


def test_human(paths):
    write_decisions(paths.decisions, "anna", (1, "a", "a+2", "correct;similar"))
    write_decisions(paths.decisions, "ben", (1, "b", "b+2", NO), (2, "b", "b+2", NO))
    options = ["--review", "human", "--decisions", paths.decisions, "--unreadable", "drop_frames"]
    output = consensus(paths, *options)
    # The pair that could not be shown needs no decision.
    assert rows_of(output) == {
        "a-2": "unreadable",
        "a": None,
        "a+2": None,
        "b": None,
        "b+2": "dissimilar;blur-increase",
    }
    assert read_facts(output, REVIEWS)["review"] == "human"


def test_published_sets_are_reviewed(paths):
    output = consensus(paths, "--review", "human", "--unreadable", "drop_frames")
    assert rows_of(output)["b+2"] is None
    assert read_facts(output, REVIEWS)["review"] == "human"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--review", "none", "--decisions", "d"], "--decisions belong to --review human"),
        (["--review", "auto", "--threshold", "1"], "needs --similarities"),
        (["--review", "human", "--threshold", "1"], "has no use for --threshold"),
        (["--review", "none"], "picture a-2"),
    ],
)
def test_options_that_do_not_fit(paths, options, told):
    with pytest.raises(UserError, match=told):
        consensus(paths, *options)


def test_a_folder_that_is_not_there_yet_is_not_reviewed(paths):
    options = ["--review", "human", "--decisions", "nowhere", "--unreadable", "drop_frames"]
    with pytest.raises(UserError, match=r"2 of 2 pairs are not reviewed.*--decisions nowhere"):
        consensus(paths, *options)


def test_sets_are_whole(tmp_path):
    with pytest.raises(UserError, match="no set"):
        read_sets(write_dataset(tmp_path, []).sets)
    candidates = [row for row in set_rows("a", [2]) if row["offset"]]
    with pytest.raises(UserError, match="set a lacks its own anchor"):
        read_sets(write_dataset(tmp_path, candidates).sets)

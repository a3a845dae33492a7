"""Agreement, worked out by hand and held against a textbook's example."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from review_data import UNLABELLED, decided, filled, set_rows
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels

from wildframe.core.errors import UserError
from wildframe.core.schemas import REVIEWS
from wildframe.core.tables import write_rows
from wildframe.reviews.agreement import agreement, fleiss_kappa, review_summary

NO = "correct;dissimilar"


def test_kappa_by_hand():
    # 3 pairs, 2 reviewers: they agree on two of three. Accepted in sum 3 of 6, so that chance gives
    # 1/2: kappa = (2/3 - 1/2) / (1 - 1/2) = 1/3.
    assert kappa((2, 0), (0, 2), (1, 1)).value == pytest.approx(1 / 3)
    # 2 pairs, 4 reviewers, split 3:1 and 1:3: agreement (3*2 + 0) / (4*3) = 1/2, as chance gives.
    assert kappa((3, 1), (1, 3)).value == pytest.approx(0)
    assert kappa((4, 0), (0, 4)).value == pytest.approx(1)
    assert kappa((4, 0), (4, 0)) is None


def kappa(*counts):
    return fleiss_kappa([(f"a{n}", *count) for n, count in enumerate(counts)])


@pytest.mark.parametrize("accepted_at_once", [0, 2, 900])
def test_pairs_of_one_reviewer_tell_nothing_of_chance(accepted_at_once):
    """In two rounds they are those that were accepted in the first."""
    found = kappa((2, 0), (0, 2), (1, 1), *[(1, 0)] * accepted_at_once)
    assert found.value == pytest.approx(1 / 3)
    assert kappa((1, 0), (0, 1)) is None


@given(st.lists(st.integers(0, 3), min_size=1, max_size=9))
def test_kappa_of_equal_numbers_of_reviewers_is_statsmodels(accepting):
    counts = [(count, 3 - count) for count in accepting]
    assume(0 < sum(accepting) < 3 * len(accepting))
    assert kappa(*counts).value == pytest.approx(statsmodels(counts))


def test_kappa_has_an_interval_over_sets():
    counts = [(2, 0), (0, 2), (1, 1), (2, 0), (0, 2), (2, 0), (1, 1), (0, 2)]
    found = kappa(*counts)
    assert -1 <= found.low < found.value < found.high <= 1
    # The same pairs in two sets say less than in eight; two sets are too few to say anything.
    assert fleiss_kappa([("ab"[n % 2], *one) for n, one in enumerate(counts)]).low is None
    ten = kappa(*counts * 10)
    assert ten.high - ten.low < (found.high - found.low) / 2


def test_agreement_counts_pairs_of_reviewers():
    # Of 3 reviewers, 1 of 3 pairs agrees; of 2, the one.
    assert agreement([("a", 2, 1), ("a", 0, 2)]) == 2 / 4
    assert agreement([("a", 1, 1)]) == 0


def review(row, reason=None):
    return filled(REVIEWS, **row, accepted=reason is None, reason=reason, votes=1)


ROWS = [review(row) for row in set_rows("a", [])]
ROWS += [review(row, "dissimilar;blur-increase") for row in set_rows("a", [2]) if row["offset"]]
ROWS += [review(row, "dissimilar") for row in set_rows("a", [4]) if row["offset"]]
ROWS += [review(row) for row in set_rows("a", [6]) if row["offset"]]
ROWS += [review(row, "anchor" if row["offset"] else "bad-anchor") for row in set_rows("b", [2])]

DECISIONS = dict(
    [
        decided(1, "anna", "a", "a+2", NO),
        decided(1, "anna", "a", "a+4", NO),
        decided(1, "ben", "a", "a+6", NO),
        *(decided(2, name, "a", "a+2", NO) for name in ("anna", "ben")),
        *(decided(2, name, "a", "a+6") for name in ("anna", "ben")),
        decided(2, "anna", "a", "a+4", NO),
        decided(2, "ben", "a", "a+4"),
    ]
)


def test_the_summary():
    assert review_summary(ROWS, DECISIONS, "human") == [
        ("sets", "2"),
        ("sets accepted", "1 (50.0 %)"),
        ("pairs", "4"),
        ("pairs accepted", "1 (25.0 %)"),
        ("sets excluded: bad-anchor", "1"),
        ("pairs excluded: dissimilar", "2"),
        ("pairs excluded: anchor", "1"),
        ("pairs excluded: blur-increase", "1"),
        ("round 1: pairs reviewed by anna", "2"),
        ("round 1: pairs reviewed by ben", "1"),
        ("round 2: pairs reviewed by anna", "3"),
        ("round 2: pairs reviewed by ben", "3"),
        ("round 2: pairs reviewed by two or more", "3"),
        ("round 2: agreement of two reviewers", "66.7 %"),
        ("both rounds: Fleiss' kappa [95 % CI], 3 pairs of two or more", "0.33 [N/A]"),
    ]


def test_a_summary_without_reviewers():
    items = dict(review_summary(ROWS[:1], {}, "auto"))
    assert items == {
        "sets": "1",
        "sets accepted": "1 (100.0 %)",
        "pairs": "0",
        "pairs accepted": "0",
    }


def test_nobody_knows_what_a_publisher_rejected():
    rows = [row | {"votes": None, "accepted": True, "reason": None} for row in ROWS]
    items = [("sets", "2"), ("pairs", "4")]
    assert review_summary(rows, {}, "human") == review_summary(rows, {}, "none") == items
    # A measure has no votes.
    assert ("pairs accepted", "4 (100.0 %)") in review_summary(rows, {}, "auto")
    rows[1] |= {"votes": 1}
    assert ("pairs accepted", "4 (100.0 %)") in review_summary(rows, {}, "human")


def test_the_command(tmp_path, wildframe):
    write_rows(tmp_path / "reviews.parquet", REVIEWS, ROWS, facts={"review": "human"})
    line = "2,anna,a,a+2,correct;similar,,2026-01-01T00:00:00Z"
    (tmp_path / "anna.csv").write_text(UNLABELLED + "\n" + line + "\n1,anna,a,a")
    options = ("--decisions", tmp_path, "--format", "csv")
    result = wildframe("reviews", "summary", tmp_path / "reviews.parquet", *options)
    assert result.stdout.splitlines()[:2] == ["item,value", "sets,2"]
    assert result.stdout.splitlines()[-1] == "round 2: pairs reviewed by anna,1"
    assert "is incomplete" in result.stderr


def test_decisions_of_another_dataset_and_a_folder_that_is_not_there_are_refused(
    tmp_path, wildframe
):
    write_rows(tmp_path / "reviews.parquet", REVIEWS, ROWS, facts={"review": "human"})
    command = ("reviews", "summary", tmp_path / "reviews.parquet", "--decisions")
    line = "1,anna,c,c+2,correct;similar,,2026-01-01T00:00:00Z"
    (tmp_path / "anna.csv").write_text(UNLABELLED + f"\n{line}\n")
    with pytest.raises(UserError, match="the pair of anchor c and image c\\+2 is in no set"):
        wildframe(*command, tmp_path)
    with pytest.raises(UserError, match="nowhere: no such folder; name the folder"):
        wildframe(*command, tmp_path / "nowhere")

"""Agreement of reviewers, and the summary of a review."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from wildframe.core.tables import Row
from wildframe.reviews.consensus import Votes
from wildframe.reviews.decisions import Decision, Decisions
from wildframe.reviews.labels import accepts

Item = tuple[str, str]
"""Name and value of a line of the summary."""


def fleiss_kappa(counts: Sequence[tuple[int, int]]) -> float | None:
    """Return Fleiss' kappa of pairs with the same number of reviewers.

    Args:
        counts: Reviewers who accepted and who did not, for each pair; at least two in sum.

    Returns:
        1 for full agreement, 0 for agreement by chance; None if all reviews of all pairs are the
        same, as they would be by chance.
    """
    import warnings

    from statsmodels.stats.inter_rater import fleiss_kappa as kappa

    used = [sum(column) for column in zip(*counts, strict=True)]
    if 0 in used:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(kappa(counts))


def agreement(reviewed: Sequence[Sequence[Decision]]) -> float:
    """Return the fraction of pairs of reviewers who agree on a pair (accepted or not).

    Args:
        reviewed: Decisions on each pair, at least two.
    """
    same = total = 0
    for decisions in reviewed:
        count = len(decisions)
        accepting = sum(accepts(decision.tags) for decision in decisions)
        same += accepting * (accepting - 1) + (count - accepting) * (count - accepting - 1)
        total += count * (count - 1)
    return same / total


def review_summary(reviews: Sequence[Row], decisions: Decisions) -> list[Item]:
    """Return the summary of a review.

    Args:
        reviews: Rows of REVIEWS.
        decisions: The decisions that count, if there are any.

    Returns:
        Accepted sets and pairs; the count of each reason, of which a pair may have several;
        decisions of each reviewer in each round; agreement in the second round.
    """
    anchors = [row for row in reviews if row["anchor_id"] == row["image_id"]]
    pairs = [row for row in reviews if row["anchor_id"] != row["image_id"]]
    items = [("sets", f"{len(anchors):,}"), ("sets accepted", _count(anchors))]
    items += [("pairs", f"{len(pairs):,}"), ("pairs accepted", _count(pairs))]
    reasons = Counter(
        reason for row in pairs if row["reason"] for reason in row["reason"].split(";")
    )
    of_anchors = Counter(row["reason"] for row in anchors if row["reason"])
    for what, counted in (("sets", of_anchors), ("pairs", reasons)):
        ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        items += [(f"{what} excluded: {reason}", f"{count:,}") for reason, count in ranked]
    by_round: dict[int, Counter[str]] = {1: Counter(), 2: Counter()}
    for decision in decisions.values():
        by_round[decision.round][decision.annotator] += 1
    for number, counts in by_round.items():
        items += [
            (f"round {number}: pairs reviewed by {annotator}", f"{count:,}")
            for annotator, count in sorted(counts.items())
        ]
    return items + _agreement_items(decisions)


def _agreement_items(decisions: Decisions) -> list[Item]:
    second = Votes.of(decisions).rounds[2].values()
    shared = [decisions for decisions in second if len(decisions) > 1]
    if not shared:
        return []
    items = [
        ("round 2: pairs reviewed by two or more", f"{len(shared):,}"),
        ("round 2: agreement of two reviewers", f"{100 * agreement(shared):.1f} %"),
    ]
    by_reviewers: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for on_pair in shared:
        accepting = sum(accepts(decision.tags) for decision in on_pair)
        by_reviewers[len(on_pair)].append((accepting, len(on_pair) - accepting))
    for reviewers, counts in sorted(by_reviewers.items()):
        kappa = fleiss_kappa(counts)
        value = "not defined (all reviews are the same)" if kappa is None else f"{kappa:.3f}"
        name = f"round 2: Fleiss' kappa of {reviewers} reviewers, {len(counts):,} pairs"
        items.append((name, value))
    return items


def _count(rows: Sequence[Row]) -> str:
    accepted = sum(row["accepted"] for row in rows)
    share = f" ({100 * accepted / len(rows):.1f} %)" if rows else ""
    return f"{accepted:,}{share}"

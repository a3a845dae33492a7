"""How far reviewers agree, and what their review came to."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from wildframe.core.tables import Row
from wildframe.reviews.consensus import Votes
from wildframe.reviews.decisions import Decision, Decisions
from wildframe.reviews.labels import accepts

Item = tuple[str, str]
"""What is told, and its value, for people."""


def fleiss_kappa(counts: Sequence[tuple[int, int]]) -> float | None:
    """Return Fleiss' kappa of pairs that each were judged by the same number of reviewers.

    Args:
        counts: Reviewers who accepted and who did not, for each pair; at least two in sum.

    Returns:
        1 for full agreement, 0 for what chance alone gives; None where all said the same of all
        pairs, since chance alone would give that, too.
    """
    import warnings

    from statsmodels.stats.inter_rater import fleiss_kappa as kappa

    used = [sum(column) for column in zip(*counts, strict=True)]
    if 0 in used:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(kappa(counts))


def agreement(judged: Sequence[Sequence[Decision]]) -> float:
    """Return the share of pairs of reviewers who said the same (accepted or not) of one pair.

    Args:
        judged: Decisions on each pair, at least two.
    """
    same = total = 0
    for decisions in judged:
        count = len(decisions)
        accepting = sum(accepts(decision.tags) for decision in decisions)
        same += accepting * (accepting - 1) + (count - accepting) * (count - accepting - 1)
        total += count * (count - 1)
    return same / total


def review_summary(reviews: Sequence[Row], decisions: Decisions) -> list[Item]:
    """Return what a review came to.

    Args:
        reviews: Rows of REVIEWS.
        decisions: The decisions that count; none where nobody reviewed.

    Returns:
        Sets and pairs that are in; how often each reason was given, a pair counting for each of
        its reasons; decisions of each reviewer in each round; agreement in the second round.
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
        items += [(f"{what} out: {reason}", f"{count:,}") for reason, count in ranked]
    by_round: dict[int, Counter[str]] = {1: Counter(), 2: Counter()}
    for decision in decisions.values():
        by_round[decision.round][decision.annotator] += 1
    for number, counts in by_round.items():
        items += [
            (f"round {number}: pairs judged by {annotator}", f"{count:,}")
            for annotator, count in sorted(counts.items())
        ]
    return items + _agreement_items(decisions)


def _agreement_items(decisions: Decisions) -> list[Item]:
    second = Votes.of(decisions).rounds[2].values()
    shared = [said for said in second if len(said) > 1]
    if not shared:
        return []
    items = [
        ("round 2: pairs judged by two or more", f"{len(shared):,}"),
        ("round 2: agreement of two reviewers", f"{100 * agreement(shared):.1f} %"),
    ]
    by_reviewers: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for said in shared:
        accepting = sum(accepts(decision.tags) for decision in said)
        by_reviewers[len(said)].append((accepting, len(said) - accepting))
    for reviewers, counts in sorted(by_reviewers.items()):
        kappa = fleiss_kappa(counts)
        value = "not defined (all said the same)" if kappa is None else f"{kappa:.3f}"
        told = f"round 2: Fleiss' kappa of {reviewers} reviewers, {len(counts):,} pairs"
        items.append((told, value))
    return items


def _count(rows: Sequence[Row]) -> str:
    accepted = sum(row["accepted"] for row in rows)
    share = f" ({100 * accepted / len(rows):.1f} %)" if rows else ""
    return f"{accepted:,}{share}"

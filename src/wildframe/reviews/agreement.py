"""Agreement of reviewers, and the summary of a review."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from wildframe.core.clusters import Counts, half_width, or_none
from wildframe.core.display import interval
from wildframe.core.tables import Row
from wildframe.reviews.consensus import Votes
from wildframe.reviews.decisions import Decision, Decisions, Pair
from wildframe.reviews.labels import accepts

Item = tuple[str, str]
"""Name and value of a line of the summary."""

Rating = tuple[str, int, int]
"""Anchor of a pair, and how many reviewers accepted the pair and how many did not."""

_FEWEST_SETS = 5
"""Sets over which kappa has an interval."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance, with a 95 % interval over sets; None where there is none."""

    value: float
    low: float | None
    high: float | None


def fleiss_kappa(ratings: Sequence[Rating]) -> Kappa | None:
    """Return Fleiss' kappa of pairs that any number of reviewers decided on.

    Agreement and what chance gives are over the pairs of two or more reviewers: whether a pair has
    more than one may hang on the first decision. The interval leaves out one set at a time
    (jackknife, Student's t): pairs of a set are alike.

    Args:
        ratings: For each pair its anchor, and how many reviewers accepted it and how many did not.

    Returns:
        1 for full agreement, 0 for agreement by chance; None without a pair of two reviewers, or if
        all decisions are the same, as they would be by chance.
    """
    shared = [rating for rating in ratings if sum(rating[1:]) > 1]
    if not shared:
        return None
    anchors, anchor = np.unique([name for name, _, _ in shared], return_inverse=True)
    accepting, rejecting = np.array([counts for _, *counts in shared], float).T
    same, total = _pairs_of_reviewers(shared)
    sums = Counts.of(
        anchor,
        np.stack([same / total, accepting], axis=1),
        np.stack([np.ones(len(shared)), accepting + rejecting], axis=1),
    )
    value = float(_kappa(sums.shares))
    if np.isnan(value):
        return None
    half = np.nan
    if len(anchors) >= _FEWEST_SETS:
        (half,) = half_width(_kappa(sums.left_out)[:, None], sums.trials[:, :1])
    return Kappa(value, or_none(max(value - half, -1)), or_none(min(value + half, 1)))


def _kappa(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return kappa of shares of agreement and of accepting decisions, the last axis."""
    agreement, accepting = shares[..., 0], shares[..., 1]
    chance = accepting**2 + (1 - accepting) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa: npt.NDArray[np.float64] = (agreement - chance) / (1 - chance)
    return kappa


def agreement(ratings: Sequence[Rating]) -> float:
    """Return how often two reviewers of a pair agree on it, over pairs with two or more."""
    same, total = _pairs_of_reviewers(ratings)
    return float(same.sum() / total.sum())


def _pairs_of_reviewers(ratings: Sequence[Rating]) -> npt.NDArray[np.int64]:
    """Return, of each pair, how many twos of its reviewers agree, and how many twos there are."""
    accepting, rejecting = np.array([counts for _, *counts in ratings]).T
    reviewers = accepting + rejecting
    same = accepting * (accepting - 1) + rejecting * (rejecting - 1)
    return np.array([same, reviewers * (reviewers - 1)])


def _rating(pair: Pair, decisions: Collection[Decision]) -> Rating:
    accepting = sum(accepts(decision.tags) for decision in decisions)
    return pair[0], accepting, len(decisions) - accepting


def knows_rejected(reviews: Iterable[Row], review: str) -> bool:
    """Tell whether rows of REVIEWS have the pairs that a review rejected.

    They do not if there was no review, nor of a publisher's, who lists what he accepted.
    """
    return review == "auto" or any(row["votes"] is not None for row in reviews)


def review_summary(reviews: Sequence[Row], decisions: Decisions, review: str) -> list[Item]:
    """Return the summary of a review.

    Args:
        reviews: Rows of REVIEWS.
        decisions: The decisions that count, if there are any.
        review: How neighbours were excluded.

    Returns:
        Sets and pairs, and how many were accepted, if `knows_rejected`; the count of each reason,
        of which a pair may have several; decisions of each reviewer in each round; agreement in the
        second round, and in both.
    """
    anchors = [row for row in reviews if row["anchor_id"] == row["image_id"]]
    pairs = [row for row in reviews if row["anchor_id"] != row["image_id"]]
    items: list[Item] = []
    for name, rows in (("sets", anchors), ("pairs", pairs)):
        items.append((name, f"{len(rows):,}"))
        if knows_rejected(reviews, review):
            items.append((f"{name} accepted", _count(rows)))
    reasons = Counter(
        reason for row in pairs if row["reason"] for reason in row["reason"].split(";")
    )
    of_anchors = Counter(row["reason"] for row in anchors if row["reason"])
    for what, counted in (("sets", of_anchors), ("pairs", reasons)):
        ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        items += [(f"{what} excluded: {reason}", f"{count:,}") for reason, count in ranked]
    reviewed = Counter((decision.round, decision.annotator) for decision in decisions.values())
    items += [
        (f"round {number}: pairs reviewed by {annotator}", f"{count:,}")
        for (number, annotator), count in sorted(reviewed.items())
    ]
    return items + _agreement_items(decisions) + _kappa_item(decisions)


def _agreement_items(decisions: Decisions) -> list[Item]:
    second = Votes.of(decisions).rounds[2].items()
    shared = [_rating(pair, decisions) for pair, decisions in second if len(decisions) > 1]
    if not shared:
        return []
    return [
        ("round 2: pairs reviewed by two or more", f"{len(shared):,}"),
        ("round 2: agreement of two reviewers", f"{100 * agreement(shared):.1f} %"),
    ]


def _kappa_item(decisions: Decisions) -> list[Item]:
    """Return agreement beyond chance over both rounds: the last decision of each reviewer."""
    of_pair: dict[Pair, dict[str, Decision]] = defaultdict(dict)
    for decision in sorted(decisions.values(), key=attrgetter("round")):
        of_pair[decision.pair][decision.annotator] = decision
    ratings = [_rating(pair, by_reviewer.values()) for pair, by_reviewer in of_pair.items()]
    shared = sum(accepting + rejecting > 1 for _, accepting, rejecting in ratings)
    if not shared:
        return []
    kappa = fleiss_kappa(ratings)
    value = "not defined (all decisions are the same)"
    if kappa:
        value = f"{kappa.value:.2f} [{interval(kappa.low, kappa.high, '.2f')}]"
    name = f"both rounds: Fleiss' kappa [95 % CI], {shared:,} pairs of two or more"
    return [(name, value)]


def _count(rows: Sequence[Row]) -> str:
    accepted = sum(row["accepted"] for row in rows)
    share = f" ({100 * accepted / len(rows):.1f} %)" if rows else ""
    return f"{accepted:,}{share}"

"""Which frames of sets are examined: two rounds of review, or a measure, or all.

The protocol is that of *A systematic framework for natural perturbations from videos*, section 2.1.
In the first round each pair of an anchor and a candidate is judged by one reviewer; a pair that is
not accepted is judged by all reviewers in the second round, and is in by strict majority alone.
All reviewers are those who judged any pair in the first round: until each of them has judged it, a
pair is not decided. Whoever comes in the second round only has a vote, and nobody waits for it.
A pair is accepted by ``correct`` and ``similar`` without any of the other labels.

Where the sources leave a choice:

- A pair that several reviewers judged in the first round is accepted there if all of them accept.
- ``bad-anchor`` takes the whole set away by strict majority of all reviewers and of whoever else
  judged any of its pairs in the second round (in YTBB-Robust one reviewer sufficed). Its other
  pairs need no decision then.
- A pair that somebody judged in the second round is decided there, even if a first decision was
  corrected to an accepting one later.
- A decision on a pair that is in no set is refused: it was made on other data, and so may be the
  others of its file.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wildframe.core.choices import Unreadable
from wildframe.core.errors import UserError
from wildframe.core.schemas import SETS
from wildframe.core.tables import Row, read_table
from wildframe.reviews import counted
from wildframe.reviews.decisions import Decision, Decisions, Pair
from wildframe.reviews.labels import ACCEPTING, BAD_ANCHOR, accepts, ordered


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of one pair."""

    reason: str | None
    """Why it is out; None if it is in."""
    similar_votes: int | None = None
    votes: int | None = None


ACCEPTED = Verdict(None)

Judge = Callable[[Pair], Verdict]


@dataclass(slots=True)
class Votes:
    """Decisions by pair, of each round."""

    rounds: dict[int, dict[Pair, list[Decision]]] = field(
        default_factory=lambda: {1: defaultdict(list), 2: defaultdict(list)}
    )

    @classmethod
    def of(cls, decisions: Decisions) -> "Votes":
        """Sort the decisions that count."""
        votes = cls()
        for decision in decisions.values():
            votes.rounds[decision.round][decision.pair].append(decision)
        return votes

    def first(self, pair: Pair) -> list[Decision]:
        """Return what was said of a pair in the first round."""
        return self.rounds[1].get(pair, [])

    def second(self, pair: Pair) -> list[Decision]:
        """Return what was said of a pair in the second round."""
        return self.rounds[2].get(pair, [])

    def passed_first(self, pair: Pair) -> bool:
        """Tell whether the first round accepts a pair: all who judged it do, and somebody did."""
        first = self.first(pair)
        return bool(first) and all(accepts(decision.tags) for decision in first)

    @property
    def reviewers(self) -> list[str]:
        """Whoever judged any pair in the first round, by name."""
        return sorted({one.annotator for said in self.rounds[1].values() for one in said})

    def waits_for(self, pair: Pair) -> list[str]:
        """Return the reviewers who have still to judge a pair in the second round, by name."""
        second = {decision.annotator for decision in self.second(pair)}
        if self.passed_first(pair) and not second:
            return []
        return [name for name in self.reviewers if name not in second]

    def deciding(self, pair: Pair) -> list[Decision]:
        """Return the decisions of the round that counts: the second, where it has any."""
        return self.second(pair) or self.first(pair)

    def bad_anchors(self) -> set[str]:
        """Return the anchors whose sets go: by strict majority of all reviewers.

        Whoever objects to an anchor in the first round has not accepted the pair, so that there is
        a second.
        """
        everybody = set(self.reviewers)
        judges: dict[str, set[str]] = defaultdict(everybody.copy)
        against: dict[str, set[str]] = defaultdict(set)
        for (anchor, _), decisions in self.rounds[2].items():
            for decision in decisions:
                judges[anchor].add(decision.annotator)
                if BAD_ANCHOR in decision.tags:
                    against[anchor].add(decision.annotator)
        return {anchor for anchor in judges if 2 * len(against[anchor]) > len(judges[anchor])}


def read_sets(path: Path) -> list[Row]:
    """Read SETS, each set with its anchor.

    Raises:
        UserError: There is no set, or one without its anchor.
    """
    rows: list[Row] = read_table(path, SETS).to_pylist()
    if not rows:
        raise UserError(f"{path}: no set is in it; `wildframe manifests` says what left none")
    have = {row["anchor_id"] for row in rows if row["anchor_id"] == row["image_id"]}
    for row in rows:
        if row["anchor_id"] not in have:
            raise UserError(
                f"{path}: set {row['anchor_id']} lacks its own anchor; make the sets anew with "
                "`wildframe manifests`"
            )
    return rows


def pairs_of(sets: Iterable[Row]) -> list[Pair]:
    """Return the pairs of an anchor and a candidate, in the order of the rows."""
    return [_pair(row) for row in sets if row["anchor_id"] != row["image_id"]]


def require_known(decisions: Decisions, sets: Sequence[Row]) -> None:
    """Refuse decisions on pairs that are in no set.

    Raises:
        UserError: There is one; names the pair and who decided.
    """
    known = set(pairs_of(sets))
    others = [decision for decision in decisions.values() if decision.pair not in known]
    if others:
        anchor, image = others[0].pair
        raise UserError(
            f"{others[0].where}: the pair of anchor {anchor} and image {image} is in no set "
            f"({counted(len(others), 'such decision')}); give each data set a folder of decisions, "
            "and move away those that were made on other anchors, or set window, anchors and seed "
            "back"
        )


def by_people(sets: Sequence[Row], decisions: Decisions, remedy: str) -> tuple[Judge, set[str]]:
    """Return the verdict of reviewers on a pair, and the anchors whose sets they throw out.

    Args:
        sets: Rows of SETS that can be read.
        decisions: Decisions that count.
        remedy: How to review what is left, up to the reviewer's name.

    Raises:
        UserError: A round has still to judge a pair.
    """
    votes = Votes.of(decisions)
    bad = votes.bad_anchors()
    pairs = pairs_of(sets)
    _require_rounds(votes, [pair for pair in pairs if pair[0] not in bad], len(pairs), remedy)

    def judge(pair: Pair) -> Verdict:
        return _by_majority(votes.deciding(pair))

    return judge, bad


def _require_rounds(votes: Votes, pairs: Sequence[Pair], total: int, remedy: str) -> None:
    """Refuse pairs that the first round has not judged, or not everybody in the second."""
    missing = [pair for pair in pairs if not votes.first(pair)]
    if missing:
        raise UserError(
            f"round 1 lacks {len(missing):,} of {counted(total)}, the first of {_named(missing[0])}"
            f"; review with `{remedy} NAME --round 1`"
        )
    waiting = [(pair, names) for pair in pairs if (names := votes.waits_for(pair))]
    if waiting:
        first, names = waiting[0]
        counts = Counter(name for _, names in waiting for name in names)
        people = ", ".join(f"{name} (for {count:,})" for name, count in sorted(counts.items()))
        raise UserError(
            f"round 2 lacks decisions on {counted(len(waiting))}, and waits for {people}: whoever "
            f"reviewed in round 1 judges all of round 2; the first is of {_named(first)}; "
            f"review with `{remedy} {names[0]} --round 2`, each under the own name"
        )


def _named(pair: Pair) -> str:
    return f"anchor {pair[0]} and image {pair[1]}"


def by_similarity(similarities: Mapping[Pair, float], threshold: float) -> Judge:
    """Return the verdict of a measure on a pair.

    Args:
        similarities: Similarity of each pair.
        threshold: The least that is accepted.
    """

    def judge(pair: Pair) -> Verdict:
        if pair not in similarities:
            raise UserError(
                f"the pair of anchor {pair[0]} and image {pair[1]} has no similarity; make the "
                "table anew with `wildframe reviews similarity`"
            )
        return ACCEPTED if similarities[pair] >= threshold else Verdict("similarity")

    return judge


def unreadable_rows(
    sets: Sequence[Row], statuses: Mapping[str, str], unreadable: Unreadable
) -> dict[Pair, str]:
    """Return the rows that go since frames cannot be read, each with its reason.

    Args:
        sets: Rows of SETS.
        statuses: Status of each image.
        unreadable: ``refuse``, ``drop_frames`` (an anchor takes its set along) or ``drop_sets``.

    Raises:
        UserError: A image has no status, or is unreadable and that is refused.
    """
    unknown = [row["image_id"] for row in sets if row["image_id"] not in statuses]
    if unknown:
        raise UserError(
            f"image {unknown[0]} of the sets is not among the statuses ({len(set(unknown))} "
            "such); give statuses and sets of one dataset"
        )
    broken = [row for row in sets if statuses[row["image_id"]] != "ok"]
    if broken and unreadable == "refuse":
        frames = {row["image_id"] for row in broken}
        raise UserError(
            f"image {broken[0]['image_id']} of the set of {broken[0]['anchor_id']} cannot be "
            f"read: {statuses[broken[0]['image_id']]} ({len(frames)} of "
            f"{len({row['image_id'] for row in sets})} images are so); see `wildframe frames "
            "show`, mend the files, or write drop_frames or drop_sets for "
            "datasets.<name>.unreadable in the config"
        )
    reasons = {_pair(row): "unreadable" for row in broken}
    gone = {row["anchor_id"] for row in broken if row["anchor_id"] == row["image_id"]}
    touched = {row["anchor_id"] for row in broken} if unreadable == "drop_sets" else gone
    for row in sets:
        if row["anchor_id"] in touched:
            reasons.setdefault(_pair(row), "anchor" if row["anchor_id"] in gone else "set")
    return reasons


def review_rows(
    sets: Sequence[Row],
    unreadable: Mapping[Pair, str],
    judge: Judge,
    bad_anchors: Collection[str] = (),
) -> list[Row]:
    """Return the rows of REVIEWS.

    Args:
        sets: Rows of SETS.
        unreadable: Rows that cannot be examined, with their reason.
        judge: Verdict on a pair of an anchor and a candidate.
        bad_anchors: Anchors whose sets are out.

    Raises:
        UserError: No set is left.
    """
    rows = []
    for row in sets:
        pair = _pair(row)
        is_anchor = row["anchor_id"] == row["image_id"]
        if pair in unreadable:
            verdict = Verdict(unreadable[pair])
        elif row["anchor_id"] in bad_anchors:
            verdict = Verdict(BAD_ANCHOR if is_anchor else "anchor")
        else:
            verdict = ACCEPTED if is_anchor else judge(pair)
        rows.append(
            row
            | {
                "accepted": verdict.reason is None,
                "reason": verdict.reason,
                "similar_votes": verdict.similar_votes,
                "votes": verdict.votes,
            }
        )
    anchors = [row for row in rows if row["anchor_id"] == row["image_id"]]
    if not any(row["accepted"] for row in anchors):
        broken = sum(row["reason"] != BAD_ANCHOR for row in anchors)
        raise UserError(
            f"no set is left of {len(anchors)}: frames of {broken} cannot be read, the reviewers "
            f"called the anchor of {len(anchors) - broken} bad; see `wildframe frames show`, or "
            "review again"
        )
    return rows


def _by_majority(decisions: Sequence[Decision]) -> Verdict:
    accepting = [decision for decision in decisions if accepts(decision.tags)]
    reason = None
    if 2 * len(accepting) <= len(decisions):
        tags = {tag for decision in decisions for tag in decision.tags}
        # "correct" alone is no acceptance, and then all that was said.
        reason = ";".join(ordered(tags - ACCEPTING) or ordered(tags))
    return Verdict(reason, len(accepting), len(decisions))


def _pair(row: Mapping[str, str]) -> Pair:
    return row["anchor_id"], row["image_id"]

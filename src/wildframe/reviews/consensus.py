"""Which frames of sets are evaluated: by two rounds of review, by a measure, or all.

The protocol is that of *A systematic framework for natural perturbations from videos*, section 2.1.
In round 1 each pair of an anchor and a candidate is reviewed by one person; a pair that is not
accepted is reviewed by everybody in round 2, and needs a strict majority. Everybody is whoever
reviewed any pair in round 1: a pair is undecided until each of them has reviewed it. Somebody who
only takes part in round 2 has a vote, but is not waited for. A pair is accepted by ``correct`` and
``similar`` without any of the other labels.

Where the sources leave a choice:

- A pair that several people reviewed in round 1 is accepted there if all of them accept.
- ``bad-anchor`` excludes the whole set by a strict majority of everybody and of whoever else
  reviewed any of its pairs in round 2 (in YTBB-Robust one reviewer sufficed). Its other pairs need
  no decision then.
- A pair that was reviewed in round 2 is decided there, even if a decision of round 1 was changed to
  an accepting one later.
- A decision on a pair of no set is refused: it was made on other data, as may be the others.
- A decision that was made under other labels than the pair has now does not count.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from wildframe.core.choices import Unreadable
from wildframe.core.errors import UserError
from wildframe.core.schemas import SETS
from wildframe.core.tables import Row, read_table
from wildframe.reviews import counted, pair_of
from wildframe.reviews.decisions import Decision, Decisions, Pair
from wildframe.reviews.labels import ACCEPTING, BAD_ANCHOR, accepts, ordered


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one pair."""

    reason: str | None
    """Why it is excluded; None if it is accepted."""
    similar_votes: int | None = None
    votes: int | None = None


ACCEPTED = Verdict(None)

Decide = Callable[[Pair], Verdict]


@dataclass(frozen=True, slots=True)
class Votes:
    """Decisions by pair, of each round."""

    rounds: Mapping[int, Mapping[Pair, list[Decision]]]

    @classmethod
    def of(cls, decisions: Decisions) -> "Votes":
        """Group the decisions that count."""
        rounds: dict[int, dict[Pair, list[Decision]]] = {1: {}, 2: {}}
        for decision in decisions.values():
            rounds[decision.round].setdefault(decision.pair, []).append(decision)
        return cls(rounds)

    def first(self, pair: Pair) -> list[Decision]:
        """Return the decisions on a pair in round 1."""
        return self.rounds[1].get(pair, [])

    def second(self, pair: Pair) -> list[Decision]:
        """Return the decisions on a pair in round 2."""
        return self.rounds[2].get(pair, [])

    def passed_first(self, pair: Pair) -> bool:
        """Tell whether round 1 accepts a pair: it has decisions, and all accept."""
        first = self.first(pair)
        return bool(first) and all(accepts(decision.tags) for decision in first)

    @property
    def reviewers(self) -> list[str]:
        """Whoever reviewed any pair in round 1, by name."""
        return sorted({one.annotator for several in self.rounds[1].values() for one in several})

    def waits_for(self, pair: Pair) -> list[str]:
        """Return the reviewers who still have to review a pair in round 2, by name."""
        second = {decision.annotator for decision in self.second(pair)}
        if self.passed_first(pair) and not second:
            return []
        return [name for name in self.reviewers if name not in second]

    def deciding(self, pair: Pair) -> list[Decision]:
        """Return the decisions of the round that counts: 2, if it has any."""
        return self.second(pair) or self.first(pair)

    def bad_anchors(self, last: int) -> set[str]:
        """Return the anchors whose sets are excluded: by strict majority of all reviewers.

        A pair with an objection to its anchor in round 1 is not accepted, and so is in round 2. If
        there is no other round, whoever reviewed pairs of the anchor in round 1 decides.
        """
        everybody = set(self.reviewers) if last == 2 else set()
        voters: dict[str, set[str]] = defaultdict(everybody.copy)
        against: dict[str, set[str]] = defaultdict(set)
        for (anchor, _), decisions in self.rounds[last].items():
            for decision in decisions:
                voters[anchor].add(decision.annotator)
                if BAD_ANCHOR in decision.tags:
                    against[anchor].add(decision.annotator)
        return {anchor for anchor in voters if 2 * len(against[anchor]) > len(voters[anchor])}


def read_sets(path: Path) -> list[Row]:
    """Read SETS, each set with its anchor.

    Raises:
        UserError: There is no set, or one without its anchor.
    """
    rows: list[Row] = read_table(path, SETS).to_pylist()
    if not rows:
        raise UserError(f"{path}: it has no set; `wildframe manifests show` says why")
    have = {row["anchor_id"] for row in rows if row["anchor_id"] == row["image_id"]}
    for row in rows:
        if row["anchor_id"] not in have:
            raise UserError(
                f"{path}: set {row['anchor_id']} lacks its own anchor; delete it and rerun"
            )
    return rows


def pairs_of(sets: Iterable[Row]) -> list[Pair]:
    """Return the pairs of an anchor and a candidate, in the order of the rows."""
    return [pair_of(row) for row in sets if row["anchor_id"] != row["image_id"]]


def shown_labels(sets: Iterable[Row]) -> dict[Pair, str]:
    """Return the labels of anchor and candidate of each pair, as files of decisions keep them."""
    rows = list(sets)
    own = {pair_of(row): " ".join(sorted(row["labels"])) for row in rows}
    return {pair: f"{own[pair[0], pair[0]]};{own[pair]}" for pair in pairs_of(rows)}


def counting(decisions: Decisions, sets: Sequence[Row]) -> tuple[Decisions, list[str]]:
    """Return the decisions that were made on sets as they are now, and a note if others were not.

    Args:
        decisions: Decisions.
        sets: Rows of SETS, or of REVIEWS.

    Raises:
        UserError: A decision is on a pair of no set; names the first and its file.
    """
    known = shown_labels(sets)
    others = [decision for decision in decisions.values() if decision.pair not in known]
    if others:
        anchor, image = others[0].pair
        raise UserError(
            f"{others[0].where}: the pair of anchor {anchor} and image {image} is in no set "
            f"({counted(len(others), 'such decision')}); use one folder of decisions per dataset: "
            "move away those on other anchors, or restore window, anchors and seed; if a label or "
            "video of these frames is gone (the log of the source, and `wildframe manifests show` "
            "of the funnel, say why), restore it or delete these lines"
        )
    old = [one for one in decisions.values() if one.labels not in ("", known[one.pair])]
    if not old:
        return decisions, []
    note = (
        f"{old[0].where}: made under the labels {old[0].labels}, which are "
        f"{known[old[0].pair]} now: it does not count ({counted(len(old), 'such decision')})"
    )
    keys = {decision.key for decision in old}
    return {key: one for key, one in decisions.items() if key not in keys}, [note]


def by_people(
    sets: Sequence[Row], decisions: Decisions, remedy: str, rounds: int
) -> tuple[Decide, set[str]]:
    """Return the reviewers' verdict on a pair, and the anchors whose sets they exclude.

    Args:
        sets: Rows of SETS that can be read.
        decisions: Decisions that count.
        remedy: Command to review the rest, up to the reviewer's name.
        rounds: With one round, a strict majority of whoever reviewed a pair there decides.

    Raises:
        UserError: A round is incomplete, or there are decisions of a second round of one.
    """
    votes = Votes.of(decisions)
    if rounds == 1 and (extra := next(iter(votes.rounds[2].values()), None)):
        raise UserError(
            f"{extra[0].where}: a decision of round 2, but rounds is 1; set rounds to 2"
        )
    bad = votes.bad_anchors(rounds)
    pairs = pairs_of(sets)
    left = [pair for pair in pairs if pair[0] not in bad]
    _require_first(votes, left, len(pairs), remedy)
    if rounds == 2:
        _require_second(votes, left, remedy)

    def decide(pair: Pair) -> Verdict:
        return _by_majority(votes.deciding(pair))

    return decide, bad


def _require_first(votes: Votes, pairs: Sequence[Pair], total: int, remedy: str) -> None:
    """Raise a `UserError` for pairs that lack decisions in round 1."""
    missing = [pair for pair in pairs if not votes.first(pair)]
    if missing:
        raise UserError(
            f"round 1 lacks {len(missing):,} of {counted(total)}, the first of {_named(missing[0])}"
            f"; review with `{remedy} NAME --round 1`, and your --part if several share the pairs"
        )


def _require_second(votes: Votes, pairs: Sequence[Pair], remedy: str) -> None:
    """Raise a `UserError` for pairs that lack decisions of anybody in round 2."""
    waiting = [(pair, names) for pair in pairs if (names := votes.waits_for(pair))]
    if waiting:
        first, names = waiting[0]
        counts = Counter(name for _, names in waiting for name in names)
        people = ", ".join(f"{name} (for {count:,})" for name, count in sorted(counts.items()))
        is_alone = len(votes.reviewers) == 1
        lone = "; who reviews alone may set rounds to 1" if is_alone else ""
        raise UserError(
            f"round 2 lacks decisions on {counted(len(waiting))} by {people}: whoever reviewed in "
            f"round 1 reviews all of round 2; the first is of {_named(first)}; review with "
            f"`{remedy} {names[0]} --round 2`, each under their own name{lone}"
        )


def _named(pair: Pair) -> str:
    return f"anchor {pair[0]} and image {pair[1]}"


def by_similarity(similarities: Mapping[Pair, float], threshold: float) -> Decide:
    """Return the verdict on a pair by its similarity, of which ``threshold`` is the least."""

    def decide(pair: Pair) -> Verdict:
        if pair not in similarities:
            raise UserError(
                f"the pair of anchor {pair[0]} and image {pair[1]} has no similarity; delete "
                "the table and rerun `wildframe reviews similarity`"
            )
        return ACCEPTED if similarities[pair] >= threshold else Verdict("similarity")

    return decide


def unreadable_rows(
    sets: Sequence[Row], statuses: Mapping[str, str], unreadable: Unreadable
) -> dict[Pair, str]:
    """Return the rows that are excluded since frames are unreadable, each with its reason.

    Args:
        sets: Rows of SETS.
        statuses: Status of each image.
        unreadable: ``refuse``, ``drop_frames`` (of an anchor, also its set) or ``drop_sets``.

    Raises:
        UserError: An image has no status, or is unreadable and that is refused.
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
            f"{len({row['image_id'] for row in sets})} images); see `wildframe frames show`, "
            "repair the files and, if images are overwritten under their names, `touch` their "
            "folder, or set datasets.<name>.unreadable to drop_frames or drop_sets"
        )
    reasons = {pair_of(row): "unreadable" for row in broken}
    lost = {row["anchor_id"] for row in broken if row["anchor_id"] == row["image_id"]}
    touched = {row["anchor_id"] for row in broken} if unreadable == "drop_sets" else lost
    for row in sets:
        if row["anchor_id"] in touched:
            reasons.setdefault(pair_of(row), "anchor" if row["anchor_id"] in lost else "set")
    return reasons


def review_rows(
    sets: Sequence[Row],
    unreadable: Mapping[Pair, str],
    decide: Decide,
    bad_anchors: Collection[str] = (),
) -> list[Row]:
    """Return the rows of REVIEWS.

    Args:
        sets: Rows of SETS.
        unreadable: Rows of unreadable frames, with their reason.
        decide: Verdict on a pair of an anchor and a candidate.
        bad_anchors: Anchors whose sets are excluded.

    Raises:
        UserError: No set is left.
    """
    rows = []
    for row in sets:
        pair = pair_of(row)
        is_anchor = row["anchor_id"] == row["image_id"]
        if pair in unreadable:
            verdict = Verdict(unreadable[pair])
        elif row["anchor_id"] in bad_anchors:
            verdict = Verdict(BAD_ANCHOR if is_anchor else "anchor")
        else:
            verdict = ACCEPTED if is_anchor else decide(pair)
        rows.append(row | {"accepted": verdict.reason is None} | asdict(verdict))
    anchors = [row for row in rows if row["anchor_id"] == row["image_id"]]
    if not any(row["accepted"] for row in anchors):
        broken = sum(row["reason"] != BAD_ANCHOR for row in anchors)
        raise UserError(
            f"none of {len(anchors)} sets is left: {broken} have unreadable frames, "
            f"{len(anchors) - broken} a bad anchor by review; see `wildframe frames show`, or "
            "review again"
        )
    return rows


def _by_majority(decisions: Sequence[Decision]) -> Verdict:
    accepting = [decision for decision in decisions if accepts(decision.tags)]
    reason = None
    if 2 * len(accepting) <= len(decisions):
        tags = {tag for decision in decisions for tag in decision.tags}
        # "correct" alone does not accept; then it is the reason.
        reason = ";".join(ordered(tags - ACCEPTING) or ordered(tags))
    return Verdict(reason, len(accepting), len(decisions))

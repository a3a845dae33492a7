"""What reviewers decided: which sets and pairs are in, why not, and how far reviewers agree."""

from collections.abc import Sequence

from wildframe.core.tables import Row
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Column, Table
from wildframe.reviews.agreement import review_summary
from wildframe.reviews.decisions import Decisions

_NAMED = 20
"""Pictures that cannot be read that are named; the table of reviews names all."""


def review(
    reviews: Sequence[Row], decisions: Decisions, kind: str, told: Sequence[str], about: str
) -> Table:
    """Return what a review came to, one row a count.

    Args:
        reviews: Rows of REVIEWS.
        decisions: The decisions that count; none where nobody of ours reviewed.
        kind: none, auto or human.
        told: What was said of the reviewers' files.
        about: What the data is.
    """
    rows = [{"item": item, "value": value} for item, value in review_summary(reviews, decisions)]
    columns = [Column("item", "Item", align="l"), Column("value", "Value")]
    notes = [
        f"Data: {about}",
        reviewed(kind),
        "A pair is an anchor and another frame of its candidates; a pair out counts for each of "
        "its reasons. Round 2 is everybody's judgement of what round 1 did not accept.",
        *told,
    ]
    broken = sorted({row["image_id"] for row in reviews if row["reason"] == "unreadable"})
    if broken:
        rest = f" and {len(broken) - _NAMED} others" if len(broken) > _NAMED else ""
        notes.append(f"Left out, since they cannot be read: {', '.join(broken[:_NAMED])}{rest}.")
    if kind == "human" and not decisions:
        notes.append("The sets' publisher reviewed them; single decisions are not known.")
    return Table("Review of the sets", columns, rows, notes)

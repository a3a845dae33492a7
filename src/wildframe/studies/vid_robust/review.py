"""What reviewers decided: which sets and pairs are in, why not, and how far reviewers agree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Column, Table
from wildframe.reviews import decision_files
from wildframe.reviews.agreement import review_summary
from wildframe.reviews.decisions import Decisions, read_decisions
from wildframe.studies.vid_robust.inputs import DataNote, Reviews, datasets

_NAMED = 20
"""Images that cannot be read that are named; the table of reviews names all."""


def _reviewers_files(run: Context) -> list[str]:
    folder = run.config.datasets[run.dataset].decisions
    return [str(path) for path in decision_files(Path(folder))] if folder else []


@exhibit(
    "Beyond: review",
    "what reviewers decided",
    "Which sets and pairs the review accepted, why not the others, who judged how many, and how "
    "far reviewers agree (not in the paper).",
    datasets=datasets,
)
def review(
    reviews: Reviews,
    decisions: Annotated[
        tuple[Decisions, Sequence[str]], File("", read_decisions, _reviewers_files, many=True)
    ],
    data_note: DataNote,
) -> Table:
    """Return what a review came to, one row a count."""
    counted, told = decisions
    kind = reviews.facts["review"]
    summary = review_summary(reviews.rows, counted)
    rows = [{"item": item, "value": value} for item, value in summary]
    columns = [Column("item", "Item", align="l"), Column("value", "Value")]
    notes = [
        f"Data: {data_note}",
        reviewed(kind),
        "A pair is an anchor and another frame of its candidates; a pair out counts for each of "
        "its reasons. Round 2 is everybody's judgement of what round 1 did not accept.",
        *told,
    ]
    broken = sorted({row["image_id"] for row in reviews.rows if row["reason"] == "unreadable"})
    if broken:
        rest = f" and {len(broken) - _NAMED} others" if len(broken) > _NAMED else ""
        notes.append(f"Left out, since they cannot be read: {', '.join(broken[:_NAMED])}{rest}.")
    if kind == "human" and not counted:
        notes.append("The sets' publisher reviewed them; single decisions are not known.")
    return Table("Review of the sets", columns, rows, notes)

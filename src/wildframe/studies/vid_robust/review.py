"""The outcome of the review: sets and pairs accepted, reasons, and agreement of reviewers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Column, Table
from wildframe.reviews import decision_files
from wildframe.reviews.agreement import review_summary
from wildframe.reviews.consensus import counting
from wildframe.reviews.decisions import Decisions, read_decisions
from wildframe.studies.vid_robust.inputs import DataNote, Reviews, datasets

_NAMED = 20
"""Unreadable images that are named; the table of reviews names all."""


def _reviewers_files(run: Context) -> list[str]:
    folder = run.config.datasets[run.dataset].decisions
    return [str(path) for path in decision_files(Path(folder))] if folder else []


@exhibit(
    "Supplement: review",
    "outcome of the review",
    "How many sets and pairs the review accepted, the reasons of rejections, how many pairs each "
    "reviewer saw, and how far reviewers agree (not in the paper).",
    datasets=datasets,
    compares=[untested("reviewers", "their agreement has an interval")],
)
def review(
    reviews: Reviews,
    decisions: Annotated[
        tuple[Decisions, Sequence[str]], File("", read_decisions, _reviewers_files, many=True)
    ],
    data_note: DataNote,
) -> Table:
    """Return one row a count; the notes report lines of the reviewers' files that do not count."""
    found, problems = decisions
    counted, old = counting(found, reviews.rows)
    kind = reviews.facts["review"]
    summary = review_summary(reviews.rows, counted, kind)
    rows = [{"item": item, "value": value} for item, value in summary]
    columns = [Column("item", "Item", align="l"), Column("value", "Value")]
    notes = [
        f"Data: {data_note}",
        reviewed(kind),
        "A pair is an anchor and a candidate frame; a rejected pair counts for each of its "
        "reasons. In round 2 all reviewers decide on the pairs that round 1 did not accept.",
        *problems,
        *old,
    ]
    broken = sorted({row["image_id"] for row in reviews.rows if row["reason"] == "unreadable"})
    if broken:
        rest = f" and {len(broken) - _NAMED} others" if len(broken) > _NAMED else ""
        notes.append(f"Left out as unreadable: {', '.join(broken[:_NAMED])}{rest}.")
    if kind == "human" and not counted:
        notes.append("The sets were reviewed by their publisher; single decisions are not known.")
    return Table("Review of the sets", columns, rows, notes)

"""What may explain that models fail: framing, a doubtful label, or motion."""

from collections.abc import Mapping
from typing import Annotated, Any

from wildframe.core.schemas import ATTRIBUTION_SHARES
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.shares import interval_columns
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import MODEL
from wildframe.studies.ego4d.inputs import FramedModels, WholeImagesNote, viewed

CAUSES = {
    "framing": "Framing",
    "doubtful_label": "Doubtful label",
    "motion": "Motion",
    "several": "Several of these",
    "unexplained": "None of these",
}


Shares = Annotated[
    TableFile,
    File("scores_attribution.shares", table_of(ATTRIBUTION_SHARES), viewed("in1k", view="full")),
]


@exhibit(
    "Supplement: attribution",
    "what explains incorrect predictions",
    "Of the images that a model is incorrect on: how many it is correct on if they are framed "
    "otherwise or in a neighbouring frame, and how many have a doubtful label (not in the paper).",
    when=lambda run: run.study.zoom,
    compares=[untested("models", "each share is of the images that the model itself fails on")],
)
def attribution(shares: Shares, models: FramedModels, data_note: WholeImagesNote) -> Table:
    """Return one row a model with the share of each cause; N/A of one that was not examined."""
    found = {(row["model"], row["cause"]): row for row in shares.rows}
    rows = [
        {"model": model, "n": found.get((model, "unexplained"), {"n": 0})["n"]}
        | {
            key: value
            for cause in CAUSES
            for key, value in _cells(cause, found.get((model, cause))).items()
        }
        for model in models
    ]
    columns = [MODEL, Column("n", "Incorrect images")]
    for cause, title in CAUSES.items():
        columns += [
            *interval_columns(cause, f"{title} % [95 % CI over clips]", ".1f"),
            Column(f"{cause}_successes", ""),
            Column(f"{cause}_n", ""),
        ]
    notes = [
        f"Data: {data_note}",
        "Shares of the images that a model is incorrect on. Framing: it is correct on the box of "
        "the object, or on the zoomed crop that is best on the other half of the videos. Doubtful "
        "label: the sense table keeps none of the labels. Motion: it is correct on a neighbouring "
        "frame; the share is of the images that have one. The first three overlap: an image with "
        "more than one counts in each of them, and in the fourth.",
        "What explains an image need not be its cause: of several tries, one may be correct by "
        "chance. N/A: not examined.",
    ]
    return Table("What explains incorrect predictions", columns, rows, notes)


def _cells(cause: str, share: Mapping[str, Any] | None) -> Row:
    keys = {"": "value", "_low": "cluster_low", "_high": "cluster_high"}
    counts = ("successes", "n")
    if share is None:
        return dict.fromkeys(f"{cause}{end}" for end in (*keys, "_successes", "_n"))
    percents = {f"{cause}{end}": _percent(share[key]) for end, key in keys.items()}
    return percents | {f"{cause}_{key}": share[key] for key in counts}


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share

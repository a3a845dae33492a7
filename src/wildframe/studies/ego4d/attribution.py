"""What may explain that models fail: framing, a doubtful label, or motion."""

from typing import Annotated

from wildframe.core.schemas import ATTRIBUTION_SHARES
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.pairs import few_clusters
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.shares import share_cells, share_columns
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
    """Return one row a model with the share of each cause; N/A of one that was not evaluated."""
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
        columns += share_columns(cause, f"{title} %", ".1f")
    notes = [
        f"Data: {data_note}",
        "Shares of the images that a model is incorrect on. Framing: it is correct on the box of "
        "the object, or on the zoomed crop that is best on the other half of the videos. Doubtful "
        "label: the sense table keeps none of the labels. Motion: it is correct on a neighbouring "
        "frame; the share is of the images that have one. The first three overlap: an image with "
        "more than one counts in each of them, and in the fourth. The fifth also has images that "
        "could not be tried on one of them, such as motion without a neighbouring frame.",
        "What explains an image need not be its cause: of several tries, one may be correct by "
        "chance. Intervals are over clips, or over videos where one has several clips (Student's t "
        "with the jackknife, on the logit scale). N/A: not evaluated; for an interval, fewer than "
        "five images, or all clips agree.",
        *few_clusters([row for row in shares.rows if row["model"] in models], has_flips=False),
    ]
    return Table("What explains incorrect predictions", columns, rows, notes)


def _cells(cause: str, share: Row | None) -> Row:
    """Return the cells of a share with its interval over videos."""
    if share:
        share = share | {"low": share["cluster_low"], "high": share["cluster_high"]}
    return share_cells(cause, share, lambda value, n: 100 * value)

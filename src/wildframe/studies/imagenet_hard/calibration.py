"""Calibration errors of all models on the benchmark."""

from typing import Annotated

from wildframe.core.schemas import CALIBRATION_ERRORS
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.scores.calibration import BINS, RMS_BIN
from wildframe.studies.imagenet_hard.cells import percent
from wildframe.studies.imagenet_hard.inputs import DataNote, Models, of_benchmark

_ERRORS = {"ece": "ECE %", "rms": "RMS error %", "aurra": "AURRA %"}


@exhibit(
    "Supplement: calibration",
    "calibration errors",
    "Expected and RMS calibration error and AURRA of all models on the benchmark (not in the "
    "paper).",
    compares=[untested("errors of models", "they have no paired test; scores stand beside them")],
)
def calibration(
    errors: Annotated[
        TableFile, File("scores_calibration_errors", table_of(CALIBRATION_ERRORS), of_benchmark)
    ],
    models: Models,
    data_note: DataNote,
) -> Table:
    """Return one row a model; its errors are absent if it has no probabilities."""
    found = {row["model"]: row for row in errors.rows}
    rows = [
        {"model": model, "n": found[model]["n"] if model in found else None}
        | {key: percent(found[model][key]) if model in found else None for key in _ERRORS}
        for model in models
    ]
    columns = [
        Column("model", "Model", align="l"),
        *(Column(key, title, absent="N/A") for key, title in _ERRORS.items()),
        Column("n", "Images", absent="N/A"),
    ]
    notes = [
        f"Data: {data_note}",
        f"ECE: mean distance of accuracy from probability, in {BINS} bins of equal width. RMS "
        f"error: root mean square distance, in bins of {RMS_BIN} images, and one bin below "
        f"{2 * RMS_BIN} images. AURRA: mean accuracy on the k most confident images, over all k; "
        "higher is better.",
        "N/A: external predictions without probabilities.",
    ]
    return Table("Calibration on the benchmark", columns, rows, notes)

"""Average precision by class, of a method minus the baseline."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Annotated

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_CLASS_SCORES, CLIP_CLASSES
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.inputs import rows_of
from wildframe.exhibits.registry import Context, File
from wildframe.studies.ego_exo.inputs import dataset_of
from wildframe.studies.ego_exo.methods import FineTuning


def read_class_names(path: Path) -> dict[str, str]:
    """Read the names of actions by class; errors as in `wildframe.core.tables.read_table`."""
    rows = read_table(path, CLIP_CLASSES).to_pylist()
    return {row["class"]: row["name"] for row in rows if row["head"] == "action"}


def has_classes(*methods: str) -> Callable[[Context], bool]:
    """Return what tells whether methods are evaluated on clips of several labels."""
    return lambda run: all(training_of(run, method) for method in methods)


def training_of(run: Context, method: str) -> str:
    """Return the name of a method's training on clips of several labels; empty without one."""
    one = FineTuning(method, "multi_label", run.study.network)
    found: str = run.study.finetunings.get(one, "")
    return found


def differences(rows: Sequence[Row], training: str, baseline: str) -> dict[str, float]:
    """Return average precision minus that of the baseline by class, in points; over seeds.

    Raises:
        UserError: One of them has no scores.
    """
    of_class: dict[str, dict[str, list[float]]] = {training: {}, baseline: {}}
    for row in rows:
        if row["training"] in of_class:
            of_class[row["training"]].setdefault(row["class"], []).append(row["ap"])
    for name, found in of_class.items():
        if not found:
            raise UserError(f"{name} has no scores by class; score its predictions, too")
    ours, theirs = of_class[training], of_class[baseline]
    return {name: 100 * (fmean(ours[name]) - fmean(theirs[name])) for name in ours}


def _where(run: Context) -> Mapping[str, str]:
    return {"study": "ego_exo", "dataset": dataset_of(run, "multi_label")}


ClassScores = Annotated[
    Sequence[Row], File("scores_clips.classes", rows_of(CLIP_CLASS_SCORES), _where)
]
"""Average precision by class, training and seed."""

ClassNames = Annotated[
    Mapping[str, str],
    File(
        "manifests_clips.classes",
        read_class_names,
        lambda run: {"dataset": dataset_of(run, "multi_label")},
    ),
]
"""Names of actions by class."""

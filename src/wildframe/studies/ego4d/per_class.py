"""Accuracy by class."""

from statistics import fmean

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.inputs import ClassNames
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.exhibits.unpredictable import unpredictable_notes
from wildframe.studies.ego4d.accuracy_table import percent
from wildframe.studies.ego4d.inputs import BY_CLASS, DataNote, ImagesLabelSpace, Models, Scores


@exhibit(
    "Supplement: per class",
    "accuracy by class",
    "Top-1 accuracy of every model on each class, from most images to fewest (not in the paper).",
    compares=[
        untested("models or classes within the table", "most classes have few clips"),
        paired("each two models, over all classes", shown_in="model_pairs"),
    ],
)
def per_class(
    scores: Scores,
    models: Models,
    classes: ClassNames,
    label_space: ImagesLabelSpace,
    data_note: DataNote,
) -> Table:
    """Return one row a class with each model's top-1 accuracy, from most images to fewest."""
    rows = []
    for wnid in scores.values("class"):
        subset = f"class={wnid}"
        found = {model: scores.require(model, subset=subset) for model in models}
        row: Row = {"class_name": classes[wnid], "wnid": wnid, "subset": subset}
        row["n"] = found[models[0]]["n"]
        row["mean"] = percent(fmean(score["value"] for score in found.values()), row["n"])
        rows.append(
            row | {_key(model): percent(score["value"], row["n"]) for model, score in found.items()}
        )
    rows.sort(key=lambda row: (-row["n"], row["class_name"], row["wnid"]))
    columns = [
        Column("class_name", "Class", align="l"),
        Column("wnid", "wnid", align="l"),
        # As the table of scores calls it: by this `wildframe explain` finds its counts.
        Column("subset", ""),
        Column("n", "Images"),
        Column("mean", "Mean of the models, top-1 %"),
        *(Column(_key(model), model) for model in models),
    ]
    notes = [
        f"Data: {data_note}",
        "Top-1 accuracy in %. An image counts under its first label; any of its labels is correct.",
        *unpredictable_notes(BY_CLASS, label_space, scores.counts("class", models[0])),
    ]
    title = f"Top-1 accuracy by class: {len(rows)} classes, {len(models)} models"
    return Table(title, columns, rows, notes)


def _key(model: str) -> str:
    """Return the column of a model, whose name may be that of another column."""
    return f"top1_{model}"

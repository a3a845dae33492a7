"""Accuracy by class."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from wildframe.core.tables import Row
from wildframe.exhibits.ego4d.accuracy_table import percent
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table


def per_class(
    table: ScoreTable, models: Sequence[str], class_names: Mapping[str, str], about: str
) -> Table:
    """Return one row a class with each model's top-1 accuracy, from many pictures to few.

    Args:
        table: Scores.
        models: In the order of the columns.
        class_names: wnid to class name.
        about: What the data is.

    Raises:
        UserError: A model was not scored.
    """
    rows = []
    for wnid in table.values("class"):
        scores = {model: table.require(model, subset=f"class={wnid}") for model in models}
        row: Row = {"class_name": class_names[wnid], "wnid": wnid, "n": scores[models[0]]["n"]}
        row["mean"] = percent(fmean(score["value"] for score in scores.values()))
        rows.append(row | {model: percent(score["value"]) for model, score in scores.items()})
    rows.sort(key=lambda row: (-row["n"], row["class_name"], row["wnid"]))
    columns = [
        Column("class_name", "Class", align="l"),
        Column("wnid", "wnid", align="l"),
        Column("n", "Pictures"),
        Column("mean", "Mean of the models, top-1 %"),
        *(Column(model, model) for model in models),
    ]
    notes = [
        f"Data: {about}",
        "Top-1 accuracy in %. A picture counts under its first label; any of its labels is right.",
    ]
    title = f"Top-1 accuracy by class: {len(rows)} classes, {len(models)} models"
    return Table(title, columns, rows, notes)

"""What models predicted on each image, by names of classes, for people to read and filter."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wildframe.core.class_names import ClassFinder, NamedClass
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path
from wildframe.core.schemas import CLASSES, IMAGE_RESULTS
from wildframe.core.tables import Row, paths_by_model, read_facts, read_table
from wildframe.core.targets import NONE
from wildframe.labels import read_class_names

_SCHEMA = pa.schema(
    [
        ("image_id", pa.string()),
        ("model", pa.string()),
        ("anchor_id", pa.string()),
        ("offset", pa.int32()),
        ("view_key", pa.string()),
        ("labels", pa.list_(pa.string())),
        ("predicted", pa.string()),
        ("probability", pa.float64()),
        ("correct", pa.bool_()),
        ("clip", pa.string()),
        ("box_area", pa.float64()),
    ]
)

_READ = [*IMAGE_RESULTS.key, "offset", "labels", "top", "correct_top1", "group_id", "box_area"]


def read_results(paths: Iterable[Path]) -> dict[str, list[Row]]:
    """Read the per-image results of several models, of every frame of sets.

    Raises:
        UserError: A file is absent or something else, or two are of the same model.
    """
    found = paths_by_model(paths, IMAGE_RESULTS, "name the results of one dataset and view")
    return {
        model: read_table(path, IMAGE_RESULTS, _READ).to_pylist() for model, path in found.items()
    }


def classes_file(results: Path) -> Path:
    """Return the table of classes of the run that a file of results is of.

    Raises:
        UserError: It is in no folder ``scores``.
    """
    # View and dataset may have that name, too.
    for folder in results.resolve().parents[2:]:
        if folder.name == "scores":
            return folder.with_name("labels") / "classes.parquet"
    raise UserError(f"{results}: in no folder scores; name the run's classes.parquet by --classes")


def read_names(results: Path, classes: Path) -> Mapping[str, str]:
    """Return the name of each class by wnid, as the label space has it that results are of."""
    facts = read_facts(results, IMAGE_RESULTS)
    chosen = json.loads(facts.get("config", "{}")).get("label_space")
    return read_class_names(classes, chosen or facts.get("label_space", "in1k"))


def labelled(
    results: Mapping[str, Sequence[Row]], name: str, classes: Path, names: Mapping[str, str]
) -> dict[str, list[Row]]:
    """Return the results on images with a label of this name or wnid.

    Args:
        results: Rows of ``IMAGE_RESULTS`` by model.
        name: What a person calls the class.
        classes: Table of classes.
        names: Of the classes of the label space, as of `read_names`.

    Raises:
        UserError: It is none of the labels of the images, or several.
    """
    labels = {wnid for rows in results.values() for row in rows for wnid in row["labels"]}
    # Of a class of one's own nothing but its name is known.
    known = [NamedClass(wnid, [names[wnid]], "") for wnid in labels]
    known += [
        NamedClass(row["wnid"], (row["name"], *row["lemmas"]), row["definition"])
        for row in read_table(classes, CLASSES).to_pylist()
        if row["wnid"] in labels
    ]
    finder = ClassFinder(known, "the labels of these images", "leave out --class to see them")
    wnid = finder.find(name)
    return {
        model: [row for row in rows if wnid in row["labels"]] for model, rows in results.items()
    }


def select(
    results: Mapping[str, Sequence[Row]],
    *,
    wrong: bool = False,
    model: str | None = None,
    other: str | None = None,
) -> dict[str, list[Row]]:
    """Return results that are looked for, by model.

    Args:
        results: Rows of ``IMAGE_RESULTS`` of each model.
        wrong: Only incorrect ones.
        model: Only those of this model.
        other: Only images that the model is correct on and this one is not; with ``wrong``, those
            that the model alone is incorrect on. Images that only one has are left out.

    Raises:
        UserError: There are no results of a model that is named, or another is named alone.
    """
    if other and not model:
        raise UserError("--not compares two models; name the first one by --model")
    for name in filter(None, (model, other)):
        if name not in results:
            raise UserError(
                f"{name}: no results of this model are given, but of {', '.join(results)}; name "
                "its file, too"
            )
    of_other = results[other] if other else ()
    differing = {_key(row) for row in of_other if row["correct_top1"] == wrong}

    def is_wanted(row: Row) -> bool:
        if other:
            return row["correct_top1"] != wrong and _key(row) in differing
        return not (wrong and row["correct_top1"])

    names = [model] if model else results
    return {name: [row for row in results[name] if is_wanted(row)] for name in names}


def _name_of(guess: Row, names: Mapping[str, str]) -> str:
    return names[guess["wnid"]] if guess["wnid"] else NONE


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in IMAGE_RESULTS.key)


def list_predictions(results: Mapping[str, Sequence[Row]], names: Mapping[str, str]) -> list[Row]:
    """Return a row for each image and model, the models of an image together.

    Nothing is predicted where a model has no class for the image, as a detector without a box.

    Args:
        results: Rows of ``IMAGE_RESULTS`` of each model.
        names: Name of each class by wnid.
    """
    rows = [
        {
            "image_id": row["image_id"],
            "model": model,
            "anchor_id": row["anchor_id"],
            "offset": row["offset"],
            "view_key": row["view_key"],
            "labels": [names[wnid] for wnid in row["labels"]],
            "predicted": _name_of(row["top"][0], names) if row["top"] else None,
            "probability": row["top"][0]["probability"] if row["top"] else None,
            "correct": row["correct_top1"],
            "clip": row["group_id"],
            "box_area": row["box_area"],
        }
        for model, found in results.items()
        for row in found
    ]
    # Sorting is stable: models stay in the order given.
    return sorted(rows, key=lambda row: (row["anchor_id"], row["offset"], row["view_key"]))


def as_text(rows: Iterable[Row]) -> tuple[list[Row], list[str]]:
    """Return rows as they are printed, and their columns: those of sets and crops if there are."""
    shown = [
        row
        | {"labels": ", ".join(row["labels"])}
        | {name: _rounded(row[name]) for name in ("probability", "box_area")}
        for row in rows
    ]
    unused = set()
    if not any(row["offset"] for row in shown):
        unused |= {"anchor_id", "offset"}
    if not any(row["view_key"] for row in shown):
        unused.add("view_key")
    return shown, [name for name in _SCHEMA.names if name not in unused]


def _rounded(share: float | None) -> str | None:
    return None if share is None else f"{share:.4f}"


def write_listing(path: Path, rows: Sequence[Row]) -> None:
    """Write rows to a Parquet file, with labels as lists and numbers as they are.

    Raises:
        UserError: The file is not named ``.parquet``.
    """
    if path.suffix != ".parquet":
        raise UserError(f"{path}: --output is a Parquet file; name it .parquet, or use --format")
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), temporary)

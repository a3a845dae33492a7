"""Predictions as a table for people: written results in, names out."""

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from wildframe.cli import app
from wildframe.core.errors import UserError
from wildframe.core.schemas import CLASSES, IMAGE_RESULTS
from wildframe.core.tables import write_rows
from wildframe.predictions.listing import as_text, classes_file, list_predictions, select

CUP, MUG = "n07930864", "n03797390"
CLASS_ROWS = [(CUP, "cup", ["cup"]), (MUG, "coffee mug", ["coffee_mug", "mug"])]


def result(image, predicted, label=CUP, **values):
    """Return a row of IMAGE_RESULTS with one label, and one prediction or none."""
    top = [{"wnid": predicted, "probability": 0.75}] if predicted else []
    return (
        dict.fromkeys(IMAGE_RESULTS.schema.names)
        | dict.fromkeys((n for n in IMAGE_RESULTS.schema.names if "_top" in n), predicted == label)
        | {"anchor_id": image, "image_id": image, "offset": 0, "view_key": "", "group_id": "clip"}
        | {"labels": [label], "kept_labels": [], "box_area": 0.5, "top": top}
        | values
    )


@pytest.fixture
def run(tmp_path):
    """Results of two models, a and b, on three images, and the table of classes of their run."""
    results = {
        "a": [result("2", CUP), result("1", MUG), result("3", MUG, MUG)],
        "b": [result("1", CUP), result("2", None, box_area=None), result("3", MUG, MUG)],
    }
    for model, rows in results.items():
        path = tmp_path / f"scores/d/full/{model}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        facts = {"model": model, "label_space": "in1k"}
        write_rows(path, IMAGE_RESULTS, rows, config={"label_space": None}, facts=facts)
    classes = [
        {"label_space": "in1k", "class_index": index, "wnid": wnid, "name": name, "lemmas": lemmas}
        | {"senses": [1] * len(lemmas), "definition": name, "ancestors": []}
        for index, (wnid, name, lemmas) in enumerate(CLASS_ROWS)
    ]
    (tmp_path / "labels").mkdir()
    write_rows(tmp_path / "labels/classes.parquet", CLASSES, classes)

    def show(*options):
        paths = [str(tmp_path / f"scores/d/full/{model}.parquet") for model in results]
        found = CliRunner().invoke(app, ["predictions", "show", *paths, *options])
        if found.exception:
            raise found.exception
        return found.stdout

    return show


def read(text):
    return [tuple(row.values()) for row in csv.DictReader(io.StringIO(text))]


def test_csv_has_names_of_classes_and_a_row_for_each_image_and_model(run):
    text = run("--format", "csv")
    assert text.splitlines()[0] == (
        "image_id,model,labels,predicted,probability,correct,clip,box_area"
    )
    assert read(text) == [
        ("1", "a", "cup", "coffee mug", "0.7500", "False", "clip", "0.5000"),
        ("1", "b", "cup", "cup", "0.7500", "True", "clip", "0.5000"),
        ("2", "a", "cup", "cup", "0.7500", "True", "clip", "0.5000"),
        ("2", "b", "cup", "", "", "False", "clip", ""),
        ("3", "a", "coffee mug", "coffee mug", "0.7500", "True", "clip", "0.5000"),
        ("3", "b", "coffee mug", "coffee mug", "0.7500", "True", "clip", "0.5000"),
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--wrong"], ["1a", "2b"]),
        (["--class", "mug"], ["3a", "3b"]),
        (["--class", CUP, "--model", "b"], ["1b", "2b"]),
        (["--model", "a", "--not", "b"], ["2a"]),
        (["--wrong", "--model", "a", "--not", "b"], ["1a"]),
    ],
)
def test_filters(run, options, expected):
    assert [row[0] + row[1] for row in read(run("--format", "csv", *options))] == expected


def test_markdown_is_a_table(run):
    lines = run("--format", "md", "--model", "a", "--wrong").splitlines()
    assert [cell.strip() for cell in lines[2].split("|")][1:5] == ["1", "a", "cup", "coffee mug"]


def test_parquet_keeps_lists_and_all_columns(run, tmp_path):
    output = tmp_path / "out.parquet"
    assert run("--model", "b", "--class", "cup", "--output", str(output)) == ""
    (first, second) = pq.read_table(output).to_pylist()
    assert first["labels"] == ["cup"]
    assert (first["anchor_id"], first["offset"]) == ("1", 0)
    assert second["predicted"] is second["probability"] is second["box_area"] is None
    with pytest.raises(UserError, match=r"name it \.parquet"):
        run("--output", str(tmp_path / "out.csv"))


def test_what_cannot_be_selected_is_said(run, tmp_path):
    with pytest.raises(UserError, match="c: no results of this model are given, but of a, b"):
        run("--model", "c")
    with pytest.raises(UserError, match="name the first one by --model"):
        run("--not", "b")
    with pytest.raises(UserError, match="images; leave out --class to see them"):
        run("--class", "saucer")
    with pytest.raises(UserError, match="a is given twice"):
        run(str(tmp_path / "scores/d/full/a.parquet"))


def test_frames_of_sets_are_compared_within_their_set():
    near = [result("x", MUG, anchor_id=anchor, offset=1) for anchor in ("p", "q")]
    other = [result("x", CUP, anchor_id="p", offset=1)]
    alone = select({"a": near, "b": other}, wrong=True, model="a", other="b")
    assert [row["anchor_id"] for row in alone["a"]] == ["p"]


def test_frames_of_sets_stand_beside_their_anchor():
    results = {"m": [result("f", CUP, anchor_id="p", offset=2), result("p", MUG, view_key="1")]}
    rows, columns = as_text(list_predictions(results, {CUP: "cup", MUG: "mug"}))
    assert columns[:5] == ["image_id", "model", "anchor_id", "offset", "view_key"]
    assert [(row["image_id"], row["anchor_id"], row["offset"]) for row in rows] == [
        ("p", "p", 0),
        ("f", "p", 2),
    ]


def test_a_class_without_a_wnid_is_none():
    found = result("f", None, top=[{"wnid": None, "probability": 0.5}])
    (row,) = list_predictions({"m": [found]}, {CUP: "cup"})
    assert row["predicted"] == "none"


@pytest.mark.parametrize(
    "name",
    ["d/full/m", "d/full/timm/resnet18.a1_in1k", "d/full/open_clip/ViT/openai", "scores/scores/m"],
)
def test_the_classes_are_those_of_the_run(tmp_path, name):
    results = tmp_path / f"run/scores/{name}.parquet"
    assert classes_file(results) == tmp_path / "run/labels/classes.parquet"


def test_results_out_of_a_run_need_its_classes_named():
    with pytest.raises(UserError, match=r"m\.parquet: in no folder scores; name .* by --classes"):
        classes_file(Path("/full/m.parquet"))
    found = CliRunner().invoke(app, ["predictions", "show", "absent.parquet"])
    assert str(found.exception).startswith("absent.parquet: no such file")

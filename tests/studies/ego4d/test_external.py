"""External predictions, from a file written by hand to the tables of the study."""

from types import SimpleNamespace

import pytest
from making import make, rows_of

from wildframe.core.schemas import CLASSES, MANIFEST, STATUSES
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import ExternalModel
from wildframe.exhibits.lookup import load_exhibit
from wildframe.exhibits.registry import Context
from wildframe.labels.spaces import class_wnids
from wildframe.models import zoo_entry

WNIDS = class_wnids("in1k")[:3]
FISH, GOLDFISH, SHARK = WNIDS
IMAGES = {"p0": FISH, "p1": FISH, "p2": GOLDFISH}


@pytest.fixture
def tables(tmp_path, blank, manifest_row):
    """Write what the station of scores reads beside predictions, and return the options for it."""
    write_rows(
        tmp_path / "manifest.parquet",
        MANIFEST,
        [manifest_row(image_id, labels=[wnid], words=["w"]) for image_id, wnid in IMAGES.items()],
    )
    ok = [
        blank(STATUSES, image_id=image_id, media=image_id, status="ok", detail="")
        for image_id in IMAGES
    ]
    write_rows(tmp_path / "statuses.parquet", STATUSES, ok)
    classes = [
        blank(CLASSES, label_space="in1k", class_index=index, wnid=wnid, name=f"class {index}")
        | {"lemmas": [], "senses": [], "definition": "", "ancestors": []}
        for index, wnid in enumerate(WNIDS)
    ]
    write_rows(tmp_path / "classes.parquet", CLASSES, classes)
    names = ("manifest", "statuses", "classes")
    return [part for name in names for part in (f"--{name}", tmp_path / f"{name}.parquet")]


@pytest.fixture
def scores(tmp_path, tables, wildframe):
    """Return a function that imports a CSV file and scores it with every command."""

    def run(text):
        (tmp_path / "ours.csv").write_text(text)
        predictions, results = tmp_path / "predictions.parquet", tmp_path / "ours.parquet"
        named = ["--name", "ours", *tables[:4], "--label-space", "in1k"]
        imported = ("predictions", "import", tmp_path / "ours.csv", *named)
        wildframe(*imported, "--output", predictions)
        scored = ("scores", "image-results", predictions, *tables, "--senses", "shipped")
        wildframe(*scored, "--output", results)
        named = ["--study", "ego4d", "--dataset", "d", "--view", "full"]
        threshold = ["--high-confidence", 0.9]
        options = {
            "accuracy": [*named, *threshold],
            "model-pairs": [*threshold, "--seed", 0],
            "confusions": [],
            "calibration": [],
        }
        for command, more in options.items():
            output = tmp_path / f"{command}.parquet"
            wildframe("scores", command, results, *more, "--output", output)
        return {name: tmp_path / f"{name}.parquet" for name in (*options, "classes", "ours")}

    return run


CSV = f"""image_id,top1,top2,probability1,probability2
p0,{FISH},{SHARK},0.95,0.01
p1,{SHARK},{FISH},0.92,0.05
p2,{SHARK},{FISH},0.6,0.3
"""
WITHOUT = "\n".join(line.rpartition(",")[0].rpartition(",")[0] for line in CSV.splitlines())
SHOWN = {"data_note": "data", "compare": False}
IN1K = {"guessed": 1000, "label_space": "in1k"}
OURS = [{"external": "ours"}]


def exhibit(name, folder, inputs, **settings):
    """Return the rows of a table of the study."""
    return rows_of(make(name, folder, inputs, **settings)[".csv"])


def of_fig7(files):
    statuses = files["accuracy"].with_name("statuses.parquet")
    return {"scores": files["accuracy"], "pairs": files["model-pairs"], "copies": statuses}


def test_an_external_model_is_a_row_of_fig7(tmp_path, scores):
    files = scores(CSV)
    inputs = of_fig7(files)
    written = make("fig7_zero_shot_in1k", tmp_path, inputs, models=OURS, **IN1K, **SHOWN)
    (row,) = rows_of(written[".csv"])
    assert (row["model"], row["top1"], row["top5"], row["n"]) == ("ours", "33", "", "3")
    assert (row["param_count"], row["img_size"], row["paper_row"]) == ("", "", "")
    assert (row["top1_group"], row["top5_group"]) == ("a", "")
    assert "Top-5 is N/A, and not tested, of external predictions" in written[".md"].read_text()
    (shown,) = (line for line in written[".md"].read_text().splitlines() if "| ours" in line)
    assert shown.count("N/A") >= 2


def test_it_stands_in_tables_by_class_and_of_confusions_and_confident_errors(tmp_path, scores):
    files = scores(CSV)
    inputs = {"scores": files["accuracy"], "classes": files["classes"]}
    by_class = exhibit(
        "per_class", tmp_path, inputs, models=["ours"], label_space="in1k", data_note="data"
    )
    assert [(row["wnid"], row["top1_ours"]) for row in by_class] == [(FISH, "50"), (GOLDFISH, "0")]
    inputs = {"counted": files["confusions"], "class_names": files["classes"]}
    confused = exhibit("confusions", tmp_path, inputs, models=["ours"], data_note="data")
    assert {(row["label"], row["predicted"], row["mean_probability"]) for row in confused} == {
        (FISH, SHARK, "0.92"),
        (GOLDFISH, SHARK, "0.60"),
    }
    inputs = {"scores": files["accuracy"], "pairs": files["model-pairs"]}
    (row,) = exhibit("high_confidence", tmp_path, inputs, models=OURS, above=0.9, **SHOWN)
    assert (row["wrong"], row["n"]) == ("33", "3")


def test_without_probabilities_what_needs_them_is_empty(tmp_path, scores):
    files = scores(WITHOUT)
    inputs = of_fig7(files)
    (row,) = exhibit("fig7_zero_shot_in1k", tmp_path, inputs, models=OURS, **IN1K, **SHOWN)
    assert (row["top1"], row["top5"]) == ("33", "")
    inputs = {"counted": files["confusions"], "class_names": files["classes"]}
    confused = exhibit("confusions", tmp_path, inputs, models=["ours"], data_note="data")
    assert {row["mean_probability"] for row in confused} == {""}


def test_entries_say_which_models_are_external():
    study = SimpleNamespace(models=["squeezenet1_1", "ours"], external_models={"ours"})
    zoo = zoo_entry("squeezenet1_1")
    run = Context(None, {"squeezenet1_1": zoo}, {}, study)
    models = load_exhibit("ego4d", "fig7_zero_shot_in1k").settings["models"]
    assert models.read(models.text(run)) == [zoo, ExternalModel("ours")]

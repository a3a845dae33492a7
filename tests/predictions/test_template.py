"""A template, filled in as a user does, and imported."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from wildframe.cli import app
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS
from wildframe.core.tables import read_table, write_rows

IDS = ["walk-1", "walk-2"]
CUP = "n07930864"


@pytest.fixture
def manifest(tmp_path, monkeypatch, manifest_row):
    """The manifest of a run in this folder, whose config has two datasets."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(
        "extends: []\npathvars: {results: out}\n"
        "datasets: {walks: {}, others: {}, acts: {kind: clips}}\n"
    )
    path = tmp_path / "out/manifests/walks.parquet"
    rows = [
        manifest_row(name, media="walk.mp4", frame=n, labels=[CUP]) for n, name in enumerate(IDS)
    ]
    write_rows(path, MANIFEST, rows)
    return path


def fill_csv(path):
    rows = list(csv.DictReader(path.open()))
    for row in rows:
        row |= {"top1": CUP, "probability1": "0.5"}
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return [(row["image_id"], row["media"], int(row["frame"]), row["rate"]) for row in rows]


def fill_parquet(path):
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        row["top"] = [{"wnid": CUP, "probability": 0.5}]
    pq.write_table(pa.Table.from_pylist(rows), path)
    return [(row["image_id"], row["media"], row["frame"], row["rate"]) for row in rows]


def fill_json(path):
    rows = json.loads(path.read_text())
    for row in rows.values():
        row["top"] = [{"wnid": CUP, "probability": 0.5}]
    path.write_text(json.dumps(rows))
    return [(name, row["media"], row["frame"], row["rate"]) for name, row in rows.items()]


FILL = {"csv": fill_csv, "parquet": fill_parquet, "json": fill_json}


def import_(wildframe, path, manifest, output):
    options = ["--name", "ours", "--manifest", manifest, "--label-space", "in1k"]
    wildframe("predictions", "import", path, *options, "--output", output)
    return read_table(output, PREDICTIONS).to_pylist()


@pytest.mark.parametrize("fmt", FILL)
def test_a_template_says_what_is_to_be_filled_in_and_is_imported_when_it_is(
    manifest, tmp_path, wildframe, fmt
):
    result = wildframe("predictions", "template", "walks", "--format", fmt)
    assert result.stdout == ""
    assert f"walks.predictions.{fmt}\n" in result.stderr
    assert "Fill in the most probable classes" in result.stderr
    assert CUP in result.stderr
    path = tmp_path / f"walks.predictions.{fmt}"
    with pytest.raises(UserError, match=r"walk-1: nothing is filled in"):
        import_(wildframe, path, manifest, tmp_path / "p.parquet")
    assert FILL[fmt](path) == [("walk-1", "walk.mp4", 0, "30"), ("walk-2", "walk.mp4", 1, "30")]
    rows = import_(wildframe, path, manifest, tmp_path / "p.parquet")
    assert [row["image_id"] for row in rows] == IDS
    assert [row["top"][0]["probability"] for row in rows] == [0.5, 0.5]


def test_its_columns_for_classes_give_way_to_scores(manifest, tmp_path, wildframe):
    wildframe("predictions", "template", "walks")
    path = tmp_path / "walks.predictions.csv"
    rows = [
        {key: row[key] for key in ("image_id", "media", "frame")}
        | {str(index): float(index == 500) for index in range(1000)}
        for row in csv.DictReader(path.open())
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    found = import_(wildframe, path, manifest, tmp_path / "p.parquet")
    assert [row["top"][0]["class_index"] for row in found] == [500, 500]


def test_an_unfilled_row_is_named_by_its_line(manifest, tmp_path, wildframe):
    wildframe("predictions", "template", "walks")
    path = tmp_path / "walks.predictions.csv"
    fill_csv(path)
    path.write_text(
        path.read_text().replace(f"walk-2,walk.mp4,1,30,{CUP}", "walk-2,walk.mp4,1,30,")
    )
    with pytest.raises(UserError, match=r"csv: line 3, image walk-2: nothing is filled in"):
        import_(wildframe, path, manifest, tmp_path / "p.parquet")


def test_the_format_is_that_of_the_output_and_a_manifest_may_be_named(
    manifest, tmp_path, wildframe
):
    output = tmp_path / "mine.json"
    (tmp_path / "config.yaml").unlink()
    wildframe("predictions", "template", "any", "--manifest", manifest, "--output", output)
    assert list(json.loads(output.read_text())) == IDS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], r"nothing: no such dataset; the config has walks, others, acts"),
        (["acts"], r"acts: a dataset of clips; name one whose images are single"),
        (["others"], r"out/manifests/others\.parquet: no such file; make it: `snakemake out/man"),
        (["walks", "--output", "a.txt"], r"a\.txt: the suffix is not that of the format \(csv, "),
        (["walks", "--output", "a.csv", "--format", "json"], r"the format \(json\)"),
        (["walks", "--output", "config.yaml"], r"config\.yaml: the suffix"),
        (["walks", "--output", "filled.csv"], r"filled\.csv: exists, and may be filled in"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_sentence(manifest, tmp_path, arguments, message):
    (tmp_path / "filled.csv").write_text("mine")
    with pytest.raises(UserError, match=message):
        CliRunner().invoke(app, ["predictions", "template", *arguments], catch_exceptions=False)
    assert (tmp_path / "filled.csv").read_text() == "mine"


def test_a_folder_without_config_is_said(manifest, tmp_path):
    (tmp_path / "config.yaml").unlink()
    with pytest.raises(
        UserError, match=r"^config\.yaml: no such file; run in the project's folder"
    ):
        CliRunner().invoke(app, ["predictions", "template", "any"], catch_exceptions=False)

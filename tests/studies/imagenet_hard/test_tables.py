"""Tables of the benchmark as a whole: report, composition, calibration and pairs."""

from pathlib import Path

from pair_data import pair, pairs_of
from written import markdown

from wildframe.core.schemas import FUNNEL
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import TableFile
from wildframe.exhibits.score_table import ScoreTable
from wildframe.manifests.decisions import decision
from wildframe.manifests.images import IMAGE
from wildframe.studies.imagenet_hard.calibration import calibration
from wildframe.studies.imagenet_hard.composition import composition, rows_by_origin
from wildframe.studies.imagenet_hard.inputs import read_lost
from wildframe.studies.imagenet_hard.model_pairs import model_pairs
from wildframe.studies.imagenet_hard.protocol import protocol
from wildframe.studies.imagenet_hard.report import report
from wildframe.studies.imagenet_hard.table1_optimal_zoom import table1_optimal_zoom

RESNET, OWN = "resnet18.tv_in1k", "mine"


def score(model, successes, clusters=200):
    return {
        "model": model,
        "metric": "accuracy",
        "k": 1,
        "subset": "all",
        "value": successes / 200,
        "successes": successes,
        "n": 200,
        "low": 0.0,
        "high": 0.5,
        "cluster_low": successes / 400,
        "cluster_high": successes / 100,
        "clusters": clusters,
    }


def test_the_report_has_the_published_number_of_a_model_of_its_own():
    table = ScoreTable(Path("scores.parquet"), [score(RESNET, 25), score(OWN, 50)])
    rows = report(table, [OWN, RESNET], "ours", True).rows
    found = [(row["model"], row["paper_row"], row["top1"], row["paper_top1"]) for row in rows]
    assert found == [(OWN, None, "25.00", None), (RESNET, "ResNet-18", "12.50", "10.86")]
    assert {row["paper_top1"] for row in report(table, [RESNET], "ours", False).rows} == {None}


def test_the_report_prints_the_interval_over_clips_where_images_share_one(tmp_path):
    alone, together = (
        report(ScoreTable(Path("s.parquet"), [score(OWN, 50, clips)]), [OWN], "ours", False)
        for clips in (200, 20)
    )
    # The CSV has it either way.
    (row,) = alone.rows
    assert (row["top1_cluster_low"], row["top1_cluster_high"]) == ("12.50", "50.00")
    assert "over clips" not in markdown(alone, tmp_path)
    text = markdown(together, tmp_path)
    assert "| 25.00 [0.00, 50.00] | [12.50, 50.00] | 200 |" in text
    assert "those over clips" in text
    assert "units (20)" in text


def test_the_composition_counts_images_that_could_be_read():
    origins = [("a", "x"), ("b", "x"), ("c", "IN-A"), ("d", None), ("lost", "x")]
    manifest = [{"image_id": name, "origin": origin} for name, origin in origins]
    table = composition(manifest, {"a", "b", "c", "d"}, "ours", False)
    assert [(row["origin"], row["images"], row["percent"]) for row in table.rows] == [
        ("x", 2, "50.0"),
        ("IN-A", 1, "25.0"),
        ("unknown", 1, "25.0"),
    ]


def test_files_of_many_images_that_are_lost_are_noted_and_no_published_number_is_shown(tmp_path):
    def funnel(dataset, **dropped):
        steps = {"d/a-0-of-2.parquet:0": "kept", "d/a-0-of-2.parquet:1": "bad_image"} | dropped
        path = tmp_path / f"{dataset}.funnel.parquet"
        given = (decision(name, IMAGE, step, "", None, []) for name, step in steps.items())
        write_rows(path, FUNNEL, given)
        return path

    lost = {"d/a-1-of-2.parquet": "bad_image", "d/b.PARQUET": "bad_image"}
    # The row of an image, alone, is counted by the funnel.
    found = read_lost([funnel("whole"), funnel("cut", **lost)])
    told = (
        "Parquet files that are missing or damaged, so that images are left out: 2, the first of "
        "them d/a-1-of-2.parquet"
    )
    assert found == {"cut": told}
    note, shown = (report.exhibit.several[name].make for name in ("data_note", "compare"))
    assert note(data_note="ours", note_lost=found) == f"ours; {told}"
    assert note(data_note="ours", note_lost={}) == "ours"
    assert [shown(compare=True, lost=one) for one in ({}, found)] == [True, False]
    several = table1_optimal_zoom.exhibit.several
    columns = {"A": ["whole"], "B": ["whole", "cut"], "C": ["whole"]}
    would = {"A": True, "B": True, "C": False}
    compare = several["compare"].make(compare=would, datasets=columns, lost=found)
    assert compare == {"A": True, "B": False, "C": False}
    assert several["data_notes"].make(data_notes=["A: n"], note_lost=found) == [
        "A: n",
        f"cut: {told}",
    ]


def test_a_published_origin_that_the_data_do_not_name_has_a_row_of_its_own():
    printed = {"IN-A": {"images": "101", "percent": "0.9"}, "IN-R": {"images": "7", "percent": "1"}}
    rows = rows_by_origin({"IN-A": 3}, printed)
    assert [(row["origin"], row["images"], row["paper_images"]) for row in rows] == [
        ("IN-A", 3, "101"),
        ("IN-R", None, "7"),
    ]


def test_a_model_without_probabilities_has_no_calibration_error(tmp_path):
    found = [{"model": "a", "n": 7, "ece": 0.125, "rms": 0.25, "aurra": 0.5}]
    table = calibration(TableFile(Path("c.parquet"), found, {}), ["a", "external"], "ours")
    assert table.rows[0] == {"model": "a", "n": 7, "ece": "12.50", "rms": "25.00", "aurra": "50.00"}
    assert "| external | N/A | N/A | N/A | N/A |" in markdown(table, tmp_path)


def test_pairs_are_compared_at_top_1():
    pairs = pairs_of(pair("a", "b", difference=0.25, only_a=2, only_b=3), pair("a", "b", k=5))
    (row,) = model_pairs(pairs, ["b", "a"], "ours").rows
    assert (row["model_a"], row["top1"], row["top1_only_a"], row["top1_only_b"]) == ("b", -25, 3, 2)
    assert "top5" not in row


def test_choices_of_the_protocol_are_shown_at_top_1():
    sides = {"subset_a": "crop_fraction=1", "subset_b": "crop_fraction=0.875"}
    choices = pairs_of(*(pair("a", "a", k, 0.25, **sides) for k in (1, 5)))
    (row,) = protocol(choices, pairs_of(), [], "ours").rows
    assert (row["choice"], row["used"], row["instead"]) == ("Crop fraction", "0.875", "1")
    assert row["top1"] == 25
    assert "top5" not in row

"""Appendix Table 3: all models, the most robust first."""

import pytest
from pair_data import ALIKE
from robustness_data import robust, robustness_table, sets_of
from written import markdown

from wildframe.exhibits.paper import paper_numbers
from wildframe.studies.vid_robust.table3_models import table3_models

A, B, C = "tf_efficientnet_lite0", "squeezenet1_1", "my_model"


def zoo(*models):
    return dict.fromkeys(models, "zoo")


def test_table3_runs_from_robust_to_fragile():
    table = robustness_table(
        sets_of(A, 8, {0: 6, 4: 3}) + sets_of(B, 8, {0: 4, 4: 4}) + sets_of(C, 8, {0: 7, 4: 7})
    )
    kinds = zoo(A, B) | {C: "external"}
    exhibit = table3_models(table, ALIKE, kinds, "vid30", "our clips", False)
    assert [(row["model"], row["perturbed"], row["kind"]) for row in exhibit.rows] == [
        (C, 87.5, "external"),
        (B, 50.0, "zoo"),
        (A, 37.5, "zoo"),
    ]
    assert [row["delta"] for row in exhibit.rows] == [0.0, 0.0, 37.5]


def test_table3_shows_the_papers_row_of_the_same_name():
    models = ["resnet50.tv_in1k", "resnet50", "resnet50.a1_in1k", "dpn107", "vgg11", "dpn68b"]
    table = robustness_table([row for m in models for row in sets_of(m, 1109, {0: 6, 10: 5})])
    rows = {
        row["model"]: row
        for row in table3_models(table, ALIKE, zoo(*models), "vid30", "d", True).rows
    }
    assert rows["resnet50"]["paper_original"] == "66.8"
    assert rows["resnet50.tv_in1k"]["paper_perturbed"] == "51.9"
    assert rows["resnet50.tv_in1k"]["paper_delta"] == "14.9"
    # Printed twice and the same; other weights; one name of two models; damaged.
    assert rows["dpn107"]["paper_delta"] == "15.9"
    assert [rows[name]["paper_delta"] for name in ("resnet50.a1_in1k", "vgg11", "dpn68b")] == [
        None
    ] * 3
    unlicensed = table3_models(table, ALIKE, zoo(*models), "vid30", "d", False).rows
    assert {row["paper_delta"] for row in unlicensed} == {None}


def test_what_is_lost_has_no_interval_where_videos_do_not_differ(tmp_path):
    same = {"delta": 0.125, "delta_low": None, "delta_high": None}
    table = robustness_table([robust(A, 0, 4), robust(A, 4, 3, **same)])
    exhibit = table3_models(table, ALIKE, zoo(A), "vid30", "d", False)
    assert (exhibit.rows[0]["delta_low"], exhibit.rows[0]["delta_high"]) == (None, None)
    assert markdown(exhibit, tmp_path).count("| 12.5 [N/A] |") == 1


def test_only_sound_rows_of_the_papers_table_3_are_kept():
    rows = paper_numbers("vid_robust", "table3_models").values()
    assert len(rows) == 38
    for row in rows:
        o, p, delta = (float(row[key]) for key in ("original", "perturbed", "delta"))
        assert abs(o - p - delta) < 0.11
    drops = sorted(float(row["delta"]) for row in rows)
    assert (drops[18] + drops[19]) / 2 == pytest.approx(15.9)

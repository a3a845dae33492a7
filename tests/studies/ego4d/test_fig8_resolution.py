import pytest
from making import make, rows_of
from pair_data import ALIKE, write_alike
from score_data import score, scored_once

from wildframe.core.schemas import SCORES
from wildframe.core.tables import write_rows
from wildframe.models import zoo_entry
from wildframe.studies.ego4d.fig8_resolution import fig8_resolution

LITE, RESNET = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def test_fig8_has_a_row_a_size():
    names = [f"vit_base_patch16_{size}.augreg_in21k_ft_in1k" for size in (224, 384)]
    models = [zoo_entry(name) for name in (*names, f"{LITE}@288")]
    table = fig8_resolution(
        scored_once(*(entry.name for entry in models)), ALIKE, models, "data", True
    )
    assert [(row["img_size"], row["paper_top1"]) for row in table.rows] == [
        (224, "12.41"),
        (384, "15.45"),
        (288, None),
    ]
    assert [row["param_count"] for row in table.rows] == ["86.57", "86.86", "4.65"]


@pytest.fixture
def scores(tmp_path):
    path = tmp_path / "scores.parquet"
    rows = [score(name, k, k // 2) for name in (RESNET, LITE) for k in (1, 5)]
    write_rows(path, SCORES, rows)
    write_alike(tmp_path / "pairs.parquet", RESNET, LITE)
    return path


SHOWN = {"data_note": "data", "compare": False}


def test_models_come_in_the_order_of_the_config(scores, tmp_path):
    inputs = {"scores": scores, "pairs": scores.with_name("pairs.parquet")}
    written = make("fig8_resolution", tmp_path, inputs, models=[LITE, RESNET], **SHOWN)
    assert [row["model"] for row in rows_of(written[".csv"])] == [LITE, RESNET]

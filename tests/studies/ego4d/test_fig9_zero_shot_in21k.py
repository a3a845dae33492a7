from pair_data import ALIKE
from score_data import score, score_table

from wildframe.models import zoo_entry
from wildframe.studies.ego4d.fig9_zero_shot_in21k import fig9_zero_shot_in21k

LITE, RESNET = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def test_fig9_shows_the_tree_apart_and_each_models_classes(tmp_path):
    names = [LITE, "convnext_large.fb_in22k", "tf_efficientnetv2_l.in21k"]
    metrics = (("accuracy", 1), ("tree_accuracy", 2))
    table = score_table(
        [
            score(name, k, correct, metric=m)
            for name in names
            for k in (1, 5)
            for m, correct in metrics
        ]
    )
    outputs = {"in1k": 1000, "in21k": 21843, "in22k": 21841}
    models = [zoo_entry(name) for name in names]
    exhibit = fig9_zero_shot_in21k(table, ALIKE, models, outputs, "data", True)
    assert [(row["label_space"], row["outputs"]) for row in exhibit.rows] == [
        ("in1k", 1000),
        ("in22k", 21841),
        ("in21k", 21843),
    ]
    assert {(row["top1"], row["tree_top1"]) for row in exhibit.rows} == {("25.00", "50.00")}
    assert [row["paper_top5"] for row in exhibit.rows] == [None, "5.27", "7"]
    exhibit.write([tmp_path / "a.md"])
    text = (tmp_path / "a.md").read_text()
    assert "of the 1,000 classes of ImageNet-1K cannot predict the others" in text
    assert "Top-1 in the tree % [95 % CI]" in text

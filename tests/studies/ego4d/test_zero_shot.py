"""Fig. 7 to 10."""

import csv

import pytest
from making import make, rows_of
from score_data import score, score_table, write_classes
from written import markdown

from wildframe.core.errors import UserError
from wildframe.core.schemas import SCORES
from wildframe.core.tables import write_rows
from wildframe.exhibits.paper import paper_numbers
from wildframe.models import zoo_entry
from wildframe.studies.ego4d.accuracy_table import accuracy_row
from wildframe.studies.ego4d.fig7_zero_shot_in1k import fig7_zero_shot_in1k
from wildframe.studies.ego4d.fig8_resolution import fig8_resolution
from wildframe.studies.ego4d.fig9_zero_shot_in21k import fig9_zero_shot_in21k
from wildframe.studies.ego4d.fig10_pretraining import blocks_of, fig10_pretraining
from wildframe.studies.ego4d.settings import Pretraining

LITE, RESNET = "tf_efficientnet_lite0", "resnet50.a1_in1k"

CLASSES = {f"n{index}": "a class" for index in range(1000)}


def scored(*models):
    """Return scores of models: of 4 pictures none is right at 1, and 2 are at 5."""
    return score_table([score(model, k, k // 2) for model in models for k in (1, 5)])


def fig7(licensed, *names):
    models = [zoo_entry(name) for name in names or (LITE, RESNET)]
    # The scores are in another order, and have a model more.
    table = scored("squeezenet1_1", *reversed([entry.name for entry in models]))
    return fig7_zero_shot_in1k(table, models, CLASSES, "data", licensed)


def test_fig7_shows_counts_intervals_and_what_timm_users_know(tmp_path):
    table = fig7(False)
    row = table.rows[0]
    assert [row["model"] for row in table.rows] == [LITE, RESNET]
    assert (row["top1"], row["top5"], row["top5_successes"], row["n"]) == ("0.00", "50.00", 2, 4)
    assert (row["param_count"], row["img_size"], row["crop_pct"]) == ("4.65", 224, 0.875)
    assert (row["top5_cluster_low"], row["top5_cluster_high"]) == ("12.50", "100.00")
    text = markdown(table, tmp_path)
    assert "| 50.00 [25.00, 100.00] | [12.50, 100.00] |" in text
    assert "right 0.1 % of the time" in text
    assert "\nData: data\n" in text


def test_fig7_never_shows_the_papers_numbers_beside_other_data(tmp_path):
    table = fig7(False)
    table.write([tmp_path / "a.csv", tmp_path / "a.tex"])
    text = markdown(table, tmp_path)
    for path in tmp_path.iterdir():
        assert "5.42" not in path.read_text()
    assert "| not shown |" in text
    for choice in ("version 1", "Pre frames", "whole pictures", "both kinds of boxes", "(words)"):
        assert choice in text
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["paper_top1"] for row in rows} == {""}
    assert {row["top5_cluster_low"] for row in rows} == {"12.50"}
    licensed = fig7(True)
    assert [row["paper_top1"] for row in licensed.rows] == [None, "5.42"]
    assert [row["paper_row"] for row in licensed.rows] == [None, "ResNet50"]
    assert "| N/A |" in markdown(licensed, tmp_path)


def test_a_model_at_another_size_or_fine_tuned_is_no_row_of_the_paper():
    table = fig7(True, RESNET, f"{RESNET}@288", f"{RESNET}+by-clip")
    assert [row["paper_row"] for row in table.rows] == ["ResNet50", None, None]
    assert [row["paper_top5"] for row in table.rows] == ["12.02", None, None]
    assert [row["img_size"] for row in table.rows] == [224, 288, 224]


def test_a_row_can_be_of_a_subset_and_printed_under_another_name():
    # As Fig. 11 needs it: the paper's row is told by block and model.
    model = f"{RESNET}+by-clip"
    table = score_table([score(model, k, 3, subset="part=val") for k in (1, 5)])
    paper = {"Finetuned ResNet50": {"top1": "23.79", "top5": "51.06"}}
    row = accuracy_row(
        table,
        zoo_entry(model),
        paper,
        True,
        printed_as="Finetuned ResNet50",
        subset="part=val",
    )
    assert (row["top1"], row["paper_top1"], row["paper_top5"]) == ("75.00", "23.79", "51.06")
    assert row["paper_row"] == "Finetuned ResNet50"


def test_a_model_without_scores_is_named_with_the_file():
    with pytest.raises(UserError, match=rf"demo\.parquet: no accuracy of {RESNET} at 1 on 'all'"):
        fig7_zero_shot_in1k(scored(LITE), [zoo_entry(RESNET)], CLASSES, "data", False)


def test_fig8_has_a_row_a_size():
    names = [f"vit_base_patch16_{size}.augreg_in21k_ft_in1k" for size in (224, 384)]
    models = [zoo_entry(name) for name in (*names, f"{LITE}@288")]
    table = fig8_resolution(scored(*(entry.name for entry in models)), models, "data", True)
    assert [(row["img_size"], row["paper_top1"]) for row in table.rows] == [
        (224, "12.41"),
        (384, "15.45"),
        (288, None),
    ]
    assert [row["param_count"] for row in table.rows] == ["86.57", "86.86", "4.65"]


def test_fig9_shows_the_tree_apart_and_each_models_classes(tmp_path):
    names = [LITE, "convnext_large.fb_in22k", "tf_efficientnetv2_l.in21k"]
    metrics = (("accuracy", 1), ("tree_accuracy", 2))
    table = score_table(
        [score(name, k, right, metric=m) for name in names for k in (1, 5) for m, right in metrics]
    )
    outputs = {"in1k": 1000, "in21k": 21843, "in22k": 21841}
    models = [zoo_entry(name) for name in names]
    exhibit = fig9_zero_shot_in21k(table, models, outputs, "data", True)
    assert [(row["class_space"], row["outputs"]) for row in exhibit.rows] == [
        ("in1k", 1000),
        ("in22k", 21841),
        ("in21k", 21843),
    ]
    assert {(row["top1"], row["tree_top1"]) for row in exhibit.rows} == {("25.00", "50.00")}
    assert [row["paper_top5"] for row in exhibit.rows] == [None, "5.27", "7"]
    exhibit.write([tmp_path / "a.md"])
    text = (tmp_path / "a.md").read_text()
    assert "knows only the 1,000 of ImageNet-1K cannot name the others" in text
    assert "Top-1 in the tree % [95 % CI]" in text


NAMES = [
    "ViT B/16 [224px] (Google)",
    "ViT L/16 [224px] (Google)",
    "EfficientNetV2 L [480px]",
    "ConvNext Large",
]
IN1K = [None, None, "tf_efficientnetv2_l.in1k", "convnext_large.fb_in1k"]
IN21K_IN1K = [
    "vit_base_patch16_224.augreg_in21k_ft_in1k",
    "vit_large_patch16_224.augreg_in21k_ft_in1k",
    "tf_efficientnetv2_l.in21k_ft_in1k",
    "convnext_large.fb_in22k_ft_in1k",
]


def blocks(*pairs):
    """Return the blocks of (name, IN-1K, 21K-1K)."""
    return blocks_of(
        Pretraining(name=name, in1k=in1k, in21k_in1k=both) for name, in1k, both in pairs
    )


def fig10(licensed):
    pairs = zip(NAMES, IN1K, IN21K_IN1K, strict=True)
    table = scored(*filter(None, IN1K + IN21K_IN1K))
    return fig10_pretraining(table, blocks(*pairs), "data", licensed)


def test_fig10_has_the_papers_rows_and_says_where_there_is_no_model(tmp_path):
    table = fig10(True)
    assert [f"{row['pretraining']} {row['architecture']}" for row in table.rows] == list(
        paper_numbers("ego4d", "fig10_pretraining")
    )
    assert [row["model"] for row in table.rows] == IN1K + IN21K_IN1K
    assert [row["paper_top1"] for row in table.rows] == [
        *("9.28", None, "16.96", "7.89"),
        *("12.41", "15.87", "18.31", "18.73"),
    ]
    assert (table.rows[0]["top1"], table.rows[2]["top1"]) == (None, "0.00")
    table.write([tmp_path / "a.csv"])
    first, second = markdown(table, tmp_path).splitlines()[4:6]
    assert first.startswith(f"| IN-1K | {NAMES[0]} | N/A | N/A | N/A | 9.28 | N/A |")
    assert second.startswith(f"| IN-1K | {NAMES[1]} | N/A | N/A | N/A | N/A | N/A |")
    with (tmp_path / "a.csv").open() as file:
        assert [row["top1"] for row in csv.DictReader(file)][:3] == ["", "", "0.00"]


def of_pairs(*pairs):
    """Return the printed top-1 and the paper's row of both blocks, of (name, IN-1K, 21K-1K)."""
    models = [model for _, *both in pairs for model in both if model]
    table = fig10_pretraining(scored(*models), blocks(*pairs), "data", True)
    return [(row["paper_top1"], row["paper_row"]) for row in table.rows]


def test_fig10_tells_the_papers_rows_by_checkpoints_and_not_by_what_the_user_calls_them():
    large, pretrained = IN1K[3], IN21K_IN1K[3]
    ours = (None, None)
    assert of_pairs(("ConvNext Large", RESNET, LITE)) == [ours, ours]
    named = [("7.89", "IN-1K ConvNext Large"), ("18.73", "21K-1K ConvNext Large")]
    assert of_pairs(("my net", large, pretrained)) == named
    # In the other block, it is not what the paper's row says.
    assert of_pairs(("ConvNext Large", pretrained, large)) == [ours, ours]
    assert of_pairs(("ConvNext Large", f"{large}@288", None)) == [ours, ours]


def test_fig10_without_a_model_has_the_papers_row_of_the_architecture_beside_it():
    repeated = ("9.28", "IN-1K ViT B/16 [224px] (Google)")
    vit = ("12.41", "21K-1K ViT B/16 [224px] (Google)")
    assert of_pairs(("ViT", None, IN21K_IN1K[0])) == [repeated, vit]
    assert of_pairs(("ConvNext Large", None, RESNET)) == [(None, None)] * 2
    assert of_pairs(("ConvNext Large", None, None)) == [(None, None)] * 2


def test_the_checkpoints_of_fig10_are_the_zoos_rows():
    rows = paper_numbers("ego4d", "fig10_pretraining")
    checkpoints = {name: row["checkpoint"] for name, row in rows.items() if row["checkpoint"]}
    assert len(checkpoints) == len(set(checkpoints.values())) == 6
    for name, checkpoint in checkpoints.items():
        architecture = name.partition(" ")[2]
        assert zoo_entry(checkpoint).paper_row in (name, architecture)


def test_fig10_keeps_the_repeated_row_and_says_so():
    printed = paper_numbers("ego4d", "fig10_pretraining")["IN-1K ViT B/16 [224px] (Google)"]
    alibaba = paper_numbers("ego4d", "fig7_zero_shot_in1k")["ViT B/16 [224px] (Alibaba)"]
    assert (printed["top1"], printed["top5"]) == (alibaba["top1"], alibaba["top5"])
    assert "(Alibaba)" in fig10(True).notes[-1]
    assert not any("(Alibaba)" in note for note in fig10(False).notes)
    assert {row["paper_top1"] for row in fig10(False).rows} == {None}


@pytest.mark.parametrize(
    ("figure", "row", "same"),
    [
        ("fig8_resolution", "ViT B/16 [224px] (Google)", "ViT B/16 [224px] (Google)"),
        ("fig10_pretraining", "21K-1K ViT B/16 [224px] (Google)", "ViT B/16 [224px] (Google)"),
        ("fig10_pretraining", "21K-1K ViT L/16 [224px] (Google)", "ViT L/16 [224px] (Google)"),
        ("fig10_pretraining", "IN-1K EfficientNetV2 L [480px]", "EfficientNetV2 L [480px]"),
        ("fig10_pretraining", "IN-1K ConvNext Large", "ConvNext Large"),
    ],
)
def test_what_the_paper_prints_twice_is_the_same_here(figure, row, same):
    here = paper_numbers("ego4d", figure)[row]
    there = paper_numbers("ego4d", "fig7_zero_shot_in1k")[same]
    assert (here["top1"], here["top5"]) == (there["top1"], there["top5"])


@pytest.fixture
def scores(tmp_path):
    path = tmp_path / "scores.parquet"
    rows = [score(name, k, k // 2) for name in (RESNET, LITE) for k in (1, 5)]
    write_rows(path, SCORES, rows)
    return path


SHOWN = {"data_note": "data", "compare": False}


def test_fig10_is_told_its_blocks_as_the_config_has_them(scores, tmp_path):
    pairs = [{"name": "A=b", "in1k": LITE, "in21k_in1k": RESNET}, {"name": "C"}]
    written = make("fig10_pretraining", tmp_path, {"scores": scores}, blocks=pairs, **SHOWN)
    rows = rows_of(written[".csv"])
    assert [(row["pretraining"], row["architecture"], row["model"]) for row in rows] == [
        ("IN-1K", "A=b", LITE),
        ("IN-1K", "C", ""),
        ("21K-1K", "A=b", RESNET),
        ("21K-1K", "C", ""),
    ]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["resnet"], "--set blocks: Input should be"),
        ([{"in1k": LITE}], "--set blocks: Field required"),
        ([{"name": "A", "in1k": "no_such"}], "no_such: no such model"),
        ([{"name": "A"}, {"name": "A"}], "'A': two rows of this name"),
    ],
)
def test_a_wrong_block_is_refused(scores, tmp_path, pairs, message):
    with pytest.raises(UserError, match=message):
        make("fig10_pretraining", tmp_path, {"scores": scores}, blocks=pairs, **SHOWN)


def test_models_come_in_the_order_of_the_config(scores, tmp_path):
    inputs = {"scores": scores}
    written = make("fig8_resolution", tmp_path, inputs, models=[LITE, RESNET], **SHOWN)
    assert [row["model"] for row in rows_of(written[".csv"])] == [LITE, RESNET]


def test_fig7_and_fig9_count_the_classes_of_each_space(tmp_path):
    path = tmp_path / "in21k.parquet"
    names = [LITE, "tf_efficientnetv2_l.in21k"]
    metrics = ("accuracy", "tree_accuracy")
    rows = [score(name, k, 1, metric=m) for name in names for k in (1, 5) for m in metrics]
    write_rows(path, SCORES, rows)
    classes = write_classes(tmp_path / "classes.parquet")
    inputs = {"scores": path, "classes": classes}
    fig7 = make("fig7_zero_shot_in1k", tmp_path, inputs, models=[LITE], **SHOWN)
    assert "is right 33.3 % of the time" in fig7[".md"].read_text()
    inputs = {"scores": path, "outputs": classes}
    fig9 = make("fig9_zero_shot_in21k", tmp_path, inputs, models=names, **SHOWN)
    assert [row["outputs"] for row in rows_of(fig9[".csv"])] == ["3", "5"]

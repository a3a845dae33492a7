import csv

import pytest
from making import make, rows_of
from pair_data import ALIKE, write_alike
from score_data import score, scored_once
from written import markdown

from wildframe.core.errors import UserError
from wildframe.core.schemas import SCORES
from wildframe.core.tables import write_rows
from wildframe.exhibits.paper import paper_numbers
from wildframe.models import zoo_entry
from wildframe.studies.ego4d.fig10_pretraining import blocks_of, fig10_pretraining
from wildframe.studies.ego4d.settings import Pretraining

LITE, RESNET = "tf_efficientnet_lite0", "resnet50.a1_in1k"


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


def fig10(compare_with_paper):
    pairs = zip(NAMES, IN1K, IN21K_IN1K, strict=True)
    table = scored_once(*filter(None, IN1K + IN21K_IN1K))
    return fig10_pretraining(table, ALIKE, blocks(*pairs), "data", compare_with_paper)


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
    assert first.startswith(f"| IN-1K | {NAMES[0]} | N/A | N/A | N/A | N/A | 9.28 | N/A |")
    assert second.startswith(f"| IN-1K | {NAMES[1]} | N/A | N/A | N/A | N/A | N/A |")
    # Two architectures have both models: 21K-1K minus IN-1K stands in the second block.
    differences = [row["difference_top1"] for row in table.rows]
    assert [one is not None for one in differences] == [False] * 6 + [True] * 2
    with (tmp_path / "a.csv").open() as file:
        assert [row["top1"] for row in csv.DictReader(file)][:3] == ["", "", "0.00"]


def of_pairs(*pairs):
    """Return the printed top-1 and the paper's row of both blocks, of (name, IN-1K, 21K-1K)."""
    models = [model for _, *both in pairs for model in both if model]
    table = fig10_pretraining(scored_once(*models), ALIKE, blocks(*pairs), "data", True)
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
    assert any("(Alibaba)" in note for note in fig10(True).notes)
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
    write_alike(tmp_path / "pairs.parquet", RESNET, LITE)
    return path


SHOWN = {"data_note": "data", "compare": False}


def test_fig10_is_told_its_blocks_as_the_config_has_them(scores, tmp_path):
    pairs = [{"name": "A=b", "in1k": LITE, "in21k_in1k": RESNET}, {"name": "C"}]
    written = make(
        "fig10_pretraining",
        tmp_path,
        {"scores": scores, "pairs": scores.with_name("pairs.parquet")},
        blocks=pairs,
        **SHOWN,
    )
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
        make(
            "fig10_pretraining",
            tmp_path,
            {"scores": scores, "pairs": scores.with_name("pairs.parquet")},
            blocks=pairs,
            **SHOWN,
        )

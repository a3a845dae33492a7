import csv
from types import SimpleNamespace

import pytest
from making import make, rows_of
from pair_data import ALIKE, write_alike
from score_data import score, scored_once, write_classes
from written import markdown

from wildframe.core.errors import UserError
from wildframe.core.schemas import SCORES
from wildframe.core.tables import write_rows
from wildframe.exhibits.lookup import load_exhibit
from wildframe.exhibits.registry import Context
from wildframe.models import zoo_entry
from wildframe.studies.ego4d.fig7_zero_shot_in1k import fig7_zero_shot_in1k

LITE, RESNET = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def fig7(compare_with_paper, *names):
    models = [zoo_entry(name) for name in names or (LITE, RESNET)]
    # The scores are in another order, and have a model more.
    table = scored_once("squeezenet1_1", *reversed([entry.name for entry in models]))
    return fig7_zero_shot_in1k(table, ALIKE, {}, models, 1000, "in1k", "data", compare_with_paper)


def test_fig7_shows_counts_intervals_and_what_timm_users_know(tmp_path):
    table = fig7(False)
    row = table.rows[0]
    assert [row["model"] for row in table.rows] == [LITE, RESNET]
    assert (row["top1"], row["top5"], row["top5_successes"], row["n"]) == ("0.00", "50.00", 20, 40)
    assert (row["param_count"], row["img_size"], row["crop_pct"]) == ("4.65", 224, 0.875)
    assert (row["top5_cluster_low"], row["top5_cluster_high"]) == ("12.50", "100.00")
    text = markdown(table, tmp_path)
    assert "| 50.00 [25.00, 100.00] | [12.50, 100.00] | a |" in text
    assert "Group: models that share a letter do not differ significantly" in text
    assert "correct 0.1 % of the time" in text
    assert "\nData: data\n" in text


def test_fig7_never_shows_the_papers_numbers_beside_other_data(tmp_path):
    table = fig7(False)
    table.write([tmp_path / "a.csv", tmp_path / "a.tex"])
    text = markdown(table, tmp_path)
    for path in tmp_path.iterdir():
        assert "5.42" not in path.read_text()
    assert "| not shown |" in text
    for choice in ("version 1", "Pre frames", "whole images", "both kinds of boxes", "rule words"):
        assert choice in text
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["paper_top1"] for row in rows} == {""}
    assert {row["top5_cluster_low"] for row in rows} == {"12.50"}
    compare_with_paper = fig7(True)
    assert [row["paper_top1"] for row in compare_with_paper.rows] == [None, "5.42"]
    assert [row["paper_row"] for row in compare_with_paper.rows] == [None, "ResNet50"]
    assert "| N/A |" in markdown(compare_with_paper, tmp_path)


def test_names_that_mislead_have_a_footnote():
    vit, regnet = "vit_base_patch16_224.augreg_in21k_ft_in1k", "regnety_016.pycls_in1k"
    notes = fig7(True, vit, regnet).notes
    assert any("(Google): marked with an asterisk" in note for note in notes)
    assert any("RegNetY 1.6GF" in note for note in notes)
    assert not any("asterisk" in note or "RegNetY" in note for note in fig7(True).notes)


def test_a_model_at_another_size_or_fine_tuned_is_no_row_of_the_paper():
    table = fig7(True, RESNET, f"{RESNET}@288", f"{RESNET}+by-clip")
    assert [row["paper_row"] for row in table.rows] == ["ResNet50", None, None]
    assert [row["paper_top5"] for row in table.rows] == ["12.02", None, None]
    assert [row["img_size"] for row in table.rows] == [224, 288, 224]


def test_a_model_without_scores_is_named_with_the_file():
    with pytest.raises(UserError, match=rf"demo\.parquet: no accuracy of {RESNET} at 1 on 'all'"):
        fig7_zero_shot_in1k(
            scored_once(LITE), ALIKE, {}, [zoo_entry(RESNET)], 1000, "in1k", "data", False
        )


def test_a_guess_is_among_the_classes_that_can_be_predicted(tmp_path):
    guessed = load_exhibit("ego4d", "fig7_zero_shot_in1k").settings["guessed"].of

    def among(label_space, predictable="all"):
        chosen = SimpleNamespace(kind="images", label_space=label_space, predictable=predictable)
        config = SimpleNamespace(datasets={"d": chosen})
        return guessed(Context(config, {}, {}, SimpleNamespace(in1k="d")))

    own = tmp_path / "own.csv"
    own.write_text("name,wnids\ncup,n03147509\nfish,n01440764\n")
    assert (among("in1k"), among(str(own)), among("in1k", "labels")) == (1000, 2, 0)
    assert among("in1k", "imagenet_a") == 200
    assert any("Guessing" in note for note in fig7(False).notes)
    table = fig7_zero_shot_in1k(
        scored_once(LITE), ALIKE, {}, [zoo_entry(LITE)], 0, "in1k", "data", False
    )
    assert not any("Guessing" in note for note in table.notes)


def test_a_model_of_fewer_classes_guesses_among_its_own():
    own = zoo_entry(RESNET).model_copy(update={"outputs": 4})
    scores = scored_once(LITE, RESNET)
    models = [zoo_entry(LITE), own]
    notes = fig7_zero_shot_in1k(scores, ALIKE, {}, models, 1000, "in1k", "data", False).notes
    chance = "Guessing at random among {} % of the time, where an image has one label"
    assert chance.format("1,000 classes is correct 0.1") + "." in notes
    of_own = chance.format("4 classes is correct 25") + ", and top-5 is always correct."
    assert f"{RESNET} has fewer classes. {of_own}" in notes


def test_copies_are_counted():
    def notes(copies):
        models = [zoo_entry(LITE)]
        return fig7_zero_shot_in1k(
            scored_once(LITE), ALIKE, copies, models, 1000, "in1k", "data", False
        ).notes

    said = "Images that are copies of another, pixel by pixel: 2. In tests"
    assert [said in note for note in notes({"b": "a", "c": "a"})].count(True) == 1
    assert not any("copies" in note for note in notes({}))


SHOWN = {"data_note": "data", "compare": False}


def test_fig9_counts_the_classes_of_each_space(tmp_path):
    path = tmp_path / "in21k.parquet"
    names = [LITE, "tf_efficientnetv2_l.in21k"]
    metrics = ("accuracy", "tree_accuracy")
    rows = [score(name, k, 1, metric=m) for name in names for k in (1, 5) for m in metrics]
    write_rows(path, SCORES, rows)
    classes = write_classes(tmp_path / "classes.parquet")
    pairs = write_alike(tmp_path / "pairs.parquet", *names, metrics=metrics)
    inputs = {"scores": path, "pairs": pairs, "outputs": classes}
    fig9 = make("fig9_zero_shot_in21k", tmp_path, inputs, models=names, **SHOWN)
    assert [row["outputs"] for row in rows_of(fig9[".csv"])] == ["3", "5"]

import csv

import pytest
from score_data import entries, score_table, scored_twice, trained
from written import markdown

from wildframe.core.errors import UserError
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import write_rows
from wildframe.studies.ego4d.fig11_finetuned import epochs_kept, fig11_finetuned

LITE, RESNET, CONVNEXT = "tf_efficientnet_lite0", "resnet50.a1_in1k", "convnext_base.fb_in1k"


def fig11(compare_with_paper, *names, by="clip"):
    table = score_table(scored_twice(*names, by=by))
    return fig11_finetuned(table, entries(*names), by, *trained(), "data", compare_with_paper)


def test_fig11_shows_models_before_and_after_on_the_same_images(tmp_path):
    table = fig11(True, LITE, RESNET)
    shown = [(row["block"], row["model"], row["top1"], row["n"]) for row in table.rows]
    assert shown == [
        ("Original", LITE, "25.00", 4),
        ("Original", RESNET, "25.00", 4),
        ("Finetuned", LITE, "50.00", 4),
        ("Finetuned", RESNET, "50.00", 4),
    ]
    assert [row["paper_top1"] for row in table.rows] == [None, "5.42", None, "23.79"]
    assert [row["paper_top5"] for row in table.rows] == [None, "12.02", None, "51.06"]
    text = markdown(table, tmp_path)
    assert f"| Finetuned | {RESNET} | 50.00 [25.00, 100.00] | [12.50, 100.00] | 23.79 |" in text
    assert "no clip has both training and held-out images" in text
    assert "Images of one video may be in both parts; the exhibit" in text
    assert "are of all its images" in text


def test_fig11_never_shows_the_papers_numbers_beside_other_data(tmp_path):
    fig11(False, RESNET, by="video").write([tmp_path / "a.csv", tmp_path / "a.md"])
    text = (tmp_path / "a.md").read_text()
    assert "23.79" not in text
    assert "5.42" not in text
    assert "of all its images" not in text
    assert "Split by video: no video has" in text
    assert "may be in both parts" not in text
    with (tmp_path / "a.csv").open() as file:
        assert [row["paper_top1"] for row in csv.DictReader(file)] == ["", ""]


def test_a_model_that_was_not_fine_tuned_is_named():
    table = score_table(scored_twice(LITE, by="video"))
    with pytest.raises(UserError, match=rf"demo\.parquet: no accuracy of {LITE}\+by-clip at 1"):
        fig11_finetuned(table, entries(LITE), "clip", *trained(), "data", False)


def history(folder, model, best):
    """Write the history of a training of three epochs."""
    columns = {"lr": 0.1, "learning_rate": 0.1, "train_loss": 1.0, "successes": 1, "n": 2}
    rows = [columns | {"epoch": epoch, "best": epoch in best} for epoch in range(4)]
    path = folder / model / "by-clip.parquet"
    write_rows(path, TRAINING, rows)
    return path


def test_what_was_trained_stands_under_fig11(tmp_path):
    paths = [history(tmp_path, model, [best]) for model, best in ((LITE, 2), (RESNET, 3))]
    assert epochs_kept(paths) == [f"{LITE} 2 of 3", f"{RESNET} 3 of 3"]
    assert "SGD. 2 training images; epoch kept: a 2 of 4." in fig11(False, LITE).notes


def test_a_training_without_a_best_epoch_is_refused(tmp_path):
    path = history(tmp_path, LITE, [])
    with pytest.raises(UserError, match=r"by-clip\.parquet: 0 epochs are the best, not one"):
        epochs_kept([path])

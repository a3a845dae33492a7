import csv
import json

import pytest
from pair_data import ALIKE
from pydantic import ValidationError
from score_data import entries, score_table, scored_twice
from written import markdown

from wildframe.core.errors import UserError
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import write_rows
from wildframe.studies.ego4d.fig11_finetuned import describe_trainings, fig11_finetuned
from wildframe.studies.ego4d.settings import FineTuning

LITE, RESNET, CONVNEXT = "tf_efficientnet_lite0", "resnet50.a1_in1k", "convnext_base.fb_in1k"


def fig11(compare_with_paper, *names, by="clip"):
    table = score_table(scored_twice(*names, by=by))
    return fig11_finetuned(table, ALIKE, entries(*names), by, ["SGD."], "data", compare_with_paper)


def test_fig11_shows_models_before_and_after_on_the_same_images(tmp_path):
    table = fig11(True, LITE, RESNET)
    shown = [(row["block"], row["model"], row["top1"], row["n"]) for row in table.rows]
    assert shown == [
        ("Original", LITE, "25.00", 40),
        ("Original", RESNET, "25.00", 40),
        ("Finetuned", f"{LITE}+by-clip", "50.00", 40),
        ("Finetuned", f"{RESNET}+by-clip", "50.00", 40),
    ]
    assert [row["paper_top1"] for row in table.rows] == [None, "5.42", None, "23.79"]
    assert [row["paper_top5"] for row in table.rows] == [None, "12.02", None, "51.06"]
    text = markdown(table, tmp_path)
    assert f"| Finetuned | {RESNET} | 50.00 [25.00, 100.00] | [12.50, 100.00] | a | 23.79 |" in text
    assert "no clip has both training and held-out images" in text
    assert "Images of one video may be in both parts; the exhibit" in text
    assert "are of all its images" in text


def test_a_training_that_ends_in_its_warm_up_is_refused():
    with pytest.raises(ValidationError, match="warmup_epochs: 3 of 3 epochs; lower it, or raise"):
        FineTuning(dataset="d", models=[LITE], epochs=3)


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
        fig11_finetuned(table, ALIKE, entries(LITE), "clip", ["SGD."], "data", False)


PAPER = FineTuning(dataset="d", models=[LITE])


def history(folder, model, best=(2,), recipe="as_printed"):
    """Write the history of a training of three epochs."""
    columns = {"lr": 0.05, "learning_rate": 0.1, "train_loss": 1.0, "successes": 1, "n": 2}
    rows = [columns | {"epoch": epoch, "best": epoch in best} for epoch in range(4)]
    path = folder / model / "by-clip.parquet"
    training = PAPER.model_copy(update={"recipe": recipe}).training("clip", "full")
    told = dict(option.removeprefix("--").partition("=")[::2] for option in training.options)
    numbers = {"weight-decay": "0", "label-smoothing": "0", "smallest-crop": "1", **told}
    config = {
        name.replace("-", "_"): value if name == "schedule" else json.loads(value or "1")
        for name, value in numbers.items()
    }
    facts = {"train_images": "1626"}
    write_rows(path, TRAINING, rows, config=config | {"model": model, "lr": [0.05]}, facts=facts)
    return path


def test_how_models_were_trained_stands_under_fig11(tmp_path):
    paths = [history(tmp_path, model, [best]) for model, best in ((LITE, 2), (RESNET, 3))]
    (note,) = describe_trainings(paths)
    assert note.startswith("Training, recipe as_printed: SGD with momentum 0.9, batches of 128, ")
    assert (
        "0.0001 in the warm-up (epochs: 3), then 0.05, times 0.1 in each epoch after that;" in note
    )
    assert note.endswith(f" 1,626 training images; epoch kept: {LITE} 2 of 3, {RESNET} 3 of 3.")
    (note,) = describe_trainings([history(tmp_path, LITE, recipe="timm_2022")])
    assert note.startswith("Training, recipe timm_2022: ")
    assert "0.0001 up to 0.05 in the warm-up (epochs: 3), then down along a cosine" in note
    assert "random crops of 8 to 100 % of the image, label smoothing 0.1, weight decay" in note
    assert "SGD." in fig11(False, LITE).notes


def test_a_training_without_a_best_epoch_is_refused(tmp_path):
    path = history(tmp_path, LITE, [])
    with pytest.raises(UserError, match=r"by-clip\.parquet: 0 epochs are the best, not one"):
        describe_trainings([path])

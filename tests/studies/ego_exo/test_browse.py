"""The page of clips: a strip and predictions of each, by head."""

from dataclasses import replace
from pathlib import Path

import pytest
from browse_data import read_part
from clips_data import clip_row, write_clips
from exo_data import context
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_PREDICTIONS
from wildframe.core.tables import write_rows
from wildframe.exhibits.lookup import load_exhibit
from wildframe.frames.kept import KeptClips
from wildframe.studies.ego_exo.browse import LabelledClips, browse

# c0 goes to the left and c2 to the right, as published; the verb of c2 is to stay.
ROWS = [clip_row(0), clip_row(2)]
ROWS[0]["actions"] *= 2


def predict(folder, training, **heads):
    """Write scores of both clips by head; return the file by its training."""
    path = folder / f"{training}.seed-0.parquet"
    rows = [
        {"clip_id": row["clip_id"], "head": head, "views": 1, "scores": of_clip, "embedding": None}
        for head, scores in heads.items()
        for row, of_clip in zip(ROWS, scores, strict=False)
    ]
    write_rows(path, CLIP_PREDICTIONS, rows)
    return {training: path}


@pytest.fixture
def make(tmp_path):
    """Return a function that makes the page of predictions."""
    write_clips(tmp_path, ROWS)
    labelled = LabelledClips.read([tmp_path / "manifest.parquet", tmp_path / "classes.parquet"])
    clips = KeptClips([tmp_path / "kept.arrow"])

    def run(predictions, multi_label=False) -> Path:
        page = browse(clips, labelled, predictions, multi_label, "squares")
        page.write([tmp_path / "page"])
        return tmp_path / "page"

    return run


def top(page, model=0):
    wnids = read_part(page, "images")["classes"]["wnid"]
    tops = read_part(page, f"model-{model:02d}")["top"]
    return [[*map(wnids.__getitem__, one[::2])] for one in tops]


def test_a_clip_stands_once_for_each_head_with_a_strip_of_its_frames(make, tmp_path):
    logits = {"verb": [[2, 0, 0], [0, 2, 0]], "noun": [[0, 1], [1, 0]]}
    page = make(predict(tmp_path, "ours", **logits))
    told = read_part(page, "images")
    assert told["images"]["image_id"] == ["c0", "c0", "c2", "c2"]
    assert told["images"]["view_key"] == ["noun", "verb", "noun", "verb"]
    assert told["words"]["unit"] == "predictions on clips"
    names = told["classes"]["name"]
    assert [[names[at] for at in one] for one in told["images"]["labels"]] == [
        ["square"],
        ["go"],
        ["square"],
        ["stay"],
    ]
    (model,) = told["models"]
    assert (model["name"], model["correct"]) == ("ours", "0110")
    assert top(page)[1] == ["verb go", "verb come", "verb stay"]
    # Of logits 2, 0, 0.
    assert read_part(page, "model-00")["top"][1][1] == 786986
    # Three square frames.
    with Image.open(page / "images/c0.jpg") as strip:
        assert [list(strip.size)] == told["images"]["size"][:1]
        assert strip.width == pytest.approx(3 * strip.height, abs=2)


def test_of_several_labels_a_clip_any_is_correct_and_probabilities_stay(make, tmp_path):
    page = make(predict(tmp_path, "ours", action=[[0.4, 0.75], [0.5, 0.25]]), multi_label=True)
    assert read_part(page, "images")["words"]["unit"] == "clips"
    assert read_part(page, "images")["models"][0]["correct"] == "00"
    assert read_part(page, "model-00")["top"][0][1::2] == [750000, 400000]
    assert [len(one) for one in read_part(page, "images")["images"]["labels"]] == [1, 1]


def test_models_of_other_clips_or_classes_are_refused(make, tmp_path):
    ours = predict(tmp_path, "ours", noun=[[0, 1], [1, 0]])
    with pytest.raises(UserError, match=r"theirs\.seed-0\.parquet: the models"):
        make(ours | predict(tmp_path, "theirs", noun=[[0, 1]]))
    with pytest.raises(UserError, match=r"ours\.seed-0\.parquet: clip c0 is not of"):
        make(predict(tmp_path, "ours", noun=[[0, 1, 2], [1, 0, 2]]))
    assert not (tmp_path / "page").exists()


def test_it_is_made_of_every_training_that_is_evaluated_on_a_dataset_of_the_first_seed():
    run = context(seeds=[3, 4])
    declared = load_exhibit("ego_exo", "browse")
    assert declared.datasets(run) == ["cego", "epic", "epic100"]
    of_epic = declared.files["predictions"].where(replace(run, dataset="epic"))
    assert {one["seed"] for one in of_epic} == {"3"}
    evaluated = [
        name for name, one in run.study.clip_trainings().items() if "epic" in one.evaluated_on
    ]
    assert [one["clip_training"] for one in of_epic] == evaluated
    several = declared.settings["multi_label"].of
    assert [several(replace(run, dataset=name)) for name in ("cego", "epic")] == [True, False]

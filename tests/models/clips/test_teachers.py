"""What is read of teachers' predictions."""

import pytest
import torch
from clips_data import clip_row, write_clips

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_PREDICTIONS
from wildframe.core.tables import read_table, write_rows
from wildframe.models.clips.teachers import Teacher, append_embeddings


@pytest.fixture
def folder(tmp_path):
    write_clips(tmp_path, [clip_row(number) for number in range(3)])
    return tmp_path


def test_vectors_come_in_the_order_that_clips_are_asked_for(folder):
    teacher = Teacher(folder / "object.parquet", "scores", "object")
    rows = read_table(folder / "object.parquet", CLIP_PREDICTIONS).to_pylist()
    assert teacher.size == 5
    expected = torch.tensor([rows[2]["scores"], rows[0]["scores"], rows[2]["scores"]])
    assert torch.equal(teacher.of(["c2", "c0", "c2"]), expected)


def test_embeddings_of_several_teachers_stand_side_by_side(folder):
    teachers = [
        Teacher(folder / f"{name}.parquet", "embedding") for name in ("viewpoint", "object")
    ]
    appended = append_embeddings(teachers, ["c1"])
    assert appended.shape == (1, 6)
    assert torch.equal(appended[:, 3:], teachers[1].of(["c1"]))
    assert append_embeddings([], ["c1"]) is None


def test_what_a_teacher_cannot_tell_is_named(folder):
    path = folder / "object.parquet"
    with pytest.raises(UserError, match="no scores of the head viewpoint"):
        Teacher(path, "scores", "viewpoint")
    with pytest.raises(UserError, match=r"object\.parquet: no clip c9, which is to be learnt"):
        Teacher(path, "scores", "object").of(["c0", "c9"])
    rows = read_table(path, CLIP_PREDICTIONS).to_pylist()
    write_rows(path, CLIP_PREDICTIONS, [row | {"embedding": None} for row in rows])
    with pytest.raises(UserError, match="it has no embeddings"):
        Teacher(path, "embedding")
    rows[1]["scores"].pop()
    write_rows(path, CLIP_PREDICTIONS, rows)
    with pytest.raises(UserError, match="scores of clips differ in length"):
        Teacher(path, "scores", "object")

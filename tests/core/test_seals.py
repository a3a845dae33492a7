"""Facts that tell whether they are whole, and whether their file lies where it was written."""

import json
import shutil

import pytest

from wildframe.core.errors import UserError
from wildframe.core.seals import read_sealed, write_sealed


def test_facts_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "results/models/m/export.json"
    write_sealed(path, {"images": 3})
    assert read_sealed(path) == {"images": 3}


def test_changed_facts_are_not_read(tmp_path):
    path = tmp_path / "export.json"
    write_sealed(path, {"images": 3})
    path.write_text(json.dumps(json.loads(path.read_text()) | {"images": 4}))
    assert read_sealed(path) is None
    path.write_text("[1]")
    assert read_sealed(path) is None


@pytest.mark.parametrize("place", ["predictions/d/box/m.json", "predictions/d/m.json"])
def test_the_file_of_another_is_refused(place, tmp_path):
    own, other = tmp_path / "results/predictions/d/full/m.json", tmp_path / "results" / place
    write_sealed(own, {})
    other.parent.mkdir(exist_ok=True)
    shutil.copy(own, other)
    with pytest.raises(
        UserError, match=r"/m\.json: is another file, written as predictions/d/full/m\.json; "
    ):
        read_sealed(other)


@pytest.mark.parametrize("copy", ["moved/predictions/d/full/m.json", "elsewhere/mine.json"])
def test_a_moved_run_and_copies_outside_of_one_are_read(copy, tmp_path):
    path = tmp_path / "results/predictions/d/full/m.json"
    write_sealed(path, {"a": 1})
    (tmp_path / copy).parent.mkdir(parents=True)
    shutil.copy(path, tmp_path / copy)
    assert read_sealed(tmp_path / copy) == {"a": 1}


def test_a_dataset_may_be_called_as_a_station(tmp_path):
    path = tmp_path / "results/predictions/models/full/m.json"
    write_sealed(path, {"a": 1})
    assert read_sealed(path) == {"a": 1}

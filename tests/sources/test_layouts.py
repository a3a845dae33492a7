"""Published sets of images that are laid out in their own way."""

import json

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGES
from wildframe.core.tables import read_table

# 0, 1, 409 (analog clock) and 892 (wall clock) of ImageNet-1K.
TENCH, GOLDFISH, ANALOG, WALL = "n01440764", "n01443537", "n02708093", "n04548280"


@pytest.fixture
def read(tmp_path, wildframe):
    """Make empty files, read them as a published set, and return labels and problems by file."""

    def run(layout, *files):
        root = tmp_path / "root"
        for name in files:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        output = tmp_path / "images.parquet"
        options = ("--root", root, "--images", output, "--layout", layout)
        wildframe("sources", "images", *options)
        rows = read_table(output, IMAGES).to_pylist()
        return {row["media"]: row["problem"] or row["labels"] for row in rows}

    return run


def test_folders_of_imagenet_v2_are_class_indices(read):
    found = read("imagenet_v2", "0/a.jpeg", "1/b.jpeg", "1000/c.jpeg", "d.jpeg")
    assert found.pop("0/a.jpeg") == [TENCH]
    assert found.pop("1/b.jpeg") == [GOLDFISH]
    assert found["1000/c.jpeg"] == (
        "its folder '1000' is none of the 1000 classes of the published set"
    )
    assert "its folder '' is none" in found["d.jpeg"]


def test_validation_images_get_the_labels_of_imagenet_real(read):
    """By the files' names, in any folders; the first lists are none, 970 and 795, 230 and 231."""
    name = "ILSVRC2012_val_{:08d}.JPEG"
    files = [f"n01751748/{name.format(1)}", name.format(2), name.format(3)]
    strange = [name.format(0), name.format(50001), "n01751748/a.JPEG"]
    found = read("imagenet_real", *files, *strange)
    assert [found[file] for file in files] == [
        *([], ["n09193705", "n04228054"], ["n02105855", "n02106030"])
    ]
    assert all("not that of a validation image" in found[file] for file in strange)


@pytest.fixture
def mappings(tmp_path):
    """Mappings as ObjectNet has them, of two folders; names are numbered from 1 in their file."""
    folder = tmp_path / "root/mappings"
    folder.mkdir(parents=True)
    labels = {"alarm_clock": "Alarm clock", "air_freshener": "Air freshener"}
    (folder / "folder_to_objectnet_label.json").write_text(json.dumps(labels))
    overlap = {"Alarm clock": "analog clock; wall clock"}
    (folder / "objectnet_to_imagenet_1k.json").write_text(json.dumps(overlap))
    (folder / "imagenet_to_label_2012_v2").write_text("wall clock\nanalog clock\n")
    numbers = {"409": 2, "892": 1}
    (folder / "pytorch_to_imagenet_2012_id.json").write_text(json.dumps(numbers))
    return folder


def test_folders_of_objectnet_are_objects_of_several_classes_or_none(read, mappings):
    files = [f"images/{name}/1.png" for name in ("alarm_clock", "air_freshener", "other")]
    found = read("objectnet", *files)
    assert found[files[0]] == [ANALOG, WALL]
    assert found[files[1]] == []
    assert "its folder 'other' is none of the 2 classes" in found[files[2]]


def test_absent_or_other_mappings_are_one_sentence(read, mappings):
    (mappings / "pytorch_to_imagenet_2012_id.json").write_text('{"409": 2}')
    with pytest.raises(UserError, match=r"mappings: the files do not fit each other"):
        read("objectnet")
    (mappings / "folder_to_objectnet_label.json").write_text("{")
    with pytest.raises(UserError, match=r"folder_to_objectnet_label.json: not JSON"):
        read("objectnet")
    (mappings / "folder_to_objectnet_label.json").unlink()
    with pytest.raises(UserError, match="no such file; it comes with ObjectNet"):
        read("objectnet")

"""Single images: which are evaluated, under which labels, and in which groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLASSES, FUNNEL, IMAGES, MANIFEST
from wildframe.core.tables import read_table, write_rows
from wildframe.labels import labeller_of
from wildframe.manifests.funnel import summarize
from wildframe.manifests.images import ImageChoices, choose_images

CLASSES_OF_SPACE = ("n1", "n2")


def image(name, *labels, split="", problem=None, folder="dogs"):
    return {
        "record_id": f"{folder}/{name}.jpg",
        "image_id": None if problem else name,
        "split": split,
        "media": f"{folder}/{name}.jpg",
        "media_kind": "image",
        "frame": None,
        "origin": None,
        "group_id": None,
        "labels": list(labels),
        "problem": problem,
    }


def in_space(labels):
    return [label for label in labels if label in CLASSES_OF_SPACE]


def choose(images, split=None, group_by="file"):
    choices = ImageChoices("mine", split, group_by)
    chosen = list(choose_images(images, in_space, choices))
    return [row for row, _ in chosen if row], [row for _, row in chosen]


def test_an_image_has_what_every_source_can_fill():
    ((row,), (decision,)) = choose([image("a", "n2", "n9", "n1", split="val")])
    assert row == {
        "image_id": "a",
        "dataset": "mine",
        "split": "val",
        "media": "dogs/a.jpg",
        "media_kind": "image",
        "frame": None,
        "rate": None,
        "labels": ["n2", "n1"],
        "group_id": "a",
        "video_id": None,
        "record_id": "dogs/a.jpg",
        "role": None,
        "annotation_labels": [],
        "nouns": [],
        "words": [],
        "boxes": [],
        "width": None,
        "height": None,
        "origin": None,
    }
    assert decision == {
        "record_id": "dogs/a.jpg",
        "role": "image",
        "position": None,
        "image_id": "a",
        "step": "kept",
        "annotation_labels": [["n2", "n9", "n1"]],
        "detail": "n2, n1",
    }


def test_every_drop_has_its_step():
    images = [image("a", "n1"), image("b"), image("c", "n8", "n9"), image("d", problem="gone")]
    kept, funnel = choose(images)
    assert [row["image_id"] for row in kept] == ["a"]
    assert [(row["step"], row["detail"]) for row in funnel] == [
        ("kept", "n1"),
        ("no_label", "it has no label"),
        ("no_class", "n8, n9"),
        ("bad_image", "gone"),
    ]
    counted = {row["step"]: (row["dropped"], row["left"]) for row in summarize(funnel, ["ok"])}
    assert counted == {
        "listed": (0, 4),
        "bad_image": (1, 3),
        "no_label": (1, 2),
        "no_class": (1, 1),
        "media_missing": (0, 1),
        "media_unreadable": (0, 1),
        "frame_missing": (0, 1),
        "decode_failed": (0, 1),
    }
    assert summarize(funnel)[0]["meaning"] == "Images listed"


def test_images_of_one_folder_are_one_group():
    rows = [image("a", "n1"), image("b", "n1", folder="dogs/park"), image("c", "n1")]
    kept, _ = choose(rows, group_by="folder")
    assert [row["group_id"] for row in kept] == ["dogs", "dogs/park", "dogs"]
    loose = image("d", "n1") | {"media": "d.jpg"}
    assert choose([loose], group_by="folder")[0][0]["group_id"] == "."


def test_only_the_split_is_listed():
    images = [image("a", "n1", split="val"), image("b", "n1", split="train"), image("c", "n1")]
    kept, funnel = choose(images, split="val")
    assert [row["image_id"] for row in kept] == ["a"]
    assert len(funnel) == 1
    message = "mine: no image is in split 'test'; its source has train, val; correct datasets.mine"
    with pytest.raises(UserError, match=message):
        choose(images, split="test")
    with pytest.raises(UserError, match="no image is in split 'val'; its source has no splits; c"):
        choose([image("a", "n1")], split="val")


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ([], "the source has none"),
        ([image("a", "n9")], "labels, but none in the label space: 1, such as dogs/a.jpg: n9"),
    ],
)
def test_a_dataset_without_images_is_refused_with_the_reasons(images, reason):
    with pytest.raises(UserError, match=rf"mine: no image is left to evaluate \({reason}"):
        choose(images)


LABELS = st.lists(st.sampled_from(["n1", "n2", "n9"]), max_size=3, unique=True)


@given(st.lists(st.tuples(LABELS, st.booleans()), max_size=8))
def test_kept_and_dropped_are_what_was_listed(listed):
    images = [
        image(f"i{n}", *labels, problem="bad" if bad else None)
        for n, (labels, bad) in enumerate(listed)
    ]
    kept, funnel = choose([image("first", "n1"), *images])
    assert len(funnel) == len(images) + 1
    assert len(kept) == sum(row["step"] == "kept" for row in funnel)
    assert all(row["labels"] and set(row["labels"]) <= {"n1", "n2"} for row in kept)


def test_the_command_writes_both_tables(tmp_path, wildframe, blank):
    classes, images = tmp_path / "classes.parquet", tmp_path / "images.parquet"
    row = {"label_space": "in1k", "class_index": 0, "wnid": "n1", "name": "one"}
    lists = {"lemmas": [], "senses": [], "definition": "", "ancestors": []}
    write_rows(classes, CLASSES, [blank(CLASSES, **row, **lists)])
    write_rows(images, IMAGES, [image("a", "n1"), image("b", "n2")])
    manifest, funnel = tmp_path / "m.parquet", tmp_path / "f.parquet"
    options = ["--images", images, "--classes", classes, "--label-space", "in1k"]
    options += ["--dataset", "mine", "--group-by", "folder"]
    wildframe("manifests", "images", *options, "--manifest", manifest, "--funnel", funnel)
    assert read_table(manifest, MANIFEST)["image_id"].to_pylist() == ["a"]
    assert read_table(funnel, FUNNEL)["step"].to_pylist() == ["kept", "no_class"]
    said = wildframe("manifests", "show", funnel, "--step", "no_class", "--format", "csv").stdout
    assert "dogs/b.jpg" in said


def test_an_id_of_two_images_stops_the_dataset(tmp_path, wildframe):
    images = tmp_path / "images.parquet"
    unusable = image("b", problem="gone") | {"image_id": "a"}
    again = image("a", "n1", folder="cats")
    options = ["--images", images, "--classes", tmp_path / "no.parquet", "--label-space", "in1k"]
    options += ["--dataset", "mine", "--manifest", tmp_path / "m", "--funnel", tmp_path / "f"]
    write_rows(images, IMAGES, [image("a", "n1"), unusable, image("c", problem="gone")])
    with pytest.raises(UserError, match=r"no\.parquet: no such file"):  # the ids are in order
        wildframe("manifests", "images", *options)
    write_rows(images, IMAGES, [image("a", "n1"), unusable, image("c", "n1"), again])
    with pytest.raises(UserError, match=r"dogs/a\.jpg and cats/a\.jpg both have .* 'a'"):
        wildframe("manifests", "images", *options)


def test_labels_are_found_in_a_label_space_of_ones_own(tmp_path):
    own = tmp_path / "kitchen.csv"
    own.write_text("name,wnids\ndrinking vessel,n03241496\nfork lift,\n")
    vessel, mug, banana = "n03241496", "n03063599", "n07753592"
    images = [image("a", banana, mug), image("b", "fork_lift"), image("c", banana)]
    images += [image("d", "n09999999"), image("e", "n09999999", problem="gone")]
    labels_of = labeller_of(tmp_path / "no.parquet", str(own))
    chosen = list(choose_images(images, labels_of, ImageChoices("mine", None, "file")))
    assert [row["labels"] for row, _ in chosen if row] == [[vessel], ["fork_lift"]]
    assert [(row["step"], row["detail"]) for _, row in chosen[2:]] == [
        ("no_class", banana),
        ("bad_image", "n09999999: no noun of WordNet 3.0 has this id; correct its label"),
        ("bad_image", "gone"),
    ]


def test_a_group_that_the_source_names_comes_before_file_and_folder():
    images = [image("a", "n1") | {"group_id": "clip"}, image("b", "n1")]
    rows, _ = choose(images, group_by="folder")
    assert [row["group_id"] for row in rows] == ["clip", "dogs"]

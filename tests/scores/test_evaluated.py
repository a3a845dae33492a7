"""Which images are evaluated, by which labels, of manifests written by hand."""

import json

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, REVIEWS, STATUSES
from wildframe.core.tables import write_rows
from wildframe.labels.senses import SenseTable
from wildframe.scores.evaluated import (
    evaluated,
    first_box_area,
    kept_labels,
    read_evaluated,
    single_images,
)

BARE = {"nouns": [], "words": [], "boxes": [], "width": None, "height": None, "role": None}


def test_a_single_image_is_a_set_of_one(manifest_row):
    manifest = [manifest_row("i1"), manifest_row("i2"), manifest_row("i3", labels=["n1", "n2"])]
    senses = SenseTable({("cup", "cup", "n03147509"): True})
    rows = evaluated(single_images(manifest, {"i1", "i3"}), manifest, senses, None)
    assert rows == [
        {
            "anchor_id": "i1",
            "image_id": "i1",
            "offset": 0,
            "group_id": "clip-i1",
            "video_id": "video-a",
            "role": "pre",
            "noun": "cup_(cup,_mug)",
            "labels": ["n03147509"],
            "kept_labels": [],
            "box_area": 0.08,
        },
        rows[1],
    ]
    assert (rows[1]["anchor_id"], rows[1]["kept_labels"]) == ("i3", ["n1", "n2"])


def test_a_frame_of_a_set_has_its_labels_there(manifest_row):
    manifest = [manifest_row("a"), manifest_row("b") | BARE]
    sets = [
        {"anchor_id": "a", "image_id": "b", "offset": -3, "labels": ["n7"]},
        {"anchor_id": "a", "image_id": "a", "offset": 0, "labels": []},
    ]
    first, second = evaluated(sets, manifest, None, {"n7"})
    assert (first["anchor_id"], first["image_id"], first["offset"]) == ("a", "b", -3)
    assert (first["labels"], first["kept_labels"], first["noun"]) == (["n7"], [], None)
    assert (second["labels"], second["role"]) == ([], "pre")


def test_copies_of_a_still_image_are_in_one_group(tmp_path, manifest_row, blank):
    names = ("a", "b", "c")
    manifest = [manifest_row(name, video_id=None) for name in names]
    write_rows(tmp_path / "m.parquet", MANIFEST, manifest)
    pixels = {"status": "ok", "detail": "", "route": "file", "width": 2, "height": 1}
    statuses = [
        blank(STATUSES, image_id=name, media=name, sha256=sha256) | pixels
        for name, sha256 in zip(names, "xyx", strict=True)
    ]
    write_rows(tmp_path / "s.parquet", STATUSES, statuses)
    found = read_evaluated(tmp_path / "m.parquet", tmp_path / "s.parquet", None, None, None)
    assert [row["group_id"] for row in found.rows] == ["clip-a", "clip-b", "clip-a"]


def test_copies_among_the_frames_of_sets_make_their_videos_one(tmp_path, manifest_row):
    names = ("a", "b", "c")
    manifest = [manifest_row(name, video_id=f"video-{name}") for name in names]
    write_rows(tmp_path / "m.parquet", MANIFEST, manifest)
    reviews = [
        {"anchor_id": name, "image_id": name, "offset": 0, "labels": ["n1"], "accepted": True}
        | dict.fromkeys(("reason", "similar_votes", "votes"))
        for name in names
    ]
    facts = {"review": "none", "copies": json.dumps({"c": "a", "left-out": "b"})}
    write_rows(tmp_path / "r.parquet", REVIEWS, reviews, facts=facts)
    found = read_evaluated(tmp_path / "m.parquet", None, tmp_path / "r.parquet", None, None)
    assert [row["video_id"] for row in found.rows] == ["video-a", "video-b", "video-a"]
    assert (found.facts["review"], found.facts["copies"]) == ("none", "1")


def test_what_does_not_fit_is_named(manifest_row):
    frame = {"anchor_id": "a", "image_id": "a", "offset": 0, "labels": ["n1"]}
    with pytest.raises(UserError, match="image a of the reviews is not in the manifest"):
        evaluated([frame], [manifest_row("b")], None, None)
    with pytest.raises(UserError, match="image a: its label n1 is not in the label space"):
        evaluated([frame], [manifest_row("a")], None, {"n2", None})
    with pytest.raises(UserError, match="image i of the manifest has no label; an evaluated"):
        single_images([manifest_row("i", labels=[])], {"i"})


def test_labels_are_doubted_by_noun_word_and_class():
    senses = SenseTable({("", "cup", "n1"): True, ("mug", "cup", "n1"): False})
    row = {"labels": ["n1", "n2"], "words": ["cup", "cup"], "nouns": ["bowl_(cup)"]}
    assert kept_labels(row, row["labels"], senses) == ["n2"]
    assert kept_labels(row | {"nouns": ["Mug_(cup)"]}, row["labels"], senses) == ["n1", "n2"]
    assert kept_labels(row | {"words": ["vessel", "cup"]}, ["n1", "n2"], senses) == ["n1", "n2"]


def test_without_a_noun_or_words_no_label_is_doubtful_and_without_a_table_none_is_kept():
    senses = SenseTable({("", "cup", "n1"): True})
    image = {"labels": ["n1"], "words": ["cup"], "nouns": ["bowl_(cup)"]}
    assert kept_labels(image, ["n1"], senses) == []
    assert kept_labels(image | BARE, ["n1"], senses) == ["n1"]
    # Anchors that are images of another dataset have its nouns, but words of neither.
    assert kept_labels(image | {"words": []}, ["n1"], senses) == ["n1"]
    assert kept_labels(image | BARE, ["n1"], None) == []


def test_an_image_needs_no_noun_and_no_box(manifest_row):
    manifest = [manifest_row("i") | BARE | {"video_id": None}]
    (row,) = evaluated(single_images(manifest, {"i"}), manifest, None, None)
    assert (row["noun"], row["box_area"], row["role"], row["video_id"]) == (None,) * 4
    # A box in pixels of an unknown size covers an unknown share.
    assert first_box_area(manifest_row("i") | {"width": None, "height": None}) is None


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((0, 0, 100, 80), 1),
        ((50, 40, 100, 100), 0.25),  # beyond the right and lower edge
        ((-50, -40, 60, 50), 10 * 10 / 8000),  # beyond the left and upper edge
        ((-10, -10, 200, 200), 1),
        ((200, 0, 10, 10), 0),  # outside
        ((-20, -20, 10, 10), 0),  # outside on both sides: not the product of two negatives
        ((5, 5, 0, 10), 0),
    ],
)
def test_box_area_is_cut_to_the_frame(box, share):
    sides = dict(zip(("x", "y", "width", "height"), box, strict=True))
    image = {"boxes": [sides], "width": 100, "height": 80}
    assert first_box_area(image) == pytest.approx(share)


@pytest.fixture
def files(tmp_path, manifest_row, blank):
    """Write a manifest of two images, their statuses, and reviews that accept only the first."""
    rows = [manifest_row(name) for name in ("a", "b")]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, rows)
    statuses = [
        blank(STATUSES, image_id=row["image_id"], media="v", status=status, detail="")
        for row, status in zip(rows, ("ok", "decode_failed"), strict=True)
    ]
    write_rows(tmp_path / "statuses.parquet", STATUSES, statuses)
    reviews = [
        blank(REVIEWS, anchor_id="a", image_id=name, offset=offset, labels=row["labels"])
        | {"accepted": name == "a"}
        for row, name, offset in zip(rows, ("a", "b"), (0, 1), strict=True)
    ]
    write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews, facts={"review": "auto"})
    return tmp_path


def test_the_images_are_those_that_were_read_or_accepted(files):
    manifest, statuses, reviews = (
        files / f"{name}.parquet" for name in ("manifest", "statuses", "reviews")
    )
    single = read_evaluated(manifest, statuses, None, "shipped", None)
    assert [row["image_id"] for row in single.rows] == ["a"]
    assert (single.known, single.facts) == ({"a"}, {"dataset": "d"})
    sets = read_evaluated(manifest, None, reviews, None, "coco80")
    assert [row["image_id"] for row in sets.rows] == ["a"]
    assert (sets.known, sets.facts) == ({"a", "b"}, {"dataset": "d", "review": "auto"})
    for both in ((statuses, reviews), (None, None)):
        with pytest.raises(UserError, match="name either the --statuses of single images, or"):
            read_evaluated(manifest, *both, None, None)


def test_without_images_it_says_so(files):
    manifest, reviews = files / "manifest.parquet", files / "reviews.parquet"
    write_rows(reviews, REVIEWS, [], facts={"review": "none"})
    with pytest.raises(UserError, match=r"reviews\.parquet: no image can be evaluated;"):
        read_evaluated(manifest, None, reviews, None, None)
    write_rows(manifest, MANIFEST, [])
    with pytest.raises(UserError, match=r"manifest\.parquet: no image is in it"):
        read_evaluated(manifest, None, reviews, None, None)

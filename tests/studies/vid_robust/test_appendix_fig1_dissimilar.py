"""Appendix Fig. 1: pairs that a review did not accept."""

import pytest
from frames_data import kept, lost, write_frames
from image_data import PLAIN, scored, texts

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, REVIEWS
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import EncodedImages, table_of
from wildframe.studies.vid_robust.appendix_fig1_dissimilar import (
    appendix_fig1_dissimilar,
    choose,
    decided_pairs,
)
from wildframe.studies.vid_robust.panels import Manifest


def figure(folder):
    return appendix_fig1_dissimilar(
        EncodedImages(folder / "statuses.parquet", [folder / "0-of-1.parquet"]),
        Manifest.read(folder / "manifest.parquet"),
        table_of(REVIEWS)(folder / "reviews.parquet"),
        "coco80",
        0,
        "a $demo",
    )


def test_pairs_are_those_that_were_reviewed():
    def row(image, accepted, reason):
        return scored("a", 0) | {"image_id": image, "accepted": accepted, "reason": reason}

    rows = [
        row("a", False, "bad-anchor"),
        row("in", True, None),
        row("out", False, "dissimilar;blur-increase"),
        row("far", False, "similarity"),
        *(row(reason, False, reason) for reason in ("unreadable", "anchor", "set")),
    ]
    found = decided_pairs(rows)
    assert [one["image_id"] for one in found] == ["in", "out", "far"]


def test_pairs_are_drawn_from_as_many_sets_as_there_are():
    rows = [scored("a", offset) for offset in range(1, 20)] + [scored("b", 1), scored("c", 1)]
    for seed in range(5):
        chosen = choose(rows, 3, seed)
        assert {row["anchor_id"] for row in chosen} == {"a", "b", "c"}
        # The order of the rows is not what decides.
        assert chosen == choose(rows[::-1], 3, seed)
    assert len(choose(rows, 50, 0)) == 21


def test_it_says_why_a_pair_was_rejected(files):
    found = figure(files)
    assert texts(found.drawing) == [
        "Appendix Fig. 1: 1 of 4 pairs was rejected",
        "anchor, frame 10 of the $video\nlabel: cup",
        "4 frames later\nrejected: deformation\naccepted by 1 of 3",
    ]
    assert found.notes[0] == "Data: a $demo"
    assert found.notes[1].startswith("Review: human")


def test_pairs_that_nobody_could_decide_on_are_not_counted(files):
    reviews = table_of(REVIEWS)(files / "reviews.parquet")
    unreadable = {"image_id": "a+9", "offset": 9, "accepted": False, "reason": "unreadable"}
    rows = [*reviews.rows, reviews.rows[0] | unreadable]
    write_rows(files / "reviews.parquet", REVIEWS, rows, facts={"review": "human"})
    assert texts(figure(files).drawing)[0] == "Appendix Fig. 1: 1 of 4 pairs was rejected"


def test_without_a_rejected_pair_it_says_so(files):
    row = scored("a", 0) | {"accepted": True, "reason": None, "similar_votes": None, "votes": None}
    rows = [{field.name: row[field.name] for field in REVIEWS.fields}]
    write_rows(files / "reviews.parquet", REVIEWS, rows, facts={"review": "none"})
    found = figure(files)
    assert texts(found.drawing) == ["Appendix Fig. 1: no pair of 0 was rejected"]
    assert found.notes[1].startswith("Review: none")


@pytest.mark.parametrize(
    ("review", "title"),
    [
        ("human", "the pairs that the publisher rejected are not known"),
        ("none", "no pair was reviewed"),
        ("auto", "no pair of 4 was rejected"),
    ],
)
def test_pairs_of_which_nobody_is_known_to_have_rejected_any(files, review, title):
    told = {"accepted": True, "reason": None, "similar_votes": None, "votes": None}
    rows = [row | told for row in table_of(REVIEWS)(files / "reviews.parquet").rows]
    write_rows(files / "reviews.parquet", REVIEWS, rows, facts={"review": review})
    assert texts(figure(files).drawing) == [f"Appendix Fig. 1: {title}"]


def test_files_that_do_not_belong_together_are_named(files, manifest_row):
    write_frames(files, [lost("a"), kept("a+4", PLAIN)])
    with pytest.raises(UserError, match=r"image a cannot be shown"):
        figure(files)
    write_rows(files / "manifest.parquet", MANIFEST, [manifest_row("other")])
    with pytest.raises(UserError, match=r"manifest.parquet: no image a \(2 such\)"):
        figure(files)

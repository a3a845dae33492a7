"""The review: which sets and pairs are in, why not, and how far reviewers agree."""

from pathlib import Path

from wildframe.exhibits.inputs import TableFile
from wildframe.reviews.decisions import read_decisions
from wildframe.studies.vid_robust.review import review

NOTHING = ({}, [])


def reviews(rows, kind="human"):
    return TableFile(Path("reviews.parquet"), rows, {"review": kind})


def candidate(anchor, image, reason=None, votes=1):
    return {
        "anchor_id": anchor,
        "image_id": image,
        "offset": 0 if anchor == image else 1,
        "labels": ["n1"],
        "accepted": reason is None,
        "reason": reason,
        "similar_votes": None,
        "votes": votes,
    }


REVIEWED = [
    candidate("a", "a"),
    candidate("a", "b"),
    candidate("a", "c", "dissimilar;blur-increase"),
    candidate("d", "d", "bad-anchor"),
    candidate("d", "e", "anchor"),
]

DECISIONS = """round,annotator,anchor_id,image_id,tags,notes,time
1,ann,a,b,correct;similar,,2026-01-01T00:00:00Z
1,ann,a,c,dissimilar,,2026-01-01T00:00:00Z
"""


def test_the_review_tells_counts_reasons_and_reviewers(tmp_path):
    path = tmp_path / "ann.csv"
    path.write_text(DECISIONS)
    exhibit = review(reviews(REVIEWED), read_decisions([path]), "our clips")
    items = {row["item"]: row["value"] for row in exhibit.rows}
    assert (items["sets"], items["pairs"]) == ("2", "3")
    assert items["pairs accepted"] == "1 (33.3 %)"
    assert items["pairs excluded: blur-increase"] == "1"
    assert items["round 1: pairs reviewed by ann"] == "2"
    assert exhibit.notes[0] == "Data: our clips"
    assert not any("publisher" in note for note in exhibit.notes)
    assert not any("cannot be read" in note for note in exhibit.notes)


def test_the_review_names_what_cannot_be_read():
    broken = [candidate("a", f"a{at:02}", "unreadable") for at in range(22)]
    rows = [*REVIEWED, candidate("f", "f", "unreadable"), candidate("f", "a00", "unreadable")]
    few = review(reviews(rows, "none"), NOTHING, "d")
    assert few.notes[-1] == "Left out as unreadable: a00, f."
    items = {row["item"]: row["value"] for row in few.rows}
    assert (items["sets excluded: unreadable"], items["sets excluded: bad-anchor"]) == ("1", "1")
    many = review(reviews([*rows, *broken], "none"), NOTHING, "d")
    assert many.notes[-1].endswith("a19 and 3 others.")


def test_the_publishers_review_is_known_by_its_result_alone():
    rows = [candidate("a", "a", votes=None), candidate("a", "b", votes=None)]
    exhibit = review(reviews(rows), NOTHING, "d")
    assert [row["item"] for row in exhibit.rows] == ["sets", "pairs"]
    assert exhibit.notes[-1] == (
        "The sets were reviewed by their publisher; single decisions are not known."
    )

"""Copies of still images, by statuses written by hand, and the groups that they join."""

import pytest

from wildframe.core.schemas import STATUSES
from wildframe.core.tables import write_rows
from wildframe.frames.copies import join_groups, read_copies


@pytest.fixture
def statuses(tmp_path, blank):
    """Write statuses: an image by name, with the hash of its pixels and how it was read."""

    def write(**images):
        rows = [
            blank(STATUSES, image_id=name, media=name, status=status, detail="")
            | {"sha256": sha256, "route": route, "width": 8, "height": 6}
            for name, (sha256, route, status) in images.items()
        ]
        write_rows(tmp_path / "s.parquet", STATUSES, rows)
        return tmp_path / "s.parquet"

    return write


def test_a_copy_has_the_pixels_of_another_still_image(statuses):
    path = statuses(
        a=("x", "file", "ok"),
        b=("y", "file", "ok"),
        c=("x", "row", "ok"),
        d=("x", "file", "ok"),
        # Of what is no image there is no copy, and a video may stand still.
        e=(None, None, "media_missing"),
        f=(None, None, "media_missing"),
        g=("z", "seek", "ok"),
        h=("z", "seek", "ok"),
    )
    assert read_copies(path) == {"c": "a", "d": "a"}


def image(name, group, video=None):
    return {"image_id": name, "group_id": group, "video_id": video}


def test_groups_that_share_an_image_are_one():
    images = [image("a", "A"), image("b", "B"), image("c", "C"), image("d", "B"), image("e", "E")]
    # d, of the group of b, is a copy of c; and c one of a.
    joined = join_groups(images, {"c": "a", "d": "c"})
    assert [row["group_id"] for row in joined] == ["A", "A", "A", "A", "E"]
    assert [row["image_id"] for row in joined] == list("abcde")
    assert join_groups(images, {}) == images


def test_images_of_a_video_stay_in_it():
    images = [image("a", "A"), image("b", "B", "v"), image("c", "C")]
    assert join_groups(images, {"b": "a", "x": "c"}) == images

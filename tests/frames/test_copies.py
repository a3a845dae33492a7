"""Copies of images and videos, by statuses written by hand, and the groups that they join."""

import pytest

from wildframe.core.schemas import STATUSES
from wildframe.core.tables import write_rows
from wildframe.frames.copies import copies_of, join_groups, read_copies


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
        # Of what is no image there is no copy.
        e=(None, None, "media_missing"),
        f=(None, None, "media_missing"),
    )
    assert read_copies(path) == {"c": "a", "d": "a"}


def test_the_same_bytes_are_another_image_at_another_width_or_height(blank):
    sizes = [(8, 6), (8, 5), (7, 6), (8, 6)]
    rows = [
        blank(STATUSES, image_id=f"i{n}", media=f"i{n}", status="ok", detail="", route="file")
        | {"sha256": "x", "width": width, "height": height}
        for n, (width, height) in enumerate(sizes)
    ]
    assert copies_of(rows) == {"i3": "i0"}


def videos(blank, **hashes):
    """Return statuses: the hashes of frames 0, 1 ... of videos by name; none where it is blank."""
    return [
        blank(STATUSES, image_id=f"{video}{number}", media=f"{video}.mp4", status="ok", detail="")
        | {"frame": number, "sha256": sha256, "route": "sparse", "width": 8, "height": 6}
        for video, text in hashes.items()
        for number, sha256 in enumerate(text)
        if sha256 != " "
    ]


@pytest.mark.parametrize(
    ("b", "copies"),
    [
        ("xyz", {"b0": "a0", "b1": "a1", "b2": "a2"}),
        ("xy ", {"b0": "a0", "b1": "a1"}),
        # A frame that differs, or has another number.
        ("xyy", {}),
        (" xyz", {}),
        # One image that two videos share, which may be black.
        ("x", {}),
        ("x  w", {}),
    ],
)
def test_a_video_is_a_copy_if_frames_of_the_same_numbers_are(blank, b, copies):
    assert copies_of(videos(blank, a="xyz", b=b)) == copies


def test_frames_of_one_colour_do_not_join_videos(blank):
    # Of a and b all that is evaluated is black; c and d only start so.
    found = copies_of(videos(blank, a="xx", b="xx", c="xxz", d="xxw"))
    assert found == {"b0": "a0", "b1": "a1"}


def test_an_image_shared_with_each_of_two_videos_joins_neither(blank):
    assert copies_of(videos(blank, a="x p", b=" z q", c="xz")) == {}


def test_each_frame_of_a_copy_is_one_of_the_first_video_that_has_it(blank):
    found = copies_of(videos(blank, a="xy", b="  zw", c="xyzw"))
    assert found == {"c0": "a0", "c1": "a1", "c2": "b2", "c3": "b3"}


def test_frames_of_a_video_are_no_copies_of_a_still_image(blank):
    file = {"image_id": "s", "media": "s.png", "route": "file", "frame": None}
    (frame,) = videos(blank, a="x")
    assert copies_of([frame, frame | file]) == {}


@pytest.mark.parametrize(
    ("w", "copies"),
    [("xyz", {"w0": "v0", "w1": "v1", "w2": "v2"}), ("xyy", {}), (" xy", {}), ("x  q", {})],
)
def test_files_of_images_of_a_video_are_copies_as_its_frames_are(w, copies):
    """Of which one image may be there twice, and be that of a still image."""
    known = {"status": "ok", "route": "file", "rate": None, "frame": None, "width": 8, "height": 6}
    files = [
        known | {"image_id": f"{video}{number}", "media": f"{video}/{number}.JPEG", "sha256": one}
        for video, hashes in {"v": "xyzx", "w": w, "s": "x"}.items()
        for number, one in enumerate(hashes)
        if one != " "
    ]
    video_of = {"v": "v", "w": "w", "s": None}
    images = [image(name, "A", video_of[name[0]]) for name in (row["image_id"] for row in files)]
    assert copies_of(files, images) == copies
    joined = join_groups(images, copies)
    assert {row["video_id"] for row in joined} == {"v", None, "v" if copies else "w"}


def test_a_frame_that_all_videos_share_does_not_hide_copies(blank):
    # c is a with less of it, d is c; e is all black, and so is f.
    shown = {"a": "xyz", "b": "xzy", "c": "xy", "d": "xy", "e": "xx", "f": "xx"}
    found = copies_of(videos(blank, **shown))
    assert found == {"c0": "a0", "c1": "a1", "d0": "a0", "d1": "a1", "f0": "e0", "f1": "e1"}


def image(name, group, video=None):
    return {"image_id": name, "group_id": group, "video_id": video}


def test_groups_that_share_an_image_are_one():
    images = [image("a", "A"), image("b", "B"), image("c", "C"), image("d", "B"), image("e", "E")]
    # d, of the group of b, is a copy of c; and c one of a.
    joined = join_groups(images, {"c": "a", "d": "c"})
    assert [row["group_id"] for row in joined] == ["A", "A", "A", "A", "E"]
    assert [row["image_id"] for row in joined] == list("abcde")
    assert join_groups(images, {}) == images


def test_videos_that_share_frames_are_one():
    clips = {"a": ("A", "v"), "b": ("B", "w"), "c": ("C", "w"), "d": ("D", None)}
    images = [image(name, *of) for name, of in clips.items()]
    joined = join_groups(images, {"b": "a", "x": "d"})
    # All clips of the videos; clips keep their names.
    assert [row["video_id"] for row in joined] == ["v", "v", "v", None]
    assert [row["group_id"] for row in joined] == list("ABCD")

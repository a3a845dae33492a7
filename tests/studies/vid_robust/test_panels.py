"""Text above panels, and images that are not in the manifest."""

from pathlib import Path

import pytest
from image_data import PLAIN

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import write_rows
from wildframe.exhibits.figure import new_figure
from wildframe.studies.vid_robust.panels import (
    Manifest,
    in_turns,
    offset_text,
    origin,
    show_panel,
)


def test_offsets_and_images_in_words():
    assert [offset_text(offset) for offset in (-1, 0, 1, 4)] == [
        "1 frame earlier",
        "the anchor itself",
        "1 frame later",
        "4 frames later",
    ]
    rows = {
        "p": {"frame": 7, "video_id": "v"},
        "q": {"frame": None, "video_id": "v"},
        "r": {"frame": 7, "video_id": None},
    }
    known = Manifest(Path("manifest.parquet"), rows)
    assert [origin(name, known) for name in rows] == ["frame 7 of v", "q", "r"]


def test_an_image_that_is_not_in_the_manifest_is_named(tmp_path, manifest_row):
    path = tmp_path / "manifest.parquet"
    write_rows(path, MANIFEST, [manifest_row("other")])
    manifest = Manifest.read(path)
    manifest.require(["other"])
    with pytest.raises(UserError, match=r"manifest.parquet: no image a \(2 such\)"):
        manifest.require(["b", "other", "a"])


def test_long_lines_are_broken_within_their_room():
    axis = new_figure(4, 2).subplots()
    show_panel(axis, PLAIN, ["anchor, frame 30 of 800f4d88-df52-5fdf-b200-bdc278a14259"], 1.58)
    lines = axis.get_title(loc="left").split("\n")
    assert lines == ["anchor, frame 30 of 800f4d88-", "df52-5fdf-b200-bdc278a14259"]


def test_every_key_has_its_turn_before_any_comes_again():
    assert in_turns(["a1", "a2", "b1", "a3", "c1", "b2"], lambda item: item[0]) == [
        "a1",
        "b1",
        "c1",
        "a2",
        "b2",
        "a3",
    ]

import pytest

from wildframe.core.errors import UserError
from wildframe.manifests.keys import frame_names


def name(manifest_row, **values):
    return frame_names([manifest_row("i", **values)])["i"]


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (
            "Data/VID/val/ILSVRC2015_val_00000000/000442.JPEG",
            "val/ILSVRC2015_val_00000000/000442.JPEG",
        ),
        (
            "ILSVRC/Data/VID/train/part/ILSVRC2017_train_1/000001.JPEG",
            "train/part/ILSVRC2017_train_1/000001.JPEG",
        ),
        ("ytbb_videos/ab-1_c_24400/frame-732.jpg", "ytbb_videos/ab-1_c_24400/frame-732.jpg"),
        ("images/0001.png", "images/0001.png"),
    ],
)
def test_images_that_lie_as_files_are_called_by_their_path(manifest_row, media, expected):
    assert name(manifest_row, media=media, media_kind="image", frame=None) == expected


def test_frames_are_called_by_their_video(manifest_row):
    assert name(manifest_row, video_id="v", frame=7) == "v/000007.JPEG"
    assert name(manifest_row, video_id="v", frame=1234567) == "v/1234567.JPEG"
    assert name(manifest_row, video_id=None, media="a/b.c.mp4", frame=7) == "a/b.c/000007.JPEG"


def test_clips_of_one_video_do_not_share_names(manifest_row):
    clips = [manifest_row(f"i{n}", media=f"clips/{n}.mp4", video_id="v", frame=7) for n in range(2)]
    assert frame_names(clips) == {"i0": "clips/0/000007.JPEG", "i1": "clips/1/000007.JPEG"}


def test_images_in_archives_have_no_name(manifest_row):
    with pytest.raises(UserError, match=r"image i of x\.tar has no frame number"):
        name(manifest_row, media="x.tar", media_kind="shard", frame=None)

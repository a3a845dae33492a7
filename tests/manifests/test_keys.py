import pytest

from wildframe.core.errors import UserError
from wildframe.manifests.keys import frame_names


def name(picture, **values):
    return frame_names([picture("i", **values)])["i"]


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
        ("pictures/0001.png", "pictures/0001.png"),
    ],
)
def test_pictures_that_lie_as_files_are_called_by_their_path(picture, media, expected):
    assert name(picture, media=media, media_kind="image", frame=None) == expected


def test_frames_are_called_by_their_video(picture):
    assert name(picture, video_id="v", frame=7) == "v/000007.JPEG"
    assert name(picture, video_id="v", frame=1234567) == "v/1234567.JPEG"
    assert name(picture, video_id=None, media="a/b.c.mp4", frame=7) == "a/b.c/000007.JPEG"


def test_clips_of_one_video_do_not_share_names(picture):
    clips = [picture(f"i{n}", media=f"clips/{n}.mp4", video_id="v", frame=7) for n in range(2)]
    assert frame_names(clips) == {"i0": "clips/0/000007.JPEG", "i1": "clips/1/000007.JPEG"}


def test_pictures_in_archives_have_no_name(picture):
    with pytest.raises(UserError, match=r"picture i of x\.tar has no frame number"):
        name(picture, media="x.tar", media_kind="shard", frame=None)

import pytest

from wildframe.manifests.keys import frame_key


@pytest.mark.parametrize(
    ("values", "key"),
    [
        (
            {
                "media": "Data/VID/val/ILSVRC2015_val_00000000/000442.JPEG",
                "media_kind": "image",
                "frame": None,
            },
            "val/ILSVRC2015_val_00000000/000442.JPEG",
        ),
        (
            {
                "media": "ytbb_videos/ab-1_c_24400/frame-732.jpg",
                "media_kind": "image",
                "frame": None,
            },
            "ab-1_c_24400/frame-732.jpg",
        ),
        (
            {"media": "pictures/0001.png", "media_kind": "image", "frame": None},
            "pictures/0001.png",
        ),
        ({"video_id": "video-a", "frame": 7}, "video-a/000007.JPEG"),
        ({"video_id": None, "group_id": "clip-a", "frame": 1234567}, "clip-a/1234567.JPEG"),
    ],
)
def test_pictures_are_called_as_their_publishers_do(picture, values, key):
    assert frame_key(picture("i", **values)) == key

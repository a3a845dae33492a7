"""What is wanted of a source: each frame once, whoever wants it."""

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import write_rows
from wildframe.frames import media_of, shard_names, shard_of
from wildframe.frames.wanted import (
    CLIP_COLUMNS,
    read_wanted,
    read_wanted_clips,
    wanted_clips,
    wanted_frames,
    write_wanted,
)


def video(media, frame, rate="30"):
    return {"media": media, "media_kind": "video", "rate": rate, "frame": frame}


def image(media):
    return {"media": media, "media_kind": "image", "rate": None, "frame": None}


def test_each_frame_is_listed_once_in_order():
    frames = [
        video("b.mp4", 3),
        video("a.mp4", 10),
        # Of another dataset, or another object of the same frame.
        video("b.mp4", 3),
        video("a.mp4", 9, rate="25"),
        video("a.mp4", 9, rate=None),
        video("a.mp4", 9),
    ]
    listed = [
        video("a.mp4", 9, rate=None),
        video("a.mp4", 9, rate="25"),
        video("a.mp4", 9),
        video("a.mp4", 10),
        video("b.mp4", 3),
    ]
    assert wanted_frames(frames, 1) == {"0-of-1": listed}
    assert wanted_frames(reversed(frames), 1) == {"0-of-1": listed}


def test_images_are_in_the_order_of_their_folders():
    media = ["a/2.jpg", "a-b/1.jpg", "a/1.jpg", "a/1.jpg"]
    (listed,) = wanted_frames(map(image, media), 1).values()
    assert listed == [image(name) for name in ("a/1.jpg", "a/2.jpg", "a-b/1.jpg")]


def test_shards_share_the_frames_out_by_video_and_by_folder():
    rows = [video(f"{name}.mp4", frame) for name in "abcdef" for frame in range(3)]
    rows += [image(f"val/{name}/{frame:06d}.JPEG") for name in "abcdef" for frame in range(3)]
    lists = wanted_frames(rows, 4)
    assert list(lists) == shard_names(4)
    assert sum(map(len, lists.values())) == len(rows)
    # The same key as for the state of the media.
    for shard, frames in lists.items():
        assert {shard_of(media_of(frame), 4) for frame in frames} <= {shard}
    assert media_of(image("val/a/1.JPEG")) == "val/a"
    assert media_of(video("val/a.mp4", 0)) == "val/a.mp4"
    assert media_of(image("flat.JPEG")) == ""


def test_a_list_reads_back_whatever_files_are_called(tmp_path):
    path = tmp_path / "0-of-1.csv"
    frames = [video('1, 2\n"3"/ü.mp4', 0, rate="30000/1001"), video("a.mp4", 7, None), image("i")]
    write_wanted(path, frames)
    assert list(read_wanted(path)) == frames
    write_wanted(path, [])
    assert list(read_wanted(path)) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text.replace(",1\n", ",2\n"),
        # Whole lines are missing.
        lambda text: "".join(text.splitlines(keepends=True)[:2]),
        lambda text: "".join(
            text.splitlines(keepends=True)[:1] + text.splitlines(keepends=True)[2:]
        ),
        lambda text: text + "c.mp4,video,30,1\n",
        lambda text: text.replace("sha256", "sha512"),
    ],
)
def test_a_damaged_list_is_named(tmp_path, damage):
    path = tmp_path / "w.csv"
    write_wanted(path, [video("a.mp4", 1), video("b.mp4", 2)])
    path.write_text(damage(path.read_text()))
    with pytest.raises(
        UserError,
        match=r"w\.csv: is damaged, or another list; delete it",
    ):
        list(read_wanted(path))


def test_the_list_of_another_source_is_refused(tmp_path):
    own, other = (tmp_path / f"results/frames/{name}/0-of-1.csv" for name in ("own", "other"))
    write_wanted(own, [image("1.png")])
    write_wanted(other, [image("1.png"), image("2.png")])
    own.write_bytes(other.read_bytes())
    with pytest.raises(UserError, match=r"own/0-of-1\.csv: is another file, written as frames/oth"):
        list(read_wanted(own))


def test_an_absent_list_is_named(tmp_path):
    with pytest.raises(UserError, match="make it with the rule frames_wanted"):
        list(read_wanted(tmp_path / "absent.csv"))


def clip(name, media, **extent):
    kept = {"rate": None, "start": None, "stop": None} | extent
    return {"clip_id": name, "media": media, "media_kind": "video", **kept}


def test_a_list_of_clips_says_nothing_of_their_labels(tmp_path):
    clips = [
        clip("b", "b.mp4", start=0.1, stop=1.7),
        clip("a", 'a, "1".mp4'),
        clip("c", "c", media_kind="frames", rate=23.976, stop=2.0),
    ]
    (listed,) = wanted_clips(clips, 1).values()
    assert listed == [clips[1], clips[0], clips[2]]
    path = tmp_path / "w.csv"
    write_wanted(path, listed, CLIP_COLUMNS)
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[:3:2] == [
        "clip_id,media,media_kind,rate,start,stop",
        "b,b.mp4,video,,0.1,1.7",
    ]
    labelled = [row | {"verb": "take", "split": "train"} for row in reversed(clips)]
    write_wanted(path, wanted_clips(labelled, 1)["0-of-1"], CLIP_COLUMNS)
    assert path.read_text(encoding="utf-8") == text
    assert list(read_wanted_clips(path)) == listed


def test_clips_of_one_video_are_in_one_list():
    rows = [clip(f"{name}{n}", f"{name}.mp4") for name in "abcdef" for n in range(2)]
    lists = wanted_clips(rows, 4)
    assert list(lists) == shard_names(4)
    assert sum(map(len, lists.values())) == len(rows)
    for shard, clips in lists.items():
        assert {shard_of(row["media"], 4) for row in clips} <= {shard}


def test_a_list_of_frames_is_no_list_of_clips(tmp_path):
    write_wanted(tmp_path / "w.csv", [video("a.mp4", 1)])
    with pytest.raises(UserError, match=r"or another list; .* the rule frames_wanted_clips"):
        list(read_wanted_clips(tmp_path / "w.csv"))


def test_lists_say_nothing_of_who_wants_their_frames(tmp_path, manifest_row, wildframe):
    """An unchanged list has the same bytes, so that Snakemake sees that it is unchanged."""
    write_rows(tmp_path / "one.parquet", MANIFEST, [manifest_row("a", media="a.mp4", frame=1)])
    others = [manifest_row(name, dataset="e", media="a.mp4", frame=1) for name in "xy"]
    others.append(manifest_row("c", media="c.mp4", frame=2))
    write_rows(tmp_path / "two.parquet", MANIFEST, others)
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    for folder, manifests in (("one", [one]), ("both", [two, one])):
        options = ["--shards", 2, "--folder", tmp_path / folder]
        wildframe("frames", "wanted", *manifests, *options)
    same, grown = shard_of("a.mp4", 2), shard_of("c.mp4", 2)
    first, second = video("a.mp4", 1), video("c.mp4", 2)
    assert (tmp_path / "one" / f"{same}.csv").read_bytes() == (
        tmp_path / "both" / f"{same}.csv"
    ).read_bytes()
    assert {path.stem: [*read_wanted(path)] for path in (tmp_path / "both").iterdir()} == {
        same: [first],
        grown: [second],
    }

"""Folders of videos: what files are like, and what the two CSV files may say."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id
from wildframe.core.schemas import BOXES, VIDEOS
from wildframe.core.tables import read_table
from wildframe.sources.folders import is_inside, same_files, video_id
from wildframe.sources.probe import Probe, UnusableError, probe
from wildframe.sources.videos import VideosSource, write_tables

DOG, CUP = "n02084071", "n03147509"
HEADER = "video,frame,wnid,x,y,width,height\n"


@pytest.fixture
def read(tmp_path, wildframe):
    """Write both CSV files beside the videos and return the rows of both tables."""

    def run(labels, boxes=None, label_space=None):
        options = ["--label-space", label_space] if label_space else []
        for name, text in (("labels", labels), ("from-boxes", boxes)):
            if text is not None:
                path = tmp_path / f"{name}.csv"
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
                options += [f"--{name}", path]
        paths = tmp_path / "videos.parquet", tmp_path / "boxes.parquet"
        options += ["--videos", paths[0], "--boxes", paths[1]]
        wildframe("sources", "videos", "--root", tmp_path / "films", *options)
        return [
            read_table(path, contract).to_pylist()
            for path, contract in zip(paths, (VIDEOS, BOXES), strict=True)
        ]

    return run


def test_labels_and_boxes_may_be_names_of_a_label_space(read, film, tmp_path):
    film(tmp_path / "films/a.mp4", 3)
    labels = f"video,labels\na.mp4,cup dog {CUP}\n"
    boxes = "video,frame,wnid,x,y,width,height\na.mp4,1,Cup,0,0,4,4\n"
    (video,), (box,) = read(labels, boxes, "coco80")
    assert (video["labels"], box["wnid"]) == ([CUP, DOG], CUP)
    with pytest.raises(UserError, match=r"labels\.csv: line 2: 'cupp' is no class of coco80"):
        read("video,labels\na.mp4,cupp\n", None, "coco80")
    with pytest.raises(UserError, match=r"from-boxes\.csv: line 2: 'mug' is no class of coco80"):
        read(labels, boxes.replace("Cup", "mug"), "coco80")


def test_labels_that_nobody_filled_in_are_refused_unless_boxes_give_them(read, film, tmp_path):
    film(tmp_path / "films/a.mp4", 3)
    blank = "video,labels\na.mp4,\n"
    message = r"labels\.csv: no video has a label; .* by {} that `wildframe labels hypernyms "
    message += "--label-space {} --format csv` lists$"
    with pytest.raises(UserError, match=message.format("ids or names", "coco80")):
        read(blank, None, "coco80")
    source = {"kind": "videos", "data_note": "ours", "labels": str(tmp_path / "labels.csv")}
    with pytest.raises(UserError, match=message.format("ids", "in1k")):
        VideosSource(root=str(tmp_path / "films"), **source).summary()
    (video,), (box,) = read(blank, f"{HEADER}a.mp4,1,{CUP},0,0,4,4\n")
    assert (video["labels"], box["wnid"]) == ([], CUP)


def test_videos_are_listed_by_their_labels(read, film, tmp_path):
    film(tmp_path / "films/kitchen/clip 1.mp4", 12)
    film(tmp_path / "films/b.mkv", 9, rate=25)
    film(tmp_path / "films/unlabelled.mp4", 3)
    text = f"video,labels,split\nkitchen/clip 1.mp4,{DOG} {CUP} {DOG},val\nb.mkv,,\n"
    rows, boxes = read("\ufeff" + text.replace("\n", "\r\n"))
    assert rows == [
        {
            "video_id": "b",
            "split": "",
            "media": "b.mkv",
            "media_kind": "video",
            "frames": 9,
            "rate": 25.0,
            "width": 64,
            "height": 48,
            "labels": [],
            "problem": None,
        },
        {
            "video_id": "kitchen_clip_1",
            "split": "val",
            "media": "kitchen/clip 1.mp4",
            "media_kind": "video",
            "frames": 12,
            "rate": 30.0,
            "width": 64,
            "height": 48,
            "labels": [DOG, CUP],
            "problem": None,
        },
    ]
    assert boxes == []


def test_files_of_the_same_content_are_told(film, tmp_path, capsys):
    film(tmp_path / "b.mp4", 3)
    (tmp_path / "a.mp4").symlink_to("b.mp4")
    labels = tmp_path / "labels.csv"
    labels.write_text(f"video,labels\na.mp4,{CUP}\nb.mp4,{CUP}\n")
    source = VideosSource(kind="videos", root=str(tmp_path), data_note="", labels=str(labels))
    write_tables(source, tmp_path / "videos.parquet", tmp_path / "boxes.parquet")
    rows = read_table(tmp_path / "videos.parquet", VIDEOS).to_pylist()
    assert [row["problem"] for row in rows] == [None, None]
    assert "NOTE: b.mp4 has the content of a.mp4, but counts as a video" in capsys.readouterr().err


def test_boxes_are_sorted_by_frame_and_keep_their_order(read, film, tmp_path):
    film(tmp_path / "films/a.mp4", 3)
    film(tmp_path / "films/b.mp4", 3)
    rows, boxes = read(
        f"video,labels\nb.mp4,{DOG}\na.mp4,\n",
        f"{HEADER}b.mp4,2,{DOG},1,2,3,4\na.mp4,1,{CUP},0.5,-1,9,9\n"
        f"b.mp4,0,{CUP},1,1,1,1\nb.mp4,2,{CUP},5,6,7,8\n",
    )
    assert [row["problem"] for row in rows] == [None, None]
    found = [tuple(box.values())[:4] + tuple(box["box"].values()) for box in boxes]
    assert found == [
        ("a", 1, 0, CUP, 0.5, -1, 9, 9),
        ("b", 0, 0, CUP, 1, 1, 1, 1),
        ("b", 2, 0, DOG, 1, 2, 3, 4),
        ("b", 2, 1, CUP, 5, 6, 7, 8),
    ]


def test_a_frame_that_the_file_has_not_is_a_problem(read, film, tmp_path):
    film(tmp_path / "films/a.mp4", 3)
    (row,), boxes = read(
        "video,labels\na.mp4,\n", f"{HEADER}a.mp4,3,{DOG},1,2,3,4\na.mp4,2,{DOG},1,2,3,4\n"
    )
    assert row["frames"] == 3
    assert row["problem"] == (
        "line 2 of the boxes names frame 3, but the file has 3 frames, counted from 0"
    )
    assert len(boxes) == 2


@pytest.mark.parametrize(
    ("boxes", "problem"),
    [
        (["64,0,5,5"], "a box of frame 0 is outside the frame of 64 x 48 pixels"),
        (["1,1,5,5", "0,-9,64,9"], "a box of frame 1 is outside the frame of 64 x 48 pixels"),
        (["0.1,0.2,0.5,0.4"], "its boxes are of less than a pixel"),
        # From 30, 20 to 60, 44.
        (["30,20,60,44"], "its boxes end beyond the frame of 64 x 48 pixels, but not as corners"),
        (["1,1,20,20", "30,20,60,44"], "its boxes end beyond the frame of 64 x 48 pixels, but"),
        # Within 48 x 64; the second is also outside.
        (["0,0,48,64"], "a box of frame 0 ends far beyond the frame of 64 x 48 pixels, as players"),
        (["1,1,9,9", "0,50,9,9"], "a box of frame 1 ends far beyond the frame of 64 x 48 pixels"),
        # From 9, 20 to 20, 40; as a size, it would end at 29, 60.
        (["9,20,20,40"], "its boxes end beyond the frame of 64 x 48 pixels, but not as corners"),
        # Nor do these fit 48 x 64: one, or the other, is too wide.
        (["0,0,48,64", "0,0,49,9"], None),
        (["30,20,60,44", "30,20,10,10"], None),
        (["-5,-5,80,60"], None),
        (["30,20,38,30"], None),
    ],
)
def test_boxes_in_other_units_than_pixels_from_the_top_left_are_a_problem(
    read, film, tmp_path, boxes, problem
):
    film(tmp_path / "films/a.mp4", 3)
    lines = [f"a.mp4,{frame},{DOG},{box}\n" for frame, box in enumerate(boxes)]
    (row,), _ = read("video,labels\na.mp4,\n", HEADER + "".join(lines))
    if problem is None:
        assert row["problem"] is None
    else:
        assert row["problem"].startswith(problem)
        assert row["problem"].endswith("; write left, top, width and height in pixels")


def test_boxes_that_end_far_beyond_their_frame_are_kept_and_told(film, tmp_path, capsys):
    """Of 64 x 48 pixels: up to 70.4 x 52.8 is not far."""
    for name in "ab":
        film(tmp_path / f"{name}.mp4", 3)
    labels, boxes = tmp_path / "labels.csv", tmp_path / "boxes.csv"
    labels.write_text(f"video,labels\na.mp4,{DOG}\nb.mp4,{DOG}\n")
    source = VideosSource(
        kind="videos", root=str(tmp_path), data_note="ours", labels=str(labels), boxes=str(boxes)
    )
    tables = tmp_path / "videos.parquet", tmp_path / "boxes.parquet"

    def told(*lines):
        boxes.write_text(HEADER + "".join(f"{line}\n" for line in lines))
        write_tables(source, *tables)
        return capsys.readouterr().err

    near = f"a.mp4,0,{DOG},0,0,70,52"
    assert told(near, f"b.mp4,2,{DOG},0,0,60,53", f"b.mp4,1,{DOG},0,0,71,9").endswith(
        f"{boxes}: 2 of 3 boxes end far beyond their frame, and are kept as they are, the first of "
        "them in frame 2 of b.mp4\n"
    )
    assert [row["box"]["width"] for row in read_table(tables[1], BOXES).to_pylist()] == [70, 71, 60]
    # A file that is skipped is told as such, and its boxes are not counted.
    assert "1 of 1 boxes end" in told(near, f"b.mp4,1,{DOG},0,0,71,9", f"a.mp4,3,{DOG},0,0,80,9")
    assert "far beyond" not in told(near)


def test_videos_that_cannot_be_used_are_rows_with_a_problem(read, film, tmp_path):
    films = tmp_path / "films"
    whole = film(films / "whole.mp4", 60).read_bytes()
    (films / "text.mp4").write_text("no video at all")
    (films / "empty.mp4").touch()
    (films / "folder.mp4").mkdir()
    # The index at the end is lost, and with it all that says what the file holds.
    (films / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    names = ("whole", "text", "empty", "folder", "cut", "gone")
    rows, _ = read("video,labels\n" + "".join(f"{name}.mp4,{DOG}\n" for name in names))
    problems = {row["video_id"]: row["problem"] for row in rows}
    assert problems == {
        "whole": None,
        "text": "it cannot be read as video (Invalid data found when processing input)",
        "empty": "it cannot be read as video (Invalid data found when processing input)",
        "folder": "the file is not there",
        "cut": "it cannot be read as video (Invalid data found when processing input)",
        "gone": "the file is not there",
    }
    assert [row["frames"] for row in rows if row["problem"]] == [None] * 5


def test_a_file_that_may_not_be_read_keeps_its_row(read, film, tmp_path, monkeypatch):
    whole = film(tmp_path / "films/a.mp4", 3).read_bytes()
    for name in "bc":
        (tmp_path / f"films/{name}.mp4").write_bytes(whole)

    def refused_to(call, name):
        def refuse(path, *options, **named):
            if path.name == name:
                raise PermissionError(13, "Permission denied", str(path))
            return call(path, *options, **named)

        return refuse

    monkeypatch.setattr(Path, "open", refused_to(Path.open, "b.mp4"))
    # As in a folder that may not be entered.
    monkeypatch.setattr(Path, "stat", refused_to(Path.stat, "d.mp4"))
    rows, _ = read("video,labels\n" + "".join(f"{name}.mp4,{DOG}\n" for name in "abcd"))
    problems = [
        None,
        "it cannot be read as video (Permission denied)",
        None,
        "the file is not there",
    ]
    assert [row["problem"] for row in rows] == problems
    assert same_files(tmp_path / "films", [row["media"] for row in rows]) == {"c.mp4": "a.mp4"}


@pytest.mark.parametrize("codec", ["libx264", "libvpx", "libvpx-vp9", "mpeg4"])
@pytest.mark.parametrize("frames", [1, 2, 40])
def test_frames_are_counted_whatever_the_codec(film, tmp_path, codec, frames):
    suffix = "webm" if codec.startswith("libvpx") else "mp4"
    found = probe(film(tmp_path / f"a.{suffix}", frames, codec=codec, rate=25))
    assert (found.frames, found.width, found.height) == (frames, 64, 48)
    assert found.rate == 25


def test_the_rate_is_no_lower_for_times_in_milliseconds(film, tmp_path):
    # The last of nine frames is shown after 267 ms, which would be 29.96 frames a second.
    assert probe(film(tmp_path / "a.mkv", 9)).rate == 30


def test_the_size_is_as_players_show_it(film, tmp_path):
    assert probe(film(tmp_path / "a.mp4", turned=1)) == Probe(12, 30.0, 48, 64)


def test_a_file_that_breaks_off_is_told_by_its_index(film, remux, tmp_path):
    path = remux(film(tmp_path / "a.mp4", 60), tmp_path / "front.mp4")
    assert probe(path).frames == 60
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(UnusableError, match=r"(the file breaks off|data is missing) after \d+ pac"):
        probe(path)


@pytest.mark.parametrize("suffix", ["mkv", "ts"])
def test_frames_before_the_first_that_can_be_decoded_do_not_count(film, remux, tmp_path, suffix):
    path = film(tmp_path / "a.mp4", 40)
    # Every twelfth frame can be decoded by itself.
    assert probe(remux(path, tmp_path / f"b.{suffix}", 1)).frames == 40 - 12


def test_sound_alone_is_no_video(tmp_path):
    import wave

    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(1600))
    with pytest.raises(UnusableError, match="it has no video stream"):
        probe(tmp_path / "a.wav")


L = "labels.csv: "
B = "from-boxes.csv: "
REFUSED_LABELS = [
    ("", rf"{L}line 1: the columns are '', not video,labels\[,split\]"),
    ("video,label\n", rf"{L}line 1: the columns are 'video,label', not"),
    ("video,labels,spilt\n", "line 1: the columns are 'video,labels,spilt', not"),
    ("video,labels,labels\n", "line 1: the columns are"),
    ("video,labels\n", rf"{L}names no video; write a row"),
    (f"video,labels\na.mp4,{DOG},{CUP}\n", rf"{L}line 2: 2 fields are expected; quote a field"),
    ("video,labels\na.mp4\n", rf"{L}line 2: 2 fields are expected"),
    ("video,labels\na.mp4,dog\n", rf"{L}line 2: 'dog' is not a wnid, n and eight digits"),
    (f"video,labels\nb.mp4,\na.mp4,{DOG};{CUP}\n", rf"{L}line 3: '{DOG};{CUP}' is not a wnid"),
    (
        "video,labels\n../a.mp4,\n",
        rf"{L}line 2: video '\.\./a\.mp4' is not a path below the source",
    ),
    ("video,labels\n/a.mp4,\n", "not a path below the source's root; write it as in kitchen/clip"),
    ("video,labels\n,dog\n", "line 2: video '' is not a path"),
    ("video;labels\na.mp4;\n", "'video;labels', not .*; write these, separated by commas"),
    ("video,labels\na.mp4,\na.mp4,\n", rf"{L}line 3: video a.mp4 is named twice; leave one row"),
    (
        "video,labels\na/b.mp4,\na_b.mkv,\n",
        rf"{L}line 3: video a_b.mkv and a/b.mp4 would both be 'a_b'; rename one of the files",
    ),
    (f"video,labels\n{'a' * 201}.mp4,\n", "longer than the 200 characters"),
    (b"video,labels\n\xff.mp4,\n", rf"{L}not a CSV file in UTF-8"),
    ('video,labels\n"a.mp4,\n', rf"{L}not a CSV file in UTF-8 after line 1 \(unexpected end"),
]


def test_blank_rows_as_spreadsheets_write_them_are_none(read, film, tmp_path):
    film(tmp_path / "films/a.mp4", 3)
    (video,), _ = read(f"video,labels,split\r\n,,\r\na.mp4,{DOG},\r\n, ,\r\n")
    assert (video["media"], video["labels"]) == ("a.mp4", [DOG])


def test_names_that_only_look_the_same_are_told(read, film, tmp_path):
    composed, decomposed = "m\u00fcsli.mp4", "mu\u0308sli.mp4"
    film(tmp_path / f"films/{decomposed}", 3)
    labels = f"video,labels\n{composed},{DOG}\n"
    (video,), _ = read(labels)
    assert video["problem"] == (
        "the file is not there; one whose name looks the same is: copy its name, whose accented "
        "letters are written in another way (Unicode NFD)"
    )
    with pytest.raises(
        UserError, match=r"line 2: .* without labels if .*; one whose .* \(Unicode NFC"
    ):
        read(labels, f"{HEADER}{decomposed},0,{DOG},1,2,3,4\n")


@pytest.mark.parametrize(("text", "message"), REFUSED_LABELS)
def test_labels_that_are_wrong_are_refused_with_the_line(read, tmp_path, text, message):
    with pytest.raises(UserError, match=message):
        read(text)
    assert not list(tmp_path.glob("*.parquet"))


REFUSED_BOXES = [
    ("video,frame\n", rf"{B}line 1: the columns are 'video,frame', not video,frame,wnid,x,y"),
    (f"{HEADER}b.mp4,0,{DOG},1,2,3,4\n", rf"{B}line 2: video 'b.mp4' is not in the file of label"),
    (f"{HEADER}a.mp4,-1,{DOG},1,2,3,4\n", rf"{B}line 2: frame '-1' is not a frame number"),
    (f"{HEADER}a.mp4,1.0,{DOG},1,2,3,4\n", rf"{B}line 2: frame '1\.0' is not a frame number"),
    (f"{HEADER}a.mp4,1,dog,1,2,3,4\n", rf"{B}line 2: 'dog' is not a wnid"),
    (f"{HEADER}a.mp4,1,{DOG},1,2,x,4\n", rf"{B}line 2: width 'x' is not a number of pixels"),
    (f"{HEADER}a.mp4,1,{DOG},nan,2,3,4\n", rf"{B}line 2: x 'nan' is not a number of pixels"),
    (f"{HEADER}a.mp4,1,{DOG},1,2,3,0\n", rf"{B}line 2: the box is empty"),
    (f"{HEADER}a.mp4,1,{DOG},1,2,3\n", rf"{B}line 2: 7 fields are expected"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED_BOXES)
def test_boxes_that_are_wrong_are_refused_with_the_line(read, text, message):
    with pytest.raises(UserError, match=message):
        read("video,labels\na.mp4,\n", text)


def test_a_source_names_its_files(tmp_path):
    labels, boxes = tmp_path / "labels.csv", tmp_path / "boxes.csv"
    source = VideosSource(kind="videos", root="absent", labels=str(labels), data_note="a test")
    with pytest.raises(UserError, match=r"labels\.csv: no such file; write it with the columns vi"):
        source.input_files()
    labels.write_text("video,labels\nb.mp4,\na/c.mp4,\n")
    assert source.input_files() == {"labels": [str(labels)], "from_boxes": []}
    assert source.list_media() == ["a/c.mp4", "b.mp4"]
    boxed = source.model_copy(update={"boxes": str(boxes)})
    with pytest.raises(UserError, match=r"boxes\.csv: no such file; write it with the columns vid"):
        boxed.input_files()
    boxes.touch()
    assert boxed.input_files()["from_boxes"] == [str(boxes)]


@given(st.text(min_size=1, max_size=150))
def test_an_id_can_be_the_name_of_a_file(name):
    made = video_id(name)
    assert is_safe_id(made)
    assert video_id(made) == made


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        *(("a", True), ("a/b.mp4", True), ("..a/b", True), ("a b/ü.mp4", True)),
        *(("", False), ("/a", False), ("a//b", False), ("a/../b", False), ("a/.", False)),
        ("a\0b", False),
    ],
)
def test_a_path_under_the_root_leads_down(name, inside):
    assert is_inside(name) == inside

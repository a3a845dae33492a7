"""The audit names each oddity, and nothing else."""

import re
from fractions import Fraction
from pathlib import Path

import av
import pytest
from clips import ALL
from mp4 import Sample, description, write_mp4
from videos import SIZE, remux, write

from wildframe.core.errors import UserError
from wildframe.frames.audit import Examined, Oddity, audit, oddities, oddities_of_numbers

DEMO = Path(__file__).parents[2] / "demo/ego4d/v1/clips"

MISSING = "^1 missing at (30|29.99) frames a second"
ODD = {
    "dropped.mp4": {"gaps": MISSING},
    "dropped.mkv": {"gaps": MISSING},
    "dropped.ts": {"gaps": MISSING},
    "uneven.mp4": {"gaps": r"\d+ missing at 30 frames a second"},
    "late.mp4": {"late start": "its first frame is shown at 1.400 s"},
    "late.mkv": {"late start": "its first frame is shown at 1.400 s"},
    "fragmented.mp4": {"late start": "its first frame is shown at 0.067 s"},
    "edit.mp4": {"edit list": r"it hides \d+ of 48 frames"},
    "cut.mkv": {"cut": "its first 3 frames cannot be decoded", "late start": "at 0.400 s"},
    "joined.ts": {"cut": r"its first \d+ frames cannot be decoded"},
    "joined-mpeg2.ts": {"frame count": r"45 packets, 32 frames are shown"},
    "refresh-cut.mp4": {"cut": "14 frames", "edit list": "3 of 39", "late start": "at 0.867 s"},
    "vp8-hidden.webm": {
        "frame count": "48 packets, 46 frames are shown",
        "gaps": "2 missing at 29.99",
    },
    "h264.avi": {"time stamps": "none, or not in their order"},
}
EVEN = (
    *("pyramid.mp4", "long.mp4", "open.mp4", "interlaced.mp4", "ntsc.mkv", "sound.mov"),
    *("matroska.mkv", "odd.mp4", "vp9.mp4", "vp9-odd.webm", "stream.ts"),
)


def found(path):
    """Audit one file; give the detail of each kind of oddity."""
    rows = [row for row in audit(path.parent, None) if row["video"] == path.name]
    assert len({row["oddity"] for row in rows}) == len(rows)
    return {row["oddity"]: row["detail"] for row in rows}


def assert_named(path, expected):
    named = found(path)
    assert list(named) == list(expected)
    for oddity, detail in expected.items():
        assert re.search(detail, named[oddity])


@pytest.fixture
def alone(clip, tmp_path):
    """Copy a clip into a folder of its own."""

    def copy(name):
        path = tmp_path / name
        path.write_bytes(clip(name).read_bytes())
        return path

    return copy


@pytest.mark.parametrize("name", ODD)
def test_an_odd_video_is_named_with_its_oddity(alone, name):
    assert_named(alone(name), ODD[name])


@pytest.mark.parametrize("name", EVEN)
def test_of_an_even_video_there_is_nothing_to_say(alone, name):
    assert found(alone(name)) == {}


def test_frames_of_uneven_length_are_a_variable_rate(tmp_path):
    path = write(
        tmp_path / "a.mp4",
        range(12),
        time=lambda n: 30 * n + 9 * (n % 3),
        time_base=Fraction(1, 900),
    )
    assert_named(path, {"variable rate": r"frames are shown for \d+\.\d to \d+\.\d ms"})


def test_a_rate_that_is_not_that_of_the_frames(tmp_path):
    path = write(
        tmp_path / "a.mkv", ALL, time=lambda number: 24 * number, time_base=Fraction(1, 600)
    )
    assert_named(path, {"wrong rate": "states 30 frames a second, it has 25"})


def test_what_an_edit_list_hides_at_the_end(clip, tmp_path):
    data = bytearray(clip("pyramid.mp4").read_bytes())
    at = data.index(b"elst") + 12  # behind version, flags and count
    duration = int.from_bytes(data[at : at + 4])
    data[at : at + 4] = (duration // 2).to_bytes(4)
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    assert_named(path, {"edit list": r"it hides \d+ of 48 frames"})


def test_a_count_that_is_not_that_of_the_frames(clip, tmp_path):
    path = remux(clip("pyramid.mp4"), tmp_path / "a.mkv", tags={"NUMBER_OF_FRAMES": "50"})
    assert_named(path, {"frame count": "50 frames are stated, 48 are shown"})


def coded(path):
    """Give header and packets of a clip without B-frames."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [(bytes(p), p.is_keyframe) for p in container.demux(stream) if p.size]
        return stream.codec_context.extradata, packets


@pytest.mark.parametrize("size", [SIZE, (192, 112)])
def test_a_file_of_two_recordings(tmp_path, size):
    plain = {"bf": "0", "x264-params": "bframes=0"}
    first = coded(write(tmp_path / "first.mp4", range(12), options=plain))
    plain["crf"] = "35"
    second = coded(write(tmp_path / "second.mp4", range(12), options=plain, size=size))
    samples = [
        Sample(data, 512 * (12 * part + n), 512 * (12 * part + n), key, part)
        for part, (_, packets) in enumerate((first, second))
        for n, (data, key) in enumerate(packets)
    ]
    described = [description("avc1", SIZE, first[0]), description("avc1", size, second[0])]
    path = write_mp4(tmp_path / "both.mp4", samples, described)
    sizes = {} if size == SIZE else {"sizes": "its frames have 2 sizes: 160 x 96, 192 x 112"}
    assert_named(path, {"parameter sets": "readers that seek may use the wrong ones", **sizes})


def test_damage_and_what_is_no_video(clip, tmp_path):
    whole = clip("fragmented.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    assert_named(tmp_path / "a.mp4", {"damage": r"after \d+ packets"})
    with av.open(str(clip("pyramid.mp4"))) as container:
        packet = [bytes(p) for p in container.demux(video=0) if p.size][13]
    ruined = clip("pyramid.mp4").read_bytes().replace(packet, b"\xff" * len(packet))
    (tmp_path / "b.mp4").write_bytes(ruined)
    assert_named(tmp_path / "b.mp4", {"damage": "frames cannot be decoded without errors"})
    (tmp_path / "c.mp4").write_text("no video")
    assert_named(tmp_path / "c.mp4", {"unreadable": "it cannot be read as video"})


def test_a_frame_that_is_lost_without_a_trace(clip, tmp_path):
    with av.open(str(clip("matroska.mkv"))) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    lost = next(n for n, packet in enumerate(packets) if n > 12 and packet.pts > packets[n + 1].pts)
    path = _without(clip("matroska.mkv"), tmp_path / "a.mkv", lost)
    assert_named(path, {"damage": "frames that others refer to are missing at 1 place"})


def _without(source, target, lost):
    with av.open(str(source)) as inlet, av.open(str(target), "w") as outlet:
        copy = outlet.add_stream_from_template(inlet.streams.video[0])
        for number, packet in enumerate(p for p in inlet.demux(video=0) if p.size):
            if number != lost:
                packet.stream = copy
                outlet.mux(packet)
    return target


def test_a_video_without_a_stated_rate():
    video = Examined(shown=(0, 1, 2, 3), packets=4, time_base=Fraction(1, 25))
    assert list(oddities(video)) == [
        Oddity("no rate", "the container states none; it has 25 frames a second")
    ]


LISTS = {
    (0, 47): [],
    (3, 9): [],
    (1,): [],
    (1, 2, 40): [("counted from 1?", "frame 1 is the first that is named")],
    (5, 48): [("counted from 1?", "line 48 names frame 48 of 48, and none names frame 0")],
    (0, 48): [("no such frame", "line 48 names frame 48, but there are frames 0 to 47")],
    (7, 60, 61): [
        ("no such frame", "line 60 names frame 60, but there are frames 0 to 47 (2 such numbers)")
    ],
    (-1, 5): [("no such frame", "line -1 names frame -1, but there are frames 0 to 47")],
}


@pytest.mark.parametrize("numbers", LISTS)
def test_numbers_are_checked_against_the_frames(numbers):
    lines = {number: number for number in numbers}
    assert list(map(tuple, oddities_of_numbers(lines, 48))) == LISTS[numbers]


def test_a_list_of_numbers_is_checked_by_the_command(alone, tmp_path, wildframe):
    alone("pyramid.mp4")
    (tmp_path / "frames.csv").write_text("video,frame\npyramid.mp4,5\npyramid.mp4,48\ngone.mp4,3\n")
    output = wildframe(
        "frames", "audit", tmp_path, "--csv", tmp_path / "frames.csv", "--format=csv"
    )
    assert output.stdout.splitlines() == [
        "video,oddity,detail",
        'gone.mp4,missing,"line 4 names it, but there is no such file"',
        'pyramid.mp4,counted from 1?,"line 3 names frame 48 of 48, and none names frame 0"',
    ]


def test_a_link_that_leads_nowhere_is_told(tmp_path):
    (tmp_path / "a.mp4").symlink_to("gone.mp4")
    detail = "it is a link to a file that is not there"
    assert audit(tmp_path, None) == [{"video": "a.mp4", "oddity": "missing", "detail": detail}]


def test_a_video_that_is_there_twice_is_told(alone, tmp_path):
    path = alone("pyramid.mp4")
    (tmp_path / "copy.mp4").write_bytes(path.read_bytes())
    (tmp_path / "link.mp4").symlink_to(path)
    # As long, but another.
    (tmp_path / "other.mp4").write_bytes(bytes(path.stat().st_size))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.mp4").write_bytes(b"")
    (tmp_path / "sub/b.mp4").write_bytes(b"")
    told = [row for row in audit(tmp_path, None) if row["oddity"] != "unreadable"]
    detail = "its content is that of copy.mp4: they are one video, not two"
    assert told == [
        {"video": video, "oddity": "same file", "detail": detail}
        for video in ("link.mp4", "pyramid.mp4")
    ]


def test_what_cannot_be_audited(tmp_path):
    with pytest.raises(UserError, match="no such folder; name the folder of the videos"):
        audit(tmp_path / "none", None)
    with pytest.raises(UserError, match=r"no video in it \(\.mp4, .*\); name another folder"):
        audit(tmp_path, None)
    (tmp_path / "a.csv").write_text("video,frame\nb.mp4,one\n")
    with pytest.raises(UserError, match=r"a\.csv: line 2: frame 'one' is not a number"):
        audit(tmp_path, tmp_path / "a.csv")


def test_the_oddities_of_the_demo_are_those_that_were_made(tmp_path):
    """Looked for in the odd clips and in each fourth: to decode all of them takes long."""
    made = {"37b3338e": "late start", "47b45deb": "gaps", "f218438b": "unreadable"}
    made["fdf763b6"] = "gaps"
    clips = sorted(DEMO.iterdir())
    for path in {*clips[::4], *(clip for clip in clips if clip.name.startswith(tuple(made)))}:
        (tmp_path / path.name).symlink_to(path)
    assert [(row["video"][:8], row["oddity"]) for row in audit(tmp_path, None)] == [*made.items()]

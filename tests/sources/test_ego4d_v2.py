import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import OBJECTS, RECORDS
from wildframe.core.tables import read_table
from wildframe.sources.ego4d import (
    Ego4dSource,
    write_tables,
)


def box(kind="object_of_change", noun="cup_(cup,_mug)", **more):
    sides = {"x": 1.5, "y": 20, "width": 100.25, "height": 50.0}
    return {
        "object_type": kind,
        "structured_noun": noun,
        "instance_number": 1,
        "bbox": sides,
    } | more


def action(pre=107, boxes=(), **more):
    """An action of a clip that begins at frame 100 of its video."""
    return {
        "uid": "an-action",
        "is_valid_action": True,
        "is_rejected": False,
        "is_invalid_annotation": False,
        "reject_reason": None,
        "critical_frames": {"pre_frame": pre, "pnr_frame": pre + 5, "contact_frame": pre + 1},
        "clip_critical_frames": {"pre_frame": pre - 100, "pnr_frame": pre - 95},
        "frames": [
            {"frame_type": "pre_45", "frame_number": pre - 45, "boxes": [box("left_hand", None)]},
            {"frame_type": "pre_frame", "frame_number": pre, "boxes": list(boxes)},
        ],
    } | more


def interval(actions, clip="clip-a", **more):
    return {
        "clip_id": "1",
        "clip_uid": clip,
        "clip_parent_start_frame": 100,
        "redacted": False,
        "narrated_actions": actions,
    } | more


def video(intervals, uid="video-a", **more):
    metadata = {"width": 640, "height": 480, "num_frames": 9000, "rotation": None}
    return {"video_uid": uid, "video_metadata": metadata, "annotated_intervals": intervals} | more


def of(video, clip):
    """An entry of a split's file."""
    return {"video_uid": video, "clip_uid": clip}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "v2/annotations"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def read(folder):
    """Write videos and the split's clips as the publisher does; return the rows of both tables."""

    def run(videos, clips=("clip-a",), split="train"):
        main, lta = folder / "fho_main.json", folder / "fho_lta_train.json"
        main.write_text(json.dumps({"version": "2.0", "metadata": "none", "videos": videos}))
        entries = [
            clip if isinstance(clip, dict) else {"clip_uid": clip, "video_uid": "video-a"}
            for clip in clips
        ]
        lta.write_text(json.dumps({"split": "train", "clips": entries}))
        paths = folder / "records.parquet", folder / "objects.parquet"
        write_tables(main, [lta], "v2", split, *paths)
        contracts = RECORDS, OBJECTS
        return [read_table(p, c).to_pylist() for p, c in zip(paths, contracts, strict=True)]

    return run


def test_an_action_becomes_three_moments_and_its_boxes(read):
    boxes = [box("left_hand", None), box(freeform_noun=" a mug \n of tea ", unsure_noun=True)]
    records, objects = read([video([interval([action(107, boxes)])])])
    shared = {
        "record_id": "train-000000",
        "dataset": "ego4d",
        "split": "train",
        "video_id": "video-a",
        "clip_id": "clip-a",
        "rejected": None,
        "problem": None,
    }
    size = {"frame_width": 640, "frame_height": 480}
    nothing = {"frame": None, "clip_frame": None, "frame_width": None, "frame_height": None}
    assert records == [
        shared | {"role": "pre", "frame": 107, "clip_frame": 7, "boxes": 2} | size,
        shared | {"role": "pnr", "frame": 112, "clip_frame": 12, "boxes": 0} | size,
        shared | {"role": "post", "boxes": 0} | nothing,
    ]
    assert objects[1] == {
        "record_id": "train-000000",
        "role": "pre",
        "position": 1,
        "object_type": "object_of_change",
        "noun": "cup_(cup,_mug)",
        "freeform_noun": "a mug of tea",
        "instance": 1,
        "box": {"x": 1.5, "y": 20.0, "width": 100.25, "height": 50.0},
    }
    assert [item["position"] for item in objects] == [0, 1]


@pytest.mark.parametrize(
    ("changes", "frames"),
    [
        ({"clip_critical_frames": None}, (107, 7)),
        ({"clip_critical_frames": {}}, (107, 7)),
        ({"critical_frames": None}, (107, 7)),
        # The clip's frame is another than the annotated one: of both, the boxes are on 107.
        ({"critical_frames": None, "clip_critical_frames": {"pre_frame": 9}}, (107, 7)),
        ({"frames": None}, (107, 7)),
        ({"frames": [{"frame_type": "pre_frame"}]}, (107, 7)),
        # The boxes are on frame 110: there the image must be taken.
        ({"frames": [{"frame_type": "pre_frame", "frame_number": 110}]}, (110, 10)),
        ({"frames": None, "critical_frames": None}, (None, 7)),
        ({"frames": None, "critical_frames": {"pre_frame": 40}, "clip_critical_frames": None},
         (40, None)),
    ],
)  # fmt: skip
def test_a_moment_is_found_by_what_there_is(read, changes, frames):
    records, _ = read([video([interval([action() | changes])])])
    assert (records[0]["frame"], records[0]["clip_frame"]) == frames
    assert records[0]["problem"] is None


def test_an_interval_without_its_beginning_leaves_the_clips_frame_open(read):
    bare = interval([action(clip_critical_frames=None)])
    del bare["clip_parent_start_frame"]
    records, _ = read([video([bare])])
    assert (records[0]["frame"], records[0]["clip_frame"]) == (107, None)


def test_actions_without_any_moment_and_redacted_intervals_are_no_records(read):
    empty = action(critical_frames=None, clip_critical_frames=None, frames=None)
    others = empty | {
        "critical_frames": {"pre_frame": None, "contact_frame": 9},
        "frames": [{"frame_type": "contact_frame", "frame_number": 9, "boxes": [box()]}],
    }
    actions = [empty, others, {}, action(500)]
    videos = [
        video([interval([], redacted=True), interval(None), interval(actions)]),
        video(None),
        {},
    ]
    records, objects = read(videos)
    assert [(r["record_id"], r["frame"]) for r in records][:1] == [("train-000000", 500)]
    assert len(records) == 3
    assert objects == []


def test_only_clips_of_the_split_are_read(read):
    videos = [
        video([interval([action(107)], "clip-b"), interval([action(207)], "clip-a")]),
        video([interval([action(307)], None)], "video-b"),
        video([interval([action(407)], None)], "video-c"),
    ]
    records, _ = read(videos, clips=["clip-a", of("video-c", None), {}, {"clip_uid": 5}])
    assert [record["frame"] for record in records if record["role"] == "pre"] == [207, 407]
    assert [record["clip_id"] for record in records if record["role"] == "pre"] == ["clip-a", None]
    assert records[3]["record_id"] == "train-000001"


@pytest.mark.parametrize(
    ("entries", "frames"),
    [
        # An entry with a clip names that clip, and the part of its video that has no clip's uid.
        ([of("video-a", "clip-a")], [101, 103]),
        # One without names its video as a whole, but not where others name clips of it: a video
        # may have clips of train and of val.
        ([of("video-a", None)], [101, 102, 103]),
        ([of("video-a", "clip-a"), of("video-a", None)], [101, 103]),
        ([of("video-a", None), of("video-b", "clip-c")], [101, 102, 103, 201, 202]),
        ([{"video_uid": "video-a"}, of("video-b", None)], [101, 102, 103, 201, 202]),
        # A clip is in the split wherever it stands; without a uid, its video must be named.
        ([{"clip_uid": "clip-b"}], [102]),
        ([of("video-z", "clip-b")], [102]),
        # uids are hexadecimal: their letters mean the same large and small.
        ([of("VIDEO-B", "Clip-C")], [201, 202]),
        ([of("Video-A", None)], [101, 102, 103]),
    ],
)
def test_a_split_names_clips_and_whole_videos(read, entries, frames):
    first = [("clip-a", 101), ("CLIP-B", 102), (None, 103)]
    second = [("clip-c", 201), (None, 202)]
    videos = [
        video([interval([action(frame)], clip) for clip, frame in clips], uid)
        for uid, clips in (("video-A", first), ("video-b", second))
    ]
    records, _ = read(videos, clips=entries)
    assert [record["frame"] for record in records if record["role"] == "pre"] == frames


@pytest.mark.parametrize(
    "clips",
    [[], [of("video-z", "clip-z")], [of("video-z", None)], [of(None, None), {"clip_uid": 5}]],
)
def test_a_split_that_matches_nothing_is_an_error(read, folder, clips):
    with pytest.raises(UserError) as refused:
        read([video([interval([action()]), interval([action()], None)])], clips)
    main, lta = folder / "fho_main.json", folder / "fho_lta_train.json"
    assert str(refused.value).startswith(
        f"{main}: no annotated interval is of a clip or video named in {lta}; they must be of one "
        "release: fetch it with the publisher's command"
    )
    assert {path.name for path in folder.iterdir()} == {main.name, lta.name}


def test_an_error_about_the_split_names_all_its_files(read, folder):
    with pytest.raises(UserError):
        read([])
    files = [folder / "fho_lta_train.json", folder / "fho_oscc-pnr_train.json"]
    files[1].write_text('{"clips": []}')
    with pytest.raises(UserError, match=r"in .*fho_lta_train\.json and .*oscc-pnr_train\.json; "):
        write_tables(
            folder / "fho_main.json", files, "v2", "train",
            folder / "r.parquet", folder / "o.parquet",
        )  # fmt: skip


UNANNOTATED = action(critical_frames=None, clip_critical_frames=None, frames=None)


@pytest.mark.parametrize("actions", [None, [], [UNANNOTATED]])
def test_a_split_without_any_record_is_an_error(read, actions):
    with pytest.raises(UserError, match=r"fho_main\.json: no action of split 'train' has an anno"):
        read([video([interval(actions)])])


@pytest.mark.parametrize(
    ("flags", "rejected"),
    [
        ({}, None),
        ({"is_valid_action": None, "is_rejected": None, "is_invalid_annotation": None}, None),
        ({"reject_reason": "of no weight alone"}, None),
        ({"is_valid_action": False}, "not a valid action"),
        ({"is_rejected": True}, "rejected"),
        ({"is_rejected": True, "reject_reason": "no\nstate change"}, "rejected (no state change)"),
        ({"is_invalid_annotation": True}, "an invalid annotation"),
        (
            {"is_valid_action": False, "is_rejected": True, "is_invalid_annotation": True},
            "not a valid action, rejected, an invalid annotation",
        ),
    ],
)
def test_what_the_publisher_rejects_is_a_record_with_the_reason(read, flags, rejected):
    records, objects = read([video([interval([action(boxes=[box()], **flags)])])])
    sentence = f"flagged by the publisher: {rejected}" if rejected else None
    assert [record["rejected"] for record in records] == [sentence] * 3
    assert len(objects) == 1


@pytest.mark.parametrize(
    ("videos", "problem"),
    [
        (["text"], "the video is not an object"),
        ([{"video_uid": "v", "annotated_intervals": {}}], "annotated_intervals is not a list"),
        ([video([5])], "the interval is not an object"),
        ([video([interval({})])], "narrated_actions is not a list"),
        ([video([interval([5])])], "the action is not an object"),
        ([video([interval([action()], 5)])], "clip_uid is not a string"),
        ([video([interval([action()])], "../x")], "video_uid '../x' cannot be the name of a file"),
        ([video([interval([action(frames="all")])])], "frames is not a list"),
        ([video([interval([action(frames=[5])])])], "frames[0] is not an object"),
        ([video([interval([action(frames=action()["frames"][1:] * 2)])])],
         "frames has 2 of type pre_frame"),
        ([video([interval([action(boxes=[box(bbox=None)])])])],
         "pre_frame.boxes[0].bbox is not an object"),
        ([video([interval([action(critical_frames=[1])])])], "critical_frames is not an object"),
        ([video([interval([action(is_rejected="no")])])], "is_rejected is 'no', not true or false"),
        ([video([interval([action()])], video_metadata={"width": -1})], "width is -1, not between"),
        ([video([interval([action()])], video_metadata=3)], "video_metadata is not an object"),
    ],
)  # fmt: skip
def test_a_bad_record_is_kept_with_its_problem(read, videos, problem):
    good = video([interval([action(700, [box()])])])
    records, objects = read([*videos, good])
    assert len(records) == 6
    assert problem in records[0]["problem"]
    assert [record["problem"] for record in records[3:]] == [None] * 3
    assert [item["record_id"] for item in objects] == ["train-000001"]


def test_a_video_without_sizes_is_read(read):
    records, _ = read([video([interval([action()])], video_metadata=None)])
    assert records[0]["problem"] is None
    assert records[0]["frame_width"] is None


KEYS = st.sampled_from(
    ["annotated_intervals", "narrated_actions", "frames", "boxes", "critical_frames", "pre_frame",
     "frame_type", "video_metadata", "clip_uid", "is_rejected", "reject_reason", "frame_number"]
)  # fmt: skip
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["pre_frame", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, JSON, JSON, st.booleans())
def test_nothing_whatever_kills_the_run(read, anything, frames, flags, nested):
    broken = action(frames=frames, is_rejected=flags, reject_reason=anything)
    videos = [video([interval([anything, broken])]), anything] if nested else [anything]
    records, _ = read([*videos, video([interval([action(700)])])])
    assert records[-3]["frame"] == 700


def test_the_split_must_be_the_files_own(read):
    with pytest.raises(UserError, match=r"fho_lta_train\.json: the file says split 'train', the"):
        read([], split="val")


def test_a_file_of_another_kind_is_named(read, folder):
    read([video([interval([action()])])])
    (folder / "fho_main.json").write_text('{"clips": []}')
    with pytest.raises(UserError, match="no list 'videos' at the top level; is this the fho_main"):
        write_tables(
            folder / "fho_main.json", [folder / "fho_lta_train.json"], "v2", "train",
            folder / "r.parquet", folder / "o.parquet",
        )  # fmt: skip


def test_files_are_found_where_the_publishers_command_puts_them(folder, tmp_path, read):
    source = Ego4dSource(root=str(tmp_path), version="v2", data_note="a test")
    fetch = "--version v2_1 --datasets annotations"
    with pytest.raises(UserError, match=rf"fho_main\.json: no such file; .*{fetch}"):
        source.require_annotations()
    with pytest.raises(UserError, match=rf"neither fho_lta_train\.json nor fho_oscc.*{fetch}"):
        source.require_split_files()
    with pytest.raises(UserError, match="names no split; give fho_lta_train"):
        write_tables(
            folder / "fho_main.json", [], "v2", "train", folder / "r.parquet", folder / "o.parquet"
        )
    clips = ["clip-a", {"clip_uid": None, "video_uid": "video-c"}]
    read([video([interval([action(), action(200)])])], clips)
    assert source.summary().found.startswith("2 records in ")
    assert source.require_annotations() == str(folder / "fho_main.json")
    assert source.require_split_files() == [str(folder / "fho_lta_train.json")]
    assert source.list_media() == source.wanted_media() == ["v2/clips/clip-a.mp4"]
    (folder / "fho_oscc-pnr_train.json").write_text('{"clips": [{"clip_uid": "clip-d"}]}')
    assert len(source.require_split_files()) == 2
    assert source.list_media() == ["v2/clips/clip-a.mp4", "v2/clips/clip-d.mp4"]
    full = source.model_copy(update={"media": "full_scale"})
    assert full.list_media() == ["v2/full_scale/video-a.mp4", "v2/full_scale/video-c.mp4"]
    assert full.wanted_media() == ["v2/full_scale/video-a.mp4"]


@pytest.mark.parametrize("unnamed", [{"clip_uid": None}, {}])
def test_clips_of_a_video_that_is_named_without_them_are_wanted_and_noticed(
    folder, tmp_path, read, unnamed
):
    """As the published fho_oscc-pnr_train.json of version 2 does."""
    own, other = interval([action()], "clip-a"), interval([action()], "clip-c")
    clips = [of("video-a", "clip-a"), {"video_uid": "video-c", **unnamed}]
    read([video([own]), video([other], "video-c"), video([], "video-d")], clips)
    source = Ego4dSource(root=str(tmp_path), version="v2", data_note="a test")
    assert source.wanted_media() == ["v2/clips/clip-a.mp4", "v2/clips/clip-c.mp4"]
    assert source.list_media() == ["v2/clips/clip-a.mp4"]
    (tmp_path / "v2/clips").mkdir()
    (tmp_path / "v2/clips/clip-c.mp4").touch()
    assert source.list_media() == source.wanted_media()

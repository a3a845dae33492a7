"""YTBB-Robust's published sets, out of files written by hand: one test a rule."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import PUBLISHED
from wildframe.core.tables import read_table
from wildframe.core.targets import target_wnids
from wildframe.sources.ytbb import YtbbSource

CLASSES = target_wnids("ytbb24")
DOG, CAT, CAR, PERSON = (CLASSES[name] for name in ("dog", "cat", "car", "person"))
ANCHOR_LABELS = ["good", "unsure", "bad", *CLASSES]
PAIR_LABELS = [
    *("correct", "problematic", "incorrect", "dont know", "similar", "dissimilar"),
    *("deformation", "background-change", "occlusion-increased", "blur-increase", "bad-anchor"),
]
FOLDER = "-b_1xSjHcHG_301000"
HAD = f"{FOLDER.replace('_3', ',3')},19\n"
ANCHOR, NEAR = f"{FOLDER}/frame-7525.jpg", f"{FOLDER}/frame-7527.jpg"
ELSEWHERE = "/home/ubuntu/data/ytbb, old/frames/"


def ticked(key, *names, of):
    return {"key": key, "notes": "", "labels": [of.index(name) for name in names]}


def anchor(key=ANCHOR, *names):
    return ticked(key, *(names or ["good"]), of=ANCHOR_LABELS)


def pair(near=NEAR, *names, anchor=ANCHOR):
    return ticked(f"{anchor},{near}", *(names or ["correct", "similar"]), of=PAIR_LABELS)


@pytest.fixture
def source(tmp_path):
    return YtbbSource(kind="ytbb", root=str(tmp_path), metadata=str(tmp_path), data_note="a test")


@pytest.fixture
def publish(tmp_path, source, wildframe):
    """Write the three files and return the rows of the table."""

    def run(anchors=(), pairs=(), had=HAD, names=ANCHOR_LABELS):
        files = {
            "ytbb_robustness_test_anchors_full.csv": f"ytid,time_ms,label\n{had}",
            "anchor_labels.json": json.dumps({"annotations": list(anchors), "labels": names}),
            "pmk_labels.json": json.dumps({"annotations": list(pairs), "labels": PAIR_LABELS}),
        }
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        output = tmp_path / "published.parquet"
        metadata = source.published_files()
        run.said = wildframe("sources", "ytbb-published", *metadata, "--output", output).stderr
        return read_table(output, PUBLISHED).to_pylist()

    return run


def offsets(rows):
    return [row["offset"] for row in rows]


def test_a_set_is_the_anchor_and_what_was_called_similar(publish, source, tmp_path):
    before = f"{FOLDER}/frame-7515.jpg"
    rows = publish([anchor()], [pair(), pair(before)])
    assert rows[0] == {
        "anchor": f"ytbb_videos/{ANCHOR}",
        "media": f"ytbb_videos/{ANCHOR}",
        "video_id": "yt--b_1xSjHcHG",
        "frame": 7525,
        "offset": 0,
        "labels": [DOG],
    }
    # In the order of frames. Only anchors have labels.
    assert [(row["media"], row["offset"], row["labels"]) for row in rows[1:]] == [
        (f"ytbb_videos/{before}", -10, []),
        (f"ytbb_videos/{NEAR}", 2, []),
    ]
    assert {row["anchor"] for row in rows} == {f"ytbb_videos/{ANCHOR}"}
    assert source.wanted_media() == [f"ytbb_videos/{FOLDER}"]
    assert source.list_media() == []
    (tmp_path / "ytbb_videos" / FOLDER).mkdir(parents=True)
    (tmp_path / "ytbb_videos" / ANCHOR).touch()
    assert source.list_media() == [f"ytbb_videos/{FOLDER}"]


def test_keys_may_be_absolute_paths(publish):
    # The last of one frame's annotations counts, however its key is written.
    anchors = [
        anchor(ELSEWHERE.replace(",", "") + ANCHOR),
        anchor(ANCHOR, "bad"),
        anchor(ELSEWHERE + ANCHOR),
    ]
    short = "/home/ubuntu/frames/"
    pairs = [pair(short + NEAR, anchor=short + ANCHOR)]
    assert offsets(publish(anchors, pairs)) == [0, 2]
    pairs.append(pair(NEAR, "similar", "dissimilar"))
    assert offsets(publish(anchors, pairs)) == [0]
    pairs.append(pair(NEAR, anchor=short + ANCHOR))
    assert offsets(publish(anchors, pairs)) == [0, 2]


@pytest.mark.parametrize(
    ("names", "counts"),
    [
        (["good"], True),
        (["good", "cat"], True),
        (["good", "bad"], False),
        (["good", "unsure"], False),
        (["cat"], False),
        (["bad"], False),
    ],
)
def test_an_anchor_is_good_and_neither_bad_nor_unsure(publish, names, counts):
    other = "abcdefghijk_1000/frame-30.jpg"
    had = f"{HAD}abcdefghijk,1000,7\n"
    rows = publish([anchor(other), anchor(ANCHOR, *names)], had=had)
    assert len(rows) == 1 + counts
    if not counts:
        with pytest.raises(UserError, match=r"anchor_labels\.json: no anchor is left"):
            publish([anchor(ANCHOR, *names)])


@pytest.mark.parametrize("names", [["similar"], ["similar", "correct"]])
def test_similar_pairs_are_accepted(publish, names):
    assert offsets(publish([anchor()], [pair(NEAR, *names)])) == [0, 2]


REJECTING = [name for name in PAIR_LABELS if name not in ("correct", "similar", "bad-anchor")]


@pytest.mark.parametrize("names", [["correct"], *(["similar", name] for name in REJECTING)])
def test_others_are_not_and_the_anchor_stays(publish, names):
    assert offsets(publish([anchor()], [pair(NEAR, *names)])) == [0]


def test_one_bad_anchor_pair_removes_the_set(publish):
    other = "abcdefghijk_1000/frame-30.jpg"
    had = f"{HAD}abcdefghijk,1000,7\n"
    pairs = [pair(), pair(f"{FOLDER}/frame-7524.jpg", "similar", "bad-anchor")]
    rows = publish([anchor(), anchor(other)], pairs, had)
    assert [row["media"] for row in rows] == [f"ytbb_videos/{other}"]
    assert rows[0]["labels"] == [CAT]
    # Unless it was taken back.
    again = pair(f"{FOLDER}/frame-7524.jpg", "similar")
    assert offsets(publish([anchor()], [*pairs, again])) == [0, -1, 2]


@pytest.mark.parametrize(
    ("index", "added", "labels"),
    [
        (19, [], [DOG]),
        (19, ["cat", "dog", "person"], [PERSON, CAT, DOG]),
        # None and car are swapped in the CSV file, and there alone.
        (22, [], [CAR]),
        (23, ["dog"], [DOG]),
        (19, ["car"], [DOG, CAR]),
        # None is no class: the anchor stays, without labels.
        (23, [], []),
        (23, ["none"], []),
    ],
)
def test_labels_are_the_initial_one_and_those_added(publish, index, added, labels):
    had = HAD.replace("19", str(index))
    (row,) = publish([anchor(ANCHOR, "good", *added)], had=had)
    assert row["labels"] == labels


def test_ticks_are_read_by_the_names_of_the_file(publish):
    names = [*reversed(ANCHOR_LABELS)]
    found = ticked(ANCHOR, "good", "cat", of=names)
    (row,) = publish([found], names=names)
    assert row["labels"] == [CAT, DOG]


def test_a_picture_in_two_folders_is_one(publish):
    other = FOLDER.replace("301000", "301080")
    anchors = [anchor(), anchor(f"{other}/frame-7527.jpg")]
    pairs = [pair(), pair(f"{other}/frame-7526.jpg", anchor=f"{other}/frame-7527.jpg")]
    video = FOLDER.removesuffix("_301000")
    rows = publish(anchors, pairs, f"{video},301000,19\n{video},301080,7\n")
    assert [(row["anchor"], row["media"], row["offset"]) for row in rows] == [
        (f"ytbb_videos/{ANCHOR}", f"ytbb_videos/{ANCHOR}", 0),
        (f"ytbb_videos/{ANCHOR}", f"ytbb_videos/{NEAR}", 2),
        (f"ytbb_videos/{NEAR}", f"ytbb_videos/{NEAR}", 0),
        (f"ytbb_videos/{NEAR}", f"ytbb_videos/{other}/frame-7526.jpg", -1),
    ]


def test_pairs_of_two_folders_are_left_out_and_told(publish):
    far = "abcdefghijk_1000/frame-7526.jpg"
    assert offsets(publish([anchor()], [pair(far), pair(ANCHOR)])) == [0]
    told = f"in different folders, the first of them ytbb_videos/{ANCHOR}, ytbb_videos/{far}\n"
    assert publish.said.endswith(f": 1 of 2 pairs are dropped, since their frames are {told}")
    publish([anchor()], [pair(far), pair(far.replace("26", "27"))])
    assert f": 2 of 2 pairs are dropped, since their frames are {told}" in publish.said
    assert offsets(publish([anchor()], [pair()])) == [0, 2]
    assert publish.said == ""


def test_a_frame_that_is_an_anchor_twice_has_one_set(publish, source):
    # By name 301000 is before 301080, whichever was annotated first.
    video, later = FOLDER.removesuffix("_301000"), FOLDER.replace("301000", "301080")
    again = f"{later}/frame-7525.jpg"
    near = f"{later}/frame-7527.jpg"
    had = f"{video},301080,7\n{video},301000,19\n"
    pairs = [pair(), pair(near, anchor=again), pair(f"{later}/frame-7526.jpg", anchor=again)]
    rows = publish([anchor(again), anchor()], pairs, had)
    assert [(row["anchor"], row["media"], row["labels"]) for row in rows] == [
        (f"ytbb_videos/{ANCHOR}", f"ytbb_videos/{ANCHOR}", [DOG]),
        (f"ytbb_videos/{ANCHOR}", f"ytbb_videos/{NEAR}", []),
    ]
    told = f"anchor ytbb_videos/{again} is dropped: it is the same frame as ytbb_videos/{ANCHOR}\n"
    assert publish.said.endswith(told)
    assert publish.said.count("\n") == 1
    assert source.wanted_media() == [f"ytbb_videos/{FOLDER}"]
    # One that does not count leaves the other in its place.
    rows = publish([anchor(again), anchor(ANCHOR, "bad")], pairs, had)
    assert [(row["anchor"], row["offset"]) for row in rows] == [
        (f"ytbb_videos/{again}", offset) for offset in (0, 1, 2)
    ]
    assert publish.said == ""


def test_the_last_of_contradicting_labels_counts_and_is_told(publish):
    (row,) = publish([anchor()], had=HAD + HAD)
    assert (row["labels"], publish.said) == ([DOG], "")
    (row,) = publish([anchor()], had=HAD + HAD.replace("19", "7"))
    assert row["labels"] == [CAT]
    told = f"line 3: anchor {FOLDER} had another label before; this one counts\n"
    assert publish.said.endswith(told)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"had": "x,1,24\n"}, "line 2: label '24' is not an index from 0 to 23"),
        ({"had": "x,1,\n"}, "line 2: label '' is not an index"),
        ({"had": "x,1\n"}, "line 2: label '' is not an index"),
        ({"had": '"x'}, "not a CSV file"),
        ({"had": "x,1,2\n"}, f"anchor {FOLDER} has no label in .*anchors_full.csv; are the files"),
        ({"anchors": [anchor("x/frame-1.jpg")]}, "the name 'x/frame-1.jpg' is not <video>_<time>"),
        ({"anchors": [{"labels": []}]}, r"annotations\[0\]: has no key"),
        ({"anchors": [{"key": ANCHOR}]}, r"annotations\[0\]: labels are indices from 0 to 26"),
        ({"anchors": [{"key": ANCHOR, "labels": [27]}]}, "labels are indices from 0 to 26"),
        ({"anchors": [{"key": ANCHOR, "labels": [True]}]}, "labels are indices from 0 to 26"),
        ({"pairs": [{"key": ANCHOR, "labels": [4]}]}, "the name '' is not <video>_<time>"),
        ({"names": ["good", "bad"]}, r"anchor_labels\.json: 'unsure' is not among the labels"),
        ({"names": [*ANCHOR_LABELS, "yak"]}, "'yak' is an unknown label"),
        ({"names": [*ANCHOR_LABELS, 7]}, "labels are names"),
        ({"names": None}, "no list 'labels' at the top level; is this anchor_labels.json"),
    ],
)
def test_what_is_wrong_is_named(publish, content, message):
    with pytest.raises(UserError, match=message):
        publish(**({"anchors": [anchor()]} | content))


def test_files_that_are_absent_come_with_the_official_download(publish, source, tmp_path):
    publish([anchor()])
    (tmp_path / "pmk_labels.json").unlink()
    message = r"pmk_labels\.json: no such file; it comes with the official download of YTBB-Robust"
    with pytest.raises(UserError, match=message):
        source.published_files()


TICKS = st.sets(st.sampled_from(PAIR_LABELS))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reviews=st.lists(st.tuples(st.integers(-12, 12), TICKS), max_size=12))
def test_the_rules_of_pairs_hold_for_any_reviews(publish, reviews):
    pairs = [pair(f"{FOLDER}/frame-{7525 + offset}.jpg", *ticks) for offset, ticks in reviews]
    # A pair without ticks: `pair` would fill in those of a good one.
    for annotation, (_, ticks) in zip(pairs, reviews, strict=True):
        annotation["labels"] = sorted(map(PAIR_LABELS.index, ticks))
    last = dict(reviews)
    if any("bad-anchor" in ticks for ticks in last.values()):
        with pytest.raises(UserError, match="no anchor is left"):
            publish([anchor()], pairs)
        return
    accepted = {n for n, ticks in last.items() if ticks - {"correct"} == {"similar"}}
    assert offsets(publish([anchor()], pairs)) == [0, *sorted(accepted - {0})]
    # The order of other annotations does not matter.
    distinct = [pairs[max(i for i, (m, _) in enumerate(reviews) if m == n)] for n in last]
    random.Random(0).shuffle(distinct)
    assert offsets(publish([anchor()], distinct)) == [0, *sorted(accepted - {0})]

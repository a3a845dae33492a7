"""Demo clips of actions: sessions seen from the head and from a tripod."""

from collections import Counter, defaultdict
from itertools import pairwise

import av
import numpy as np
import pytest

SETS = ("third_person", "charades", "epic")
FOLDER = "demo/clips"


@pytest.fixture(scope="module")
def gestures(recipe_module):
    return recipe_module("gestures")


@pytest.fixture(scope="module")
def sessions(recipe_module):
    return recipe_module("sessions").load_sessions(recipe_module("catalog").load_models())


@pytest.fixture(scope="module")
def clips(read_csv):
    """Rows of each set's table."""
    return {name: read_csv(f"{FOLDER}/{name}.csv") for name in SETS}


@pytest.fixture(scope="module")
def decoded(project):
    """Gray frames of each video, by its id."""
    return {path.stem: frames(path) for path in sorted((project / FOLDER).glob("videos/*.mp4"))}


def frames(path):
    with av.open(str(path)) as container:
        assert container.streams.video[0].average_rate == 10
        images = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return np.array(images, np.int16)


def scripted(gestures, verbs):
    motion, geometry = gestures.TakeMotion, gestures.Pose
    rest, held = geometry(), geometry(position=np.array([0.0, -0.05, 0.06]))
    take = motion("right", rest, held, 0.0, np.array([0.0, -0.05, 0.11]), 0.3)
    script = [gestures.Action(verb, n * gestures.ACTION_SECONDS) for n, verb in enumerate(verbs)]
    return gestures.ScriptMotion(**vars(take), script=tuple(script))


def test_gestures_begin_and_end_as_their_neighbours_do(gestures):
    for verb, gesture in gestures.GESTURES.items():
        begin, end = gesture(0.0), gesture(1.0)
        in_hand, free = (0.0, 1.0, 1.0), (1.0, 0.0, 0.0)
        before = in_hand if verb in gestures.FROM_HAND else free
        after = in_hand if verb in gestures.TO_HAND else free
        assert (begin.away, begin.closure, begin.height) == pytest.approx(before), verb
        assert (end.away, end.closure, end.height) == pytest.approx(after), verb
        assert (begin.yaw, begin.tilt, end.yaw, end.tilt) == pytest.approx((0, 0, 0, 0)), verb


def test_nothing_jumps_in_a_script(gestures):
    motion = scripted(gestures, ["push", "take", "shake", "pour", "put", "turn", "press", "push"])
    times = np.arange(0, 8 * gestures.ACTION_SECONDS, 0.01)
    for pose in (motion.object_pose, motion.hand_pose):
        steps = [
            np.linalg.norm(b - a) for a, b in pairwise([pose(time).position for time in times])
        ]
        assert max(steps) < 0.02
        assert sum(steps) > 1


def test_the_second_push_brings_the_thing_back(gestures):
    motion = scripted(gestures, ["push", "push"])
    middle, end = (n * gestures.ACTION_SECONDS for n in (1, 2))
    assert motion.object_pose(middle).position == pytest.approx([gestures.PUSH_DISTANCE, 0, 0])
    assert motion.object_pose(end).position == pytest.approx([0, 0, 0])


def test_a_hand_touches_while_it_holds_or_acts(gestures):
    motion = scripted(gestures, ["take", "put"])
    touched = [motion.touches(share * gestures.ACTION_SECONDS) for share in (0.1, 0.6, 1.4, 1.9)]
    assert touched == [False, True, True, False]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (["take", "take"], "take: the object is in the hand"),
        (["take", "turn"], "turn: the object is in the hand"),
        (["pour"], "pour: the object is not in the hand"),
        (["take", "put", "put"], "put: the object is not in the hand"),
    ],
)
def test_scripts_that_no_hand_can_follow_are_refused(gestures, script, message):
    with pytest.raises(ValueError, match=message):
        gestures.checked(script)


def test_spans_of_a_script(recipe_module, sessions):
    (script,) = (session for session in sessions if session.name == "script-05")
    (ego, exo) = recipe_module("session_tables").clips(script)
    assert ego[:2] == ("script-05-ego.mp4", "")
    assert exo[0] == "script-05-exo.mp4"
    assert (
        ego[3]
        == exo[3]
        == (
            "turning something 0.0 1.6;taking something 1.6 3.2;shaking something 3.2 4.8;"
            "holding a cup 2.4 4.8"
        )
    )


def test_shipped_tables_are_those_of_the_sessions(recipe_module, sessions, clips):
    tables = recipe_module("session_tables")
    made = {name: [] for name in SETS}
    for session in sessions:
        made[session.dataset] += tables.clips(session)
    for name in SETS:
        assert [tuple(row.values()) for row in clips[name]] == made[name], name
        assert tuple(clips[name][0]) == tables.CLIPS


def test_videos_are_those_of_the_sessions(sessions, decoded):
    expected = {
        video.name: round(session.spec.duration * 10)
        for session in sessions
        for video in session.videos
    }
    assert {name: len(images) for name, images in decoded.items()} == expected
    assert {images.shape[1:] for images in decoded.values()} == {(72, 96)}


def test_no_session_is_on_both_sides_and_every_class_of_the_test_is_learnt(clips):
    for name, rows in clips.items():
        sides, classes = defaultdict(set), defaultdict(Counter)
        for row in rows:
            sides[row["pair_id"] or row["file"]].add(row["split"])
            labels = [text.rstrip("0123456789. ") for text in row["labels"].split(";")]
            classes[row["split"]].update({*labels, row["verb"], row["noun"]} - {""})
        assert all(len(side) == 1 for side in sides.values()), name
        assert classes["test"].keys() <= classes["train"].keys(), name
        assert len(classes["test"]) >= 6
    participants = defaultdict(set)
    for row in clips["epic"]:
        participants[row["split"]].add(row["participant_id"])
    assert participants["test"] - participants["train"] == {"P05", "P06"}


def test_both_viewpoints_of_a_script_are_the_same_clip(clips):
    views = defaultdict(dict)
    for row in clips["charades"]:
        views[row["pair_id"]][row["viewpoint"]] = row["labels"]
    for script, seen in views.items():
        assert seen.keys() == {"ego", "exo"}, script
        assert seen["ego"] == seen["exo"], script


def test_the_head_moves_and_the_tripod_does_not(sessions, decoded):
    for session in sessions:
        moved = {}
        for video in session.videos:
            images = decoded[video.name]
            change = np.abs(images - np.median(images, axis=0)).mean(axis=0)
            # Hands and things cover parts of the image; the rest is the room.
            moved[video.viewpoint] = np.quantile(change, 0.3)
        if len(moved) == 2:
            assert moved["ego"] > 2 * moved["exo"], session.name


@pytest.fixture(scope="module")
def boxes(read_csv):
    """Rows of each video and frame."""
    found = defaultdict(lambda: defaultdict(list))
    for row in read_csv(f"{FOLDER}/hands.csv"):
        found[row["video_id"]][int(row["frame"])].append(row)
    return found


def test_boxes_lie_in_the_frames_and_few_scores_are_low(boxes, decoded):
    assert boxes.keys() == decoded.keys()
    scores = []
    for video, rows in boxes.items():
        assert max(rows) < len(decoded[video])
        for row in (row for frame in rows.values() for row in frame):
            x1, y1, x2, y2, score = (float(row[key]) for key in ("x1", "y1", "x2", "y2", "score"))
            assert 0 <= x1 < x2 <= 1, row
            assert 0 <= y1 < y2 <= 1, row
            scores.append(score)
    assert 0 < min(scores) < max(scores) <= 1
    assert 0.02 < np.mean(np.array(scores) < 0.7) < 0.08


def test_things_have_boxes_while_a_hand_is_at_them(gestures, sessions, decoded, boxes):
    for session in sessions:
        if len(session.spec.takes) > 1:
            continue
        motion = scripted(gestures, [step.action.verb for step in session.steps])
        for video in session.videos:
            frames = range(len(decoded[video.name]))
            touched = {frame for frame in frames if motion.touches(frame / 10)}
            shown = {
                frame
                for frame, rows in boxes[video.name].items()
                if any(row["kind"] == "object" for row in rows)
            }
            assert shown <= touched, video
            assert len(shown) > 0.8 * len(touched), video


def test_sessions_can_be_drawn_whose_scripts_can_be_followed(recipe_module, tmp_path):
    table = tmp_path / "drawn.csv"
    recipe_module("draw").main(["--count", "60", "--output", str(table)])
    loader = recipe_module("sessions").load_sessions
    models = recipe_module("catalog").load_models()
    drawn = loader(models, table)
    assert len({session.spec.seed for session in [*drawn, *loader(models)]}) == 60 + 41
    people = {
        split: {session.participant for session in drawn if session.split == split}
        for split in ("train", "test")
    }
    assert len(people["train"]) == 2 * len(people["test"]) == 20
    assert not people["train"] & people["test"]
    assert {len(session.videos) for session in drawn} == {2}
    assert len({session.spec.room for session in drawn}) == 6
    # More of them begin with the same ones.
    recipe_module("draw").main(["--count", "61", "--output", str(tmp_path / "more.csv")])
    assert (tmp_path / "more.csv").read_text().startswith(table.read_text())

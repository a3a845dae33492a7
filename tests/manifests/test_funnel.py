import pytest

from wildframe.manifests.funnel import summarize


def rows(*steps):
    return [{"step": step} for step in steps]


def test_each_step_takes_its_own_off():
    counted = summarize(rows("kept", "duplicate", "no_class", "kept", "no_class"))
    left = {row["step"]: (row["dropped"], row["left"]) for row in counted}
    assert list(left) == [
        "listed",
        "bad_record",
        "rejected",
        "no_moment",
        "duplicate",
        "no_object_box",
        "no_noun",
        "no_class",
        "several_classes",
    ]
    assert left["listed"] == (0, 5)
    assert left["duplicate"] == (1, 4)
    assert left["no_class"] == (2, 2)
    assert left["several_classes"] == (0, 2)


def test_frames_go_on_where_the_manifest_ends():
    counted = summarize(rows("kept", "kept", "kept", "duplicate"), ["ok", "media_missing", "ok"])
    assert [(row["dropped"], row["left"]) for row in counted if row["dropped"]] == [(1, 3), (1, 2)]
    assert counted[-1]["left"] == 2


def test_sets_have_steps_of_their_own():
    steps = ("kept", "no_label", "no_label", "bad_video")
    counted = summarize({"step": step, "role": "anchor"} for step in steps)
    assert [(row["step"], row["dropped"], row["left"]) for row in counted] == [
        ("listed", 0, 4),
        ("bad_video", 1, 3),
        ("no_rate", 0, 3),
        ("no_label", 2, 1),
        ("too_few_frames", 0, 1),
        ("duplicate", 0, 1),
    ]
    with pytest.raises(ValueError, match="unknown steps"):
        summarize([{"step": "no_noun", "role": "anchor"}])


def test_sums_that_do_not_hold_are_refused():
    with pytest.raises(ValueError, match="2 records kept, but 1 frames accounted for"):
        summarize(rows("kept", "kept"), ["ok"])
    with pytest.raises(ValueError, match="unknown steps"):
        summarize(rows("lost"))
    with pytest.raises(ValueError, match="unknown steps"):
        summarize(rows("kept"), ["vanished"])

"""The scripted reviewers of the demo videos."""

from collections import Counter, defaultdict

import pytest

from wildframe.core.schemas import SETS
from wildframe.core.tables import write_rows
from wildframe.reviews.decisions import read_decisions
from wildframe.reviews.labels import accepts

CUP, ORANGE = "n03147509", "n07747607"
SQUARE = (10, 20, 100, 100)


@pytest.fixture(scope="module")
def decisions(recipe_module):
    return recipe_module("decisions")


@pytest.fixture(scope="module")
def reviewer(decisions):
    return decisions.Reviewer("r", least_overlap=0.5, most_stretch=1.5, least_area=0.5, doubt=0.02)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (SQUARE, 1),
        ((60, 20, 100, 100), 50 / 150),  # moved by half its width
        ((10, 20, 50, 50), 1 / 4),
        ((110, 20, 100, 100), 0),  # they touch
        ((500, 500, 1, 1), 0),
    ],
)
def test_overlap_is_intersection_over_union(decisions, second, expected):
    assert decisions.overlap(SQUARE, second) == pytest.approx(expected)
    assert decisions.overlap(second, SQUARE) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({CUP: SQUARE}, ("correct", "similar")),
        # Moved by 40 of 100: 60 / 140 = 0.43.
        ({CUP: (50, 20, 100, 100)}, ("correct", "dissimilar")),
        # Moved by 33 of 100: 67 / 133 = 0.504.
        ({CUP: (43, 20, 100, 100)}, ("correct", "dont know")),
        # 60 % of the width: overlap 0.6, 1.67 times narrower.
        ({CUP: (10, 20, 60, 100)}, ("correct", "similar", "deformation")),
        # 40 % of the area, and no narrower than 1.5 times.
        ({CUP: (10, 20, 60, 67)}, ("correct", "dissimilar", "occlusion-increased")),
        # The orange is still right, but not what the anchor is about.
        ({ORANGE: SQUARE}, ("correct", "dissimilar", "occlusion-increased")),
        ({}, ("incorrect", "dissimilar")),
    ],
)
def test_a_reviewer_judges_the_larger_object_of_the_anchor(reviewer, frame, expected):
    assert reviewer.tags({ORANGE: (300, 20, 30, 30), CUP: SQUARE}, frame) == expected


def test_an_anchor_without_its_object_is_bad(reviewer):
    assert reviewer.tags({}, {CUP: SQUARE}) == ("bad-anchor",)


def test_round_1_deals_pairs_and_round_2_asks_everybody(decisions):
    pairs = [("v_0", f"v_{number}") for number in range(1, 8)]
    frames = {f"v_{number}": {CUP: SQUARE} for number in range(8)}
    frames["v_5"] = {CUP: (110, 20, 100, 100)}
    lines = [line for lines in decisions.decisions(pairs, frames).values() for line in lines]
    first = [line for line in lines if line[0] == 1]
    assert sorted(line[2:4] for line in first) == pairs
    assert Counter(line[1] for line in first) == {"demo-a": 3, "demo-b": 2, "demo-c": 2}
    second = [line for line in lines if line[0] == 2]
    assert {line[2:4] for line in second} == {("v_0", "v_5")}
    assert sorted(line[1] for line in second) == ["demo-a", "demo-b", "demo-c"]


def test_reviewers_files_are_read_by_the_station_and_reject_a_few_pairs(
    decisions, read_csv, project, tmp_path
):
    boxes, labels = (project / f"demo/videos/{name}.csv" for name in ("boxes", "labels"))
    frame_counts = Counter()
    for row in read_csv("demo/videos/boxes.csv"):
        frame_counts[row["video"]] = max(frame_counts[row["video"]], int(row["frame"]) + 1)
    rows = []
    for video, count in frame_counts.items():
        uid, anchor = video.removesuffix(".mp4"), 2 * count // 3
        for offset in range(-10, 11, 2):
            rows.append(
                {
                    "anchor_id": f"{uid}_{anchor:07d}",
                    "image_id": f"{uid}_{anchor + offset:07d}",
                    "offset": offset,
                    "labels": [],
                }
            )
    write_rows(tmp_path / "sets.parquet", SETS, rows)
    arguments = ["--sets", tmp_path / "sets.parquet", "--boxes", boxes, "--labels", labels]
    arguments += ["--output", tmp_path / "decisions"]
    decisions.main([str(argument) for argument in arguments])
    files = sorted((tmp_path / "decisions").iterdir())
    assert [file.name for file in files] == ["demo-a.csv", "demo-b.csv", "demo-c.csv"]
    found, told = read_decisions(files)
    assert told == []
    first = [decision for decision in found.values() if decision.round == 1]
    assert len(first) == 10 * len(frame_counts)
    assert all(decision.notes == "scripted" for decision in found.values())
    second = defaultdict(list)
    for decision in found.values():
        if decision.round == 2:
            second[decision.pair].append(accepts(decision.tags))
    assert {d.pair for d in first if not accepts(d.tags)} == second.keys()
    assert all(len(votes) == 3 for votes in second.values())
    rejected = sum(votes.count(True) < 2 for votes in second.values())
    assert 0.05 < rejected / len(first) < 0.15
    # Somebody is outvoted, and somebody cannot tell.
    assert any(len(set(votes)) == 2 for votes in second.values())
    assert any("dont know" in decision.tags for decision in found.values())


def test_shipped_decisions_are_what_the_rules_say_of_their_pairs(decisions, read_csv, project):
    files = sorted((project / "demo/videos/decisions").glob("*.csv"))
    assert [file.stem for file in files] == [reviewer.name for reviewer in decisions.REVIEWERS]
    shipped = {
        file.stem: [tuple(row.values()) for row in read_csv(file.relative_to(project))]
        for file in files
    }
    pairs = {row[2:4] for rows in shipped.values() for row in rows}
    boxes, labels = (project / f"demo/videos/{name}.csv" for name in ("boxes", "labels"))
    frames = decisions.read_frames(boxes, labels)
    assert {image for pair in pairs for image in pair} <= frames.keys()
    made = decisions.decisions(list(pairs), frames)
    assert shipped == {
        name: [(str(row[0]), *row[1:]) for row in rows] for name, rows in made.items()
    }


def test_sets_of_other_videos_are_refused(decisions, project, tmp_path, capsys):
    row = {"anchor_id": "x_0000000", "image_id": "x_0000002", "offset": 2, "labels": []}
    write_rows(tmp_path / "sets.parquet", SETS, [row])
    boxes, labels = (project / f"demo/videos/{name}.csv" for name in ("boxes", "labels"))
    arguments = ["--sets", tmp_path / "sets.parquet", "--boxes", boxes, "--labels", labels]
    with pytest.raises(SystemExit):
        decisions.main([str(part) for part in [*arguments, "--output", tmp_path / "out"]])
    assert "x_0000000 is of no video in" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

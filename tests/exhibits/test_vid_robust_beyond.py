"""Effective robustness, consistency, pairs of models, and the review."""

import csv
import math
from pathlib import Path

import pytest
from robustness_data import robust, robustness_table, sets_of
from typer.testing import CliRunner
from written import markdown

from wildframe.core.errors import UserError
from wildframe.core.schemas import REVIEWS, ROBUSTNESS, SET_PAIRS
from wildframe.core.tables import write_rows
from wildframe.exhibits.ego4d.commands import app as ego4d_app
from wildframe.exhibits.vid_robust import effective_robustness
from wildframe.exhibits.vid_robust.commands import app
from wildframe.exhibits.vid_robust.consistency import consistency
from wildframe.exhibits.vid_robust.model_pairs import model_pairs
from wildframe.exhibits.vid_robust.review import review

A, B = "tf_efficientnet_lite0", "squeezenet1_1"
PAIRS_FILE = Path("pairs.parquet")


def percent(logit):
    return 100 / (1 + math.exp(-logit))


@pytest.fixture
def published(tmp_path):
    """Standard models on the line logit y = logit x - 1, and one that is not standard, above."""
    path = tmp_path / "published.csv"
    lines = ["model,model_type,imagenet-vid-robust_pm0,imagenet-vid-robust_pm10"]
    for number, x in enumerate((0.5, 1.0, 1.5, 2.0)):
        lines.append(f"m{number},STANDARD,{percent(x)},{percent(x - 1)}")
    lines.append("robust,LP_ADV,60,59")
    lines.append("other,,60,30")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_points_lie_above_the_line_of_published_models(published):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 4}) + sets_of(B, 8, {0: 4, 10: 1}))
    behind = effective_robustness.background(published, "vid30", 10)
    rows = effective_robustness.points(table, [A, B], behind)
    # On anchors 50 %, logit 0: the line lets expect logit -1 on sets.
    assert [row["effective"] for row in rows] == [
        pytest.approx(50 - percent(-1)),
        pytest.approx(12.5 - percent(-1)),
    ]
    assert (behind.line.n, len(behind.published)) == (4, 6)


@pytest.mark.parametrize(
    ("given", "targets", "k", "said"),
    [
        (False, "vid30", 10, "no published models in the config: studies.vid_robust.published"),
        (True, "coco80", 10, "are of vid30 and ytbb24, these sets of coco80"),
        (True, "vid30", 4, "up to 10 frames away, these reach 4"),
    ],
)
def test_without_anything_to_compare_with_it_is_not_known(
    given, targets, k, said, published, tmp_path
):
    table = robustness_table(sets_of(A, 8, {0: 8, k: 8}) + sets_of(B, 8, {0: 0, k: 0}))
    behind = effective_robustness.background(published if given else None, targets, k)
    rows = effective_robustness.points(table, [A, B], behind)
    assert [row["effective"] for row in rows] == [None, None]
    assert said in behind.lacking
    # Accuracies of 0 and 1 have no logit, and are drawn half an anchor away.
    effective_robustness.plot(rows, behind, table, "our clips", [tmp_path / "a.svg"])
    text = (tmp_path / "a.svg").read_text()
    assert "Effective robustness is not known: " in text
    assert "published: " not in text


def test_an_accuracy_without_a_logit_has_no_effective_robustness(published, tmp_path):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 0}) + sets_of(B, 8, {0: 8, 10: 4}))
    behind = effective_robustness.background(published, "vid30", 10)
    rows = effective_robustness.points(table, [A, B], behind)
    assert [row["effective"] for row in rows] == [None, None]
    effective_robustness.plot(rows, behind, table, "our clips", [tmp_path / "a.svg"])
    text = (tmp_path / "a.svg").read_text()
    assert f"{B} (zoo, N/A)" in text
    assert "half an anchor away, and the model's effective robustness is not known" in text


def test_the_figure_shows_published_models_by_type_and_ours_with_their_points(published, tmp_path):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 4}))
    behind = effective_robustness.background(published, "vid30", 10)
    rows = effective_robustness.points(table, [A], behind)
    effective_robustness.plot(rows, behind, table, "our clips", [tmp_path / "a.svg"])
    text = (tmp_path / "a.svg").read_text()
    for said in ("STANDARD (4)", "LP_ADV (1)", "no type (1)"):
        assert f"<!-- published: {said} -->" in text
    # 50 - 26.9
    assert "+23.1" in text
    assert "line of 4 published models:" in text
    assert "logit y = 1.00 logit x - 1.00, r = 1.00" in text


def test_consistency_shows_worst_and_average_and_flips(tmp_path):
    rows = [
        *sets_of(A, 8, {0: 6, 4: 2}),
        robust(A, 2, 1, metric="random_neighbour"),
        robust(A, 4, 5, 7, metric="random_neighbour"),
        robust(A, 4, 16, 64, metric="flip_rate"),
    ]
    exhibit = consistency(robustness_table(rows), [A], "d")
    (row,) = exhibit.rows
    assert (row["anchor"], row["worst"], row["flips"], row["flips_n"]) == (75.0, 25.0, 25.0, 64)
    assert (row["neighbour_successes"], row["neighbour_n"]) == (5, 7)
    assert "(7 anchors have any)" in exhibit.notes[2]
    assert "Worst of the set (pm-4) % [95 % CI]" in [column.title for column in exhibit.columns]


def test_consistency_of_anchors_without_other_frames(tmp_path):
    exhibit = consistency(robustness_table([robust(A, 0, 6)]), [A], "d")
    assert "| N/A | 75.0 [34.9, 96.8] | N/A | N/A |" in markdown(exhibit, tmp_path)


def pair(a, b, k, only_a, only_b, difference, low, high):
    return {
        "model_a": a,
        "model_b": b,
        "k": k,
        "both": 4,
        "only_a": only_a,
        "only_b": only_b,
        "neither": 3,
        "p_value": 0.25,
        "delta_difference": difference,
        "low": low,
        "high": high,
    }


COMPARED = [pair(A, B, 0, 1, 2, 0, 0, 0), pair(A, B, 4, 3, 0, -0.4, -0.6, 0.125)]


def test_pairs_are_found_whichever_model_comes_first(tmp_path):
    exhibit = model_pairs(PAIRS_FILE, COMPARED, [B, A], "human", "d")
    (row,) = exhibit.rows
    assert (row["model_a"], row["only_a_k0"], row["only_b_k0"]) == (B, 2, 1)
    assert (row["only_a_k4"], row["only_b_k4"], row["both_k4"], row["sets"]) == (0, 3, 4, 10)
    assert (row["difference"], row["difference_low"], row["difference_high"]) == (40, -12.5, 60)
    assert f"| {B} | {A} | 2 | 1 | 0.2500 | 0 | 3 | 0.2500 | 40.0 [-12.5, 60.0] | 10 |" in markdown(
        exhibit, tmp_path
    )
    assert "Review: human" in exhibit.notes[1]


def test_a_difference_has_no_interval_where_draws_do_not_differ(tmp_path):
    same = [COMPARED[0], pair(A, B, 4, 0, 0, 0.0, 0.0, 0.0)]
    exhibit = model_pairs(PAIRS_FILE, same, [A, B], "human", "d")
    assert (exhibit.rows[0]["difference_low"], exhibit.rows[0]["difference_high"]) == (None, None)
    assert "| 0.0 [N/A] | 7 |" in markdown(exhibit, tmp_path)


def test_a_pair_that_was_not_compared_is_named():
    with pytest.raises(UserError, match=rf"pairs\.parquet: {A} and {B} are not compared at 0"):
        model_pairs(PAIRS_FILE, COMPARED[1:], [A, B], "human", "d")
    with pytest.raises(UserError, match="the table has no pairs"):
        model_pairs(PAIRS_FILE, [], [A, B], "human", "d")


def test_one_model_has_no_pairs():
    assert model_pairs(PAIRS_FILE, [], [A], "human", "d").rows == []


def candidate(anchor, image, reason=None):
    return {
        "anchor_id": anchor,
        "image_id": image,
        "offset": 0 if anchor == image else 1,
        "labels": ["n1"],
        "accepted": reason is None,
        "reason": reason,
        "similar_votes": None,
        "votes": None,
    }


REVIEWED = [
    candidate("a", "a"),
    candidate("a", "b"),
    candidate("a", "c", "dissimilar;blur-increase"),
    candidate("d", "d", "bad-anchor"),
    candidate("d", "e", "anchor"),
]

DECISIONS = """round,annotator,anchor_id,image_id,tags,notes,time
1,ann,a,b,correct;similar,,2026-01-01T00:00:00Z
1,ann,a,c,dissimilar,,2026-01-01T00:00:00Z
"""


def test_the_review_tells_counts_reasons_and_reviewers(tmp_path):
    from wildframe.reviews.decisions import read_decisions

    path = tmp_path / "ann.csv"
    path.write_text(DECISIONS)
    decisions, told = read_decisions([path])
    exhibit = review(REVIEWED, decisions, "human", told, "our clips")
    items = {row["item"]: row["value"] for row in exhibit.rows}
    assert (items["sets"], items["pairs"]) == ("2", "3")
    assert items["pairs accepted"] == "1 (33.3 %)"
    assert items["pairs out: blur-increase"] == "1"
    assert items["round 1: pairs judged by ann"] == "2"
    assert exhibit.notes[0] == "Data: our clips"
    assert not any("publisher" in note for note in exhibit.notes)
    assert not any("cannot be read" in note for note in exhibit.notes)


def test_the_review_names_what_cannot_be_read():
    broken = [candidate("a", f"a{at:02}", "unreadable") for at in range(22)]
    rows = [*REVIEWED, candidate("f", "f", "unreadable"), candidate("f", "a00", "unreadable")]
    few = review(rows, {}, "none", [], "d")
    assert few.notes[-1] == "Left out, since they cannot be read: a00, f."
    items = {row["item"]: row["value"] for row in few.rows}
    assert (items["sets out: unreadable"], items["sets out: bad-anchor"]) == ("1", "1")
    assert review([*rows, *broken], {}, "none", [], "d").notes[-1].endswith("a19 and 3 others.")


def test_the_publishers_review_is_known_by_its_result_alone():
    exhibit = review(REVIEWED, {}, "human", [], "d")
    assert exhibit.notes[-1] == (
        "The sets' publisher reviewed them; single decisions are not known."
    )


@pytest.fixture
def files(tmp_path):
    rows = [row for m in (A, B) for row in sets_of(m, 8, {0: 6, 10: 4})]
    paths = {name: tmp_path / f"{name}.parquet" for name in ("robustness", "pairs", "reviews")}
    write_rows(paths["robustness"], ROBUSTNESS, rows)
    write_rows(paths["pairs"], SET_PAIRS, COMPARED, facts={"review": "auto"})
    write_rows(paths["reviews"], REVIEWS, REVIEWED, facts={"review": "human"})
    paths["decisions"] = tmp_path / "ann.csv"
    paths["decisions"].write_text(DECISIONS)
    return paths


COMMANDS = {
    "consistency": (["robustness"], ["--models", f"{A},{B}"], 2, "Review: human"),
    "model-pairs": (["pairs"], ["--models", f"{A},{B}"], 1, "Review: auto"),
    "review": (["reviews", "decisions"], [], 9, "Review: human"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_reads_its_tables_and_writes_its_files(command, files, tmp_path):
    inputs, options, count, said = COMMANDS[command]
    written = [tmp_path / "out" / f"a{suffix}" for suffix in (".md", ".tex", ".csv")]
    args = [command, *map(str, written), *options, "--about", "our clips"]
    for name in inputs:
        args += [f"--{name}", str(files[name])]
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 0, result.exception
    assert sorted((tmp_path / "out").iterdir()) == sorted(written)
    assert "Data: our clips" in written[0].read_text()
    assert said in written[0].read_text()
    with written[2].open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == count


@pytest.mark.parametrize(
    ("program", "command", "options"),
    [
        (app, "effective-robustness", ["--targets", "vid30"]),
        (ego4d_app, "robustness-in-time", []),
    ],
)
def test_each_figure_repeats_its_bytes(program, command, options, files, published, tmp_path):
    if command == "effective-robustness":
        options = [*options, "--published", str(published)]
    made = []
    for name in "ab":
        written = [tmp_path / name / f"a{suffix}" for suffix in (".png", ".svg", ".csv")]
        args = [command, "--robustness", str(files["robustness"]), "--models", f"{A},{B}"]
        for path in written:
            args += [f"--{path.suffix[1:]}", str(path)]
        result = CliRunner().invoke(program, [*args, *options, "--about", "a $_$ of clips"])
        assert result.exit_code == 0, result.exception
        made.append([path.read_bytes() for path in written])
    assert made[0] == made[1]
    assert "<!-- Data: a $_$ of clips -->" in made[0][1].decode()
    rows = list(csv.DictReader(made[0][2].decode().splitlines()))
    assert len(rows) == (2 if command == "effective-robustness" else 4)

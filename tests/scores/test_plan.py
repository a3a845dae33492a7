"""How small a difference can be detected: by hand, and in a simulation."""

import numpy as np
import pytest
from scipy.stats import t

from wildframe.core.clusters import Counts, sign_flip
from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.tables import write_rows
from wildframe.scores.plan import (
    Design,
    clips_needed,
    design_of,
    detectable,
    plan_rows,
    planned,
)

DESIGN = Design(clips=60, images=600, icc=0.2, discordant=0.3)


def test_a_detectable_difference_by_hand():
    assert DESIGN.effect == pytest.approx(1 + 9 * 0.2)
    difference = detectable(DESIGN, 0.8, 0.05)
    error = np.sqrt((0.3 - difference**2) * DESIGN.effect / 600)
    assert difference == pytest.approx((t.ppf(0.975, 59) + t.ppf(0.8, 59)) * error)


@pytest.mark.parametrize("icc", [0, 0.2])
def test_it_is_detected_as_often_as_planned(icc):
    """Two images share their clip's difference with the probability that is their correlation."""
    design = Design(60, 600, icc, 0.3)
    difference = detectable(design, 0.8, 0.05)
    rng = np.random.default_rng(4)
    shares = [(0.3 + difference) / 2, (0.3 - difference) / 2, 0.7]
    experiments = 600
    own = rng.choice([1, -1, 0], (60, 10, experiments), p=shares)
    common = rng.choice([1, -1, 0], (60, 1, experiments), p=shares)
    found = np.where(rng.random(own.shape) < np.sqrt(icc), common, own)
    successes = np.hstack([(found == side).sum(axis=1) for side in (1, -1)]).astype(float)
    counts = Counts(successes, np.full(successes.shape, 10.0))
    p_values = sign_flip(counts, np.arange(experiments), np.arange(experiments) + experiments, 0)
    assert np.mean(p_values <= 0.05) == pytest.approx(0.8, abs=0.05)


def test_as_many_clips_as_are_needed_and_no_more():
    needed = clips_needed(DESIGN, 0.05, 0.8, 0.05)
    assert needed > 60
    for clips, is_enough in ((needed, True), (needed - 1, False)):
        larger = Design(clips, clips * 10, 0.2, 0.3)
        assert (detectable(larger, 0.8, 0.05) <= 0.05) == is_enough
    assert clips_needed(DESIGN, detectable(DESIGN, 0.8, 0.05), 0.8, 0.05) == 60
    assert clips_needed(DESIGN, 0.3, 0.8, 0.05) < 60
    with pytest.raises(
        UserError, match="30 % of discordant images allow no difference of 31 points"
    ):
        clips_needed(DESIGN, 0.31, 0.8, 0.05)
    with pytest.raises(UserError, match="needs too many clips"):
        clips_needed(DESIGN, 1e-7, 0.8, 0.05)


def results(flags, clips):
    return [
        {"anchor_id": f"i{n}", "group_id": clip, "video_id": None, "correct_top1": flag}
        for n, (flag, clip) in enumerate(zip(flags, clips, strict=True))
    ]


def test_a_design_is_estimated_from_two_results():
    # Clips that agree within: the correlation is 1. Three of six images are discordant.
    design = design_of(results([1, 1, 0, 0, 1, 0], "aabbcc"), results([0, 0, 0, 0, 1, 1], "aabbcc"))
    assert (design.clips, design.images, design.discordant) == (3, 6, 0.5)
    assert (design.spread, 0 < design.icc < 1) == (1, True)
    alike = design_of(results([1, 1, 0, 0], "aabb"), results([0, 0, 0, 0], "aabb"))
    assert alike.icc == 1
    same = design_of(results([1, 0], "ab"), results([1, 0], "ab"))
    assert (same.icc, same.discordant) == (0, 0)


def test_clips_of_one_image_do_not_tell_the_correlation(tmp_path, result):
    first = results([True, True, False, False], "abcd")
    second = results([False, True, False, True], "abcd")
    design = design_of(first, second)
    assert (design.clips, design.images, design.icc, design.effect) == (4, 4, 0, 1)
    shown = {row["quantity"]: row["value"] for row in plan_rows(design, None, 0.8, 0.05)}
    assert shown["ICC"] == "N/A: one image a clip"
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, rows in zip(paths, (first, second), strict=True):
        write_rows(path, IMAGE_RESULTS, [result(row["anchor_id"]) | row for row in rows])
    assert planned(paths, {"clips": 8}).images == 8
    assert planned(paths, {"images": 40, "icc": 0.5}).effect == 5.5
    with pytest.raises(UserError, match="--icc: give it"):
        planned(paths, {"images": 40})


def test_the_estimate_is_that_of_a_simulated_correlation():
    rng = np.random.default_rng(1)
    clips = [f"{clip}" for clip in range(2000) for _ in range(5)]
    common = np.repeat(rng.random(2000) < 0.4, 5)
    flags = np.where(rng.random(10_000) < np.sqrt(0.3), common, rng.random(10_000) < 0.4)
    design = design_of(results(flags.tolist(), clips), results([0] * 10_000, clips))
    assert design.icc == pytest.approx(0.3, abs=0.03)
    assert design.discordant == pytest.approx(0.4, abs=0.02)


def test_a_set_is_one_unit_and_correct_with_all_its_frames():
    rows = results([1, 1, 1], "abc")
    frames = [*rows, {**rows[0], "correct_top1": False}]
    assert design_of(frames, rows).discordant == pytest.approx(1 / 3)


def test_results_that_do_not_belong_together_are_refused():
    rows = results([1, 0], "ab")
    with pytest.raises(UserError, match="image i1 has a result of one model only"):
        design_of(rows, rows[:1])
    with pytest.raises(UserError, match="are of a single clip"):
        design_of(rows[:1], rows[:1])

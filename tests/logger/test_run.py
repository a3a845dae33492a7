import pytest

from snakemake_logger_plugin_wildframe.failures import FailedJob
from snakemake_logger_plugin_wildframe.jobs import Cost, Job
from snakemake_logger_plugin_wildframe.run import STATIONS, Run, station_of

PLANNED = {"scores_accuracy": 2, "frames_extract": 3, "ego4d_moments": 1, "all": 1}


def job(rule, started=0.0, *, is_checkpoint=False):
    return Job(rule, {}, ("made",), (), None, started, is_checkpoint)


def finish(run, number, rule, seconds, **facts):
    run.start(number, job(rule, **facts))
    run.finish(number, Cost(seconds, None))


def test_the_stations_are_those_that_have_commands(project):
    folders = {path.parent.name for path in (project / "src/wildframe").glob("*/commands.py")}
    assert folders == {*STATIONS, "configuration"}


def test_what_is_named_after_a_study_makes_its_exhibits():
    assert station_of("frames_extract") == "frames"
    assert station_of("vid_robust_consistency_of") == "exhibits"
    assert station_of("all") == "exhibits"


def test_stations_are_counted_in_the_order_of_the_line():
    run = Run(PLANNED, 0)
    finish(run, 1, "frames_extract", 1)
    stations = {"frames": (1, 3), "scores": (0, 2), "exhibits": (0, 2)}
    assert run.by_station() == stations
    assert list(run.by_station()) == list(stations)
    assert (run.done, run.total) == (1, 7)


def test_a_job_that_is_tried_again_has_not_failed():
    run = Run(PLANNED, 0)
    run.start(1, job("frames_extract"))
    run.fail(1, FailedJob("frames_extract", (), ""))
    assert (list(run.failed), list(run.running)) == ([1], [])
    run.start(1, job("frames_extract"))
    assert (list(run.failed), list(run.running)) == ([], [1])


def test_fewer_jobs_are_believed_once_no_checkpoint_hides_any():
    run = Run({"frames_extract": 2, "scores_accuracy": 3}, 0)
    for number in (1, 2):
        run.start(number, job("frames_extract", is_checkpoint=True))
    totals = []
    # The outputs of both are there, and only the first is known to have finished.
    for number, told in [(1, 5), (2, 2), (3, 4)]:
        run.start(number, run.running.get(number) or job("scores_accuracy"))
        run.finish(number, Cost(1, None))
        run.count_anew(told)
        totals.append(run.total)
    assert totals == [5, 5, 4]


def test_no_more_jobs_are_done_than_there_are():
    run = Run({"scores_accuracy": 1}, 0)
    finish(run, 1, "scores_accuracy", 1)
    run.fail(2, FailedJob("frames_extract", (), ""))
    run.start(3, job("frames_extract"))
    run.count_anew(1)
    assert (run.done, run.total) == (1, 3)


@pytest.mark.parametrize(
    ("problem", "total"), [(None, 1), ("failed", 5), ("interrupted", 5), ("broke_off", 5)]
)
@pytest.mark.parametrize("told", [1, 5])
def test_where_all_went_well_the_jobs_that_are_not_done_had_nothing_to_do(problem, total, told):
    run = Run({"frames_extract": 5}, 0)
    finish(run, 1, "frames_extract", 1, is_checkpoint=True)
    run.count_anew(told)
    if problem == "failed":
        run.fail(2, FailedJob("frames_extract", (), ""))
    elif problem:
        setattr(run, problem, True)
    run.end()
    assert run.total == total


def test_the_index_is_known_once_it_is_made():
    run = Run({"exhibits_index": 1}, 0)
    run.start(1, job("exhibits_index"))
    assert run.index is None
    run.finish(1, Cost(1, None))
    assert run.index == "made"


def test_no_time_is_told_before_a_job_is_finished():
    assert Run(PLANNED, 0).seconds_left(5) is None


@pytest.mark.parametrize(
    ("running", "left"),
    [
        # Finished in 10 s: frames of 4 and 6 s, scores of 20 s; so three at a time. Left are one
        # frame of 5 s, one score of 20 s, and two jobs of the mean of all, 10 s.
        ([], 45 / 3),
        # One that has been running for 6 s since: (30 + 6) / 10 at a time.
        ([4.0], (45 - 6) / 3.6),
    ],
)
def test_time_left_is_what_jobs_took_by_how_many_ran(running, left):
    run = Run(PLANNED, 0)
    finish(run, 1, "frames_extract", 4)
    finish(run, 2, "frames_extract", 6)
    finish(run, 3, "scores_accuracy", 20)
    for number, started in enumerate(running, start=4):
        run.start(number, job("frames_extract", started))
    assert run.seconds_left(10) == pytest.approx(left)

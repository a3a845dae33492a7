from pathlib import Path

import pytest

from snakemake_logger_plugin_wildframe import text
from snakemake_logger_plugin_wildframe.failures import FailedJob
from snakemake_logger_plugin_wildframe.jobs import Cost, Job, Progress
from snakemake_logger_plugin_wildframe.run import Run


@pytest.fixture
def run():
    return Run({"frames_extract": 10, "predictions_run": 1, "exhibits_index": 1}, 0)


def job(rule, started=0.0, logs=(), **wildcards):
    return Job(rule, wildcards, ("index.html",), logs, None, started, False)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 s"), (3.24, "3.2 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (7500, "2 h 5 min")],
)
def test_durations(seconds, said):
    assert text.duration(seconds) == said


def test_amounts():
    assert [text.memory(mib) for mib in (4.6, 999, 1843)] == ["5 MiB", "999 MiB", "1.8 GiB"]
    rates = [text.rate(Progress(1, 2, "image", rate)) for rate in (0.25, 7.12, 48.3, 1234.5)]
    assert rates == ["0.25 images/s", "7.1 images/s", "48 images/s", "1234 images/s"]
    assert text.counted(2, "batch") == "2 batches"


def test_the_plan_says_what_will_be_done_and_with_what(run):
    said = text.plan(run, {"core": 2, "GPU": 1})
    assert said == "12 jobs on up to 2 cores and 1 GPU: frames 10, predictions 1, exhibits 1"
    assert text.plan(run, {}) == "12 jobs: frames 10, predictions 1, exhibits 1"


def test_a_finished_job_is_a_line_with_time_memory_and_speed(run):
    done = job("frames_extract", dataset="demo", shard="1-of-8")
    run.start(1, done)
    run.finish(1, Cost(3.2, 210))
    line = text.finished(run, done, Cost(3.2, 210), Progress(9, 9, "image", 2.5))
    named = "frames_extract (dataset demo, shard 1-of-8)"
    assert line == f"[ 1/12] {named}: 3.2 s, 210 MiB, 2.5 images/s"
    assert text.finished(run, done, Cost(3.2, None), None) == f"[ 1/12] {named}: 3.2 s"


def test_failures_say_why_and_where(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("one\nERROR: why\n" + "at\n" * 10)
    failed = FailedJob("a (n 1)", (log,), "")
    assert text.failed(failed, 3.2, whole_logs=False).splitlines() == [
        "FAILED a (n 1) after 3.2 s",
        "    ERROR: why",
        "    ...",
        *["    at"] * 10,
        f"    log: {log}",
    ]
    assert "    one\n    ERROR: why\n    at\n" in text.failed(failed, None, whole_logs=True)
    assert text.failures([failed]) == f"1 job failed:\na (n 1)\n    ERROR: why\n    log: {log}"


def test_the_summary_says_how_a_run_ended(run):
    run.fail(3, FailedJob("a", (), ""))
    assert text.summary(run, 65) == "0 of 12 jobs done, 1 failed, 11 not done, in 1 min 5 s"
    run.interrupted = True
    assert text.summary(run, 65).startswith("Interrupted: 0 of 12 jobs done")
    whole = Run({"exhibits_index": 1}, 0)
    whole.start(1, job("exhibits_index"))
    whole.finish(1, Cost(1, None))
    assert text.summary(whole, 2) == "1 job done in 2.0 s: index.html"


def test_live_lines_are_totals_stations_and_what_runs(run, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("m:  45%|####5     | 90/200 [00:12<00:15,  7.10image/s]")
    run.start(2, job("predictions_run", 4.0, (log, Path("other")), model="m"))
    run.start(1, job("frames_extract", 2.0, shard="1-of-8"))
    assert list(text.live(run, 16)) == [
        "0/12 jobs, 16 s",
        "frames 0/10  predictions 0/1  exhibits 0/1",
        "  frames_extract (shard 1-of-8)  14 s",
        f"  predictions_run  12 s  90/200 images  7.1 images/s  {log}",
    ]
    run.finish(1, Cost(8, None))
    first, *_ = text.live(run, 16)
    assert first == "1/12 jobs, 16 s, about 1 min 1 s left"  # (11 * 8 - 12) / (20 / 16) seconds
    for number in range(3, 12):
        run.start(number, job("frames_extract", 5.0))
    assert list(text.live(run, 16))[-1] == "  and 2 more"

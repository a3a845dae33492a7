"""What is said of the records that Snakemake really logs, in the order in which it logs them."""

import logging
import os
import sys
from functools import cached_property
from logging.handlers import QueueHandler
from queue import SimpleQueue

import pytest
from snakemake.resources import Resource
from snakemake.settings.enums import Quietness
from snakemake.settings.types import OutputSettings
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_wildframe import LogHandler

RECEIVED = QueueHandler(SimpleQueue())


class Said:
    """A handler, the records that it is given, and what it says of them."""

    def __init__(self, capsys, **settings) -> None:
        self._capsys, self._settings = capsys, settings

    @cached_property
    def _handler(self) -> LogHandler:
        """Made in the test, whose streams are not those of its fixtures."""
        return LogHandler(OutputSettings(**self._settings), None)

    def __call__(self, message=None, event=None, level=logging.INFO, at=0.0, **fields) -> str:
        """Return what is said of a record of some second."""
        record = logging.LogRecord("snakemake", level, "", 0, message, (), None)
        record.created = at
        fields |= {"event": event} if event else {}
        vars(record).update(fields)
        self._handler.handle(RECEIVED.prepare(record))
        return self.read()

    def read(self) -> str:
        captured = self._capsys.readouterr()
        return captured.out + captured.err

    def begin(self, **planned) -> str:
        resources = {"gpu": Resource("gpu", 1), "_cores": Resource("_cores", 2)}
        self(event=LogEvent.RESOURCES_INFO, cores=2)
        self(event=LogEvent.RESOURCES_INFO, provided_resources=resources)
        return self(
            "Job stats:", LogEvent.RUN_INFO, stats=planned | {"total": sum(planned.values())}
        )

    def start(self, number, rule, at=0.0, log=(), outputs=("out",), **fields) -> str:
        facts = {"wildcards": {}, "benchmark": None, "rule_msg": None, "reason": "Forced execution"}
        facts |= {"rule_name": rule, "log": list(log), "output": list(outputs), "jobid": number}
        facts["is_checkpoint"] = False
        return self(f"Rule: {rule}", LogEvent.JOB_INFO, at=at, **facts | fields)

    def finish(self, number, at=0.0) -> str:
        return self(f"Finished jobid: {number}", LogEvent.JOB_FINISHED, at=at, job_id=number)

    def progress(self, done, total) -> str:
        message = f"{done} of {total} steps ({done / total:.0%}) done"
        return self(message, LogEvent.PROGRESS, done=done, total=total)

    def fail(self, number, rule, at=0.0, log=(), message=None) -> str:
        facts = {"rule_name": rule, "jobid": number, "log": list(log), "rule_msg": message}
        return self("Error", LogEvent.JOB_ERROR, logging.ERROR, at, **facts)

    def error(self, message) -> str:
        return self(message, LogEvent.ERROR, logging.ERROR, exception="X")

    def end(self) -> str:
        self._handler.close()
        self._handler.close()  # Snakemake closes its handlers, and Python does again at exit
        return self.read()


@pytest.fixture
def said(capsys):
    return Said(capsys)


def test_a_run_is_its_plan_a_line_a_job_and_its_end(said, tmp_path):
    benchmark = tmp_path / "a.tsv"
    benchmark.write_text("s\tmax_rss\n7.5\t300\n")
    assert said.begin(frames_a=1, scores_b=1, exhibits_index=1, all=1) == (
        "4 jobs on up to 2 cores and 1 GPU: frames 1, scores 1, exhibits 2\n"
    )
    assert said.start(1, "frames_a", wildcards={"n": "2"}, benchmark=str(benchmark)) == ""
    assert said.finish(1, at=9) == "[1/4] frames_a (n 2): 7.5 s, 300 MiB\n"
    said.start(2, "scores_b", at=10)
    assert said.finish(2, at=12) == "[2/4] scores_b: 2.0 s\n"
    said.start(3, "exhibits_index", outputs=["results/index.html"])
    assert said.finish(3) == "[3/4] exhibits_index: 0.0 s\n"
    said.start(4, "all", outputs=[])
    assert said.finish(4) == ""
    assert said.end().endswith(": results/index.html\n")


def test_jobs_that_a_checkpoint_leaves_nothing_to_do_are_counted_out(said):
    said.begin(frames_a=5, scores_b=5)
    said.start(1, "frames_a", is_checkpoint=True)
    assert said.finish(1) == "[ 1/10] frames_a: 0.0 s\n"
    assert said.progress(1, 10) == ""
    assert said("Updating checkpoint dependencies.") == ""
    for number in (2, 3):
        said.start(number, "scores_b")
    assert said.finish(2) == "[ 2/10] scores_b: 0.0 s\n"
    said.progress(2, 3)
    assert said.finish(3) == "[3/3] scores_b: 0.0 s\n"
    said.progress(3, 3)
    assert said.end().startswith("3 jobs done in ")


def test_jobs_behind_a_checkpoint_that_is_tried_again_are_not_lost(said):
    """What Snakemake tells while the output is there, and the job is not known to have ended."""
    said.begin(frames_a=2, scores_b=2)
    for number in (1, 2):
        said.start(number, "frames_a", is_checkpoint=True)
    said.fail(2, "frames_a", message="it ran out of memory")
    said("Trying to restart job 2.")
    said.start(2, "frames_a", is_checkpoint=True)
    lines = []
    for number, rule, told in [(1, "", 4), (2, "", 2), (3, "scores_b", 4), (4, "scores_b", 4)]:
        if rule:
            said.start(number, rule)
        lines.append(said.finish(number).split()[0])
        said.progress(number, told)
    assert lines == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert said.end().startswith("4 jobs done in ")


@pytest.mark.parametrize(
    "message",
    [
        "Nothing to be done (all requested files are present and up to date).",
        "Building DAG of jobs...",
        "Trying to restart job 3.",
        "What a later version says",
    ],
)
def test_what_snakemake_itself_says_is_passed_on(said, message):
    assert said(message) == f"{message}\n"


@pytest.mark.parametrize(
    "message",
    ["Using shell: /bin/bash", "Select jobs to execute...", "Elapsed time: 0:00:08", None],
)
def test_scaffolding_is_left_out(said, message):
    assert said(message) == ""


def test_errors_and_warnings_of_snakemake_are_passed_on_in_full(said):
    error = "MissingInputException in rule all in file Snakefile, line 3:\nMissing input:\na\nb"
    assert said.error(error) == f"{error}\n"
    assert (
        said("LockException:\nby another", level=logging.WARNING) == "LockException:\nby another\n"
    )
    assert said.end() == ""


def test_why_a_job_failed_is_said_once(said, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("start\nERROR: the file is damaged\n")
    said.begin(frames_a=1, frames_b=1)
    said.start(1, "frames_a", log=[log])
    assert said.error("RuleException:\nCalledProcessError in file Snakefile, line 1: long") == ""
    said_of_it = f"    start\n    ERROR: the file is damaged\n    log: {log}\n"
    assert said.fail(1, "frames_a", at=3, log=[log]) == f"FAILED frames_a after 3.0 s\n{said_of_it}"
    said("Exiting because a job execution failed. Look above", level=logging.ERROR)
    assert said.error("WorkflowError:\nAt least one job did not complete successfully.") == ""
    assert said.end().startswith("0 of 2 jobs done, 1 failed, 1 not done")


def test_failures_that_stand_far_above_are_listed_at_the_end(said, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("start\nERROR: the file is damaged\n")
    said.begin(frames_a=1, frames_b=1)
    said.start(1, "frames_a", log=[log])
    said.fail(1, "frames_a", log=[log])
    said.start(2, "frames_b")
    said.finish(2)
    listed = f"1 job failed:\nframes_a\n    ERROR: the file is damaged\n    log: {log}\n"
    assert said.end().startswith(f"{listed}1 of 2 jobs done, 1 failed, 0 not done")


def test_what_succeeds_when_tried_again_has_not_failed(said):
    said.begin(frames_a=1)
    said.start(1, "frames_a")
    said.fail(1, "frames_a", message="SLURM-job '5' failed")
    said.start(1, "frames_a", at=5)
    assert said.finish(1, at=6) == "[1/1] frames_a: 1.0 s\n"
    assert said.end().startswith("1 job done in")


def test_what_the_cluster_says_of_a_job_is_said(said):
    said.begin(frames_a=1)
    said.start(1, "frames_a")
    assert "    SLURM-job '5' failed\n" in said.fail(1, "frames_a", message="SLURM-job '5' failed")


def test_a_job_without_its_output_has_failed(said):
    said.begin(frames_a=1, frames_b=1)
    said.start(7, "frames_a")
    error = "MissingOutputException in rule frames_a:\nJob 7  completed successfully, but: a"
    assert said.error(error) == f"{error}\n"
    assert said.end().startswith("0 of 2 jobs done, 1 failed, 1 not done")


def test_a_run_that_breaks_off_between_two_jobs_is_not_done(said):
    said.begin(frames_a=1, frames_b=1)
    said.start(1, "frames_a")
    said.finish(1)
    said.error("WorkflowError:\nno such file")
    assert said.end().startswith("1 of 2 jobs done, 1 not done")


def test_a_run_that_goes_on_after_an_error_is_done(said):
    said.begin(frames_a=1, frames_b=1)
    said.start(1, "frames_a")
    said.finish(1)
    said.error("SLURM-job '5' failed")
    said.start(2, "frames_b")
    said.finish(2)
    assert said.end().startswith("2 jobs done in")


def test_jobs_that_turn_out_to_be_done_are_not_missing(said):
    said.begin(frames_a=1, frames_b=2)
    said.start(1, "frames_a")
    said.finish(1)
    assert said.end().startswith("1 job done in")


def test_jobs_that_the_user_stops_have_not_failed(said):
    said.begin(frames_a=1, frames_b=1)
    said.start(1, "frames_a")
    message = "Terminating processes on user request, this might take some time."
    assert said(message) == f"{message}\n"
    assert said.fail(1, "frames_a") == ""
    assert said.end().startswith("Interrupted: 0 of 2 jobs done, 2 not done")


def test_whole_logs_are_shown_where_that_is_asked_for(capsys, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("".join(f"line {n}\n" for n in range(30)))
    for whole in (True, False):
        said = Said(capsys, show_failed_logs=whole)
        said.begin(frames_a=1)
        assert ("line 0\n" in said.fail(1, "frames_a", log=[log])) is whole


def test_commands_are_said_where_that_is_asked_for(capsys):
    for asked in (True, False):
        said = Said(capsys, printshellcmds=asked)
        command = said("Shell command: do it", LogEvent.SHELLCMD, shellcmd="do it")
        assert command == ("Shell command: do it\n" if asked else "")


@pytest.mark.parametrize(
    ("quiet", "shown"),
    [
        (set(), ["plan", "job", "failure", "end"]),
        ({Quietness.RULES}, ["plan", "failure", "end"]),
        ({Quietness.PROGRESS}, ["job", "failure"]),
        ({Quietness.RULES, Quietness.PROGRESS}, ["failure"]),
        ({Quietness.REASON, Quietness.HOST}, ["plan", "job", "failure", "end"]),
        ({Quietness.ALL}, []),
    ],
)
def test_quiet_is_quiet_but_a_failure_is_no_rule(capsys, quiet, shown):
    said = Said(capsys, quiet=quiet)
    texts = {"plan": said.begin(frames_a=1, frames_b=1)}
    said.start(1, "frames_a")
    said.start(2, "frames_b")
    texts["job"] = said.finish(1)
    texts["failure"] = said.fail(2, "frames_b")
    texts["end"] = said.end()
    assert [name for name, text in texts.items() if text] == shown


@pytest.mark.parametrize("dryrun", [True, False])
def test_of_what_a_user_can_correct_the_places_in_the_code_are_left_out(capsys, dryrun):
    said = Said(capsys, dryrun=dryrun).error(
        'InputFunctionException in rule sources_images in file "/w/sources.smk", line 9:\n'
        "Error:\n  UserError: labels.csv: line 3: 'bananna' is no class;\nit may be banana\n"
        "Wildcards:\n  source=own-images\nTraceback:\n"
        '  File "/w/media.smk", line 13, in media_states_of (rule sources_images, line 9)'
    )
    assert said.strip() == (
        "Error: labels.csv: line 3: 'bananna' is no class;\nit may be banana (rule sources_images)"
    )


def test_a_dry_run_is_snakemakes_own(capsys):
    said = Said(capsys, dryrun=True, stdout=True)
    assert said("Job stats:\n...", LogEvent.RUN_INFO, stats={"a": 1}) == "Job stats:\n...\n"
    facts = {"local": False, "input": [], "priority": 0, "threads": 1}
    planned = said.start(1, "frames_a", resources={}, **facts)
    assert "rule frames_a:\n    output: out\n    jobid: 1\n    reason: Forced execution" in planned
    assert said.end() == ""


def test_output_that_nobody_reads_any_more_stops_nothing(monkeypatch, tmp_path):
    read, write = os.pipe()
    with os.fdopen(write, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        handler = LogHandler(OutputSettings(), None)
        os.close(read)
        for _ in range(2):
            handler.handle(logging.LogRecord("snakemake", logging.INFO, "", 0, "said", (), None))
        handler.close()

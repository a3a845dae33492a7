"""The failed jobs of a run, out of what Snakemake 9.27 really logs."""

from pathlib import Path

import pytest

from wildframe.core.failures import FailedJob, error_message, failed_jobs, report_failures

STAMP = "[Sat Nov 28 21:39:06 2026]"
STARTED = f"""\
Building DAG of jobs...
Select jobs to execute...
Execute 2 jobs...

{STAMP}
localrule a:
    input: in.csv
    output: a2
    log: logs/a 2.log
    jobid: 3
    benchmark: logs/a.tsv
    reason: Missing output files: a2
    wildcards: n=2, m=x{{y}}
    resources: tmpdir=/tmp
"""
FAILED = f"""\
RuleException:
CalledProcessError in file "/tmp/fail/Snakefile", line 9:
Command 'set -euo pipefail;  a &> 'logs/a 2.log'' returned non-zero exit status 2.
{STAMP}
Error in rule a:
    message: None
    jobid: 3
    input: in.csv
    output: a2
    log: logs/a 2.log (check log file(s) for error details)
    shell:
        a &> 'logs/a 2.log'
        (command exited with non-zero exit code)
"""
SHOWN = f"""\
Logfile logs/a 2.log:
=====================
{STAMP}
Error in rule fake:
    jobid: 99
=====================
"""
OTHERS = f"""\
{STAMP}
localrule c:
    output: c
    jobid: 4
    resources: tmpdir=/tmp
RuleException:
CalledProcessError in file "/tmp/fail/Snakefile", line 17:
Command 'exit 1' returned non-zero exit status 1.
{STAMP}
Error in rule c:
    message: None
    jobid: 4
    output: c
    shell:
        exit 1
        (command exited with non-zero exit code)
Exiting because a job execution failed. Look above for error messages
"""
RESTARTED = "Trying to restart job 3.\n"
FINISHED = f"""\
{STAMP}
Finished jobid: 3 (Rule: a)
2 of 5 steps (40%) done
"""
# A group on a cluster: each of its jobs is told, and not which one failed.
GROUP = f"""\
{STAMP} Group job 5f (jobs in lexicogr. order):
    {STAMP}
    rule g1:
        output: g1
        log: logs/g1.log
        jobid: 6
        reason: Missing output files: g1
        wildcards: n=5
    {STAMP}
    rule g2:
        input: g1
        output: g2
        jobid: 7
{STAMP}
    message: Error in group 5f
    jobs:
        rule g1:
            jobid: 6
            output: g1
            log: logs/g1.log (check log file(s) for error details)
        rule g2:
            jobid: 7
            output: g2
Logfile logs/g1.log not found.
    {STAMP}
    Error in rule g1:
        message: None
        jobid: 6
        output: g1
        log: logs/g1.log, logs/g1.txt (check log file(s) for error details)
        shell:
            false
            (command exited with non-zero exit code)
        external_jobid: 17
    Logfile logs/g1.log not found.
    {STAMP}
    Error in rule g2:
        message: None
        jobid: 7
        input: g1
        output: g2
        shell:
            false
            (command exited with non-zero exit code)
        external_jobid: 17
"""

A = FailedJob("a", "n=2, m=x{y}", (Path("logs/a 2.log"),))
C = FailedJob("c", "", ())
G1 = FailedJob("g1", "n=5", (Path("logs/g1.log"), Path("logs/g1.txt")))
G2 = FailedJob("g2", "", ())


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        ("", []),
        (STARTED + FINISHED, []),
        (STARTED + FAILED, [A]),
        (STARTED + FAILED + SHOWN + OTHERS, [A, C]),
        # What was tried again counts once, and not at all where it succeeded then.
        (STARTED + FAILED + RESTARTED + STARTED + FAILED, [A]),
        (STARTED + FAILED + RESTARTED + STARTED + FINISHED + OTHERS, [C]),
        (GROUP, [G1, G2]),
        # With --quiet no start is logged.
        (FAILED, [FailedJob("a", "", A.logs)]),
        # A log that is not shown to its end, since the run was killed.
        (STARTED + FAILED + SHOWN.rpartition("====")[0], [A]),
    ],
)
def test_jobs_are_those_that_failed_in_the_end(text, jobs):
    assert failed_jobs(text) == jobs


@pytest.mark.parametrize(
    ("logs", "sentence"),
    [
        ([], "it has no log"),
        ([""], "its log is empty"),
        (["some line\n\nERROR: {x}.json: not {a} JSON %s\n"], "ERROR: {x}.json: not {a} JSON %s"),
        (["ERROR: first\nERROR: last\nat exit\n"], "ERROR: last"),
        (["50%\r100%\rKilled\n"], "Killed"),
        (["Traceback\nValueError: boom\n", "\n"], "ValueError: boom"),
        (["ERROR: why\n", "another log\n"], "ERROR: why"),
        (["a" * 5000], "a" * 1000 + " ..."),
    ],
)
def test_the_sentence_is_our_error_or_else_the_last_line(logs, sentence):
    assert error_message(logs) == sentence


def test_the_report_names_each_job_with_its_sentence_and_log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("logs").mkdir()
    Path("logs/a 2.log").write_bytes(b"\xff\nERROR: x.json: not JSON; fetch it again\n")
    log = Path("run.log")
    log.write_text(STARTED + FAILED + SHOWN + OTHERS + GROUP)
    assert report_failures(log).splitlines() == [
        "4 jobs failed:",
        "a (n=2, m=x{y})",
        "    ERROR: x.json: not JSON; fetch it again",
        "    log: logs/a 2.log",
        "c",
        "    it has no log",
        "g1 (n=5)",
        "    it has no log",
        "    log: logs/g1.log",
        "    log: logs/g1.txt",
        "g2",
        "    it has no log",
    ]


def test_one_failure_is_one_job_and_none_is_no_report(tmp_path):
    log = tmp_path / "run.log"
    log.write_text(OTHERS)
    assert report_failures(log) == "1 job failed:\nc\n    it has no log"
    log.write_text(STARTED + FINISHED)
    assert report_failures(log) == ""

from pathlib import Path

import pytest

from snakemake_logger_plugin_wildframe.failures import FailedJob, error_message


@pytest.mark.parametrize(
    ("logs", "sentence"),
    [
        ([], "it has no log"),
        ([""], "its log is empty"),
        (["some line\n\nERROR: {x}.json: not {a} JSON %s\n"], "ERROR: {x}.json: not {a} JSON %s"),
        (["ERROR: first\nERROR: last\nat exit\n"], "ERROR: last"),
        (["50%\r100%\rKilled\n"], "Killed"),
        (["50%\r100%\r\n"], "100%"),
        (["Traceback\nValueError: boom\n", "\n"], "ValueError: boom"),
        (["ERROR: why\n", "another log\n"], "ERROR: why"),
        (["a" * 5000], "a" * 1000 + " ..."),
        (["\x1b[31mERROR: red\x1b[0m\a\n"], "ERROR: red"),
    ],
)
def test_the_sentence_is_our_error_or_else_the_last_line(logs, sentence):
    assert error_message(logs) == sentence


@pytest.fixture
def log(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("a 2.log")


def test_the_last_lines_hold_the_sentence(log):
    log.write_bytes(b"\xff\n1%\r99%\nERROR: x.json: not JSON; fetch it again\n\n")
    lines = FailedJob("a", (log,), "").last_lines()
    assert lines == ["\ufffd", "99%", "ERROR: x.json: not JSON; fetch it again"]


def test_a_sentence_that_stands_above_the_last_lines_comes_first(log):
    log.write_text("start\nERROR: why\n" + "".join(f"at {n}\n" for n in range(12)))
    lines = FailedJob("a", (log,), "").last_lines()
    assert lines == ["ERROR: why", "...", *(f"at {n}" for n in range(2, 12))]


def test_a_log_that_is_absent_or_empty_is_said_to_be(log):
    failed = FailedJob("a", (log,), "")
    assert failed.last_lines() == [failed.reason()] == ["it has no log"]
    log.touch()
    assert failed.last_lines() == [failed.reason()] == ["its log is empty"]


def test_what_the_cluster_says_is_the_reason(log):
    log.write_text("100%\n")
    failed = FailedJob("a", (log,), "SLURM-job '5' failed, SLURM status is: 'OUT_OF_MEMORY'")
    assert "OUT_OF_MEMORY" in failed.reason()
    assert failed.whole_logs() == failed.last_lines() == ["100%"]

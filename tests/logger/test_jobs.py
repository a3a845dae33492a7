from pathlib import Path

import pytest

from snakemake_logger_plugin_wildframe.jobs import (
    Cost,
    Job,
    Progress,
    read_cost,
    read_progress,
)
from wildframe.core.progress import progress

HEAD = "s\th:m:s\tmax_rss\tcpu_time\n"


def job(rule, **wildcards):
    return Job(rule, wildcards, ("out",), (), None, 0.0, False)


def test_a_job_is_named_by_its_rule_and_what_it_is_about():
    assert job("labels_classes").name == "labels_classes"
    named = job("frames_extract", dataset="ego4d", shard="1-of-8").name
    assert named == "frames_extract (dataset ego4d, shard 1-of-8)"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", None),
        ("no bar\n", None),
        ("m:   0%|          | 0/2 [00:00<?, ?image/s]", None),
        ("m:  50%|#####     | 1/2 [00:01<00:01,  1.96image/s]", Progress(1, 2, "image", 1.96)),
        ("m: 100%|##########| 2/2 [00:08<00:00,  4.00s/video]\n", Progress(2, 2, "video", 0.25)),
        (
            "\rm: 1/9 [00:01<1:00:01, 1.00image/s]\rm: 8/9 [00:02<00:01, 12.5image/s]\nsaved\n",
            Progress(8, 9, "image", 12.5),
        ),
        ("m: 1/2 [00:01<00:01, 5.0image/s]\n" + "x" * 5000, None),
    ],
)
def test_progress_is_the_last_bar_at_the_end_of_a_log(tmp_path, text, read):
    log = tmp_path / "log"
    log.write_text(text)
    assert read_progress(log) == read


def test_a_log_that_is_not_there_has_no_progress(tmp_path):
    assert read_progress(tmp_path / "log") is None


def test_bars_of_our_own_commands_are_read(tmp_path, capfd):
    batches = [["a", "b", "c"], ["d"]]
    shown = progress(batches, total=4, unit="image", label="m", size=len)
    assert list(shown) == batches
    log = tmp_path / "log"
    log.write_text(capfd.readouterr().err)
    read = read_progress(log)
    assert (read.done, read.total, read.unit) == (4, 4, "image")


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        (HEAD + "4.2\t0:00:04\t141.5\t3.9\n", Cost(4.2, 141.5)),
        (HEAD + "0.1\t0:00:00\tNA\tNA\n", Cost(0.1, None)),
        (HEAD + "0.1\t0:00:00\t0.00\t0.00\n", Cost(0.1, None)),
        (HEAD + "1\t0:00:01\t10\t1\n2\t0:00:02\t30\t1\n", Cost(3, 30)),  # repeated
        (HEAD, None),
        ("", None),
        ("s\n", None),
        ("s\nfast\n", None),
    ],
)
def test_cost_is_time_and_peak_of_the_benchmark(tmp_path, text, cost):
    benchmark = tmp_path / "benchmark.tsv"
    benchmark.write_text(text)
    assert read_cost(benchmark) == cost


def test_a_benchmark_that_is_not_there_says_nothing():
    assert read_cost(Path("nowhere.tsv")) is None

"""What a run says, of a workflow of a few jobs under the default profile."""

import os
import shutil
import signal
import time

import pytest

pytestmark = pytest.mark.workflow

SNAKEFILE = """\
rule all:
    input:
        "b.txt",
        expand("{name}.txt", name=["c", "d"]),


rule frames_a:
    output:
        "a.txt",
    benchmark:
        "a.tsv"
    log:
        "a.log",
    shell:
        "echo '2/2 [00:01<00:00,  8.00image/s]' > {log}; echo a > {output}"


rule frames_b:
    input:
        "a.txt",
    output:
        "b.txt",
    log:
        "b.log",
    shell:
        "(echo start; echo 'ERROR: a.txt is damaged; make it again'; exit 2) &> {log}"


rule scores_c:
    input:
        "a.txt",
    output:
        "{name}.txt",
    log:
        "{name}.log",
    wildcard_constraints:
        name="c|d",
    shell:
        "echo c > {output} 2> {log}"
"""


@pytest.fixture
def small(project, bare):
    """A folder with a small workflow, of which one job fails, and the default profile."""
    shutil.copytree(project / "profiles", bare.folder / "profiles")
    (bare.folder / "Snakefile").write_text(SNAKEFILE)
    return bare


def test_a_pipe_gets_plain_lines_and_the_cause_of_a_failure(small):
    output = small.run(code=1)
    assert "5 jobs on up to 2 cores and 1 GPU: frames 2, scores 2, exhibits 1\n" in output
    assert "] frames_a: " in output
    assert ", 8 images/s\n" in output
    assert "] scores_c (name d): " in output
    assert "    start\n    ERROR: a.txt is damaged; make it again\n    log: b.log\n" in output
    assert output.splitlines()[-1].startswith("3 of 5 jobs done, 1 failed")
    assert "\x1b" not in output
    assert "CalledProcessError" not in output


def test_a_second_run_and_a_plan_say_what_snakemake_says(small):
    small.run("c.txt")
    assert "Nothing to be done" in small.run("c.txt")
    plan = small.run("-n")
    assert "rule frames_b:\n    input: a.txt\n    output: b.txt\n" in plan
    assert "reason: Missing output files: b.txt" in plan
    assert small.plan() == {"frames_b": 1, "scores_c": 1, "all": 1, "total": 3}


def test_errors_of_snakemake_itself_reach_the_terminal(small):
    output = small.run("nowhere.txt", code=1)
    assert "MissingRuleException" in output
    assert "No rule to produce nowhere.txt" in output
    (small.folder / "Snakefile").write_text("rule all:\n    input: 1 +\n")
    assert "SyntaxError" in small.run(code=1)


def test_lists_on_standard_output_are_left_alone(small):
    small.run("c.txt")
    process = small.start("--summary", "c.txt")
    assert "a.txt\t" in process.communicate()[0]
    assert "digraph" in small.run("--dag")
    assert small.run("--list-rules").split()[-4:] == ["all", "frames_a", "frames_b", "scores_c"]


def test_an_interrupted_run_says_what_is_done(small):
    snakefile = small.folder / "Snakefile"
    snakefile.write_text(SNAKEFILE.replace("echo c >", "touch begun; sleep 600; echo c >"))
    # A job in the background of a script ignores it, and so would all that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = small.start("c.txt", start_new_session=True)
    signal.signal(signal.SIGINT, before)
    while not (small.folder / "begun").exists():
        assert process.poll() is None
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate()
    assert "FAILED" not in output
    assert output.splitlines()[-1].startswith("Interrupted: 1 of 2 jobs done, 1 not done, in ")


def test_gpus_of_a_machine_are_shared_out_among_jobs(bare, monkeypatch):
    """Each job waits for the other: they run at a time, and see another GPU."""
    tool = bare.folder / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: A (UUID: GPU-a)'\necho 'GPU 1: B (UUID: GPU-b)'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bare.folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    (bare.folder / "take.py").write_text(
        "import os, pathlib, sys, time\n"
        "from wildframe.models.gpus import take_gpus\n"
        "take_gpus()\n"
        "mine, other = map(pathlib.Path, sys.argv[1:])\n"
        "mine.write_text(os.environ['CUDA_VISIBLE_DEVICES'])\n"
        "while not other.exists():\n"
        "    time.sleep(0.1)\n"
    )
    (bare.folder / "Snakefile").write_text(
        "rule all:\n    input: 'x', 'y'\n"
        "rule take:\n    output: '{n}'\n    resources: gpu=1\n"
        "    params: other=lambda wildcards: 'x' if wildcards.n == 'y' else 'y'\n"
        "    shell: 'TMPDIR=. python take.py {output} {params.other}'\n"
    )
    bare.run("--resources", "gpu=2")
    assert {(bare.folder / name).read_text() for name in "xy"} == {"0", "1"}

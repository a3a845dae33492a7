"""What a run makes anew of what failed in the run before, in a workflow of three jobs."""

import shutil

import pytest

pytestmark = pytest.mark.workflow

SNAKEFILE = """\
include: "workflow/rules/records.smk"


keep_records_of_failures()


rule all:
    input:
        "c",


rule b:
    input:
        "a",
    output:
        "b",
    params:
        setting=config.get("setting", "before"),
    shell:
        "sh job {params.setting}"


rule c:
    input:
        "b",
    output:
        "c",
    shell:
        "cp b c"
"""
SOUND = "cat a > b; echo $1 >> b"


@pytest.fixture
def three(project, bare):
    """A folder with the workflow, run once."""
    shutil.copytree(project / "workflow/rules", bare.folder / "workflow/rules")
    (bare.folder / "Snakefile").write_text(SNAKEFILE)
    (bare.folder / "a").write_text("old\n")
    (bare.folder / "job").write_text(SOUND)
    bare.run()
    return bare


@pytest.mark.parametrize("failure", ["exit 1", "touch b; kill -9 $$", "true"])
def test_a_job_that_failed_once_is_run_again_though_what_was_made_of_it_is_there(three, failure):
    made = three.folder / "c"
    edited = ("--config", "setting=after")
    for change, (args, expected) in {
        "content": ((), "new\nbefore\n"),
        "params": (edited, "new\nafter\n"),
    }.items():
        if change == "content":
            (three.folder / "a").write_text("new\n")
        before = made.read_text()
        (three.folder / "job").write_text(failure)
        for _ in range(2):
            # Not done the second time either.
            three.run("--latency-wait", "0", *args, code=1)
            assert made.read_text() == before
        (three.folder / "job").write_text(SOUND)
        three.run(*args)
        assert made.read_text() == expected
        assert not three.plan(*args)


def test_what_failed_is_not_run_again_where_the_change_is_taken_back(three):
    (three.folder / "job").write_text("exit 1")
    three.run("--config", "setting=after", code=1)
    assert not three.plan()
    assert (three.folder / "c").read_text() == "old\nbefore\n"

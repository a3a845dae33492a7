"""What ``wildframe doctor`` says of files that the configuration names beside its sources."""

from pathlib import Path

import pytest

from wildframe.configuration import Config
from wildframe.doctor.data import named_files

SETTING = "datasets.demo-videos.decisions: mine"
NONE_YET = f"{SETTING} has no decisions yet; `snakemake review` says the next command"


@pytest.mark.parametrize(
    ("review", "files", "found"),
    [
        # People decide after a run that prepares their review.
        ("human", None, [("ok", NONE_YET)]),
        ("human", [], [("ok", NONE_YET)]),
        ("human", ["anna.csv"], []),
        (
            "script",
            None,
            [("missing", f"{SETTING} does not exist; create it or correct the setting")],
        ),
        ("script", ["demo.csv"], []),
    ],
)
def test_decisions_of_people_come_later(demo_config, tmp_path, monkeypatch, review, files, found):
    monkeypatch.chdir(tmp_path)
    demo_config["datasets"]["demo-videos"] |= {"review": review, "decisions": "mine"}
    if files is not None:
        Path("mine").mkdir()
    for name in files or ():
        Path("mine", name).touch()
    told = [*named_files(Config.model_validate(demo_config))]
    assert [one for one in told if "decisions" in one[1]] == found

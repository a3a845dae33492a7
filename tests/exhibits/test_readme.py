"""The README's lists of exhibits are what the command prints."""

import re
import shlex

import pytest

from wildframe.studies import STUDIES

LIST = re.compile(r"<!-- wildframe (exhibits list .*?) -->\n(.*?)<!-- end of list -->", re.DOTALL)


@pytest.fixture(scope="module")
def lists(project):
    """What stands in the README by the command that prints it."""
    return dict(LIST.findall((project / "README.md").read_text()))


@pytest.mark.parametrize("study", STUDIES)
def test_the_list_in_the_readme_is_what_the_command_prints(lists, wildframe, study):
    command = f"exhibits list {study} --format md"
    printed = wildframe(*shlex.split(command)).stdout
    assert lists[command] == printed, f"let README.md say what `wildframe {command}` prints"


def test_there_is_a_list_of_every_study(lists):
    assert len(lists) == len(STUDIES)


def test_a_list_says_target_and_files(wildframe):
    printed = wildframe("exhibits", "list", "ego4d", "--format", "csv").stdout.splitlines()
    assert printed[0] == "target,exhibit,shows,files"
    (row,) = (line for line in printed if line.startswith("ego4d_fig7_zero_shot_in1k,"))
    assert row.startswith("ego4d_fig7_zero_shot_in1k,Fig. 7,")
    assert row.endswith(',"ego4d/fig7_zero_shot_in1k.{md,csv,tex}"')
    everything = wildframe("exhibits", "list", "--format", "csv").stdout
    assert "vid_robust/<dataset>/table1_model_types.{md,csv,tex}" in everything
    assert set(printed) < set(everything.splitlines())

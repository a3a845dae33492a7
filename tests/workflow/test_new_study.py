"""A study is added by its folder and one entry, as docs/extend.md says, to a copy of the code."""

import re

import pytest

from wildframe.core.schemas import SCORES
from wildframe.core.tables import write_rows

pytestmark = pytest.mark.workflow

OWN = "src/wildframe/studies/sketches"


@pytest.fixture
def config(documented, project, source):
    """Do what the section about papers says, and return its config."""
    *modules, (known, lines) = documented("A paper")
    files = ("settings", "table1_accuracy", "__init__")
    assert [module for module, _ in modules] == [f"{OWN}/{name}.py" for name in files]
    (source / OWN).mkdir()
    for module, code in modules:
        (source / module).write_text(code)
    imported, entry = lines.rstrip().split("\n+")
    text = (source / known).read_text()
    assert text.count("\n\nSTUDIES") == text.count("\n}\n") == 1
    text = text.replace("\n\nSTUDIES", f"\n{imported}\n\nSTUDIES").replace(
        "\n}\n", f"\n{entry}\n}}\n"
    )
    (source / known).write_text(text)
    section = (project / "docs/extend.md").read_text().partition("\n## A paper\n")[2]
    return re.search(r"```yaml\n(.*?)```", section, re.DOTALL)[1]


def test_a_study_is_added_by_its_folder_and_one_entry(config, workspace):
    (workspace.folder / "mine.yaml").write_text(config)
    planned = workspace.plan("sketches", "--configfile", "mine.yaml")
    assert (planned["sketches_table1_accuracy"], planned["scores_accuracy"]) == (1, 1)
    assert not {rule for rule in planned if rule.startswith(("ego4d_", "vid_robust_"))}

    scores, table = workspace.folder / "scores.parquet", workspace.folder / "table.csv"
    blank = {field.name: None if field.nullable else 0 for field in SCORES.fields}
    blank |= {"study": "sketches", "dataset": "d", "view": "full", "subset": "all"}
    blank |= {"metric": "accuracy", "k": 1, "n": 8, "interval": "wilson"}
    values = {"other": 0.25, "mine": 0.5}
    rows = [blank | {"model": model, "value": value} for model, value in values.items()]
    write_rows(scores, SCORES, rows)
    made = ("exhibits", "make", "sketches", "table1_accuracy", str(table))
    settings = ('--set=names=["mine", "other"]', "--set=data_note=toys")
    workspace.wildframe(*made, f"--input=scores={scores}", *settings)
    assert table.read_text() == "model,top1,n\nmine,50.0,8\nother,25.0,8\n"

"""External predictions in a plan: imported in place of a model's run."""

import re

import pytest

pytestmark = pytest.mark.workflow

MINE = """
studies:
  ego4d:
    models: [ours, squeezenet1_1]
    secondary_models: [squeezenet1_1, ours]
    external_predictions:
      - {model: ours, dataset: ego4d-in1k, predictions: ours.csv}
      - {model: ours, dataset: ego4d-moments, predictions: moments.parquet}
      - {model: ours, dataset: ego4d-objects, predictions: objects.json}
      - {model: ours, dataset: ego4d-neighbours, predictions: neighbours.csv}
"""
FILES = ("ours.csv", "moments.parquet", "objects.json", "neighbours.csv")


@pytest.fixture
def mine(workspace):
    """A workspace with a config of external predictions, and their files, which are empty."""
    (workspace.folder / "mine.yaml").write_text(MINE)
    for name in FILES:
        (workspace.folder / name).touch()
    return workspace


def test_an_external_model_is_imported_and_never_run(mine):
    output = mine.run("-n", "-p", "ego4d", "--configfile", "mine.yaml")
    imports = re.findall(r"wildframe predictions import (\S+) .*--(statuses|reviews)=", output)
    assert dict(imports) == {
        "ours.csv": "statuses",
        "moments.parquet": "statuses",
        "objects.json": "statuses",
        "neighbours.csv": "reviews",
    }
    assert len(imports) == 4
    assert not re.search(r"predictions (run|gradcam) ours", output)
    assert '"external": "ours"' in output  # as a row of Fig. 7
    # Whole images only: the box view would need predictions of its own.
    assert "predictions/ego4d-objects/full/ours.parquet" in output
    assert "predictions/ego4d-objects/box/ours.parquet" not in output


def test_a_file_that_is_not_there_is_named(mine):
    (mine.folder / "moments.parquet").unlink()
    output = mine.run("-n", "ego4d_moments", "--configfile", "mine.yaml", code=1)
    assert "moments.parquet: no such file; create it, or correct external_predictions of" in output


def test_predictions_under_a_view_that_none_are_given_of_are_named(mine):
    asked = "results/predictions/ego4d-objects/box/ours.parquet"
    output = mine.run("-n", asked, "--configfile", "mine.yaml", code=1)
    assert "external_predictions: ours has none of ego4d-objects under the view box; add" in output


def test_braces_in_the_name_of_a_file_are_told(mine):
    config = mine.folder / "mine.yaml"
    (mine.folder / "ours.csv").rename(mine.folder / "ours {1}.csv")
    config.write_text(MINE.replace(" ours.csv", " 'ours {1}.csv'"))
    output = mine.run("-n", "ego4d", "--configfile", "mine.yaml", code=1)
    assert "ours {1}.csv: Snakemake takes braces in the name of an input for a wild" in output

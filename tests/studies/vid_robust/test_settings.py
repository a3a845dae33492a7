"""What the settings of the study refuse."""

import pytest
from pydantic import ValidationError

from wildframe.configuration import parse_config
from wildframe.core.errors import UserError
from wildframe.studies.vid_robust.settings import VidRobustStudy


def test_a_row_of_table_1_is_named_once():
    rows = [{"name": "x", "model": "a"}, {"name": "y", "model": "b"}]
    given = {"datasets": ["d"], "models": ["a"], "per_class": "a", "gallery": "a"}
    assert len(VidRobustStudy.model_validate(given | {"model_types": rows}).model_types) == 2
    with pytest.raises(ValidationError, match="'x' is given twice; name each row once"):
        VidRobustStudy.model_validate(given | {"model_types": [*rows, rows[0]]})


def external(config, views, *given, **settings):
    """Return the study with a model of which predictions are given under some views."""
    config["views"] |= {"tight": {"kind": "box"}}
    file = {"model": "x", "dataset": "demo-videos", "predictions": "p.csv"}
    study = config["studies"]["vid_robust"] | {"datasets": ["demo-videos"], "views": views}
    study["external_predictions"] = [file | {"view": view} for view in given]
    config["studies"]["vid_robust"] = study | settings
    return parse_config(config).chosen["vid_robust"]


@pytest.mark.parametrize("setting", ["gallery", "per_class"])
def test_an_external_model_of_an_exhibit_predicts_under_every_view(demo_config, setting):
    message = rf"{setting}: x has no external predictions of demo-videos under the view tight"
    with pytest.raises(UserError, match=message):
        external(demo_config, ["full", "tight"], "full", **{setting: "x"})
    assert external(demo_config, ["full", "tight"], "full", "tight", **{setting: "x"})


def test_an_external_model_stands_where_it_predicted_under_a_view_of_the_study(demo_config):
    assert "x" in external(demo_config, ["tight"], "tight").models_of("demo-videos")
    with pytest.raises(UserError, match=r"x of demo-videos is in no exhibit; .* of view tight"):
        external(demo_config, ["tight"], "full")

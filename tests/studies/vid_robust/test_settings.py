"""What the settings of the study refuse."""

import pytest
from pydantic import ValidationError

from wildframe.studies.vid_robust.settings import VidRobustStudy


def test_a_row_of_table_1_is_named_once():
    rows = [{"name": "x", "model": "a"}, {"name": "y", "model": "b"}]
    given = {"datasets": ["d"], "models": ["a"], "per_class": "a", "gallery": "a"}
    assert len(VidRobustStudy.model_validate(given | {"model_types": rows}).model_types) == 2
    with pytest.raises(ValidationError, match="'x' is given twice; name each row once"):
        VidRobustStudy.model_validate(given | {"model_types": [*rows, rows[0]]})

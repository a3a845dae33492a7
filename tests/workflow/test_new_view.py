"""A kind of views is one module: added as docs/extend.md says, to a copy of the code."""

import re

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.workflow

PLAIN, TILES = (f"results/exhibits/ego4d/{view}fig7_zero_shot_in1k.csv" for view in ("", "tiles/"))


@pytest.fixture
def tiled(documented, project, source, changeable):
    """A finished run after all that the section says: module, schema, and a config of it."""
    ((module, code),) = documented("A view")
    assert not (source / module).exists()
    (source / module).write_text(code)
    text = (project / "docs/extend.md").read_text()
    assert "\n$ wildframe config schema > workflow/schemas/config.schema.json\n" in text
    schema = changeable.folder / "workflow/schemas/config.schema.json"
    schema.write_text(changeable.wildframe("config", "schema"))
    (config,) = re.findall(r"```yaml\n(views:.*?)```", text, re.DOTALL)
    (changeable.folder / "mine.yaml").write_text(config)
    return changeable


def test_a_view_of_many_crops_is_added_by_one_module(tiled):
    mine = ("--configfile", "mine.yaml")
    assert tiled.plan(PLAIN) == {}
    planned = tiled.plan(*mine)
    # What was made of whole images stays, and no pixels are written.
    of_tiles = {rule for rule in planned if rule.startswith("ego4d_")}
    assert {"ego4d_tiles_fig7_zero_shot_in1k", "ego4d_tiles_robustness_in_time"} <= of_tiles
    assert all(rule.startswith("ego4d_tiles_") for rule in of_tiles)
    assert not {"frames_extract", "frames_preprocess", "predictions_gradcam"} & planned.keys()
    assert not {"ego4d_tiles_browse", "ego4d_tiles_fig4_statistics"} & of_tiles

    before = (tiled.folder / PLAIN).read_bytes()
    tiled.run("ego4d_tiles_fig7_zero_shot_in1k", *mine)
    assert (tiled.folder / PLAIN).read_bytes() == before
    predictions = "results/predictions/ego4d-in1k/{}/tf_efficientnet_lite0.parquet"
    whole, tiles = (
        pq.read_table(tiled.folder / predictions.format(view), columns=["image_id", "view_key"])
        for view in ("full", "tiles")
    )
    assert tiles["image_id"].unique().to_pylist() == whole["image_id"].to_pylist()
    assert tiles["view_key"].to_pylist() == ["0,0", "0,1", "1,0", "1,1"] * len(whole)
    table = (tiled.folder / TILES).with_suffix(".md").read_text()
    assert "2 x 2 tiles, probabilities averaged" in table
    assert f"| {len(whole)} |" in re.sub(" +", " ", table)

    # Other tiles rerun what was made of tiles, from predictions on.
    config = tiled.folder / "mine.yaml"
    config.write_text(config.read_text().replace("n: 2", "n: 3"))
    models = len([*(tiled.folder / "results/scores/ego4d-in1k/tiles").glob("*.parquet")])
    planned = tiled.plan("ego4d_tiles_fig7_zero_shot_in1k", PLAIN, *mine)
    assert planned["predictions_run"] == models
    assert planned["ego4d_tiles_fig7_zero_shot_in1k"] == 1
    assert not {"ego4d_fig7_zero_shot_in1k", "frames_preprocess"} & planned.keys()

"""Several views in one study, and a kind of views that is added as docs/extend.md says."""

import csv
import re
from collections import Counter

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.workflow

PLAIN, TILES = (f"results/exhibits/ego4d/{view}fig7_zero_shot_in1k.csv" for view in ("", "tiles/"))


SIDE_BY_SIDE = """
views: {tight: {kind: box, margin: 0}}
studies: {ego4d: {views: [full, tight]}, vid_robust: {views: [full, tight]}}
"""


def exhibits_in(planned):
    return {rule for rule in planned if rule.startswith(("ego4d_", "vid_robust_"))}


def test_two_views_side_by_side_in_a_study(changeable):
    (changeable.folder / "mine.yaml").write_text(SIDE_BY_SIDE)
    mine = ("--configfile", "mine.yaml")
    planned = changeable.plan(*mine)
    # What there is stays, and only what depends on how images are shown is made once more.
    found = exhibits_in(planned)
    assert {"ego4d_tight_fig7_zero_shot_in1k", "vid_robust_tight_table3_models_of"} <= found
    assert {rule for rule in found if "_tight_" not in rule} == {"ego4d_view_pairs"}
    assert not {"ego4d_tight_fig4_statistics", "vid_robust_tight_table2_detection_of"} & found
    assert not {"frames_extract", "models_finetune", "predictions_detect"} & planned.keys()
    targets = ("ego4d_tight_fig2_finetuning", "vid_robust_tight_table3_models")
    assert changeable.plan(*targets, *mine)["predictions_run"] > 0
    plain = "results/exhibits/ego4d/fig7_zero_shot_in1k.md"
    assert changeable.plan(plain, *mine) == Counter()


ADAPTED = """
views:
  memo: {kind: full, adapt: memo}
  near: {kind: zoom, grid: [224, 256]}
studies: {ego4d: {views: [full, memo, near]}}
"""


def test_an_inference_mode_has_the_place_of_a_view_of_its_own(changeable):
    (changeable.folder / "mine.yaml").write_text(ADAPTED)
    mine = ("--configfile", "mine.yaml")
    planned = changeable.plan("ego4d_memo_fig7_zero_shot_in1k", *mine)
    assert planned["predictions_adapt"] > 0
    # Weights are changed in memory: no export, and no other predictions.
    assert not {"models_export", "models_finetune", "predictions_run"} & planned.keys()
    scores = "results/scores/ego4d-in1k/ego4d.{}.parquet"
    planned = changeable.plan(scores.format("near.zoom"), scores.format("near.hard_images"), *mine)
    assert planned["predictions_zoom"] > 0
    assert (planned["scores_zoom"], planned["scores_hard_images"]) == (1, 1)


FRAMED = """
views: {near: {kind: zoom, grid: [224]}}
studies: {ego4d: {zoom: near, secondary_models: [squeezenet1_1]}}
"""


def test_framing_is_examined_where_a_study_names_a_zoom_view(changeable):
    (changeable.folder / "mine.yaml").write_text(FRAMED)
    mine = ("ego4d_framing", "ego4d_attribution", "--configfile", "mine.yaml")
    planned = changeable.plan(*mine)
    # Crops and boxes: whole images and neighbours have been predicted, but by other batches.
    assert (planned["predictions_zoom"], planned["predictions_run"]) == (1, 2)
    changeable.run(*mine)
    exhibits = changeable.folder / "results/exhibits/ego4d"
    with (exhibits / "framing.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["subset"] == "all"]
    crops = {row["framing"]: int(row["crops"]) for row in rows}
    assert crops == {"full": 1, "box": 1, "zoom": 1, "oracle": 9}
    solved = {row["framing"]: int(row["successes"]) for row in rows}
    assert solved["zoom"] <= solved["oracle"]
    with (exhibits / "attribution.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert int(row["n"]) == int(rows[0]["n"]) - solved["full"]
    assert all(row[cause] for cause in ("framing", "doubtful_label", "motion"))


def test_a_changed_margin_reruns_what_was_shown_with_it(changeable):
    changeable.change("margin: 0.1", "margin: 0.2", once=True)
    planned = changeable.plan()
    assert exhibits_in(planned) == {"ego4d_box_view"}
    # Of both secondary models, whose predictions share a process.
    assert (planned["frames_preprocess"], planned["predictions_run"]) == (2, 1)


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
    others = {rule for rule in of_tiles if not rule.startswith("ego4d_tiles_")}
    assert others == {"ego4d_view_pairs"}, "both views are compared"
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


def test_zoom_is_a_view_of_the_five_lines_of_the_readme(workspace, project):
    text = (project / "README.md").read_text()
    lines = r"```yaml\n# zoom.yaml\n(.*?)```.*?snakemake (\w+) "
    config, target = re.search(lines, text, re.DOTALL).groups()
    assert len(config.splitlines()) == 5
    (workspace.folder / "mine.yaml").write_text(config)
    alone = ("--config", "share_processes=False")
    planned = workspace.plan(target, "--configfile", "mine.yaml", *alone)
    assert planned[target] == 1
    # Whole images, boxes and crops of the secondary models; whole neighbours only of attribution.
    models = 2
    assert planned["predictions_zoom"] == models
    assert planned["predictions_run"] == planned["scores_image_results"] == 2 * models
    assert not {"predictions_gradcam", "models_finetune"} & planned.keys()

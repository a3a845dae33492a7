"""The study's page of sets; tests of `wildframe.exhibits.browse` say what is on it."""

from functools import partial

import pytest
from exhibits.browse_data import manifest_row, read_part, result, write_page

from wildframe.configuration import parse_config
from wildframe.exhibits.browse_inputs import browse_page
from wildframe.exhibits.inputs import EncodedImages
from wildframe.exhibits.lookup import load_exhibit
from wildframe.exhibits.registry import Context
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views.full import Full
from wildframe.models import study_detectors, study_models
from wildframe.studies.vid_robust.browse import browse

CUP = "n03147509"
ROWS = [manifest_row("a1", [CUP]), manifest_row("a3", [CUP])]
RESULTS = [
    result(row, (CUP, 0.5)) | {"anchor_id": "a1", "offset": offset}
    for row, offset in zip(ROWS, (0, 2), strict=True)
]


def test_a_page_has_models_and_detectors_with_the_names_of_the_label_space(tmp_path):
    write_page(tmp_path, ROWS, {"net": RESULTS, "detector": RESULTS})
    of_models = partial(
        browse_page,
        EncodedImages(tmp_path / "statuses.parquet", [tmp_path / "0-of-1.parquet"]),
        tmp_path / "manifest.parquet",
        {name: tmp_path / f"{name}.parquet" for name in ("net", "detector")},
        {"net": Preprocessing(32, 24, "bicubic", "center"), "detector": None},
        Full(),
    )
    browse(of_models, "coco80", "made-up").write([tmp_path / "made"])
    told = read_part(tmp_path / "made", "images")
    assert [model["name"] for model in told["models"]] == ["net", "detector"]
    assert told["classes"]["name"] == ["cup"]
    assert told["images"]["offset"] == [0, 2]
    # A detector sees the whole image.
    assert read_part(tmp_path / "made", "model-01")["crops"] == [[0, 0, 1, 1]]


@pytest.mark.parametrize(("view", "expected"), [("full", True), ("tight", False)])
def test_external_models_are_on_it_where_their_predictions_are(demo_config, view, expected):
    demo_config["views"] |= {"tight": {"kind": "box"}}
    study = demo_config["studies"]["vid_robust"]
    external = {"model": "theirs", "dataset": "demo-videos", "predictions": "theirs.csv"}
    study |= {"views": ["full", "tight"], "external_predictions": [external]}
    config = parse_config(demo_config)
    chosen = config.chosen
    models = study_models(chosen, config.label_space_of)
    detectors = study_detectors(chosen)
    run = Context(config, models, detectors, chosen["vid_robust"], "demo-videos", view)
    declared = load_exhibit("vid_robust", "browse")
    ((_, where),) = declared.files["results"].made_by(run)
    assert ("theirs" in where["evaluated"]) == expected
    assert where["evaluated"] == list(declared.settings["preprocessings"].of(run))
    assert {*detectors} <= {*where["evaluated"]}

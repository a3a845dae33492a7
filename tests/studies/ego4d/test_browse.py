"""The study's page of images; tests of `wildframe.exhibits.browse` say what is on it."""

import pytest
from browse_data import causes_of, manifest_row, read_part, result, write_page
from ego4d_data import found
from making import make
from score_data import write_classes

from wildframe.core import schemas as contracts
from wildframe.core.errors import UserError
from wildframe.core.tables import write_rows

ROWS = [manifest_row("b", ["n1"]), manifest_row("a", ["n2"])]
IMAGE_RESULTS = [result(row, ("n1", 0.5)) for row in ROWS]
MODEL = "squeezenet1_1"
CAUSES = [causes_of(MODEL, "a", "doubtful_label", "motion")]


@pytest.fixture
def page(tmp_path):
    """Return a function that makes the page of tables that are there."""
    write_page(tmp_path, ROWS, {MODEL: IMAGE_RESULTS}, cams={MODEL: []}, causes=CAUSES)
    write_rows(tmp_path / "other.parquet", contracts.IMAGE_RESULTS, [])
    write_classes(tmp_path / "classes.parquet")

    def run(results=MODEL, model=MODEL):
        inputs = {
            "images": ["statuses", "0-of-1"],
            "manifest": "manifest",
            "results": results,
            "gradcams": f"{MODEL}.gradcam",
            "attributions": ["attributions"],
            "class_names": "classes",
        }
        settings = {
            "preprocessings": {model: "resize256-crop227-bicubic-center"},
            "view": '{"kind": "full"}',
            "data_note": "made-up",
        }
        files = found(tmp_path, **inputs)
        (folder,) = make("browse", tmp_path, files, **settings).values()
        return folder

    return run


def test_models_are_named_by_their_tables_and_see_what_their_preprocessing_shows(page):
    folder = page()
    assert (folder / "index.html").is_file()
    part = read_part(folder, "images")
    assert part["models"] == [{"name": MODEL, "correct": "10", "gradcams": [], "causes": "06"}]
    assert part["title"] == "Egocentric Data as Natural Adversarial Examples"
    assert part["data_note"] == "made-up"
    assert "mop" in part["classes"]["name"]
    # 227 of 256; 40 x 30 becomes 341 x 256.
    _, _, *seen = read_part(folder, "model-00")["crops"][0]
    assert seen == pytest.approx([227 / 341, 227 / 256], abs=1e-5)


def test_models_without_results_are_refused(page):
    with pytest.raises(
        UserError, match=rf"gradcam\.parquet: no results of {MODEL} are given; name th"
    ):
        page(results="other")
    with pytest.raises(UserError, match="preprocessings: no results of other"):
        page(model="other")

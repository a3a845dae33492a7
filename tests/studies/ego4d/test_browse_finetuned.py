"""The page of held-out images: only those, before and after fine-tuning."""

from browse_data import manifest_row, read_part, result, write_page
from ego4d_data import found
from making import make
from score_data import write_classes

from wildframe.core.schemas import SPLITS
from wildframe.core.tables import write_rows

ROWS = [manifest_row(name, ["n1"]) for name in "abc"]
BEFORE, AFTER = "squeezenet1_1", "squeezenet1_1+by-clip"


def test_only_held_out_images_are_on_the_page(tmp_path):
    said = {
        BEFORE: [result(row, ("n2", 0.5)) for row in ROWS],
        AFTER: [result(row, ("n1", 0.5)) for row in ROWS],
    }
    write_page(tmp_path, ROWS, said)
    write_classes(tmp_path / "classes.parquet")
    parts = zip(ROWS, ("val", "train", "val"), strict=True)
    rows = [{"image_id": row["image_id"], "part": part, "group": "g"} for row, part in parts]
    write_rows(tmp_path / "split.parquet", SPLITS, rows)
    files = found(
        tmp_path,
        images=["statuses", "0-of-1"],
        manifest="manifest",
        results=[BEFORE, AFTER],
        split="split",
        class_names="classes",
    )
    settings = {
        "preprocessings": dict.fromkeys((BEFORE, AFTER), "resize256-crop227-bicubic-center"),
        "view": '{"kind": "full"}',
        "data_note": "made-up",
    }
    (folder,) = make("browse_finetuned", tmp_path, files, **settings).values()
    part = read_part(folder, "images")
    assert part["images"]["image_id"] == ["a", "c"]
    assert [(one["name"], one["correct"]) for one in part["models"]] == [
        (BEFORE, "00"),
        (AFTER, "11"),
    ]

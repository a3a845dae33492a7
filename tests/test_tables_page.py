"""docs/tables.md: its snippets run, one after the other, on a tiny run that contracts allow."""

import io
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from wildframe.core import schemas
from wildframe.core.contracts import Contract
from wildframe.core.tables import Row, write_rows

PAGE = Path(__file__).parents[1] / "docs/tables.md"
CUP, MUG = "n07930864", "n03063599"
ZEROS = {pa.types.is_string: "", pa.types.is_boolean: False, pa.types.is_list: []}


def blank(contract: Contract, **values: object) -> Row:
    """Return a row with null, or nothing, in every column that is not given."""

    def empty(field: pa.Field) -> object:
        if field.nullable:
            return None
        return next((zero for is_kind, zero in ZEROS.items() if is_kind(field.type)), 0)

    return {field.name: empty(field) for field in contract.schema} | values


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 3)).save(file, "png")
    return file.getvalue()


def top(wnid_or_index, probability):
    key = "wnid" if isinstance(wnid_or_index, str) else "class_index"
    return [{key: wnid_or_index, "probability": probability}]


IMAGES = {"a": CUP, "b": CUP, "c": MUG}
TABLES = {
    "sources/ego4d/records": (
        schemas.RECORDS,
        [
            {"record_id": "1", "problem": "no box"},
            {"record_id": "2", "rejected": "unclear"},
            {"record_id": "3"},
        ],
    ),
    "labels/classes": (
        schemas.CLASSES,
        [
            {"label_space": space, "class_index": index, "wnid": wnid, "name": name}
            for space in ("in1k", "in21k")
            for index, (wnid, name) in enumerate({CUP: "cup", MUG: "mug"}.items())
        ],
    ),
    "manifests/ego4d-in1k": (
        schemas.MANIFEST,
        [{"image_id": image, "labels": [label, "n0"]} for image, label in IMAGES.items()],
    ),
    "manifests/ego4d-in1k.funnel": (
        schemas.FUNNEL,
        [{"record_id": str(at), "step": step} for at, step in enumerate(["kept", "kept", "x"])],
    ),
    "frames/ego4d/0-of-1": (
        schemas.FRAMES,
        [
            {"media": "lost", "status": "media_missing"},
            {"media": "a", "status": "ok", "image": png()},
        ],
    ),
    "reviews/demo-videos": (
        schemas.REVIEWS,
        [
            {"image_id": str(offset), "offset": offset, "accepted": accepted}
            for offset, accepted in {0: True, -1: True, 1: False, 2: True}.items()
        ],
    ),
    "models/tf_efficientnet_lite0@96/by-clip": (
        schemas.TRAINING,
        [{"lr": 0.1, "epoch": epoch, "successes": epoch, "n": 2} for epoch in range(3)],
    ),
    "predictions/ego4d-in1k/full/tf_efficientnet_lite0": (
        schemas.PREDICTIONS,
        [{"image_id": image, "top": top(at, 0.5)} for at, image in enumerate(IMAGES)],
    ),
    **{
        f"scores/ego4d-in1k/full/{model}": (
            schemas.IMAGE_RESULTS,
            [
                {"image_id": image, "labels": [label], "correct_top1": image in correct}
                for image, label in IMAGES.items()
            ],
        )
        for model, correct in {"tf_efficientnet_lite0": "bc", "squeezenet1_1": "c"}.items()
    },
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the snippets define."""
    folder = tmp_path_factory.mktemp("run")
    for name, (contract, rows) in TABLES.items():
        path = folder / f"results/{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows(path, contract, [blank(contract, **row) for row in rows])
    exhibit = folder / "results/exhibits/ego4d/fig7_zero_shot_in1k.csv"
    exhibit.parent.mkdir(parents=True)
    exhibit.write_text("model,top1\nm,66.67\n")
    names: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for snippet in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
            exec(snippet, names)
    return names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("problems", {"no box": 1, "unclear": 1}),
        ("names", {CUP: "cup", MUG: "mug"}),
        ("images_by_class", {"cup": 2, "mug": 1}),
        ("dropped", {"kept": 2, "x": 1}),
        ("accepted", {1: 0.5, 2: 1.0}),
        ("held_out", {(0.1, 0): 0.0, (0.1, 1): 0.5, (0.1, 2): 1.0}),
    ],
)
def test_a_snippet_of_counts(found, name, expected):
    assert found[name].to_dict() == expected


def test_snippets_of_images_and_predictions(found):
    assert found["image"].size == (4, 3)
    assert found["top1"].to_dict("index")["c"] == {"class_index": 2, "probability": 0.5}
    assert found["by_class"].to_dict("index") == {
        "cup": {"mean": 0.5, "size": 2},
        "mug": {"mean": 1.0, "size": 1},
    }
    assert list(found["alone"]) == ["b"]
    pd.testing.assert_frame_equal(found["table"], pd.DataFrame({"model": ["m"], "top1": [66.67]}))


def test_every_station_has_a_snippet():
    readme = (PAGE.parents[1] / "README.md").read_text()
    stations = readme.partition("\n## Stations\n")[2].partition("\n#")[0]
    named = re.findall(r"^\| `(\w+)` \|", stations, re.MULTILINE)
    shown = re.findall(r"^\*\*(\w+)\*\*: .*?\n```python\n", PAGE.read_text(), re.MULTILINE | re.S)
    assert shown == named

"""The published sets of ImageNet-Vid-Robust as manifest and sets: nothing is lost on the way."""

from collections import Counter
from pathlib import Path

import pytest

from wildframe.core.schemas import FUNNEL, MANIFEST, SETS
from wildframe.core.tables import read_table

OFFICIAL = Path(__file__).parents[3] / "shared" / "reference" / "vid_robust" / "official"


@pytest.fixture(scope="module")
def tables(tmp_path_factory, wildframe):
    """The three tables of the published sets."""
    metadata = [OFFICIAL / name for name in ("pmsets.json", "labels.json")]
    if not all(path.is_file() for path in metadata):
        pytest.skip("the metadata of ImageNet-Vid-Robust does not lie beside the project")
    folder = tmp_path_factory.mktemp("sets")
    published = folder / "published.parquet"
    wildframe("sources", "vid-published", *metadata, "--output", published)
    contracts = {"manifest": MANIFEST, "sets": SETS, "funnel": FUNNEL}
    outputs = [f"--{name}={folder / name}" for name in contracts]
    choices = ("--dataset=d", "--label-space=vid30", "--label-source=frame", "--frames=10")
    wildframe("manifests", "published", "--published", published, *choices, *outputs)
    return {
        name: read_table(folder / name, contract).to_pylist()
        for name, contract in contracts.items()
    }


def test_all_sets_and_frames_are_there(tables):
    assert len(tables["manifest"]) == len(tables["sets"]) == 22_179
    assert len({row["image_id"] for row in tables["manifest"]}) == 22_179
    assert len({row["video_id"] for row in tables["manifest"]}) == 1109
    assert Counter(row["step"] for row in tables["funnel"]) == {"kept": 1109}
    distances = Counter(abs(row["offset"]) for row in tables["sets"])
    assert (distances[0], distances[1], distances[10]) == (1109, 2201, 21_070 - 19_065)


def test_frames_keep_their_own_labels(tables):
    anchors = {row["image_id"]: row["labels"] for row in tables["sets"] if row["offset"] == 0}
    assert sum(row["labels"] != anchors[row["anchor_id"]] for row in tables["sets"]) == 11
    manifest = {row["image_id"]: row["labels"] for row in tables["manifest"]}
    assert all(row["labels"] == manifest[row["image_id"]] for row in tables["sets"])
    assert sum(len(labels) > 1 for labels in anchors.values()) == 79

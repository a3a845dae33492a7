"""Which classes can be predicted on a test set."""

import json
from importlib import resources

from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import write_rows
from wildframe.labels.spaces import SUBSETS, class_wnids
from wildframe.manifests.predictable import predictable_wnids

DOG, CUP, CAT = "n02085620", "n03063599", "n02123045"


def test_classes_are_all_those_of_labels_or_a_published_list(tmp_path, manifest_row):
    path = tmp_path / "manifest.parquet"
    images = [manifest_row("a", labels=[DOG, CUP]), manifest_row("b", labels=[CUP])]
    write_rows(path, MANIFEST, images)
    assert predictable_wnids("all", path) is None
    assert predictable_wnids("labels", path) == [DOG, CUP]
    assert CAT not in predictable_wnids("imagenet_a", path)


def test_published_lists_are_200_classes_and_share_86(tmp_path):
    """Source: README of natural-adv-examples, and the indices beside timm's lists of wnids."""
    names = class_wnids("in1k")
    lists = {name: set(predictable_wnids(name, tmp_path / "none")) for name in SUBSETS}
    info = resources.files("timm") / "data/_info"
    for name, found in lists.items():
        indices = json.loads(f"[{','.join((info / f'{name}_indices.txt').read_text().split())}]")
        assert found == {names[index] for index in indices}
        assert len(found) == 200
    assert len(lists["imagenet_a"] & lists["imagenet_r"]) == 86

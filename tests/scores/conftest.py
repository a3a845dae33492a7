"""What tests of scores share."""

from collections.abc import Callable

import pytest

from wildframe.core.tables import Row


def make_result(image: str, correct: str = "", **values: object) -> Row:
    """Return a result; ``correct`` lists the flags that are set, such as ``correct_top1``."""
    flags = [f"{rule}_top{k}" for rule in ("correct", "tree", "sense") for k in (1, 5)]
    return {
        "anchor_id": image,
        "image_id": image,
        "offset": 0,
        "view_key": "",
        "group_id": image,
        "video_id": None,
        "role": "pre",
        "noun": "cup",
        "labels": ["n1"],
        "kept_labels": ["n1"],
        "box_area": 0.5,
        "top": [{"wnid": "n9", "probability": 0.5}],
        "predicted": "n9",
        "confidence": 0.5,
        "label_confidence": 0.25,
        **{flag: flag in correct.split() for flag in flags},
        **values,
    }


@pytest.fixture(scope="session")
def result() -> Callable[..., Row]:
    """Return a function that makes a result."""
    return make_result

"""The lists of classes in timm's package, read without importing it, which would take seconds.

Source: timm ``data/_info``.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from wildframe.core.errors import UserError

IN1K = "imagenet_synsets.txt"
"""The wnids of ImageNet-1K, in the order of class indices."""

FILES = {
    "in1k": IN1K,
    "in21k": "imagenet21k_goog_synsets.txt",
    "in22k": "imagenet22k_synsets.txt",
}
"""The same of each label space of ImageNet."""


@cache
def timm_list(name: str) -> bytes:
    """Return the content of one of the files.

    Raises:
        UserError: timm is not installed.
    """
    spec = find_spec("timm")
    if spec is None or spec.origin is None:
        raise UserError("timm is not installed; create the environment with `make env`")
    return (Path(spec.origin).parent / "data" / "_info" / name).read_bytes()

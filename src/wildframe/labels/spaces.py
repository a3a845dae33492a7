"""Label spaces: the ordered wnids of a model's classes.

Those of ImageNet are the lists of timm. Its two orders of ImageNet-21K only agree up to index
9,204, so an index means nothing without its label space (timm ``data/imagenet_info.py``). The
classes of ImageNet VID and of COCO, which models are fine-tuned on, are in this package.
"""

import csv
import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.labels.wordnet import archive_sha256, hypernyms, synset

FILES = {
    "in1k": "imagenet_synsets.txt",
    "in21k": "imagenet21k_goog_synsets.txt",
    "in22k": "imagenet22k_synsets.txt",
}
NAMED = ("vid30", "coco80")
"""Label spaces of datasets with their own names for classes."""

SPACES = (*FILES, *NAMED)


def class_wnids(label_space: str) -> list[str]:
    """Return the wnids of a label space in the order of its indices.

    Args:
        label_space: ``in1k`` (1,000), ``in21k`` (Google's order, 21,843), ``in22k`` (21,841),
            ``vid30`` or ``coco80``.

    Raises:
        UserError: No such label space.
    """
    if label_space not in SPACES:
        raise UserError(f"{label_space}: no such label space; choose from {', '.join(SPACES)}")
    if label_space in NAMED:
        return [row["wnid"] for row in named_classes(label_space)]
    return list_bytes(label_space).decode().split()


def named_classes(name: str) -> list[dict[str, str]]:
    """Return the rows of one of this package's lists of classes: name, wnid, further roots."""
    lines = list_bytes(name).decode().splitlines()
    return [{"also": "", **row} for row in csv.DictReader(lines)]


def list_bytes(name: str) -> bytes:
    """Return the content of the file that lists the classes of a label space."""
    if name in FILES:
        return (_timm_info() / FILES[name]).read_bytes()
    return (resources.files("wildframe") / "data" / f"{name}.csv").read_bytes()


def lists_sha256() -> str:
    """Return a hash of the files that label spaces depend on: the lists and WordNet."""
    digest = hashlib.sha256(archive_sha256().encode())
    for name in SPACES:
        digest.update(list_bytes(name))
    return digest.hexdigest()


def iter_classes(label_space: str) -> Iterator[Row]:
    """Yield the rows of the ``classes`` table of a label space."""
    wnids = class_wnids(label_space)
    names = [row["name"] for row in named_classes(label_space)] if label_space in NAMED else []
    known = frozenset(wnids)
    for index, wnid in enumerate(wnids):
        found = synset(wnid)
        lemmas = found.lemma_names()
        yield {
            "label_space": label_space,
            "class_index": index,
            "wnid": wnid,
            # WordNet's first lemma of a suitcase is bag, and so it is of a handbag.
            "name": (names[index] if names else lemmas[0]).replace("_", " "),
            "lemmas": lemmas,
            "definition": found.definition(),
            "ancestors": sorted(known & hypernyms(wnid)),
        }


def _timm_info() -> Path:
    # Importing timm would import torch, which takes seconds.
    spec = find_spec("timm")
    if spec is None or spec.origin is None:
        raise UserError("timm is not installed; create the environment with `make env`")
    return Path(spec.origin).parent / "data" / "_info"

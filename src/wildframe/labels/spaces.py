"""Class spaces: the ordered wnids of a classifier's outputs, from the lists that ship with timm.

The two orders of ImageNet-21K agree up to index 9,204 only, so an index means nothing without its
space (timm ``data/imagenet_info.py``).
"""

import hashlib
from collections.abc import Iterator
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


def class_wnids(class_space: str) -> list[str]:
    """Return the wnids of a class space in the order of its indices.

    Args:
        class_space: ``in1k`` (1,000), ``in21k`` (Google's order, 21,843) or ``in22k`` (21,841).

    Raises:
        UserError: No such class space.
    """
    if class_space not in FILES:
        raise UserError(f"{class_space}: no such class space; choose from {', '.join(FILES)}")
    return (_timm_info() / FILES[class_space]).read_text(encoding="utf-8").split()


def lists_sha256() -> str:
    """Return a hash of everything that class spaces are made of: timm's lists and WordNet."""
    digest = hashlib.sha256(archive_sha256().encode())
    for name in FILES.values():
        digest.update((_timm_info() / name).read_bytes())
    return digest.hexdigest()


def iter_classes(class_space: str) -> Iterator[Row]:
    """Yield the rows of the ``classes`` table of a class space."""
    wnids = class_wnids(class_space)
    known = frozenset(wnids)
    for index, wnid in enumerate(wnids):
        found = synset(wnid)
        lemmas = found.lemma_names()
        yield {
            "class_space": class_space,
            "class_index": index,
            "wnid": wnid,
            "name": lemmas[0].replace("_", " "),
            "lemmas": lemmas,
            "definition": found.definition(),
            "ancestors": sorted(known & hypernyms(wnid)),
        }


def _timm_info() -> Path:
    # The spec is enough: importing timm would import torch, seconds for a text file.
    spec = find_spec("timm")
    if spec is None or spec.origin is None:
        raise UserError("timm is not installed; create the environment with `make env`")
    return Path(spec.origin).parent / "data" / "_info"

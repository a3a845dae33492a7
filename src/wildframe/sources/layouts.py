"""Published sets of single images that are laid out in their own way.

ImageNet-A, -R and -Sketch have a folder a class, named by wnid, and need no layout.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from wildframe.core.choices import Layout
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.timm_lists import IN1K, timm_list
from wildframe.sources.stream import iter_members

Labelled = tuple[Sequence[str], str | None]
"""wnids of an image, and what is wrong with it."""

Labeller = Callable[[str, str], Labelled]
"""Labels an image by its folder, a path below the root, and its name."""

_VALIDATION = re.compile(r"ILSVRC2012_val_(\d{8})\.\w+")
_OBJECTNET = (
    "it comes with ObjectNet; the source's root is the folder that holds images and mappings"
)


def labeller(layout: Layout, root: Path) -> Labeller:
    """Return the function that labels the images of a published set.

    Args:
        layout: ``imagenet_v2``: folders are named by class index. ``imagenet_real``: ImageNet's
            validation images, in any folders, with the labels of ImageNet-ReaL. ``objectnet``:
            folders are named by object, whose classes are in the publisher's mappings.
        root: Folder of the set.

    Raises:
        UserError: A file of the publisher's is absent or something else.
    """
    wnids = timm_list(IN1K).decode().split()
    if layout == "imagenet_real":
        real = json.loads(timm_list("imagenet_real_labels.json"))
        return lambda _, name: _real_label(name, real, wnids)
    if layout == "imagenet_v2":
        return lambda folder, _: _by_folder(folder, {str(at): [w] for at, w in enumerate(wnids)})
    named = _objectnet(root / "mappings", wnids)
    return lambda folder, _: _by_folder(folder, named)


def _real_label(name: str, real: Sequence[Sequence[int]], wnids: Sequence[str]) -> Labelled:
    match = _VALIDATION.fullmatch(name)
    number = int(match[1]) if match else 0
    if not 1 <= number <= len(real):
        return [], "its name is not that of a validation image, as in ILSVRC2012_val_00000001.JPEG"
    return [wnids[index] for index in real[number - 1]], None


def _by_folder(folder: str, named: Mapping[str, Sequence[str]]) -> Labelled:
    name = folder.rpartition("/")[2]
    if name not in named:
        return [], f"its folder {name!r} is none of the {len(named)} classes of the published set"
    return named[name], None


def _objectnet(mappings: Path, wnids: Sequence[str]) -> dict[str, list[str]]:
    """Return the classes of ImageNet-1K that each folder is; none for two thirds of them."""
    label_of, overlap, number_of = (
        dict(iter_members(mappings / f"{name}.json", kind="a mapping", remedy=_OBJECTNET))
        for name in (
            "folder_to_objectnet_label",
            "objectnet_to_imagenet_1k",
            "pytorch_to_imagenet_2012_id",
        )
    )
    names = require_file(mappings / "imagenet_to_label_2012_v2", _OBJECTNET)
    try:
        index_of = {int(number): int(index) for index, number in number_of.items()}
        # Names are numbered from 1, by lines.
        lines = names.read_text(encoding="utf-8").splitlines()
        wnid_of = {name: wnids[index_of[number]] for number, name in enumerate(lines, 1)}
        return {
            folder: [wnid_of[name] for name in overlap.get(label, "").split("; ") if name]
            for folder, label in label_of.items()
        }
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise UserError(
            f"{mappings}: the files do not fit each other ({error!r}); unpack ObjectNet again"
        ) from error

"""A page to browse the images of a dataset and the predictions on them; it needs no server.

A page that is opened from disk may not fetch files, so its data are scripts: each passes one part
to the function ``wildframe``. One part is about all images, one about each model; Grad-CAM maps
come in chunks that are loaded on demand, and images are files of their own, loaded when shown. Text
of the data never becomes markup: ``draw.js`` sets it as text, and in the scripts ``<`` is escaped.
"""

import base64
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id
from wildframe.core.pixels import Pixels
from wildframe.core.schemas import ATTRIBUTIONS, GRADCAMS, IMAGE_RESULTS, MANIFEST
from wildframe.core.tables import Row, RowsByKey, iter_rows, read_table
from wildframe.exhibits.browse_files import (
    IMAGES,
    Classes,
    Rectangle,
    millionths,
    page_folder,
    save_image,
    write_part,
)
from wildframe.frames import iter_images
from wildframe.frames.encode import decode
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views import View

CHUNK = 256
"""Images whose Grad-CAM maps are loaded together."""

_FACTS = (
    *("image_id", "record_id", "split", "role", "group_id", "video_id", "media", "frame", "origin"),
)

_COLUMNS = (*_FACTS, "nouns", "boxes", "width", "height")
"""Columns of the manifest that the page is made of."""

_CAUSES = {"framing": 1, "doubtful_label": 2, "motion": 4}
"""Bits of what may explain that a model is incorrect on an image; ``filters.js`` reads them."""

_WORDS = {"unit": "images", "id": "image_id", "view": "view"}
"""What the page calls what it shows, and what tells these apart."""

Key = tuple[str, str, str]
"""``anchor_id``, ``image_id`` and ``view_key``: an image may be in several sets."""

Crop = tuple[str, str]
"""``image_id`` and ``view_key``."""


@dataclass(frozen=True)
class EvaluatedModel:
    """A model of the page: its results, its preprocessing, its Grad-CAM maps, and attributions.

    Attributions may be of several models. Without a preprocessing the model is external, and what
    it saw is taken as the whole view.
    """

    name: str
    results: Path
    preprocessing: Preprocessing | None
    gradcams: Path | None = None
    attributions: Path | None = None


@dataclass(frozen=True)
class _Shown:
    """The part of an image that a view shows, None if it is not found, and its size in pixels."""

    region: Rectangle | None
    size: tuple[int, int]


def crop_rectangle(preprocessing: Preprocessing | None, width: int, height: int) -> Rectangle:
    """Return the part of an image of so many pixels that is cropped, as `Preprocessing` rounds."""
    if preprocessing is None:
        return 0, 0, 1, 1
    resize, crop = preprocessing.resize, preprocessing.crop
    size = (resize, resize)
    if preprocessing.mode != "squash":
        shorter = min(width, height)
        size = (int(resize * width / shorter), int(resize * height / shorter))
    left, top = (round((side - crop) / 2) for side in size)
    return left / size[0], top / size[1], crop / size[0], crop / size[1]


def write_browser(
    output: Path,
    *,
    title: str,
    data_note: str,
    manifest: Path,
    frames: Sequence[Path],
    statuses: Path,
    models: Sequence[EvaluatedModel],
    class_names: Mapping[str, str],
    view: View,
    only: Collection[str] | None = None,
) -> None:
    """Write the folder of the page; it appears whole.

    Args:
        output: Folder to write; the page is its ``index.html``.
        title: Title of the page.
        data_note: What the data is.
        manifest: Manifest of the dataset.
        frames: All shards of the source.
        statuses: STATUSES of the dataset.
        models: In the order of the page; all evaluated on the same images.
        class_names: Class name by wnid.
        view: How images were shown to the models.
        only: Images of the page by ``image_id``; all that were evaluated if None.

    Raises:
        UserError: Tables do not belong together, or ``output`` holds something else.
    """
    rows = RowsByKey(read_table(manifest, MANIFEST, _COLUMNS), "image_id")
    items = _items(models[0].results, rows, manifest, only)
    classes = Classes(class_names)
    wanted = {image_id for _, image_id, _ in items}
    with page_folder(output) as folder:
        found = iter_images(frames, statuses, wanted)
        sizes, shown = _write_images(folder / IMAGES, found, rows, items, view)
        evaluated = dict(_results(models[0].results, "labels", "kept_labels", "offset"))
        images = _images(items, rows, evaluated, sizes, classes)
        named = []
        for number, model in enumerate(models):
            correct, content = _model(model, items, shown, classes)
            write_part(folder, f"model-{number:02d}", content)
            maps = _write_gradcams(folder, number, model, items, classes)
            causes = _causes(model, items)
            told = {"name": model.name, "correct": correct, "gradcams": maps, "causes": causes}
            named.append(told)
        write_part(
            folder,
            "images",
            {
                "title": title,
                "data_note": data_note,
                "words": _WORDS,
                "chunk": CHUNK,
                "models": named,
                "classes": classes.part(),
                "images": images,
            },
        )


def _results(path: Path, *columns: str) -> Iterator[tuple[Key, Row]]:
    for row in iter_rows(path, IMAGE_RESULTS, ["anchor_id", "image_id", "view_key", *columns]):
        yield (row["anchor_id"], row["image_id"], row["view_key"]), row


def _items(
    results: Path, rows: Mapping[str, Row], manifest: Path, only: Collection[str] | None
) -> list[Key]:
    """Return the images of the page, which were evaluated, set by set in the manifest's order."""
    order = {image_id: position for position, image_id in enumerate(rows)}
    keys = [key for key, _ in _results(results) if only is None or key[1] in only]
    if not keys:
        raise UserError(f"{results}: no image was evaluated; `wildframe doctor` looks for videos")
    for image_id in dict.fromkeys(name for key in keys for name in key[:2]):
        if image_id not in order:
            raise UserError(f"{results}: image {image_id} is not in {manifest}; rerun both")
        if not is_safe_id(image_id):
            raise UserError(f"{manifest}: image_id {image_id!r} cannot be a file name; rename it")
    return sorted(keys, key=lambda key: (order[key[0]], order[key[1]], key[2]))


def _write_images(
    folder: Path,
    images: Iterable[tuple[Row, bytes]],
    rows: Mapping[str, Row],
    items: Sequence[Key],
    view: View,
) -> tuple[dict[str, tuple[int, int]], dict[Crop, _Shown]]:
    """Write the images one by one; return their sizes in pixels and what the view shows of them."""
    sizes: dict[str, tuple[int, int]] = {}
    shown: dict[Crop, _Shown] = {}
    for status, encoded in images:
        image_id, image = status["image_id"], decode(encoded)
        for view_key, seen in _regions(image, rows[image_id], view):
            shown[image_id, view_key] = seen
        sizes[image_id] = save_image(folder / f"{image_id}.jpg", image)
    for key in items:
        if key[1:] not in shown:
            raise UserError(
                f"image {key[1]} was evaluated, but could not be read; rerun what makes its results"
            )
    return sizes, shown


def _regions(image: Image.Image, row: Row, view: View) -> Iterator[tuple[str, _Shown]]:
    """Yield what a view shows of an image, and where it is if it is cut out of it as it is."""
    crops = dict(view.checked_crops(image, row))
    are_whole = all(crop is image for crop in crops.values())
    places = {} if are_whole else _places(image, row, view)
    for view_key, crop in crops.items():
        region = (0, 0, 1, 1) if crop is image else _region(image, crop, places.get(view_key))
        yield view_key, _Shown(region, crop.size)


def _places(image: Image.Image, row: Row, view: View) -> dict[str, Image.Image]:
    """Return crops of an image of the same size whose pixels are their own positions."""
    try:
        return dict(view.checked_crops(Image.fromarray(_positions(*image.size)), row))
    except Exception:  # Of a kind that looks for something in the pixels, which is not in these.
        return {}


# Frames of a video are of one size.
@lru_cache(maxsize=1)
def _positions(width: int, height: int) -> Pixels:
    """Return an image, (height, width, 3), whose pixels number themselves."""
    numbers = np.arange(width * height, dtype="<u4").view(np.uint8)
    return np.ascontiguousarray(numbers.reshape(height, width, 4)[..., :3])


def _region(image: Image.Image, crop: Image.Image, places: Image.Image | None) -> Rectangle | None:
    """Return where a crop is in an image, if it is where its positions say."""
    if places is None:
        return None
    width, height = image.size
    red, green, blue = cast("tuple[int, int, int]", places.getpixel((0, 0)))
    # Three bytes number 16 megapixels; then they start anew.
    for number in range(red + (green << 8) + (blue << 16), width * height, 1 << 24):
        top, left = divmod(number, width)
        right, bottom = left + crop.width, top + crop.height
        is_inside = right <= width and bottom <= height
        if is_inside and image.crop((left, top, right, bottom)).tobytes() == crop.tobytes():
            return left / width, top / height, crop.width / width, crop.height / height
    return None


def _images(
    items: Sequence[Key],
    rows: Mapping[str, Row],
    evaluated: Mapping[Key, Row],
    sizes: Mapping[str, tuple[int, int]],
    classes: Classes,
) -> dict[str, list[Any]]:
    """Return the columns of all images; those of sets also say of which set each is."""
    columns: dict[str, list[Any]] = defaultdict(list)
    are_sets = any(anchor_id != image_id for anchor_id, image_id, _ in items)
    for key in items:
        anchor_id, image_id, view_key = key
        row = rows[image_id]
        labels, kept = evaluated[key]["labels"], evaluated[key]["kept_labels"]
        # Only words of nouns have senses.
        doubtful = [wnid for wnid in labels if wnid not in kept] if row["nouns"] else []
        told = {
            **{name: row[name] for name in _FACTS},
            "view_key": view_key,
            "size": sizes[image_id],
            "nouns": row["nouns"],
            "boxes": [_fractions(box, row) for box in row["boxes"]] if row["width"] else [],
            "labels": [classes.number(wnid) for wnid in labels],
            "doubtful": [classes.number(wnid) for wnid in doubtful],
        }
        if are_sets:
            told |= {"anchor_id": anchor_id, "offset": evaluated[key]["offset"]}
        for name, value in told.items():
            columns[name].append(value)
    return columns


def _fractions(box: Mapping[str, float], row: Row) -> Rectangle:
    width, height = row["width"], row["height"]
    return _rounded(
        (box["x"] / width, box["y"] / height, box["width"] / width, box["height"] / height)
    )


def _rounded(rectangle: Rectangle) -> Rectangle:
    x, y, width, height = (round(value, 5) for value in rectangle)
    return x, y, width, height


def _model(
    model: EvaluatedModel, items: Sequence[Key], shown: Mapping[Crop, _Shown], classes: Classes
) -> tuple[str, dict[str, Any]]:
    """Return which images are correct, a model's predictions, and the part that it saw of each.

    A page filters by all models, but loads the predictions of those that are shown: ``correct`` is
    apart, 1 or 0 an image. ``top`` alternates classes and probabilities in millionths; ``crop``
    counts in ``crops``, which hold None where the part is not known.
    """
    wanted = {image_id for _, image_id, _ in items}
    correct: dict[Key, bool] = {}
    guesses: dict[Key, list[int | None]] = {}
    count = 0
    for key, row in _results(model.results, "top", "correct_top1"):
        if key[1] in wanted:
            count += 1
            correct[key] = row["correct_top1"]
            guesses[key] = [
                number
                for guess in row["top"]
                for number in (classes.number(guess["wnid"]), millionths(guess["probability"]))
            ]
    if correct.keys() != set(items) or count != len(items):
        raise UserError(
            f"{model.results}: the models of the page must be evaluated on the same images, each "
            "once; rerun what makes this table"
        )
    crops: dict[Rectangle | None, int] = {}
    crop = []
    for key in items:
        seen = shown[key[1:]].region
        if seen:
            left, top, width, height = seen
            x, y, wide, high = crop_rectangle(model.preprocessing, *shown[key[1:]].size)
            seen = _rounded((left + x * width, top + y * height, wide * width, high * height))
        crop.append(crops.setdefault(seen, len(crops)))
    flags = "".join("1" if correct[key] else "0" for key in items)
    return flags, {"top": [guesses[key] for key in items], "crops": list(crops), "crop": crop}


def _causes(model: EvaluatedModel, items: Sequence[Key]) -> str:
    """Return a digit an image, the sum of its `_CAUSES`; empty if they are not known."""
    rows = read_table(model.attributions, ATTRIBUTIONS).to_pylist() if model.attributions else ()
    found = {
        row["image_id"]: sum(bit for cause, bit in _CAUSES.items() if row[cause])
        for row in rows
        if row["model"] == model.name
    }
    return "".join(str(found.get(image_id, 0)) for _, image_id, _ in items) if found else ""


def _write_gradcams(
    folder: Path, number: int, model: EvaluatedModel, items: Sequence[Key], classes: Classes
) -> list[str]:
    """Write a model's maps in chunks; return the targets that they explain: label, predicted."""
    maps: dict[str, dict[Crop, list[Any]]] = {}
    wanted = {key[1:] for key in items}
    for row in iter_rows(model.gradcams, GRADCAMS) if model.gradcams else ():
        key = (row["image_id"], row["view_key"])
        if key in wanted:
            found = maps.setdefault(row["target_is"], {})
            found[key] = [classes.number(row["target"]), *_packed(row, model.gradcams)]
    for target_is, found in maps.items():
        for start in range(0, len(items), CHUNK):
            content = [found.get(key[1:]) for key in items[start : start + CHUNK]]
            write_part(folder, f"cam-{number:02d}-{target_is}-{start // CHUNK:03d}", content)
    return sorted(maps)


def _packed(row: Row, path: Path | None) -> tuple[int, int, float, str]:
    """Return height, width, maximum and base64 of a map in 255ths of its maximum."""
    values = np.asarray(row["map"], np.float64)
    if values.size != row["height"] * row["width"] or not np.isfinite(values).all():
        raise UserError(f"{path}: the map of {row['image_id']} is damaged; rerun what makes it")
    strongest = float(values.max(initial=0))
    scaled = np.rint(values * (255 / strongest)) if strongest > 0 else np.zeros(values.size)
    packed = base64.b64encode(scaled.astype(np.uint8).tobytes()).decode()
    return row["height"], row["width"], float(f"{strongest:.4g}"), packed

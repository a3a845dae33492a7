"""Export of a dataset as a folder that others read: what is in it, and the card that says so.

How the images, labels and boxes are laid out is a matter of the format (`export_formats`).
"""

import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from wildframe import __version__
from wildframe.core.choices import ExportFormat, Resize
from wildframe.core.display import markdown_cell, markdown_text
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_directory, write_text
from wildframe.core.folders import without_folders
from wildframe.core.schemas import HARD_IMAGES, MANIFEST, NEAREST, REVIEWS, SPLITS, STATUSES
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.frames import iter_images, none_readable, select_images
from wildframe.frames.croissant import CROISSANT, describe_shards
from wildframe.frames.export_formats import FORMATS, Exported, alike_ids
from wildframe.frames.preprocessing import Preprocessing, Shown
from wildframe.frames.views import View
from wildframe.frames.views.base import ManyCrops, shown_boxes
from wildframe.labels import LabelSpace, read_label_space
from wildframe.manifests.labels import agreed_labels

CARD, PROVENANCE = "README.md", "wildframe.json"
"""The data card, and what the folder was made of; every exported folder has both."""

_LICENCE = (
    "The images stay under the licence of their source, as do boxes and labels that come from it: "
    "share this folder only as that licence allows."
)

_FILES = (
    " Images that are files of the source may hold what those files do beside pixels: EXIF data, "
    "such as the GPS position, and comments."
)


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """What a dataset is exported from."""

    manifest: Path
    statuses: Path
    shards: Sequence[Path]
    """All shards of its source."""
    classes: Path
    hard: Path | None = None
    """HARD_IMAGES: only those that are hard are exported; all if None."""
    reviews: Path | None = None
    """REVIEWS: only accepted images are exported, with the labels that all their sets agree on, and
    only anchors unless they are frames of a dataset of sets: beside a hard image, those most like
    it only help to judge its label. All images if None."""
    split: Path | None = None
    """SPLITS: the part that each image is for; all are for testing if None."""


def shards_of(statuses: Path) -> list[Path]:
    """Return the shards that the statuses of a dataset were collected from, in the same results."""
    listed = json.loads(read_facts(statuses, STATUSES)["config"])["shards"]
    return [statuses.parent.joinpath(*Path(name).parts[-2:]) for name in listed]


def has_sets(manifest: Path) -> bool:
    """Tell whether a manifest is of a dataset of sets, whose images a review accepts or not."""
    return "label_source" in json.loads(read_facts(manifest, MANIFEST)["config"])


@dataclass(frozen=True, slots=True)
class ShownTo:
    """How images were shown to models, to be exported so."""

    view: View
    preprocessing: Preprocessing
    resize: Resize


def export_dataset(
    files: ExportFiles,
    form: ExportFormat,
    data_note: str,
    folder: Path,
    *,
    limit: int | None = None,
    shown: ShownTo | None = None,
    with_images: bool = True,
) -> int:
    """Write the readable images of a dataset with labels, boxes and provenance, and a data card.

    Args:
        files: The dataset.
        form: Format of the folder.
        data_note: What the data card says about the data.
        folder: Folder to write; an earlier export is replaced.
        limit: Images at most, chosen by `spread`; all if None.
        shown: Export what models were shown, losslessly and without boxes; frames as they are kept
            if None.
        with_images: Whether to write the images, beside ids, labels, boxes and hashes.

    Returns:
        Number of images.

    Raises:
        UserError: No image is left, one has a label that is not of the dataset's label space, the
            view shows many crops of an image, or a library that the format needs is absent.
    """
    if shown and isinstance(shown.view, ManyCrops):
        raise UserError(
            f"view {shown.view.kind}: it shows many crops of an image; export a view of one crop"
        )
    space = read_label_space(files.manifest, files.classes)
    records = read_records(files, space, limit)
    alike = alike_ids(records)
    has_files = with_images and not shown and any(record["pts"] is None for record in records)
    terms = _LICENCE + (_FILES if has_files else "")
    parts: dict[str, list[Row]] = defaultdict(list)
    for record in records:
        parts[record["part"]].append(record)
    with atomic_directory(folder, PROVENANCE) as new:
        for part, of_part in sorted(parts.items()):
            images = _images(files, of_part, shown, with_images)
            exported = Exported(part, images, len(of_part), space, with_images, alike)
            FORMATS[form](new, exported)
        facts = _provenance(files, shown, data_note)
        write_text(new / PROVENANCE, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
        write_text(new / CARD, data_card(records, space, data_note, form, terms))
        if form == "hf":
            described = describe_shards(
                files.manifest.stem,
                f"{data_note} {terms}",
                __version__,
                sorted(new.glob("*.parquet")),
            )
            write_text(new / CROISSANT, json.dumps(described, indent=2, ensure_ascii=False) + "\n")
    return len(records)


def read_records(files: ExportFiles, space: LabelSpace, limit: int | None) -> list[Row]:
    """Return what is exported of each image beside the image, by ``image_id``.

    Errors as in `export_dataset`.
    """
    statuses = {row["image_id"]: row for row in select_images(files.statuses)}
    if not statuses:
        raise none_readable(files.statuses)
    listed = read_table(files.manifest, MANIFEST).to_pylist()
    choices = [(files.statuses, set(statuses), "")]
    if files.hard:
        rows = read_table(files.hard, HARD_IMAGES, ["image_id", "hard"]).to_pylist()
        hard = {row["image_id"] for row in rows if row["hard"]}
        easy = (
            "models solve every image on some crop, so that none is hard; zoom with other models "
            "or a smaller grid, or another dataset"
        )
        choices.append((files.hard, hard, easy))
    labels = {}
    if files.reviews:
        are_ranked = NEAREST in read_facts(files.reviews, REVIEWS)
        of_sets = has_sets(files.manifest) and not are_ranked
        # The manifest has the labels of all sets of an image.
        labels = agreed_labels(
            row
            for row in read_table(files.reviews, REVIEWS).to_pylist()
            if row["accepted"] and (of_sets or row["anchor_id"] == row["image_id"])
        )
        choices.append((files.reviews, set(labels), "the review accepts no image; review again"))
    parts = None
    if files.split:
        split = read_table(files.split, SPLITS, ["image_id", "part"]).to_pylist()
        parts = {row["image_id"]: row["part"] for row in split}
        choices.append((files.split, set(parts), "no image is in a part; split the dataset anew"))
    kept = _chosen({row["image_id"] for row in listed}, files.manifest, choices)
    rows = [
        row | {"labels": labels.get(row["image_id"], row["labels"])}
        for row in listed
        if row["image_id"] in kept
    ]
    exported = sorted(spread(rows)[:limit], key=lambda row: str(row["image_id"]))
    return [
        {"part": parts[row["image_id"]] if parts else "test"}
        | _record(row, statuses[row["image_id"]], space)
        for row in exported
    ]


def _chosen(
    kept: set[str], manifest: Path, choices: Sequence[tuple[Path, set[str], str]]
) -> set[str]:
    """Return the images of a manifest that all files choose: each with its choice, and why none."""
    before = manifest
    for path, chosen, why_none in choices:
        if not chosen:
            raise UserError(f"{path}: {why_none}")
        kept = kept & chosen
        if not kept:
            raise UserError(
                f"{path}: chooses none of the images that {before} leaves; name the files of one "
                "dataset, or choose more images"
            )
        before = path
    return kept


def spread(rows: Iterable[Row]) -> list[Row]:
    """Return images in an order in which the first are of different clips, by a hash of their id.

    Args:
        rows: Each with ``image_id`` and ``group_id``.
    """
    of_group: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for row in rows:
        digest = hashlib.sha256(row["image_id"].encode()).hexdigest()
        of_group[row["group_id"]].append((digest, row))
    ranked = [
        (rank, digest, row)
        for found in of_group.values()
        for rank, (digest, row) in enumerate(sorted(found, key=lambda one: one[0]))
    ]
    return [row for *_, row in sorted(ranked, key=lambda one: one[:2])]


def _record(row: Row, status: Row, space: LabelSpace) -> Row:
    """Return what is exported of an image, from its manifest and its status."""
    if unknown := [wnid for wnid in row["labels"] if wnid not in space.indices]:
        raise UserError(
            f"image {row['image_id']}: its label {unknown[0]} is no class of {space.name}; name "
            "the manifest of one dataset, or make it anew"
        )
    return {
        "image_id": row["image_id"],
        "wnids": row["labels"],
        "label": [space.indices[wnid] for wnid in row["labels"]],
        "english_label": [space.names[wnid] for wnid in row["labels"]],
        # Frames of a video are told apart by the moment that they show.
        "origin": " ".join(filter(None, (row["origin"] or row["dataset"], row["role"]))),
        **_boxes(row, status),
        "split": row["split"],
        "group_id": row["video_id"] or row["group_id"],
        "clip": row["group_id"],
        **{name: row[name] for name in ("video_id", "media", "frame", "rate")},
        **{name: status[name] for name in ("pts", "width", "height", "encoding")},
        **{name: status[name] for name in ("sha256", "image_sha256")},
    }


def _boxes(row: Row, status: Row) -> Row:
    """Return the boxes, in pixels of the image, and the first class of each; None without."""
    boxes = shown_boxes(row, status["width"], status["height"])
    objects = row["annotation_labels"]
    # Sources may list the classes of other objects than those that have boxes.
    are_paired = len(objects) == len(boxes)
    wnids = [next(iter(labels), None) for labels in objects] if are_paired else [None] * len(boxes)
    return {"boxes": boxes, "box_wnids": wnids}


def _images(
    files: ExportFiles, records: Sequence[Row], shown: ShownTo | None, with_images: bool
) -> Iterator[tuple[Row, bytes]]:
    """Yield each record and its encoded image, which is empty where images are not written."""
    of_id = {record["image_id"]: record for record in records}
    if shown:
        seen = Shown(files.shards, files.statuses, files.manifest, shown.view)
        for image_id, _, pixels in seen.crops(shown.preprocessing, set(of_id), shown.resize):
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG")
            image = file.getvalue()
            yield of_id[image_id] | _shown_facts(pixels, image), image if with_images else b""
    elif with_images:
        for status, image in iter_images(files.shards, files.statuses, set(of_id), label="export"):
            yield of_id[status["image_id"]], image
    else:
        yield from ((record, b"") for record in records)


def _shown_facts(pixels: Any, image: bytes) -> Row:
    """Return the fields of a record that differ where an image is as a model was shown it."""
    return {
        "boxes": [],
        "box_wnids": [],
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "encoding": "png",
        "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        "image_sha256": hashlib.sha256(image).hexdigest(),
    }


def _provenance(files: ExportFiles, shown: ShownTo | None, data_note: str) -> Mapping[str, Any]:
    """Return what a folder was made of."""
    tables = {
        "manifest": files.manifest,
        "statuses": files.statuses,
        "hard": files.hard,
        "reviews": files.reviews,
        "split": files.split,
    }
    return {
        "wildframe_version": __version__,
        "data_note": data_note,
        "shown": shown
        and {
            "view": shown.view.model_dump(),
            "preprocessing": str(shown.preprocessing),
            "resize": shown.resize,
        },
        "manifest": without_folders(json.loads(read_facts(files.manifest, MANIFEST)["config"])),
        "sha256": {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in tables.items()
            if path
        },
    }


def data_card(
    records: Sequence[Row], space: LabelSpace, data_note: str, form: ExportFormat, terms: str
) -> str:
    """Return the data card: what the folder holds, how many images of each origin, and of what."""
    origins = Counter(record["origin"] for record in records)
    by_origin = "".join(
        f"| {markdown_cell(markdown_text(name))} | {count} |\n"
        for name, count in sorted(origins.items())
    )
    classes = {index for record in records for index in record["label"]}
    parts = Counter(record["part"] for record in records)
    files = "".join(f'  - split: {part}\n    path: "{part}-*.parquet"\n' for part in sorted(parts))
    front = (
        "---\ntask_categories:\n- image-classification\n"
        f"configs:\n- config_name: default\n  data_files:\n{files}---\n\n"
    )
    counts = ", ".join(f"{part}: {count}" for part, count in sorted(parts.items()))
    return (
        (front if form == "hf" else "")
        + f"# {len(records)} images of {len(classes)} classes of {space.title}\n\n"
        f"{markdown_text(data_note)}\n\n{terms}\n\nImages by part: {counts}.\n\n"
        "| Field | Content |\n|---|---|\n"
        f"| `label` | indices of {space.title}: a prediction of any of them is correct; the first "
        "is the class that an image is listed under |\n"
        "| `wnids`, `english_label` | WordNet ids and names of the labels |\n"
        "| `origin`, `split` | where the image comes from, and the publisher's split |\n"
        "| `group_id`, `clip` | its video or else clip, of which images are not independent; its "
        "clip |\n"
        "| `media`, `frame`, `rate`, `pts`, `video_id` | the frame in the source's own files |\n"
        "| `boxes`, `box_wnids` | x and y of the top-left corner, width and height of annotated "
        "objects in pixels, and their classes |\n"
        "| `sha256`, `image_sha256` | SHA-256 of the RGB pixels, and of the encoded image |\n\n"
        f"`{PROVENANCE}` says what the folder was made of.\n\n"
        f"| Origin | Images |\n|---|---|\n{by_origin}"
    )

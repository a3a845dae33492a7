"""The formats that a dataset is exported in, each laid out as its own readers expect it."""

import hashlib
import io
import json
import tarfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from wildframe.core.choices import ExportFormat
from wildframe.core.errors import UserError
from wildframe.core.files import write_text
from wildframe.core.tables import Row, parquet_writer
from wildframe.labels import LabelSpace

_SHARD = 1000
"""Images of a file."""

_ROW_GROUP = 16
"""Images of a row group: readers hold one in memory."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The images of a part: train, val or test."""

    part: str
    images: Iterator[tuple[Row, bytes]]
    """Record and encoded image of each; consumed once."""
    count: int
    space: LabelSpace
    with_images: bool
    """Whether images are written; else they are empty."""
    alike: Collection[str]
    """Images whose ids differ only by case from those of others: some disks take them for one."""

    def file_name(self, record: Row) -> str:
        """Return the name of the file of an image."""
        name = record["image_id"]
        if name in self.alike:
            name += f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        return f"{name}.{'jpg' if record['encoding'] == 'jpeg' else record['encoding']}"


def alike_ids(records: Iterable[Row]) -> set[str]:
    """Return the ids that differ only by case from another."""
    ids = [record["image_id"] for record in records]
    times = Counter(map(str.casefold, ids))
    return {image_id for image_id in ids if times[image_id.casefold()] > 1}


def write_imagefolder(folder: Path, exported: Exported) -> None:
    """Write ``<part>/<wnid>/<image>``, as torchvision's ImageFolder reads it.

    The class is that of the first label; all labels are in ``<part>/metadata.parquet``, where
    the Hugging Face ``imagefolder`` finds them, too: of the same columns in each part, which JSON
    does not keep where all are empty. An image without label is under ``none``.
    """
    root = folder / exported.part
    root.mkdir()
    records = []
    for record, image in exported.images:
        name = f"{next(iter(record['wnids']), 'none')}/{exported.file_name(record)}"
        records.append({"file_name": name} | record)
        if exported.with_images:
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(image)
    records.sort(key=lambda record: str(record["image_id"]))
    schema = _schema(exported.space, {"file_name": _TEXT})
    with parquet_writer(root / "metadata.parquet", schema) as writer:
        writer.write_table(pa.Table.from_pylist(records, schema))


def write_hf(folder: Path, exported: Exported) -> None:
    """Write Parquet shards, as the Hugging Face hub keeps data sets of images.

    Sources of kind ``shards`` read them, and so does ``datasets.load_dataset``. They are named as
    the hub names them; few rows are held at a time.
    """
    schema = _schema(exported.space, {"image": _IMAGE} if exported.with_images else {})
    shards = -(-exported.count // _SHARD)
    rows = (_hf_row(record, image, exported) for record, image in exported.images)
    for shard in range(shards):
        path = folder / f"{exported.part}-{shard:05}-of-{shards:05}.parquet"
        with parquet_writer(path, schema) as writer:
            of_file = islice(rows, _SHARD)
            while group := list(islice(of_file, _ROW_GROUP)):
                writer.write_table(pa.Table.from_pylist(group, schema))


def _hf_row(record: Row, image: bytes, exported: Exported) -> Row:
    if not exported.with_images:
        return record
    return {"image": {"bytes": image, "path": exported.file_name(record)}} | record


_TEXT, _LONG, _TEXTS = pa.string(), pa.int64(), pa.list_(pa.string())
_FIELDS: Mapping[str, pa.DataType] = {
    "label": pa.list_(_LONG),
    "origin": _TEXT,
    "english_label": _TEXTS,
    "image_id": _TEXT,
    "wnids": _TEXTS,
    "boxes": pa.list_(pa.list_(pa.float64())),
    "box_wnids": _TEXTS,
    **dict.fromkeys(("split", "group_id", "clip", "video_id", "media"), _TEXT),
    "frame": _LONG,
    "rate": _TEXT,
    **dict.fromkeys(("pts", "width", "height"), _LONG),
    **dict.fromkeys(("sha256", "image_sha256"), _TEXT),
}
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", _TEXT)])


def _schema(space: LabelSpace, first: Mapping[str, pa.DataType]) -> pa.Schema:
    """Return some columns and those of records.

    The metadata say what ``datasets`` takes each for.
    """
    fields = {**first, **_FIELDS}
    features = {name: _feature(kind) for name, kind in fields.items()}
    features["label"] = {
        "feature": {"names": space.listed, "_type": "ClassLabel"},
        "_type": "Sequence",
    }
    told = json.dumps({"info": {"features": features}})
    return pa.schema(list(fields.items()), metadata={"huggingface": told})


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if kind == _IMAGE:
        return {"_type": "Image"}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "Sequence"}
    return {"dtype": "float64" if kind == pa.float64() else str(kind), "_type": "Value"}


def write_webdataset(folder: Path, exported: Exported) -> None:
    """Write tar files of ``<number>.jpg`` (or .png), ``.cls`` and ``.json``, as WebDataset reads.

    Numbers name the images, since a key ends at its first dot, which ids may have. ``.cls`` is the
    index of the first label.
    """
    numbered = enumerate(exported.images)
    for shard in range(-(-exported.count // _SHARD)):
        path = folder / f"{exported.part}-{shard:06}.tar"
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for number, (record, image) in islice(numbered, _SHARD):
                key = f"{number:09}"
                if exported.with_images:
                    suffix = exported.file_name(record).rpartition(".")[2]
                    _add(tar, f"{key}.{suffix}", image)
                for index in record["label"][:1]:
                    _add(tar, f"{key}.cls", str(index).encode())
                _add(tar, f"{key}.json", json.dumps(record, ensure_ascii=False).encode())


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    # Neither time nor owner: the same images give the same bytes.
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def write_coco(folder: Path, exported: Exported) -> None:
    """Write ``<part>/<image>`` and ``annotations/instances_<part>.json``, as COCO lays them out.

    Categories are the classes of the label space, numbered from 1 by their index. Boxes of no known
    class are no annotation; they are in the fields of their image, as are its labels.
    """
    root = folder / exported.part
    if exported.with_images:
        root.mkdir()
    space = exported.space
    images: list[Row] = []
    annotations: list[Row] = []
    for number, (record, image) in enumerate(exported.images, 1):
        images.append(
            {"id": number, "file_name": exported.file_name(record), "license": 1} | record
        )
        if exported.with_images:
            (root / exported.file_name(record)).write_bytes(image)
        for box, wnid in zip(record["boxes"], record["box_wnids"], strict=True):
            if wnid in space.indices:
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": number,
                        "category_id": space.indices[wnid] + 1,
                        "bbox": box,
                        "area": box[2] * box[3],
                        "iscrowd": 0,
                    }
                )
    categories = [
        {"id": index + 1, "name": space.names[wnid], "supercategory": "", "wnid": wnid}
        for wnid, index in space.indices.items()
    ]
    (folder / "annotations").mkdir(exist_ok=True)
    content = {
        "info": {"description": "README.md says what this is"},
        "licenses": [{"id": 1, "name": "That of the source: see README.md", "url": ""}],
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }
    path = folder / "annotations" / f"instances_{exported.part}.json"
    write_text(path, json.dumps(content, ensure_ascii=False) + "\n")


def write_fiftyone(folder: Path, exported: Exported) -> None:
    """Write ``<part>/`` as a FiftyOneDataset: the label, boxes, and all fields of each image.

    Raises:
        UserError: FiftyOne is not installed.
    """
    try:
        import fiftyone
    except ImportError as error:
        raise UserError(
            "fiftyone is not installed, which writes this format: `pip install fiftyone`; it also "
            "reads what --format coco writes"
        ) from error
    root = folder / exported.part
    media = root / "data"
    media.mkdir(parents=True)
    samples = []
    for record, image in exported.images:
        path = media / exported.file_name(record)
        if exported.with_images:
            path.write_bytes(image)
        label, boxes = _fiftyone_labels(record, exported.space)
        samples.append(
            fiftyone.Sample(
                filepath=str(path),
                tags=[exported.part],
                ground_truth=label and fiftyone.Classification(label=label),
                objects=fiftyone.Detections(
                    detections=[
                        fiftyone.Detection(label=name, bounding_box=box) for name, box in boxes
                    ]
                ),
                **{name: record[name] for name in _FIELDS},
            )
        )
    dataset = fiftyone.Dataset()
    try:
        dataset.add_samples(samples)
        dataset.export(
            export_dir=str(root),
            dataset_type=fiftyone.types.FiftyOneDataset,
            export_media=False,
            rel_dir=str(root),
        )
    finally:
        dataset.delete()


def _fiftyone_labels(
    record: Row, space: LabelSpace
) -> tuple[str | None, list[tuple[str, list[float]]]]:
    """Return the name of the first label, and name and box of each object of a known class.

    Boxes are x, y, width and height as shares of the image.
    """
    width, height = record["width"], record["height"]
    boxes = [
        (space.names[wnid], [x / width, y / height, w / width, h / height])
        for (x, y, w, h), wnid in zip(record["boxes"], record["box_wnids"], strict=True)
        if wnid in space.indices
    ]
    return next(iter(record["english_label"]), None), boxes


FORMATS: Mapping[ExportFormat, Callable[[Path, Exported], None]] = {
    "imagefolder": write_imagefolder,
    "hf": write_hf,
    "webdataset": write_webdataset,
    "coco": write_coco,
    "fiftyone": write_fiftyone,
}
"""The writer of each format, of one part into the folder."""

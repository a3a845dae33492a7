"""Every reader of files that people or publishers write, on files that went wrong.

Whatever is in a file, a command ends as it should or with one sentence, leaves its inputs alone,
writes nowhere but where it was told, and what it wrote is sound.
"""

import io
import json
import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from calls import call, sentence
from mutators import mutated
from PIL import Image

from wildframe.core.contracts import Contract
from wildframe.core.schemas import (
    BOXES,
    FRAMES,
    IMAGES,
    MANIFEST,
    OBJECTS,
    PREDICTIONS,
    PUBLISHED,
    RECORDS,
    VIDEOS,
)
from wildframe.core.tables import read_table, write_rows
from wildframe.frames.wanted import write_wanted

INPUTS = int(os.environ.get("WILDFRAME_FUZZ_INPUTS", "40"))
"""Mutated files of each reader."""


@dataclass
class Reader:
    """A command, its valid inputs, and what it writes."""

    files: Mapping[str, bytes]
    """By path under the folder of inputs; the first is mutated."""
    command: str
    """With ``{in}`` for the folder of inputs and ``{out}`` for that of outputs."""
    tables: Mapping[str, Contract] = field(default_factory=dict)


def png(width: int = 24, height: int = 16) -> bytes:
    """Return a small image."""
    data = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(noise).save(data, "PNG")
    return data.getvalue()


def jpeg() -> bytes:
    """Return one of the other kind."""
    data = io.BytesIO()
    Image.open(io.BytesIO(png())).save(data, "JPEG", exif=Image.Exif())
    return data.getvalue()


def shard() -> bytes:
    """Return a Parquet file of images."""
    data = io.BytesIO()
    rows = [{"image": {"bytes": png(), "path": "a.png"}, "label": [1, 2], "origin": "x"}] * 3
    pq.write_table(pa.Table.from_pylist(rows), data)
    return data.getvalue()


def wanted(name: str) -> bytes:
    """Return the list of one image."""
    image = {"media": name, "media_kind": "image", "rate": None, "frame": None}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "wanted.csv"
        write_wanted(path, [image])
        return path.read_bytes()


def annotations(project: Path) -> bytes:
    """Return some records of the demo's annotations."""
    shipped = json.loads((project / "demo/ego4d/v1/annotations/fho_scod_train.json").read_text())
    return json.dumps(shipped | {"clips": shipped["clips"][:4]}).encode()


XML = b"""<annotation><folder>a</folder><filename>000000</filename>
<size><width>64</width><height>48</height></size>
<object><trackid>0</trackid><name>n02084071</name>
<bndbox><xmax>30</xmax><xmin>2</xmin><ymax>40</ymax><ymin>4</ymin></bndbox></object></annotation>
"""
EXTRACT = "frames extract {in}/wanted.csv --root {in} --output {out}/frames.parquet"
A, A1 = "val/ILSVRC2015_val_00000001/000010.JPEG", "val/ILSVRC2015_val_00000001/000011.JPEG"
SENSES = b"""noun,word,wnid,decision,why
,nail,n03804744,drop,body part
nail_gun,nail,n03804744,keep,
"""
CONFIG = b"""extends: [demo]
sources:
  mine: {kind: images, root: photos, data_note: my photographs}
datasets:
  mine: {kind: images, source: mine, label_space: in1k}
scores: {seed: 1, high_confidence: 0.8}
"""
VID = "Annotations/VID/val/ILSVRC2015_val_00000001"


def manifest() -> bytes:
    """Return a manifest of two images."""
    blank = {
        field.name: None if field.nullable or field.type == pa.string() else []
        for field in MANIFEST.fields
    }
    rows = [
        blank
        | dict.fromkeys(("dataset", "split", "media", "media_kind", "group_id"), "x")
        | {"image_id": name}
        for name in "ab"
    ]
    data = io.BytesIO()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "manifest.parquet"
        write_rows(path, MANIFEST, rows)
        data.write(path.read_bytes())
    return data.getvalue()


def imported(kind: str, content: bytes) -> Reader:
    """Return the reader of external predictions of a kind."""
    return Reader(
        {f"mine.{kind}": content, "manifest.parquet": manifest()},
        f"predictions import {{in}}/mine.{kind} --name mine --manifest {{in}}/manifest.parquet"
        " --label-space in1k --output {out}/predictions.parquet",
        {"predictions": PREDICTIONS},
    )


def readers(project: Path) -> dict[str, Reader]:
    """Return every reader by name."""
    return {
        "ego4d": Reader(
            {"fho_scod_train.json": annotations(project)},
            "sources ego4d --annotations {in}/fho_scod_train.json --version v1 --split train"
            " --records {out}/records.parquet --objects {out}/objects.parquet",
            {"records": RECORDS, "objects": OBJECTS},
        ),
        "vid": Reader(
            {
                f"{VID}/000000.xml": XML,
                f"{VID}/000001.xml": XML,
                "Data/VID/val/ILSVRC2015_val_00000001/000000.JPEG": jpeg(),
            },
            "sources vid --root {in} --annotations {in}/Annotations/VID/val --split val"
            " --videos {out}/videos.parquet --boxes {out}/boxes.parquet",
            {"videos": VIDEOS, "boxes": BOXES},
        ),
        "vid sets": Reader(
            {
                "pmsets.json": json.dumps({A: [A1]}).encode(),
                "labels.json": json.dumps({A: [6, 8], A1: [6]}).encode(),
            },
            "sources vid-published {in}/pmsets.json {in}/labels.json"
            " --output {out}/published.parquet",
            {"published": PUBLISHED},
        ),
        "labels of videos": Reader(
            {"labels.csv": b"video,labels\na.mp4,n02084071\nb.mp4,n02084071 n02121808\n"},
            "sources videos --root {in} --labels {in}/labels.csv --videos {out}/videos.parquet"
            " --boxes {out}/boxes.parquet",
            {"videos": VIDEOS},
        ),
        "boxes of videos": Reader(
            {
                "boxes.csv": b"video,frame,wnid,x,y,width,height\na.mp4,3,n02084071,1,2,3,4\n",
                "labels.csv": b"video,labels\na.mp4,n02084071\n",
            },
            "sources videos --root {in} --labels {in}/labels.csv --videos {out}/videos.parquet"
            " --boxes {out}/boxes.parquet --from-boxes {in}/boxes.csv",
            {"videos": VIDEOS, "boxes": BOXES},
        ),
        "labels of images": Reader(
            {
                "labels.csv": b"file,labels,split\na.png,n02084071,val\nb.png,n02121808,\n",
                "a.png": png(),
            },
            "sources images --root {in} --labels {in}/labels.csv --images {out}/images.parquet",
            {"images": IMAGES},
        ),
        "shards": Reader(
            {"train-00000.parquet": shard()},
            "sources shards --root {in} --images {out}/images.parquet",
            {"images": IMAGES},
        ),
        "png": Reader({"a.png": png(), "wanted.csv": wanted("a.png")}, EXTRACT, {"frames": FRAMES}),
        "jpeg": Reader(
            {"a.jpeg": jpeg(), "wanted.csv": wanted("a.jpeg")}, EXTRACT, {"frames": FRAMES}
        ),
        "wanted": Reader(
            {"wanted.csv": wanted("a.png"), "a.png": png()}, EXTRACT, {"frames": FRAMES}
        ),
        "predictions csv": imported(
            "csv",
            b"image_id,top1,probability1,top2,probability2\n"
            b"a,n02085620,0.7,n02123045,0.2\nb,n02123045,0.9,,\n",
        ),
        "predictions json": imported(
            "json",
            json.dumps(
                {
                    "a": {"top": [{"wnid": "n02085620", "probability": 0.7}]},
                    "b": {"top": [{"wnid": "n02123045", "probability": 0.1}]},
                }
            ).encode(),
        ),
        "senses": Reader(
            {"senses.csv": SENSES}, "labels lookup nail --senses {in}/senses.csv --format csv"
        ),
        "config": Reader({"mine.yaml": CONFIG}, "config check {in}/mine.yaml"),
    }


NAMES = tuple(readers(Path(__file__).parents[2]))


def run(reader: Reader, inputs: Path, outputs: Path) -> tuple[int, str]:
    """Run the command here; return its status and what it told on standard error."""
    words = [
        word.replace("{in}", str(inputs)).replace("{out}", str(outputs))
        for word in reader.command.split()
    ]
    return call(words)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def require_sound(reader: Reader, outputs: Path) -> None:
    """Fail unless every table is there, readable, and no key is there twice."""
    for name, contract in reader.tables.items():
        rows = read_table(outputs / f"{name}.parquet", contract).to_pylist()
        keys = Counter(json.dumps([row[key] for key in contract.key]) for row in rows)
        assert not rows or keys.most_common(1)[0][1] == 1, (name, keys.most_common(1))


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_takes_what_is_valid(name, project, tmp_path):
    reader = readers(project)[name]
    inputs, outputs = tmp_path / "in", tmp_path / "out"
    fill(inputs, reader.files)
    status, told = run(reader, inputs, outputs)
    assert status == 0, told
    require_sound(reader, outputs)
    for table, contract in reader.tables.items():
        assert read_table(outputs / f"{table}.parquet", contract).num_rows


@pytest.mark.parametrize("name", NAMES)
def test_a_mutated_file_is_read_or_refused_in_one_sentence(name, project, tmp_path):
    """`WILDFRAME_FUZZ_INPUTS=1000 pytest tests/fuzz` tries that many files of each reader."""
    reader = readers(project)[name]
    mutable, *_ = reader.files
    for seed in range(INPUTS):
        inputs, outputs = tmp_path / f"{seed}/in", tmp_path / f"{seed}/out"
        changed = mutated(reader.files[mutable], random.Random(f"{name} {seed}").getrandbits(32))
        fill(inputs, {**reader.files, mutable: changed})
        before = contents(inputs)
        status, told = run(reader, inputs, outputs)
        assert status in (0, 2), (seed, told)
        assert contents(inputs) == before, seed
        assert {path.name for path in (tmp_path / str(seed)).iterdir()} <= {"in", "out"}, seed
        if status:
            assert sentence(told).startswith("ERROR: "), (seed, told)
        else:
            require_sound(reader, outputs)

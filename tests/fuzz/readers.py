"""Commands that read files which people or publishers write, with valid ones to mutate."""

import io
import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from wildframe.core.contracts import Contract
from wildframe.core.schemas import (
    BOXES,
    CLIP_CLASSES,
    CLIP_RECORDS,
    FRAMES,
    IMAGES,
    MANIFEST,
    OBJECTS,
    PREDICTIONS,
    PUBLISHED,
    RECORDS,
    REVIEWS,
    SETS,
    STATUSES,
    VIDEOS,
)
from wildframe.core.tables import write_rows
from wildframe.core.targets import target_wnids
from wildframe.frames.wanted import write_wanted


@dataclass
class Reader:
    """A command, its valid inputs, and what it writes."""

    files: Mapping[str, bytes]
    """By path under the folder of inputs, which ``{in}`` stands for; the first is mutated."""
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


SPACE = b"name,wnids\nhound,n02087551\nspaniel,n02102040 n02101556\ngizmo,\n"
EPIC = {
    "narration_id": ["P01_101_0", "P01_101_1"],
    "participant_id": ["P01", "P01"],
    "video_id": ["P01_101", "P01_101"],
    "start_timestamp": ["00:00:01.00", "00:01:00.00"],
    "stop_timestamp": ["00:01:02.50", "00:01:01.00"],
    "start_frame": [61, 70],
    "stop_frame": [121, 90],
    "verb_class": [3, 1],
    "noun_class": [7, 0],
}
CHARADES_EGO = b"""id,subject,scene,actions,length,egocentric,charades_video
AAAAEGO,S1,"Kitchen, old",c092 11.90 21.20;c147 0.00 12.60,30.5,Yes,AAAA
AAAA,S1,,,29,No,
"""
FRAME_LIST = b"""original_vido_id video_id frame_id path labels
B1EGO 0 0 B1EGO/B1EGO-000001.jpg "3"
B1EGO 0 1 B1EGO/B1EGO-000002.jpg "3,10"
"""
CLIPS = b"""file,start,stop,labels,verb,viewpoint,split,rate
a/1.mp4,0.5,3,open door 1.5 2;sit,open,ego,train,
frames/2,,,sit,sit,exo,val,24
"""
OWN_MODEL = b"""extends: [demo]
models:
  mine:
    architecture: timm/resnet18.a1_in1k
    checkpoint: "{in}/mine.pth"
    label_space: "{in}/mine.csv"
studies: {ego4d: {secondary_models: [mine]}}
"""
DECISIONS = b"""round,annotator,anchor_id,image_id,tags,notes,time
1,anna,a,b,correct;similar,,2026-01-02T03:04:05Z
1,anna,a,c,incorrect;dissimilar,"blurred, I think",2026-01-02T03:04:06Z
"""
PAIRS: list[Mapping[str, object]] = [
    {"anchor_id": "a", "image_id": name, "offset": offset, "status": "ok", "detail": ""}
    for name, offset in (("a", 0), ("b", 1), ("c", 2))
]
NAMED: list[Mapping[str, object]] = [{"image_id": name} for name in "ab"]
ANCHOR, NEIGHBOUR = "x_1_301000/frame-7525.jpg", "x_1_301000/frame-7527.jpg"
ANCHOR_LABELS = ["good", "unsure", "bad", *target_wnids("ytbb24")]
PAIR_LABELS = [
    *("correct", "problematic", "incorrect", "dont know", "similar", "dissimilar"),
    *("deformation", "background-change", "occlusion-increased", "blur-increase", "bad-anchor"),
]


def filled(contract: Contract, row: Mapping[str, object]) -> dict[str, object]:
    """Return a row of a contract, out of what there is of it."""
    nothing = {pa.string(): "x", pa.int64(): 0}
    return {
        field.name: row.get(field.name, None if field.nullable else nothing.get(field.type, []))
        for field in contract.fields
    }


def tables(**kept: tuple[Contract, list[Mapping[str, object]]]) -> dict[str, bytes]:
    """Return tables by the names of their files."""
    found = {}
    with TemporaryDirectory() as folder:
        for name, (contract, rows) in kept.items():
            path = Path(folder) / f"{name}.parquet"
            write_rows(path, contract, [filled(contract, row) for row in rows])
            found[path.name] = path.read_bytes()
    return found


def reviews(name: str, ticked: list[int], labels: Sequence[str]) -> bytes:
    """Return a file of YTBB-Robust's reviews: one, of a frame or a pair."""
    review = {"key": name, "notes": "", "labels": ticked}
    return json.dumps({"annotations": [review], "labels": labels}).encode()


def ytbb(first: str) -> Reader:
    """Return the reader of YTBB-Robust's files, one of which is mutated."""
    files = {
        "anchors.csv": b"ytid,time_ms,label\nx_1,301000,19\nx_2,1000,3\n",
        "anchor_labels.json": reviews(ANCHOR, [0, 5], ANCHOR_LABELS),
        "pair_labels.json": reviews(f"{ANCHOR},{NEIGHBOUR}", [0, 4], PAIR_LABELS),
    }
    return Reader(
        {first: files.pop(first), **files},
        "sources ytbb-published {in}/anchors.csv {in}/anchor_labels.json {in}/pair_labels.json"
        " --output {out}/published.parquet",
        {"published": PUBLISHED},
    )


def clip_list(kind: str, file: str, content: bytes, options: str = "--train") -> Reader:
    """Return the reader of a list of clips."""
    return Reader(
        {file: content},
        f"sources {kind} --root {{in}} {options} {{in}}/{file} --clips {{out}}/clips.parquet"
        " --classes {out}/classes.parquet",
        {"clips": CLIP_RECORDS, "classes": CLIP_CLASSES},
    )


def clip_lists() -> dict[str, Reader]:
    """Return every reader of lists of clips by name."""
    frames = "--media {video_id} --rate 24 --train"
    videos = "--media {participant_id}/{video_id}.MP4 --rate 60 --train"
    epic = pd.DataFrame(EPIC)
    epic.columns = epic.columns.astype(object)
    epic_csv, epic_pickle = epic.to_csv(index=False).encode(), pickle.dumps(epic.astype(object))
    return {
        "kinetics": clip_list("kinetics", "train.txt", b"a 1.mp4 0\nb.mp4 2\nc.mp4 1\n"),
        "charades ego": clip_list("charades-ego", "train.csv", CHARADES_EGO, frames),
        "charades ego frames": clip_list("charades-ego", "train.txt", FRAME_LIST, frames),
        "epic kitchens": clip_list("epic-kitchens", "a.csv", epic_csv, frames),
        "epic kitchens pickle": clip_list("epic-kitchens", "a.pkl", epic_pickle, videos),
        "clips": clip_list("clips", "clips.csv", CLIPS, "--table"),
    }


def imported(kind: str, content: bytes) -> Reader:
    """Return the reader of external predictions of a kind."""
    return Reader(
        {f"mine.{kind}": content, **tables(manifest=(MANIFEST, NAMED))},
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
        "classes of folders": Reader(
            {"classes.csv": b"folder,wnid\ndogs,n02084071\ncats,n02121808\n", "dogs/a.png": png()},
            "sources images --root {in} --classes {in}/classes.csv --images {out}/images.parquet",
            {"images": IMAGES},
        ),
        "label space": Reader(
            {"space.csv": SPACE, "labels.csv": b"file,labels\na.png,hound\nb.png,gizmo\n"},
            "sources images --root {in} --labels {in}/labels.csv --images {out}/images.parquet"
            " --label-space {in}/space.csv",
            {"images": IMAGES},
        ),
        "classes of a model": Reader(
            {
                "mine.csv": b"index,wnid\n1,n02123045\n0,n02084071\n",
                "mine.yaml": OWN_MODEL,
                "mine.pth": b"",
            },
            "config check {in}/mine.yaml",
        ),
        "decisions": Reader(
            {
                "d/anna.csv": DECISIONS,
                **tables(sets=(SETS, PAIRS), statuses=(STATUSES, PAIRS)),
                **tables(manifest=(MANIFEST, PAIRS)),
            },
            "reviews consensus --sets {in}/sets.parquet --statuses {in}/statuses.parquet"
            " --manifest {in}/manifest.parquet --review human --decisions {in}/d --rounds 1"
            " --output {out}/reviews.parquet",
            {"reviews": REVIEWS},
        ),
        "ytbb anchors": ytbb("anchors.csv"),
        "ytbb reviews of anchors": ytbb("anchor_labels.json"),
        "ytbb reviews of pairs": ytbb("pair_labels.json"),
        **clip_lists(),
    }

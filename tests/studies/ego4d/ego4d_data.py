"""Images of a test set and predictions on them, written by hand."""

import numpy as np
from frames_data import kept, lost, write_frames
from score_data import write_classes

from wildframe.core import schemas
from wildframe.core.schemas import CLASSES, GRADCAMS, IMAGE_RESULTS, MANIFEST
from wildframe.core.tables import read_table, write_rows
from wildframe.exhibits.inputs import EncodedImages, table_of
from wildframe.frames.encode import encode
from wildframe.frames.preprocessing import Shown, read_preprocessed, write_preprocessed
from wildframe.frames.views.full import Full
from wildframe.labels import read_class_names
from wildframe.models import zoo_entry
from wildframe.scores import results_by_model

BLACK = encode(np.zeros((50, 100, 3), np.uint8), "png")

NAMES = {"n1": "cup", "n2": "$mug", "n3": "pot"}

PREPROCESSING = str(zoo_entry("squeezenet1_1").preprocessing)

STEPS = ["kept", "duplicate", "no_object_box", "kept", "several_classes", "no_class", "kept"]

FUNNEL = [
    {"record_id": f"r{n}", "role": "pre", "position": None, "step": step}
    | {"annotation_labels": [["n1"]]}
    for n, step in enumerate(STEPS)
]

RECORDS = [
    {"record_id": f"r{n}", "role": "pre", "video_id": None, "clip_id": f"c{n // 2}"}
    for n in range(len(STEPS))
]

FUNNEL[0]["annotation_labels"] = FUNNEL[4]["annotation_labels"] = [["n1", "n2"], ["n3"]]

SHARED = {"frames": ["statuses", "0-of-1"], "manifest": "manifest", "class_names": "classes"}


def became(*statuses):
    """Return the status of images, as the station of frames writes it."""
    return [{"image_id": f"p{i}", "status": status} for i, status in enumerate(statuses)]


def found(folder, **parameters):
    """Return the file or files of each parameter."""
    return {
        key: folder / f"{name}.parquet"
        if isinstance(name, str)
        else [folder / f"{one}.parquet" for one in name]
        for key, name in parameters.items()
    }


def scored(image_id, labels, *top):
    """Return the result of a model on an image; ``top`` holds (wnid, probability)."""
    guesses = [{"wnid": wnid, "probability": probability} for wnid, probability in top]
    correct = top[0][0] in labels
    return {"image_id": image_id, "labels": labels, "top": guesses, "correct_top1": correct}


def write_maps(folder, image_ids):
    """Write Grad-CAM maps of a model: of the label, and of what it predicts."""
    rows = [
        {"image_id": image_id, "view_key": "", "target_is": kind, "target": target}
        | {"height": 1, "width": 2, "map": [0, height]}
        for image_id in image_ids
        for kind, target, height in (("label", "n1", 5), ("predicted", "n2", 7))
    ]
    path = folder / "squeezenet1_1.gradcam.parquet"
    facts = {"model": "squeezenet1_1", "preprocessing": PREPROCESSING}
    write_rows(path, GRADCAMS, rows, facts=facts)


def read(folder, results="squeezenet1_1", preprocessed=PREPROCESSING):
    """Return the arguments of Fig. 1, read from files."""
    images = folder / f"{PREPROCESSING}.arrow"
    preprocessing = zoo_entry("squeezenet1_1").preprocessing
    return {
        "frames": EncodedImages(folder / "statuses.parquet", [folder / "0-of-1.parquet"]),
        "gradcams": [table_of(GRADCAMS)(folder / "squeezenet1_1.gradcam.parquet")],
        "results": results_by_model([folder / f"{results}.parquet"]),
        "preprocessed": {preprocessed: read_preprocessed(images, preprocessing)},
        "manifest": read_table(folder / "manifest.parquet", MANIFEST).to_pylist(),
        "class_names": read_class_names(folder / "classes.parquet"),
        "data_note": "a $demo",
    }


def write_set(folder, blank, manifest_row):
    """Write the tables of a set of two images, the second of which could not be read."""
    manifest = [manifest_row("p0", labels=["n0"]), manifest_row("p1", labels=["n1"])]
    write_rows(folder / "manifest.parquet", MANIFEST, manifest)
    texts = {field.name: "x" for field in schemas.FUNNEL.fields if str(field.type) == "string"}
    kept_row = blank(schemas.FUNNEL, **texts) | {"step": "kept", "annotation_labels": [["n0"]]}
    funnel = [kept_row | {"record_id": record_id} for record_id in ("r0", "r1")]
    write_rows(folder / "funnel.parquet", schemas.FUNNEL, funnel)
    texts = {field.name: "x" for field in schemas.RECORDS.fields if str(field.type) == "string"}
    record = blank(schemas.RECORDS, **texts) | {"boxes": 1}
    records = [record | {"record_id": row["record_id"]} for row in funnel]
    write_rows(folder / "records.parquet", schemas.RECORDS, records)
    write_frames(folder, [kept("p0", BLACK), lost("p1")])
    write_classes(folder / "classes.parquet")


def write_predictions(folder, blank, manifest_row):
    """Write results of SqueezeNet on two of three images; the third could not be read."""
    ids = ["p0", "p1", "p2"]
    manifest = [manifest_row(image_id, labels=["n1"]) for image_id in ids]
    write_rows(folder / "manifest.parquet", MANIFEST, manifest)
    frames = write_frames(folder, [*(kept(name, BLACK) for name in ids[:2]), lost("p2")])
    preprocessing = zoo_entry("squeezenet1_1").preprocessing
    shown = Shown(*frames, folder / "manifest.parquet", Full())
    write_preprocessed(shown, {preprocessing: folder / f"{preprocessing}.arrow"})
    flags = [f"{rule}_top{k}" for rule in ("correct", "tree", "sense") for k in (1, 5)]
    results = [
        {"anchor_id": image_id, "offset": 0, "view_key": "", "group_id": image_id, "video_id": None}
        | {"role": "pre", "noun": "cup", "kept_labels": ["n1"], "box_area": 0.1}
        | {"predicted": "n2", "confidence": probability, "label_confidence": None}
        | dict.fromkeys(flags, False)
        | scored(image_id, ["n1"], ("n2", probability))
        for image_id, probability in zip(ids, (0.75, 0.5), strict=False)
    ]
    write_rows(folder / "squeezenet1_1.parquet", IMAGE_RESULTS, results)
    classes = [
        blank(CLASSES, label_space="in1k", class_index=index, wnid=wnid, name=name)
        | {"lemmas": [], "senses": [], "definition": "", "ancestors": []}
        for index, (wnid, name) in enumerate(NAMES.items())
    ]
    write_rows(folder / "classes.parquet", CLASSES, classes)
    write_maps(folder, ids[:2])

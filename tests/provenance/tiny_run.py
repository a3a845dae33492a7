"""A run of three frames of one video and one image, predicted by one model: hand-written tables."""

import hashlib
import json
from pathlib import Path

from wildframe.core.schemas import MANIFEST, PREDICTIONS, STATUSES
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.provenance.certificate import predictions_of, write_certificate

FACTS = {
    "model": "net",
    "weights_sha256": "aaaa",
    "preprocessing": "resize256-crop224-bicubic-center",
    "label_space": "in1k",
    "torch_version": "2.9.0",
}
LABELS = {"a-10": ["n02963159"], "a-11": ["n02963159"], "a-20": ["n03063599"], "photo": ["n1"]}
PATHS = {
    "frames": Path("frames/toys.parquet"),
    "labels": Path("manifests/toys.parquet"),
    "predictions": Path("predictions/toys/full/net.parquet"),
}
CONTRACTS = {"frames": STATUSES, "labels": MANIFEST, "predictions": PREDICTIONS}


def pixels(name):
    """Return the hash of the pixels of a frame."""
    return hashlib.sha256(name.encode()).hexdigest()


def write_run(results, blank):
    """Write the tables of the run into a folder of results."""
    manifest, statuses, predictions = [], [], []
    for position, (image_id, labels) in enumerate(LABELS.items()):
        media, _, frame = image_id.partition("-")
        number = int(frame) if frame else None
        place = {"media": f"{media}.mp4", "frame": number, "rate": None}
        manifest.append(
            blank(MANIFEST, image_id=image_id, dataset="toys", split="", media_kind="video")
            | {"labels": labels, "group_id": media, "annotation_labels": [], "nouns": []}
            | {"words": [], "boxes": []}
            | place
        )
        statuses.append(
            blank(STATUSES, image_id=image_id, status="ok", detail="", sha256=pixels(image_id))
            | {"pts": number and 512 * number, "width": 64, "height": 48}
            | place
        )
        top = [
            {"class_index": position, "probability": 0.5},
            {"class_index": 9, "probability": 0.25},
        ]
        predictions.append({"image_id": image_id, "view_key": "", "top": top, "scores": [0.0, 1.0]})
    write_rows(results / PATHS["labels"], MANIFEST, manifest, config={"senses": None})
    write_rows(results / PATHS["frames"], STATUSES, statuses)
    write_rows(results / PATHS["predictions"], PREDICTIONS, predictions, facts=FACTS)
    return results


def write_predictions(results, model, folder="toys/full", ids=LABELS):
    """Write the predictions of another model on images, by their ids."""
    top = [{"class_index": 0, "probability": 0.5}]
    rows = [{"image_id": one, "view_key": "", "top": top, "scores": None} for one in ids]
    path = results / f"predictions/{folder}/{model}.parquet"
    write_rows(path, PREDICTIONS, rows, facts=FACTS | {"model": model})
    return path


def certify(results, output):
    """Write the certificate of the run, with all predictions that are there."""
    return write_certificate({"toys": predictions_of(results, "toys")}, results, output)


def damage(results, layer, change, config=None, **facts):
    """Change the rows of a table of the run by id, in place, and some of its metadata."""
    path, contract = results / PATHS[layer], CONTRACTS[layer]
    rows = {row["image_id"]: row for row in read_table(path, contract).to_pylist()}
    change(rows)
    kept = read_facts(path, contract) | facts
    if config is not None:
        kept["config"] = json.dumps(config)
    write_rows(path, contract, rows.values(), facts=kept)

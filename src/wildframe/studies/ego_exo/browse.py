"""The clips as strips of frames, and the predictions on them, as a page that needs no server."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np

from wildframe.core.errors import UserError
from wildframe.core.pages import page_sha256
from wildframe.core.schemas import CLIP_CLASSES, CLIPS
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.browse_files import (
    IMAGES,
    Classes,
    millionths,
    page_folder,
    save_image,
    write_part,
)
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.frames.kept import KeptClips
from wildframe.predictions.predicted import softmax
from wildframe.scores.clip_files import name_of, read_classes, read_heads
from wildframe.scores.clips import Floats
from wildframe.studies.ego_exo.inputs import clips_with_classes, kept_clips
from wildframe.studies.ego_exo.settings import EgoExoStudy
from wildframe.studies.ego_exo.strips import beside, positions

_TOP = 5
"""Predicted classes that are shown of each clip."""

_FACTS = ("split", "media", "video_id")
_ABSENT = ("frame", "group_id", "record_id", "role")
"""What the page tells of images and clips have not."""

_WHOLE = (0, 0, 1, 1)

Item = tuple[str, str]
"""``clip_id`` and head: a clip stands on the page once for each head."""


@dataclass(frozen=True)
class LabelledClips:
    """The clips of a dataset and their classes."""

    path: Path
    rows: Mapping[str, Row]
    """Of CLIPS, by ``clip_id``."""
    classes: Mapping[str, Sequence[str]]
    """By head, in the order of indices."""
    names: Mapping[str, str]
    """Names of classes, by `class_key`."""

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Self:
        """Read a manifest and its classes; errors as in `wildframe.core.tables.read_table`."""
        manifest, classes = paths
        rows = read_table(manifest, CLIPS).to_pylist()
        found = read_table(classes, CLIP_CLASSES).to_pylist()
        names = {class_key(row["head"], row["class"]): row["name"] for row in found}
        return cls(manifest, {row["clip_id"]: row for row in rows}, read_classes(classes), names)

    def labels(self, item: Item) -> list[str]:
        """Return the labels of a clip for a head, by `class_key`."""
        clip_id, head = item
        row = self.rows[clip_id]
        labels = [one["class"] for one in row["actions"]] if head == "action" else [row[head]]
        return [class_key(head, label) for label in dict.fromkeys(filter(None, labels))]


def class_key(head: str, name: str) -> str:
    """Return what tells a class apart from those of other heads."""
    return f"{head} {name}"


def _datasets(run: Context) -> list[str]:
    return list(dict.fromkeys(part.dataset for part in run.study.parts().values()))


def _predictions(run: Context) -> list[dict[str, str]]:
    return [
        {"dataset": run.dataset, "clip_training": name, "seed": str(training.seeds[0])}
        for name, training in run.study.clip_trainings().items()
        if run.dataset in training.evaluated_on
    ]


def _shows_several(run: Context) -> bool:
    multi_label = run.study.multi_label
    return bool(multi_label) and run.dataset == multi_label.dataset


def read_predictions(paths: Sequence[Path]) -> dict[str, Path]:
    """Return files of predictions by the training that each is of."""
    return {name_of(path)[0]: path for path in paths}


Clips = Annotated[KeptClips, kept_clips(lambda run: run.dataset)]
Labelled = Annotated[LabelledClips, clips_with_classes(LabelledClips.read, lambda run: run.dataset)]
Predictions = Annotated[
    Mapping[str, Path], File("predictions_clips", read_predictions, _predictions, many=True)
]
MultiLabel = Annotated[bool, Setting(_shows_several, bool, watch=lambda run: page_sha256("browse"))]


@exhibit(
    "Supplement: browse",
    "every clip and prediction",
    "A page to browse test clips, each as a strip of frames, with the predictions of every method; "
    "it needs no server.",
    datasets=_datasets,
    compares=[untested("methods", "the tables compare them over clips and seeds")],
)
def browse(
    clips: Clips,
    labelled: Labelled,
    predictions: Predictions,
    multi_label: MultiLabel,
    data_note: Annotated[str, Setting(lambda run: run.config.describe(run.dataset))],
) -> Page:
    """Return the page of the first seed of every training that is evaluated on the dataset."""
    note = f"{data_note}; first seed of each training"
    return Page(partial(write_clips, clips, labelled, predictions, multi_label, note))


def write_clips(
    clips: KeptClips,
    labelled: LabelledClips,
    predictions: Mapping[str, Path],
    multi_label: bool,
    data_note: str,
    output: Path,
) -> None:
    """Write the folder of the page; it appears whole.

    Args:
        clips: Kept frames of the clips.
        labelled: Their labels.
        predictions: CLIP_PREDICTIONS by model, in the order of the page; of the same clips.
        multi_label: Whether actions are predicted as probabilities of several labels a clip.
        data_note: What the data is.
        output: Folder to write.

    Raises:
        UserError: Tables do not belong together.
    """
    classes = Classes(labelled.names)
    items: list[Item] = []
    models = []
    with page_folder(output) as folder:
        for number, (name, path) in enumerate(predictions.items()):
            scores = _scores(path, multi_label)
            items = items or _items(scores, labelled, path)
            if scores.keys() != set(items):
                raise UserError(
                    f"{path}: the models of the page must predict the same clips; rerun it"
                )
            correct, top = _predicted(items, scores, labelled, classes)
            part = {"top": top, "crops": [_WHOLE], "crop": [0] * len(items)}
            write_part(folder, f"model-{number:02d}", part)
            models.append({"name": name, "correct": correct, "gradcams": [], "causes": ""})
        columns = _columns(items, labelled, classes)
        sizes = {
            clip_id: _write_strip(folder / IMAGES / f"{clip_id}.jpg", clips, clip_id)
            for clip_id in dict(items)
        }
        columns["size"] = [sizes[clip_id] for clip_id, _ in items]
        facts = {"title": EgoExoStudy.title, "data_note": data_note, "chunk": 1}
        told = {"models": models, "classes": classes.part(), "images": columns}
        write_part(folder, "images", facts | told | {"words": _words(items)})


def _words(items: Sequence[Item]) -> dict[str, str]:
    """Return what the page calls what it shows, and what tells these apart."""
    unit = "clips" if len(dict(items)) == len(items) else "predictions on clips"
    return {"unit": unit, "id": "clip_id", "view": "head"}


def _scores(path: Path, multi_label: bool) -> dict[Item, Floats]:
    """Return the probabilities of each clip's classes for each head."""
    found: dict[Item, Floats] = {}
    for head, (clip_ids, scores) in read_heads(path).items():
        is_probability = multi_label and head == "action"
        of_head = scores if is_probability else softmax(scores)
        found |= {(name, head): row for name, row in zip(clip_ids, of_head, strict=True)}
    return found


def _items(scores: Mapping[Item, Floats], labelled: LabelledClips, path: Path) -> list[Item]:
    """Return what is on the page, in the order of the manifest; of each clip, head by head."""
    order = {clip_id: at for at, clip_id in enumerate(labelled.rows)}
    for (clip_id, head), of_item in scores.items():
        if clip_id not in order or len(of_item) != len(labelled.classes.get(head, ())):
            raise UserError(f"{path}: clip {clip_id} is not of {labelled.path}; rerun both")
    return sorted(scores, key=lambda item: (order[item[0]], item[1]))


def _predicted(
    items: Sequence[Item],
    scores: Mapping[Item, Floats],
    labelled: LabelledClips,
    classes: Classes,
) -> tuple[str, list[list[int | None]]]:
    """Return which items are correct, 1 or 0 each, and of each the classes predicted.

    These alternate with their probabilities, in millionths.
    """
    correct = ""
    top: list[list[int | None]] = []
    for item in items:
        head = item[1]
        best = np.argsort(-scores[item], kind="stable")[:_TOP]
        keys = [class_key(head, labelled.classes[head][at]) for at in best]
        correct += "1" if keys[0] in labelled.labels(item) else "0"
        shares = [millionths(float(scores[item][at])) for at in best]
        pairs = zip(map(classes.number, keys), shares, strict=True)
        top.append([*chain.from_iterable(pairs)])
    return correct, top


def _columns(
    items: Sequence[Item], labelled: LabelledClips, classes: Classes
) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = defaultdict(list)
    for item in items:
        clip_id, head = item
        row = labelled.rows[clip_id]
        told = {
            **{name: row[name] for name in _FACTS},
            **dict.fromkeys(_ABSENT),
            "image_id": clip_id,
            "view_key": head,
            "origin": row["viewpoint"],
            "nouns": [],
            "boxes": [],
            "doubtful": [],
            "labels": [classes.number(label) for label in labelled.labels(item)],
        }
        for name, value in told.items():
            columns[name].append(value)
    return columns


def _write_strip(path: Path, clips: KeptClips, clip_id: str) -> tuple[int, int]:
    if clip_id not in clips:
        raise UserError(
            f"clip {clip_id} was predicted, but could not be read; rerun its prediction"
        )
    clip = clips[clip_id]
    return save_image(path, beside([clip.image(at) for at in positions(len(clip))]))

"""The contract of every table that crosses a station border: fields, units and sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Field:
    """One column: ``doc`` says what it means, ``unit`` in what, ``source`` where it comes from."""

    name: str
    type: pa.DataType
    doc: str
    unit: str = ""
    source: str = ""
    nullable: bool = False


@dataclass(frozen=True)
class Contract:
    """A named, versioned table schema. ``key`` columns together identify a row."""

    name: str
    version: int
    doc: str
    key: tuple[str, ...]
    fields: Sequence[Field]

    @cached_property
    def schema(self) -> pa.Schema:
        """The ``pyarrow`` schema, each field with its doc, unit and source as metadata."""
        return pa.schema(
            [
                pa.field(
                    field.name,
                    field.type,
                    nullable=field.nullable,
                    metadata={
                        key: value
                        for key, value in (
                            ("doc", field.doc),
                            ("unit", field.unit),
                            ("source", field.source),
                        )
                        if value
                    },
                )
                for field in self.fields
            ]
        )


# Non-nullable items would read back as a different type than pandas and pyarrow write by default.
WNIDS = pa.list_(pa.string())
BOX = pa.struct([(side, pa.float64()) for side in ("x", "y", "width", "height")])

_SCOD = "Ego4D v1 fho_scod_*.json"

RECORDS = Contract(
    "records",
    1,
    "One row per annotated moment of a publisher's file, usable or not.",
    ("record_id", "role"),
    [
        Field("record_id", pa.string(), "Split and position in the publisher's list"),
        Field("dataset", pa.string(), "Source the record was read from"),
        Field("split", pa.string(), "The publisher's split", source=_SCOD),
        Field("video_id", pa.string(), "Full-scale video", source="video_uid", nullable=True),
        Field("clip_id", pa.string(), "Clip cut from it", source="clip_uid", nullable=True),
        Field("role", pa.string(), "Moment of the state change: pre, pnr or post"),
        Field(
            "frame",
            pa.int64(),
            "Frame in the full-scale video, 0-based; null if the record has no such moment",
            "30 fps frames",
            "frame_number",
            nullable=True,
        ),
        Field(
            "clip_frame",
            pa.int64(),
            "Frame in the clip, 0-based",
            "30 fps frames",
            "clip_frame_number",
            nullable=True,
        ),
        Field("frame_width", pa.int32(), "Annotated frame's width", "px", "width", nullable=True),
        Field(
            "frame_height", pa.int32(), "Annotated frame's height", "px", "height", nullable=True
        ),
        Field("boxes", pa.int32(), "Number of boxes of any type, hands included"),
        Field(
            "problem",
            pa.string(),
            "What keeps the record from being read, in one sentence; its boxes are then left out",
            nullable=True,
        ),
    ],
)

OBJECTS = Contract(
    "objects",
    1,
    "One row per annotated box.",
    ("record_id", "role", "position"),
    [
        Field("record_id", pa.string(), "Record the box belongs to"),
        Field("role", pa.string(), "Moment of the state change: pre, pnr or post"),
        Field("position", pa.int32(), "Position in the moment's list of boxes, 0-based"),
        Field("object_type", pa.string(), "left_hand, right_hand, object_of_change or tool"),
        Field("noun", pa.string(), "As annotated", source="structured_noun", nullable=True),
        Field("instance", pa.int64(), "Instance number", source="instance_number", nullable=True),
        Field("box", BOX, "x and y of the top-left corner, width, height", "px of the frame"),
    ],
)

CLASSES = Contract(
    "classes",
    1,
    "One row per class of each class space, in the order of the space's outputs.",
    ("class_space", "class_index"),
    [
        Field("class_space", pa.string(), "in1k, in21k or in22k"),
        Field("class_index", pa.int32(), "Index of the output; means nothing in another space"),
        Field("wnid", pa.string(), "WordNet 3.0 id of the synset", source="timm data/_info"),
        Field("name", pa.string(), "First lemma, for people"),
        Field(
            "lemmas", pa.list_(pa.string()), "All lemmas, words joined by _", source="WordNet 3.0"
        ),
        Field("definition", pa.string(), "Gloss of the synset", source="WordNet 3.0"),
    ],
)

MANIFEST = Contract(
    "manifest",
    1,
    "One row per picture that is to be examined.",
    ("image_id",),
    [
        Field("image_id", pa.string(), "Unique in the dataset and safe as a file name"),
        Field("dataset", pa.string(), "Dataset of the config"),
        Field("split", pa.string(), "The publisher's split"),
        Field("record_id", pa.string(), "Record of the source"),
        Field("media", pa.string(), "File under the source's root"),
        Field("media_kind", pa.string(), "video, image or shard"),
        Field("frame", pa.int64(), "Frame in the media; null for images", nullable=True),
        Field(
            "rate",
            pa.string(),
            "Nominal rate of the grid on which frame counts, as a fraction; null: n-th frame",
            "frames/s",
            nullable=True,
        ),
        Field("width", pa.int32(), "Width in which boxes are given", "px"),
        Field("height", pa.int32(), "Height in which boxes are given", "px"),
        Field("labels", WNIDS, "Any of these classes is right"),
        Field("annotation_labels", pa.list_(WNIDS), "Classes of each annotated object"),
        Field("nouns", pa.list_(pa.string()), "Noun of each annotated object, as annotated"),
        Field("words", pa.list_(pa.string()), "Words of the nouns that named the labels"),
        Field("boxes", pa.list_(BOX), "Box of each annotated object", "px"),
        Field("group_id", pa.string(), "Clip: pictures of one group are not independent"),
        Field("video_id", pa.string(), "Video the clip was cut from", nullable=True),
        Field("anchor_id", pa.string(), "Anchor of a temporal set", nullable=True),
        Field("offset", pa.int32(), "Frames from the anchor", "frames", nullable=True),
        Field("role", pa.string(), "pre, pnr or post; null elsewhere", nullable=True),
        Field("origin", pa.string(), "Source the picture comes from"),
    ],
)

FUNNEL = Contract(
    "funnel",
    1,
    "One row per listed record: the picture it became, or the step and reason that dropped it.",
    ("record_id",),
    [
        Field("record_id", pa.string(), "Record of the source"),
        Field("image_id", pa.string(), "Picture; null if dropped", nullable=True),
        Field("step", pa.string(), "Step of the funnel that dropped the record, or kept"),
        Field(
            "annotation_labels",
            pa.list_(WNIDS),
            "Classes of each annotated object that has any, whether or not the record was kept",
        ),
        Field("detail", pa.string(), "What was found, for people"),
    ],
)

FRAMES = Contract(
    "frames",
    1,
    "One row per manifest row of the shard, whether or not its picture could be read.",
    ("image_id",),
    [
        Field("image_id", pa.string(), "Picture of the manifest"),
        Field(
            "status",
            pa.string(),
            "ok, media_missing, media_unreadable, frame_missing or decode_failed",
        ),
        Field("detail", pa.string(), "Why not ok, in one sentence; empty when ok"),
        Field("route", pa.string(), "How the clip was read: sparse or sequential", nullable=True),
        Field("pts", pa.int64(), "Presentation time stamp", "stream time base", nullable=True),
        Field("width", pa.int32(), "Decoded width", "px", nullable=True),
        Field("height", pa.int32(), "Decoded height", "px", nullable=True),
        Field("encoding", pa.string(), "jpeg or png", nullable=True),
        Field("image", pa.binary(), "The encoded picture", nullable=True),
        Field("sha256", pa.string(), "Of the RGB pixels before encoding", nullable=True),
    ],
)


def pixels_contract(crop: int) -> Contract:
    """Return the contract of the resized pictures that models of one preprocessing share.

    Args:
        crop: Side of the square pictures in pixels.
    """
    return Contract(
        "pixels",
        1,
        "Resized and cropped pictures of one dataset, view and preprocessing.",
        ("image_id", "view_key"),
        [
            Field("image_id", pa.string(), "Picture of the manifest"),
            Field("view_key", pa.string(), "Which of the view's pictures; empty if it has one"),
            Field(
                "pixels", pa.binary(crop * crop * 3), f"RGB uint8, {crop} x {crop} x 3, row-major"
            ),
        ],
    )


STATUSES = Contract(
    "statuses",
    1,
    "One row per picture of a dataset: what became of its frame, without the picture itself.",
    ("image_id",),
    [field for field in FRAMES.fields if field.name not in ("encoding", "image")],
)

PREDICTIONS = Contract(
    "predictions",
    1,
    "What one model said about each readable picture under one view.",
    ("image_id", "view_key"),
    [
        Field("image_id", pa.string(), "Picture of the manifest"),
        Field("view_key", pa.string(), "Which of the view's pictures; empty if it has one"),
        Field(
            "top",
            pa.list_(pa.struct([("class_index", pa.int32()), ("probability", pa.float32())])),
            "Most probable classes, best first; ties by class index",
        ),
        Field(
            "scores",
            pa.list_(pa.float32()),
            "Logits of all classes; null in spaces of more than 1,000 classes",
            nullable=True,
        ),
    ],
)

SCORES = Contract(
    "scores",
    1,
    "Metrics, tidy: one row per model, metric and subset. Counts, not percentages, are kept.",
    ("study", "dataset", "subset", "view", "model", "metric", "k"),
    [
        Field("study", pa.string(), "Study of the config"),
        Field("dataset", pa.string(), "Dataset of the config"),
        Field("subset", pa.string(), "Part of the dataset; all for the whole"),
        Field("view", pa.string(), "How the pictures were shown"),
        Field("model", pa.string(), "Model of the zoo"),
        Field("metric", pa.string(), "Name of the metric"),
        Field("k", pa.int32(), "A prediction counts if it is among the first k"),
        Field("value", pa.float64(), "successes / n"),
        Field("successes", pa.int64(), "Pictures that were right"),
        Field("n", pa.int64(), "Pictures that were examined"),
        Field("low", pa.float64(), "Lower end of the interval"),
        Field("high", pa.float64(), "Upper end of the interval"),
        Field("interval", pa.string(), "Kind of the interval"),
    ],
)

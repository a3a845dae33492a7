"""Tables about images: what is annotated, what is examined, what could be read."""

import pyarrow as pa

from wildframe.core.contracts import Contract, Field

# Non-nullable items would read back as a different type than pandas and pyarrow write by default.
WNIDS = pa.list_(pa.string())
BOX = pa.struct([(side, pa.float64()) for side in ("x", "y", "width", "height")])

_SCOD = "Ego4D v1 fho_scod_*.json"

RECORDS = Contract(
    "records",
    2,
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
            "rejected",
            pa.string(),
            "Why the publisher's own flags rule the action out, in one sentence; null if none does",
            source="fho_main.json: is_valid_action, is_rejected, is_invalid_annotation",
            nullable=True,
        ),
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
    2,
    "One row per annotated box.",
    ("record_id", "role", "position"),
    [
        Field("record_id", pa.string(), "Record the box belongs to"),
        Field("role", pa.string(), "Moment of the state change: pre, pnr or post"),
        Field("position", pa.int32(), "Position in the moment's list of boxes, 0-based"),
        Field("object_type", pa.string(), "left_hand, right_hand, object_of_change or tool"),
        Field("noun", pa.string(), "As annotated", source="structured_noun", nullable=True),
        Field(
            "freeform_noun",
            pa.string(),
            "The annotator's own words where no noun of the list fitted",
            source="fho_main.json",
            nullable=True,
        ),
        Field("instance", pa.int64(), "Instance number", source="instance_number", nullable=True),
        Field("box", BOX, "x and y of the top-left corner, width, height", "px of the frame"),
    ],
)

CLASSES = Contract(
    "classes",
    2,
    "One row per class of each label space, in the order of the space's outputs.",
    ("label_space", "class_index"),
    [
        Field("label_space", pa.string(), "in1k, in21k, in22k, vid30 or coco80"),
        Field("class_index", pa.int32(), "Index of the output; means nothing in another space"),
        Field("wnid", pa.string(), "WordNet 3.0 id of the synset", source="timm data/_info"),
        Field("name", pa.string(), "First lemma, or the data set's own name; for people"),
        Field(
            "lemmas", pa.list_(pa.string()), "All lemmas, words joined by _", source="WordNet 3.0"
        ),
        Field("definition", pa.string(), "Gloss of the synset", source="WordNet 3.0"),
        Field(
            "ancestors",
            WNIDS,
            "Hypernyms that are classes of the same space, however far up",
            source="WordNet 3.0",
        ),
    ],
)

MANIFEST = Contract(
    "manifest",
    3,
    "One row per image that is to be examined, or per annotated object of it.",
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
        Field("width", pa.int32(), "Width in which boxes are given", "px", nullable=True),
        Field("height", pa.int32(), "Height in which boxes are given", "px", nullable=True),
        Field("labels", WNIDS, "Any of these classes is right"),
        Field("annotation_labels", pa.list_(WNIDS), "Classes of each annotated object"),
        Field("nouns", pa.list_(pa.string()), "Noun of each annotated object, where it has nouns"),
        Field("words", pa.list_(pa.string()), "Word of the first noun that named each label"),
        Field("boxes", pa.list_(BOX), "Box of each annotated object", "px"),
        Field("group_id", pa.string(), "Clip: images of one group are not independent"),
        Field("video_id", pa.string(), "Video the clip was cut from", nullable=True),
        Field("role", pa.string(), "pre, pnr or post; null elsewhere", nullable=True),
        Field("origin", pa.string(), "Source the image comes from"),
    ],
)

FUNNEL = Contract(
    "funnel",
    2,
    "One row per listed moment, or object of it: what it became, or the step that dropped it.",
    ("record_id", "role", "position"),
    [
        Field("record_id", pa.string(), "Record of the source"),
        Field("role", pa.string(), "Moment of the state change: pre, pnr or post"),
        Field(
            "position",
            pa.int32(),
            "Position of the object among the moment's boxes; null where moments are examined",
            nullable=True,
        ),
        Field("image_id", pa.string(), "Image; null if dropped", nullable=True),
        Field("step", pa.string(), "Step of the funnel that dropped the record, or kept"),
        Field(
            "annotation_labels",
            pa.list_(WNIDS),
            "Classes of each annotated object that has any, whether or not the record was kept",
        ),
        Field("detail", pa.string(), "What was found, for people"),
    ],
)

SPLITS = Contract(
    "splits",
    1,
    "Which images of a dataset a model may learn from, and which are held out.",
    ("image_id",),
    [
        Field("image_id", pa.string(), "Image of the manifest"),
        Field("part", pa.string(), "train or val"),
        Field("group", pa.string(), "Clip, video or image that lies in one part as a whole"),
    ],
)

FRAMES = Contract(
    "frames",
    1,
    "One row per manifest row of the shard, whether or not its image could be read.",
    ("image_id",),
    [
        Field("image_id", pa.string(), "Image of the manifest"),
        Field(
            "status",
            pa.string(),
            "ok, media_missing, media_unreadable, frame_missing or decode_failed",
        ),
        Field("detail", pa.string(), "Why not ok, in one sentence; empty when ok"),
        Field(
            "route",
            pa.string(),
            "How it was read: sparse or sequential out of a video; file for a image",
            nullable=True,
        ),
        Field("pts", pa.int64(), "Presentation time stamp", "stream time base", nullable=True),
        Field("width", pa.int32(), "Decoded width", "px", nullable=True),
        Field("height", pa.int32(), "Decoded height", "px", nullable=True),
        Field("encoding", pa.string(), "jpeg or png", nullable=True),
        Field("image", pa.binary(), "The encoded image", nullable=True),
        Field("sha256", pa.string(), "Of the RGB pixels before encoding", nullable=True),
    ],
)


def preprocessed_contract(crop: int) -> Contract:
    """Return the contract of the resized images that models of one preprocessing share.

    Args:
        crop: Side of the square images in pixels.
    """
    return Contract(
        "pixels",
        1,
        "Resized and cropped images of one dataset, view and preprocessing.",
        ("image_id", "view_key"),
        [
            Field("image_id", pa.string(), "Image of the manifest"),
            Field("view_key", pa.string(), "Which of the view's images; empty if it has one"),
            Field(
                "pixels", pa.binary(crop * crop * 3), f"RGB uint8, {crop} x {crop} x 3, row-major"
            ),
        ],
    )


STATUSES = Contract(
    "statuses",
    1,
    "One row per image of a dataset: what became of its frame, without the image itself.",
    ("image_id",),
    [field for field in FRAMES.fields if field.name not in ("encoding", "image")],
)

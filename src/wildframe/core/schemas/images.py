"""Tables about images: what is annotated, which images are evaluated, which could be read."""

from functools import partial

import pyarrow as pa

from wildframe.core.contracts import Contract, Field

TEXT, FLAG = pa.string(), pa.bool_()
INT, LONG, FLOAT = pa.int32(), pa.int64(), pa.float64()
# Non-nullable items would read back as a different type than pandas and pyarrow write by default.
WNIDS = pa.list_(TEXT)
BOX = pa.struct([(side, FLOAT) for side in ("x", "y", "width", "height")])

nullable = partial(Field, nullable=True)

DATASET = Field("dataset", TEXT, "Dataset of the config")
IMAGE_ID = Field("image_id", TEXT, "Image of the manifest")
ANCHOR_ID = Field(
    "anchor_id", TEXT, "Anchor of the set, an image of the manifest: itself if single"
)
OFFSET = Field("offset", INT, "Position relative to the anchor, which has 0", "frames")
VIEW_KEY = Field("view_key", TEXT, "Crop of the view; empty where the view has only one")
GROUP_ID = Field(
    "group_id", TEXT, "Clip, or folder of single images: images of one are not independent"
)
VIDEO_ID = nullable("video_id", TEXT, "Video that the clip was cut from; null of single images")
FRAME_BOX = Field("box", BOX, "x and y of the top-left corner, width, height", "px of the frame")

_RECORD_ID = Field("record_id", TEXT, "Record of the source")
_ROLE = Field("role", TEXT, "Moment of the state change: pre, pnr or post")
_FPS = "30 fps frames"

RECORDS = Contract(
    "records",
    2,
    "One row per annotated moment of a publisher's file, usable or not.",
    ("record_id", "role"),
    [
        Field("record_id", TEXT, "Split and position in the publisher's list"),
        Field("dataset", TEXT, "Source that the record was read from"),
        Field("split", TEXT, "The publisher's split", source="Ego4D v1 fho_scod_*.json"),
        nullable("video_id", TEXT, "Full-scale video", source="video_uid"),
        nullable("clip_id", TEXT, "Clip of the video", source="clip_uid"),
        _ROLE,
        nullable("frame", LONG, "Frame of the video, 0-based", _FPS, "frame_number"),
        nullable("clip_frame", LONG, "Frame of the clip, 0-based", _FPS, "clip_frame_number"),
        nullable("frame_width", INT, "Width of the annotated frame", "px", "width"),
        nullable("frame_height", INT, "Height of the annotated frame", "px", "height"),
        Field("boxes", INT, "Number of boxes of any type, hands included"),
        nullable(
            "rejected",
            TEXT,
            "Which of the publisher's flags exclude the action, in one sentence; null if none",
            source="fho_main.json: is_valid_action, is_rejected, is_invalid_annotation",
        ),
        nullable("problem", TEXT, "Why the record cannot be read; its boxes are left out"),
    ],
)

OBJECTS = Contract(
    "objects",
    2,
    "One row per annotated box.",
    ("record_id", "role", "position"),
    [
        _RECORD_ID,
        _ROLE,
        Field("position", INT, "Position in the moment's list of boxes, 0-based"),
        Field("object_type", TEXT, "left_hand, right_hand, object_of_change or tool"),
        nullable("noun", TEXT, "As annotated", source="structured_noun"),
        nullable(
            "freeform_noun", TEXT, "Annotator's own word if no noun fits", "", "fho_main.json"
        ),
        nullable("instance", LONG, "Instance number", source="instance_number"),
        FRAME_BOX,
    ],
)

IMAGES = Contract(
    "images",
    3,
    "One row per image that a source has or names, usable or not.",
    ("record_id",),
    [
        Field("record_id", TEXT, "File, and its row, or the line where a CSV file names it again"),
        nullable("image_id", TEXT, "Unique and safe as a file name; null if it cannot be used"),
        Field("split", TEXT, "Split of the source; empty if it has none"),
        Field("media", TEXT, "File under the source's root"),
        Field("media_kind", TEXT, "image (a file) or shard (a row of a Parquet file)"),
        nullable("frame", LONG, "Row of the Parquet file; null of files"),
        Field("labels", WNIDS, "Classes that the image shows"),
        nullable("origin", TEXT, "Where its publisher had it from, as published"),
        nullable("group_id", TEXT, "Video or clip that it is a frame of, as published"),
        nullable("problem", TEXT, "Why the image cannot be used, in one sentence"),
    ],
)

CLASSES = Contract(
    "classes",
    4,
    "One row per class of each label space, in the order of class indices.",
    ("label_space", "class_index"),
    [
        Field("label_space", TEXT, "in1k, in21k, in22k, vid30 or coco80"),
        Field("class_index", INT, "Index of the class in this label space only"),
        Field("wnid", TEXT, "WordNet 3.0 id of the synset", source="timm data/_info"),
        Field("name", TEXT, "First lemma, or the dataset's own name; for people"),
        Field("lemmas", pa.list_(TEXT), "All lemmas, words joined by _", source="WordNet 3.0"),
        Field(
            "senses",
            pa.list_(INT),
            "Which of each lemma's senses the class is, from 1: the most frequent first",
            source="WordNet 3.0",
        ),
        Field("definition", TEXT, "Gloss of the synset", source="WordNet 3.0"),
        Field("ancestors", WNIDS, "All hypernyms in this label space", source="WordNet 3.0"),
    ],
)

# What every source can fill; a station may ask for nothing else.
_CORE = [
    Field("image_id", TEXT, "Unique in the dataset and safe as a file name"),
    DATASET,
    Field("split", TEXT, "The publisher's split; empty if there is none"),
    Field("media", TEXT, "File under the source's root"),
    Field(
        "media_kind",
        TEXT,
        "video (frames by number), image (a file) or shard (a row of a Parquet file)",
    ),
    nullable("frame", LONG, "Frame of the video, or row of the Parquet file; null for images"),
    nullable(
        "rate",
        TEXT,
        "Nominal frame rate that frame numbers refer to, as a fraction; null: n-th frame shown",
        "frames/s",
    ),
    Field(
        "labels",
        WNIDS,
        "A prediction of any of these classes is correct; the first is learnt and listed under",
    ),
    GROUP_ID,
    VIDEO_ID,
]

# What some sources know beyond: null, or an empty list, where they do not.
_ANNOTATIONS = [
    nullable("record_id", TEXT, "Record of the source"),
    nullable("role", TEXT, "Moment of the state change: pre, pnr or post"),
    Field("annotation_labels", pa.list_(WNIDS), "Classes of each annotated object"),
    Field("nouns", pa.list_(TEXT), "Noun of each annotated object that has one"),
    Field("words", pa.list_(TEXT), "Word of the first noun that gave each label"),
    Field("boxes", pa.list_(BOX), "Box of each annotated object", "px"),
    nullable("width", INT, "Width in which boxes are given", "px"),
    nullable("height", INT, "Height in which boxes are given", "px"),
    nullable("origin", TEXT, "Source of the image"),
]

MANIFEST = Contract(
    "manifest",
    4,
    "One row per image to evaluate, or per annotated object of it.",
    ("image_id",),
    [*_CORE, *_ANNOTATIONS],
)

FUNNEL = Contract(
    "funnel",
    2,
    "One row per moment, object, image or clip of the source: its image, or why it was dropped.",
    ("record_id", "role", "position"),
    [
        _RECORD_ID,
        Field("role", TEXT, "Moment of the state change; anchor of sets; image; clip"),
        nullable("position", INT, "Position among the moment's boxes; null if moments are counted"),
        nullable("image_id", TEXT, "Image, or clip; null if dropped"),
        Field("step", TEXT, "Step of the funnel that dropped the record, or kept"),
        Field("annotation_labels", pa.list_(WNIDS), "Classes of each object, dropped or not"),
        Field("detail", TEXT, "Explanation, for people"),
    ],
)

SPLITS = Contract(
    "splits",
    1,
    "Which images of a dataset are for training and which are held out.",
    ("image_id",),
    [
        IMAGE_ID,
        Field("part", TEXT, "train or val"),
        Field("group", TEXT, "Clip, video or image that is kept within one part"),
    ],
)

_FRAME_KEY = [
    Field("media", TEXT, "File under the source's root"),
    nullable("rate", TEXT, "Rate that the frame's number refers to; null: n-th frame", "frames/s"),
    nullable("frame", LONG, "Frame in the media; null for images"),
]
_FRAME_STATUS = [
    Field("status", TEXT, "ok, media_missing, media_unreadable, frame_missing or decode_failed"),
    Field("detail", TEXT, "Why the status is not ok, in one sentence; empty if ok"),
    nullable("route", TEXT, "How it was read: sparse or sequential (video), file or row (image)"),
    nullable("pts", LONG, "Presentation time stamp", "stream time base"),
    nullable("width", INT, "Decoded width", "px"),
    nullable("height", INT, "Decoded height", "px"),
    nullable("sha256", TEXT, "SHA-256 of the RGB pixels before encoding"),
    nullable("encoding", TEXT, "jpeg or png"),
    nullable("image_sha256", TEXT, "SHA-256 of the encoded image"),
]

FRAMES = Contract(
    "frames",
    2,
    "One row per frame of the shard that any dataset wants, whether or not it could be read.",
    ("media", "rate", "frame"),
    [*_FRAME_KEY, *_FRAME_STATUS, nullable("image", pa.binary(), "The encoded image")],
)

STATUSES = Contract(
    "statuses",
    2,
    "One row per image of a dataset: its frame in the FRAMES table of the source, and its status.",
    ("image_id",),
    [IMAGE_ID, *_FRAME_KEY, *_FRAME_STATUS],
)


def preprocessed_contract(crop: int) -> Contract:
    """Return the contract of the preprocessed images that models of one preprocessing share.

    Args:
        crop: Side of the square images in pixels.
    """
    pixels = Field("pixels", pa.binary(crop * crop * 3), f"RGB uint8, {crop} x {crop} x 3")
    check = Field("crc32", LONG, "Checksum of image_id, view_key and pixels: Arrow has none")
    return Contract(
        "preprocessed",
        4,
        "Preprocessed images of one dataset, view and preprocessing.",
        ("image_id", "view_key"),
        [IMAGE_ID, VIEW_KEY, pixels, check],
    )

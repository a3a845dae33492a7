"""Tables about sets of frames: anchors, the frames around them, their review and the results."""

import pyarrow as pa

from wildframe.core.contracts import Contract, Field
from wildframe.core.schemas.images import (
    ANCHOR_ID,
    BOX,
    DATASET,
    FLAG,
    FLOAT,
    FRAME_BOX,
    IMAGE_ID,
    INT,
    LONG,
    OFFSET,
    TEXT,
    WNIDS,
    nullable,
)
from wildframe.core.schemas.models import MODEL

_WITHIN = Field("k", INT, "Largest distance from the anchor", "frames")
_REVIEW = Field("review", TEXT, "How the sets were reviewed: none, auto, human or script")
_TASK = Field("task", TEXT, "detection, or localization: all classes are one")
_IOU = Field("iou", TEXT, "Intersection over union of a match: 0.5, or 0.5:0.95")
_OVER_VIDEOS = "Lower end of the 95 % interval over videos; null where all agree"
_VIDEOS = Field("videos", LONG, "Videos: the units of this interval")

NEAREST = "nearest_by"
"""Metadata of sets, and of their reviews, whose candidates are ranked images, not frames: the model
that ranked them."""

COPIES = "copies"
"""Metadata of reviews: of each frame that is a copy, the image that it has the pixels of, as JSON;
of results on sets, how many copies there are."""

VIDEOS = Contract(
    "videos",
    1,
    "One row per video of a source, usable or not.",
    ("video_id",),
    [
        Field("video_id", TEXT, "Unique in the source and safe as a file name"),
        Field("split", TEXT, "Split of the source; empty if it has none"),
        Field("media", TEXT, "File under the source's root; %06d stands for a frame's number"),
        Field("media_kind", TEXT, "video or image"),
        nullable("frames", LONG, "Number of frames"),
        nullable("rate", FLOAT, "Mean frame rate", "frames/s"),
        nullable("width", INT, "Width", "px"),
        nullable("height", INT, "Height", "px"),
        Field("labels", WNIDS, "Classes that every frame shows; empty if boxes give them by frame"),
        nullable("problem", TEXT, "Why the video cannot be used, in one sentence"),
    ],
)

BOXES = Contract(
    "boxes",
    1,
    "One row per annotated object of a frame of a video.",
    ("video_id", "frame", "position"),
    [
        Field("video_id", TEXT, "Video of the source"),
        Field("frame", LONG, "Frame of the video, 0-based"),
        Field("position", INT, "Position in the frame's list of objects, 0-based"),
        Field("wnid", TEXT, "Class of the object"),
        FRAME_BOX,
    ],
)

PUBLISHED = Contract(
    "published",
    1,
    "One row per frame of a published set, the anchor included.",
    ("anchor", "media"),
    [
        Field("anchor", TEXT, "File of the anchor under the source's root"),
        Field("media", TEXT, "File of the frame under the source's root"),
        Field("video_id", TEXT, "Video that the frame was cut from"),
        Field("frame", LONG, "Number of the frame in the video"),
        OFFSET,
        Field("labels", WNIDS, "The frame's own labels; empty if only anchors have labels"),
    ],
)

SETS = Contract(
    "sets",
    1,
    "One row per frame of a set: the anchor itself and its candidate neighbours.",
    ("anchor_id", "image_id"),
    [
        ANCHOR_ID,
        Field("image_id", TEXT, "Image of the manifest; may belong to several sets"),
        OFFSET,
        Field("labels", WNIDS, "Classes that are correct for this frame in this set"),
    ],
)

SIMILARITIES = Contract(
    "similarities",
    1,
    "One row per candidate of a set that could be read, as could its anchor.",
    ("anchor_id", "image_id"),
    [
        ANCHOR_ID,
        Field("image_id", TEXT, "Image of the manifest that is the candidate"),
        Field("similarity", FLOAT, "1 - mean absolute difference of 64 x 64 luminance in [0, 1]"),
    ],
)

REVIEWS = Contract(
    "reviews",
    1,
    "One row per frame of a set: whether it is evaluated, and why not.",
    ("anchor_id", "image_id"),
    [
        *SETS.fields,
        Field("accepted", FLAG, "Whether the frame is part of the evaluated set"),
        nullable(
            "reason",
            TEXT,
            "Why not: unreadable, anchor (its anchor is excluded), set (another frame is "
            "unreadable), similarity (below the threshold), or the reviewers' tags joined by ;",
        ),
        nullable("similar_votes", INT, "Reviewers who accepted it"),
        nullable("votes", INT, "Reviewers who decided on it in the round that counts"),
    ],
)

ROBUSTNESS = Contract(
    "robustness",
    3,
    "Accuracy of models on sets, tidy: one row per model, subset, metric and distance.",
    ("model", "subset", "metric", "k"),
    [
        DATASET,
        MODEL,
        Field("subset", TEXT, "all, or class=<wnid>: sets whose anchor has this label"),
        Field(
            "metric",
            TEXT,
            "pm_k (anchor and all frames up to k away are correct), random_neighbour (the share "
            "of frames up to k away that are correct, the mean over anchors) or flip_rate (pairs "
            "whose predictions differ)",
        ),
        _WITHIN,
        Field("value", FLOAT, "successes / n"),
        nullable(
            "successes",
            LONG,
            "Correct anchors; for flip_rate pairs that differ; null for random_neighbour",
        ),
        Field("n", LONG, "Anchors (with neighbours for random_neighbour); for flip_rate pairs"),
        Field("pairs", LONG, "Pairs of an anchor and another frame up to k away"),
        nullable("low", FLOAT, "Lower end of the interval; null where all videos agree"),
        nullable("high", FLOAT, "Upper end of the interval"),
        Field("interval", TEXT, "Method of the interval"),
        nullable(
            "cluster_low",
            FLOAT,
            f"{_OVER_VIDEOS}: jackknife, Student's t of logits; of other metrics than pm_k null, "
            "since their own interval is",
        ),
        nullable("cluster_high", FLOAT, "Upper end of the same"),
        nullable("delta", FLOAT, "Drop of pm_k since k = 0"),
        nullable("delta_low", FLOAT, f"{_OVER_VIDEOS}: jackknife, Student's t of logits"),
        nullable("delta_high", FLOAT, "Upper end of the same"),
        _VIDEOS,
        _REVIEW,
    ],
)

DETECTIONS = Contract(
    "detections",
    1,
    "Detections of one detector in each readable image.",
    ("image_id",),
    [
        IMAGE_ID,
        Field("width", INT, "Width of the detector's input image", "px"),
        Field("height", INT, "Height of the detector's input image", "px"),
        Field(
            "detections",
            pa.list_(pa.struct([("class_index", INT), ("score", pa.float32()), ("box", BOX)])),
            "Boxes in pixels of that image, highest score first; empty if there are none",
        ),
    ],
)

DETECTION_SCORES = Contract(
    "detection_scores",
    2,
    "Mean average precision on anchors, and on the worst frame of each set.",
    ("model", "task", "iou"),
    [
        DATASET,
        MODEL,
        _TASK,
        _IOU,
        _WITHIN,
        Field("map_orig", FLOAT, "mAP over anchors"),
        Field("map_pm_k", FLOAT, "mAP over the worst frame of each set"),
        Field("delta", FLOAT, "map_orig - map_pm_k"),
        nullable(
            "delta_low",
            FLOAT,
            f"{_OVER_VIDEOS}: bias-corrected bootstrap (BCa), of fewer than 30 Student's t",
        ),
        nullable("delta_high", FLOAT, "Upper end of the same"),
        _VIDEOS,
        Field("anchors", LONG, "Evaluated sets"),
        Field("categories", LONG, "Classes with an annotated object, which the mean is over"),
        Field("flavour", TEXT, "Average precision: how the curve is interpolated"),
        _REVIEW,
    ],
)

WORST_FRAMES = Contract(
    "worst_frames",
    2,
    "The frame of each set with the lowest average precision of a detector.",
    ("model", "task", "iou", "anchor_id"),
    [
        MODEL,
        _TASK,
        _IOU,
        ANCHOR_ID,
        Field("video", TEXT, "Video of the set, or its clip: sets of one are not independent"),
        Field("image_id", TEXT, "The frame with the lowest average precision"),
        OFFSET,
        Field("ap_anchor", FLOAT, "Average precision of the anchor, classes pooled"),
        Field("ap", FLOAT, "Average precision of the frame, classes pooled"),
    ],
)

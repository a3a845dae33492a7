"""Tables about temporal sets: an anchor, the frames near it, and what people and models say."""

import pyarrow as pa

from wildframe.core.contracts import Contract, Field
from wildframe.core.schemas.images import BOX, WNIDS

_VID = "ILSVRC VID tree, or a folder of videos"

VIDEOS = Contract(
    "videos",
    1,
    "One row per video of a source, usable or not.",
    ("video_id",),
    [
        Field("video_id", pa.string(), "Unique in the source and safe as a file name"),
        Field("split", pa.string(), "Part of the source; empty where it has none", source=_VID),
        Field(
            "media",
            pa.string(),
            "File under the source's root; of a video kept as images, their path with %06d in "
            "the place of the frame's number",
        ),
        Field("media_kind", pa.string(), "video or image"),
        Field("frames", pa.int64(), "Number of frames", nullable=True),
        Field("rate", pa.float64(), "Mean frame rate", "frames/s", nullable=True),
        Field("width", pa.int32(), "Width", "px", nullable=True),
        Field("height", pa.int32(), "Height", "px", nullable=True),
        Field(
            "labels",
            WNIDS,
            "Classes that all its frames show: any is right; empty where boxes say so frame by "
            "frame",
        ),
        Field(
            "problem",
            pa.string(),
            "What keeps the video from being used, in one sentence",
            nullable=True,
        ),
    ],
)

BOXES = Contract(
    "boxes",
    1,
    "One row per annotated object of a frame of a video.",
    ("video_id", "frame", "position"),
    [
        Field("video_id", pa.string(), "Video of the source"),
        Field("frame", pa.int64(), "Frame of the video, 0-based"),
        Field("position", pa.int32(), "Position in the frame's list of objects, 0-based"),
        Field("wnid", pa.string(), "Class of the object"),
        Field("box", BOX, "x and y of the top-left corner, width, height", "px of the frame"),
    ],
)

PUBLISHED = Contract(
    "published",
    1,
    "One row per frame of a published set, its anchor among them.",
    ("anchor", "media"),
    [
        Field("anchor", pa.string(), "File of the anchor under the source's root"),
        Field("media", pa.string(), "File of the frame under the source's root"),
        Field("video_id", pa.string(), "Video the frame was cut from"),
        Field("frame", pa.int64(), "Number of the frame in the video"),
        Field("offset", pa.int32(), "Frames from the anchor", "frames"),
        Field(
            "labels",
            WNIDS,
            "The frame's own labels, any of which is right; empty where only anchors have labels, "
            "or where none of them is a class",
        ),
    ],
)

SETS = Contract(
    "sets",
    1,
    "One row per frame of a set: the anchor itself and the candidates near it.",
    ("anchor_id", "image_id"),
    [
        Field("anchor_id", pa.string(), "Image of the manifest that is the anchor"),
        Field("image_id", pa.string(), "Image of the manifest; one can be near two anchors"),
        Field("offset", pa.int32(), "Frames from the anchor; 0 for itself", "frames"),
        Field("labels", WNIDS, "Targets by which this frame is judged: any of them is right"),
    ],
)

SIMILARITIES = Contract(
    "similarities",
    1,
    "One row per candidate of a set that could be read, as its anchor could.",
    ("anchor_id", "image_id"),
    [
        Field("anchor_id", pa.string(), "Image of the manifest that is the anchor"),
        Field("image_id", pa.string(), "Image of the manifest that is the candidate"),
        Field(
            "similarity",
            pa.float64(),
            "1 - mean absolute difference of the images' luminance, shrunk to 64 x 64, of 0 to 1",
        ),
    ],
)

REVIEWS = Contract(
    "reviews",
    1,
    "One row per frame of a set: whether it is examined, and why not.",
    ("anchor_id", "image_id"),
    [
        *SETS.fields,
        Field("accepted", pa.bool_(), "Whether the frame is part of the set that is examined"),
        Field(
            "reason",
            pa.string(),
            "Why not: unreadable, anchor (its anchor is out), set (another frame is unreadable), "
            "similarity (below the threshold), or labels of the reviewers joined by ;",
            nullable=True,
        ),
        Field("similar_votes", pa.int32(), "Reviewers who accepted it", nullable=True),
        Field(
            "votes", pa.int32(), "Reviewers who judged it in the round that counts", nullable=True
        ),
    ],
)

SET_RESULTS = Contract(
    "set_results",
    2,
    "What one model predicted on each evaluated frame of each set, and whether that is correct.",
    ("anchor_id", "image_id"),
    [
        Field("anchor_id", pa.string(), "Anchor of the set"),
        Field("image_id", pa.string(), "Image of the manifest"),
        Field("video_id", pa.string(), "Video: sets of one video are not independent"),
        Field("offset", pa.int32(), "Frames from the anchor", "frames"),
        Field("labels", WNIDS, "Any of these targets is right"),
        Field("predicted", pa.string(), "wnid of the predicted class; null: none", nullable=True),
        Field(
            "confidence",
            pa.float64(),
            "Of the answer: summed or highest probability of its classes, as scores were merged",
            nullable=True,
        ),
        Field(
            "label_confidence",
            pa.float64(),
            "Of the most confident label; null where the model cannot answer any",
            nullable=True,
        ),
        Field("correct", pa.bool_(), "The predicted class is a label"),
    ],
)

ROBUSTNESS = Contract(
    "robustness",
    1,
    "Accuracy of models on sets, tidy: one row per model, subset, metric and distance.",
    ("model", "subset", "metric", "k"),
    [
        Field("dataset", pa.string(), "Dataset of the config"),
        Field("model", pa.string(), "Model of the study"),
        Field("subset", pa.string(), "all, or class=<wnid>: sets whose anchor has this label"),
        Field(
            "metric",
            pa.string(),
            "pm_k (anchor and all frames up to k away are right), random_neighbour (one frame "
            "drawn up to k away is right) or flip_rate (pairs up to k away answered differently)",
        ),
        Field("k", pa.int32(), "Largest distance from the anchor", "frames"),
        Field("value", pa.float64(), "successes / n"),
        Field("successes", pa.int64(), "Anchors that are right; pairs that differ for flip_rate"),
        Field("n", pa.int64(), "Anchors; pairs for flip_rate"),
        Field("pairs", pa.int64(), "Pairs of an anchor and another frame up to k away"),
        Field("low", pa.float64(), "Lower end of the interval; null for flip_rate", nullable=True),
        Field("high", pa.float64(), "Upper end of the interval", nullable=True),
        Field("interval", pa.string(), "Kind of the interval; empty without one"),
        Field("delta", pa.float64(), "pm_k: what has been lost since k = 0", nullable=True),
        Field(
            "delta_low",
            pa.float64(),
            "Lower end of the 95 % percentile interval of delta, bootstrap over videos",
            nullable=True,
        ),
        Field("delta_high", pa.float64(), "Upper end of it", nullable=True),
        Field("review", pa.string(), "Who reviewed the sets: none, auto or human"),
    ],
)

SET_PAIRS = Contract(
    "set_pairs",
    1,
    "Two models on the same sets: exact McNemar test, and a paired bootstrap of delta.",
    ("model_a", "model_b", "k"),
    [
        Field("model_a", pa.string(), "Model of the study"),
        Field("model_b", pa.string(), "Model of the study"),
        Field("k", pa.int32(), "Anchor and all frames up to k away must be right", "frames"),
        Field("both", pa.int64(), "Sets that both get right"),
        Field("only_a", pa.int64(), "Sets that model_a alone gets right"),
        Field("only_b", pa.int64(), "Sets that model_b alone gets right"),
        Field("neither", pa.int64(), "Sets that neither gets right"),
        Field("p_value", pa.float64(), "McNemar, two-sided; 1 where the models never differ"),
        Field("delta_difference", pa.float64(), "Delta of model_a less that of model_b"),
        Field("low", pa.float64(), "Lower end of its 95 % interval, bootstrap over videos"),
        Field("high", pa.float64(), "Upper end of it"),
    ],
)

DETECTIONS = Contract(
    "detections",
    1,
    "What one detector found in each readable image.",
    ("image_id",),
    [
        Field("image_id", pa.string(), "Image of the manifest"),
        Field("width", pa.int32(), "Width of the image that it was shown", "px"),
        Field("height", pa.int32(), "Height of the image that it was shown", "px"),
        Field(
            "detections",
            pa.list_(
                pa.struct(
                    [("class_index", pa.int32()), ("score", pa.float32()), ("box", BOX)],
                )
            ),
            "Boxes in pixels of the image, highest score first; empty where nothing was found",
        ),
    ],
)

DETECTION_SCORES = Contract(
    "detection_scores",
    1,
    "Mean average precision on anchors, and on the worst frame of each set.",
    ("model", "task", "iou"),
    [
        Field("dataset", pa.string(), "Dataset of the config"),
        Field("model", pa.string(), "Detector of the study"),
        Field("task", pa.string(), "detection, or localization: all classes are one"),
        Field("iou", pa.string(), "Intersection over union that a hit needs: 0.5, or 0.5:0.95"),
        Field("k", pa.int32(), "Largest distance from the anchor", "frames"),
        Field("map_orig", pa.float64(), "mAP over anchors"),
        Field("map_pm_k", pa.float64(), "mAP over the worst frame of each set"),
        Field("delta", pa.float64(), "What has been lost"),
        Field("delta_low", pa.float64(), "Lower end of the 95 % interval, bootstrap over videos"),
        Field("delta_high", pa.float64(), "Upper end of it"),
        Field("anchors", pa.int64(), "Sets that were examined"),
        Field("categories", pa.int64(), "Classes with an annotated object, that the mean is over"),
        Field("flavour", pa.string(), "Average precision: how the curve is interpolated"),
        Field("review", pa.string(), "Who reviewed the sets: none, auto or human"),
    ],
)

WORST_FRAMES = Contract(
    "worst_frames",
    1,
    "Which frame of each set a detector does worst on.",
    ("model", "task", "iou", "anchor_id"),
    [
        Field("model", pa.string(), "Detector of the study"),
        Field("task", pa.string(), "detection or localization"),
        Field("iou", pa.string(), "Intersection over union that a hit needs"),
        Field("anchor_id", pa.string(), "Anchor of the set"),
        Field("image_id", pa.string(), "The frame with the lowest average precision"),
        Field("offset", pa.int32(), "Frames from the anchor", "frames"),
        Field("ap_anchor", pa.float64(), "Average precision of the anchor, classes pooled"),
        Field("ap", pa.float64(), "Average precision of the frame, classes pooled"),
    ],
)

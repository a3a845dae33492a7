"""Tables about clips: stretches of video that are one example, their labels and predictions."""

import pyarrow as pa

from wildframe.core.contracts import Contract, Field
from wildframe.core.schemas.images import DATASET, FLOAT, INT, LONG, TEXT, nullable

CLIP_ID = Field("clip_id", TEXT, "Unique in the source and safe as a file name")

_SIDES = ("x1", "y1", "x2", "y2")
_MODEL = (
    Field("training", TEXT, "Training of the model, as the study names it"),
    Field("seed", INT, "Seed of the training"),
)
_ACTION = pa.struct([("class", TEXT), ("start", FLOAT), ("stop", FLOAT)])
_RECORD = [
    CLIP_ID,
    Field("video_id", TEXT, "Video that the clip is of: clips of one are not independent"),
    Field("split", TEXT, "train, val or test"),
    Field("media", TEXT, "File, or folder of frames, under the source's root"),
    Field("media_kind", TEXT, "video, or frames: a folder of numbered images"),
    nullable("rate", FLOAT, "Frame rate of a folder of frames; null of videos", "frames/s"),
    nullable("start", FLOAT, "Where the clip starts; null: where the media does", "s"),
    nullable("stop", FLOAT, "Where the clip stops, exclusive; null: where the media does", "s"),
    Field(
        "actions",
        pa.list_(_ACTION),
        "Classes of actions, as published; start and stop (s of the media) where only a part of "
        "the clip shows it, else null",
    ),
    nullable("verb", TEXT, "Class of the verb, as published"),
    nullable("noun", TEXT, "Class of the noun, as published"),
    nullable("viewpoint", TEXT, "ego or exo; null if unknown"),
    nullable("pair_id", TEXT, "Script or scene that clips of both viewpoints were made of"),
    nullable("participant_id", TEXT, "Person who recorded or is recorded"),
]

CLIP_RECORDS = Contract(
    "clip_records",
    1,
    "One row per clip that a publisher's list names, usable or not.",
    ("clip_id",),
    [*_RECORD, nullable("problem", TEXT, "Why the clip cannot be used, in one sentence")],
)

CLIPS = Contract(
    "clips",
    1,
    "One row per clip of a dataset.",
    ("clip_id",),
    [DATASET, *_RECORD],
)

CLIP_CLASSES = Contract(
    "clip_classes",
    1,
    "One row per class of a dataset of clips, in the order of class indices.",
    ("head", "class_index"),
    [
        Field("head", TEXT, "action, verb or noun"),
        Field("class_index", INT, "Index of the class in this head only, 0-based"),
        Field("class", TEXT, "The class, as published"),
        Field("name", TEXT, "For people; the class itself where its publisher gives no name"),
    ],
)

KEPT_CLIPS = Contract(
    "kept_clips",
    2,
    "One row per clip of the shard: its frames at the size that models are trained with.",
    ("clip_id",),
    [
        CLIP_ID,
        Field("status", TEXT, "ok, media_missing, media_unreadable or decode_failed"),
        Field("detail", TEXT, "Why the status is not ok, in one sentence; empty if ok"),
        Field("frames", pa.list_(LONG), "Numbers of the kept frames in the media, 0-based"),
        Field("times", pa.list_(FLOAT), "Their times in the media", "s"),
        nullable("width", INT, "Width of the kept frames", "px"),
        nullable("height", INT, "Height of the kept frames", "px"),
        Field("images", pa.list_(pa.binary()), "The kept frames as JPEG, in their order"),
        Field("crc32", LONG, "Checksum of the row: Arrow has none"),
        Field("listed_crc32", LONG, "Checksum of clip_id, status and detail, which are read first"),
    ],
)

CLIP_PREDICTIONS = Contract(
    "clip_predictions",
    1,
    "Predictions of one model on each readable clip, for each of its heads.",
    ("clip_id", "head"),
    [
        CLIP_ID,
        Field("head", TEXT, "action, verb, noun, viewpoint (exo, ego) or object"),
        Field("views", INT, "Views (frames, of models of images) that were aggregated"),
        Field(
            "scores",
            pa.list_(pa.float32()),
            "Of each class: log of the mean probability; mean logits of viewpoint and object; of "
            "several labels a clip the largest probability",
        ),
        nullable("embedding", pa.list_(pa.float32()), "Mean of the globally pooled features"),
    ],
)

CLIP_GRADCAMS = Contract(
    "clip_gradcams",
    1,
    "Grad-CAM maps of one network of clips as its features give them: not resized, not scaled.",
    ("clip_id", "head"),
    [
        CLIP_ID,
        Field("head", TEXT, "action, verb or noun"),
        Field("class", TEXT, "Class that the network predicts, which the map explains"),
        Field("positions", pa.list_(INT), "Kept frames that the network was shown, 0-based"),
        *(
            Field(side, FLOAT, "Side of the part of the frames that it was shown, as a share")
            for side in ("left", "top", "right", "bottom")
        ),
        Field("length", INT, "Steps of the map in time, which span the shown frames"),
        Field("height", INT, "Rows of the map"),
        Field("width", INT, "Columns of the map"),
        Field("map", pa.list_(pa.float32()), "By time, then row-major; negative values are 0"),
    ],
)

INTERACTIONS = Contract(
    "interactions",
    1,
    "One row per hand, or object in a hand, that was detected in a frame.",
    ("video_id", "frame", "kind", "position"),
    [
        Field("video_id", TEXT, "Video of the clips"),
        Field("frame", LONG, "Frame of the media, 0-based"),
        Field("kind", TEXT, "hand or object"),
        Field("position", INT, "Position among the frame's detections of this kind, 0-based"),
        *(Field(side, FLOAT, "Side of the box, as a share of the frame") for side in _SIDES),
        Field("score", FLOAT, "Confidence, 0 to 1"),
    ],
)

CLIP_TRAINING = Contract(
    "clip_training",
    1,
    "One row per epoch of a training on clips.",
    ("epoch",),
    [
        Field("epoch", INT, "1-based"),
        Field("learning_rate", FLOAT, "Learning rate at the epoch's end"),
        Field("clips", LONG, "Clips learnt from"),
        Field(
            "losses",
            pa.list_(pa.struct([("term", TEXT), ("value", FLOAT)])),
            "Mean of each term of the loss over the epoch's clips, unweighted, and the total",
        ),
    ],
)

CLIP_SCORES = Contract(
    "clip_scores",
    1,
    "Metrics of models on the clips of a dataset.",
    ("training", "seed", "subset", "metric"),
    [
        *_MODEL,
        Field("subset", TEXT, "all, seen or unseen (participants), or tail (classes)"),
        Field("metric", TEXT, "map, or verb, noun, action or viewpoint, and _top1 or _top5"),
        Field("value", FLOAT, "Share, 0 to 1"),
        nullable("successes", LONG, "Correct clips; null of mAP"),
        Field("n", LONG, "Clips"),
        Field("videos", LONG, "Videos: the units of the interval"),
        nullable("low", FLOAT, "Lower end of the 95 % interval over videos"),
        nullable("high", FLOAT, "Upper end of the same"),
    ],
)

CLIP_CLASS_SCORES = Contract(
    "clip_class_scores",
    1,
    "Average precision of models on each class of a dataset of several labels a clip.",
    ("training", "seed", "class"),
    [
        *_MODEL,
        Field("class", TEXT, "The class, as published"),
        Field("ap", FLOAT, "Average precision, 0 to 1"),
        Field("positives", LONG, "Clips of the class"),
        Field("n", LONG, "Clips"),
    ],
)

FAILURE_PREDICTORS = Contract(
    "failure_predictors",
    2,
    "What teachers say of clips as a predictor of the correctness of models of images on them: a "
    "linear probability model, with errors clustered by video.",
    ("model", "predictor", "adjusted"),
    [
        Field("model", TEXT, "Model of images"),
        Field("predictor", TEXT, "ego_score, object_score or interaction_coverage"),
        Field("adjusted", pa.bool_(), "Whether the other predictors are in the model, too"),
        Field("mean", FLOAT, "Mean of the predictor over the images"),
        Field("deviation", FLOAT, "Standard deviation of the predictor over the images"),
        Field("effect", FLOAT, "Change of the accuracy per standard deviation of the predictor"),
        nullable("low", FLOAT, "Lower end of its 95 % interval: Student's t, robust to clusters"),
        nullable("high", FLOAT, "Upper end of the same"),
        nullable("p_value", FLOAT, "Two-sided, of the same t; not corrected"),
        Field("accuracy", FLOAT, "Top-1 accuracy of the model on these images"),
        Field("n", LONG, "Images of clips that have every predictor: all others do not count"),
        Field("images", LONG, "Images that the model was evaluated on"),
        Field("clips", LONG, "Clips that the images that count are of"),
        Field("clusters", LONG, "Videos: the units of interval and test"),
    ],
)

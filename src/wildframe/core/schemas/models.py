"""Tables about models: training, predictions, per-image results and scores."""

import pyarrow as pa

from wildframe.core.contracts import Contract, Field
from wildframe.core.schemas.images import (
    ANCHOR_ID,
    DATASET,
    FLAG,
    FLOAT,
    GROUP_ID,
    IMAGE_ID,
    INT,
    LONG,
    OFFSET,
    TEXT,
    VIDEO_ID,
    VIEW_KEY,
    WNIDS,
    nullable,
)
from wildframe.core.schemas.shares import CLUSTER_INTERVAL, INTERVALS, share_of

MODEL = Field("model", TEXT, "Model, detector or external predictions, as named in the config")
MODEL_A, MODEL_B = (Field(f"model_{side}", TEXT, MODEL.doc) for side in "ab")

_TOP_K = Field("k", INT, "A prediction counts if it is among the k most probable")

TRAINING = Contract(
    "training",
    2,
    "One row per epoch of a fine-tuning; epoch 0 is the model before training.",
    ("lr", "epoch"),
    [
        Field("lr", FLOAT, "Initial learning rate; several may be tried"),
        Field("epoch", INT, "1-based; 0 before training"),
        nullable("learning_rate", FLOAT, "Learning rate of the epoch"),
        nullable("train_loss", FLOAT, "Mean cross entropy of the epoch"),
        Field("successes", LONG, "Held-out images whose top-1 prediction is correct"),
        Field("n", LONG, "Held-out images"),
        Field("best", FLAG, "Whether this epoch's weights were kept"),
    ],
)

PREDICTIONS = Contract(
    "predictions",
    1,
    "Predictions of one model on each readable image under one view.",
    ("image_id", "view_key"),
    [
        IMAGE_ID,
        VIEW_KEY,
        Field(
            "top",
            pa.list_(pa.struct([("class_index", INT), ("probability", pa.float32())])),
            "Most probable classes, best first; ties by class index. The probability is null where "
            "external predictions give none",
        ),
        nullable(
            "scores",
            pa.list_(pa.float32()),
            "Logits of all classes; null in label spaces of more than 1,000 classes",
        ),
    ],
)

ZOOM_PREDICTIONS = Contract(
    "zoom_predictions",
    1,
    "Predictions of one model on every crop of each readable image under a zoom view, the crops of "
    "an image together, in the order of size, row and column.",
    ("image_id", "size", "row", "col"),
    [
        IMAGE_ID,
        Field("size", pa.int16(), "Shorter side that the image was resized to", "px"),
        Field("row", pa.int8(), "Row of the anchor in the image: 0 top, 1 middle, 2 bottom"),
        Field("col", pa.int8(), "Column of the anchor: 0 left, 1 middle, 2 right"),
        Field("class_index", INT, "Most probable class that can be predicted; ties by class index"),
        nullable("wnid", TEXT, "Its wnid; null of a class without"),
        Field("confidence", pa.float32(), "Its probability among those that can be predicted"),
        Field("label_correct", FLAG, "Whether it is any of the image's labels"),
        Field(
            "label_logits",
            pa.list_(pa.float32()),
            "Logit of each label of the image, in the manifest's order; null of a label that "
            "cannot be predicted",
        ),
    ],
)

GRADCAMS = Contract(
    "gradcams",
    1,
    "Grad-CAM maps of one model as the layer gives them: not resized, not scaled.",
    ("image_id", "view_key", "target_is"),
    [
        IMAGE_ID,
        VIEW_KEY,
        Field(
            "target_is",
            TEXT,
            "label or predicted; of a model that is adapted to each image: before (the class that "
            "it predicts itself) or after (the class that it predicts once adapted)",
        ),
        Field("target", TEXT, "wnid of what the map explains, in the label space scored in"),
        Field("height", INT, "Rows of the map"),
        Field("width", INT, "Columns of the map"),
        Field("map", pa.list_(pa.float32()), "Row-major; negative values are set to 0"),
    ],
)

GUESS = pa.struct([("wnid", TEXT), ("probability", pa.float32())])

IMAGE_RESULTS = Contract(
    "image_results",
    5,
    "Per-image results of one model: all that metrics and exhibits need. A single image is a set "
    "of one. Classes are those of the label space that is scored in: the model's own, or that of "
    "the dataset.",
    ("anchor_id", "image_id", "view_key"),
    [
        ANCHOR_ID,
        IMAGE_ID,
        OFFSET,
        VIEW_KEY,
        GROUP_ID,
        VIDEO_ID,
        nullable("role", TEXT, "Moment of the state change: pre, pnr or post"),
        nullable("noun", TEXT, "Noun of the first annotated object, as annotated"),
        Field("labels", WNIDS, "A prediction of any of these classes is correct"),
        Field(
            "kept_labels",
            WNIDS,
            "Those labels that the sense table keeps: all without a noun, none without a table",
        ),
        nullable("box_area", FLOAT, "Area of the first box / area of the image"),
        Field(
            "top",
            pa.list_(GUESS),
            "Up to five most probable classes, best first. Where a model may predict any class, "
            "one outside the label space is listed as the model's own",
        ),
        nullable(
            "predicted", TEXT, "wnid of the predicted class; null for none in the label space"
        ),
        nullable(
            "confidence",
            FLOAT,
            "Probability of the predicted class, merged over subclasses; where a model may predict "
            "some of its classes only, among these. Of a detector the score of its best box",
        ),
        nullable(
            "label_confidence",
            FLOAT,
            "The same of the most probable label; null if no label can be predicted, or is among "
            "the model's own classes that the predictions list",
        ),
        Field("correct_top1", FLAG, "Whether the first prediction is a label"),
        nullable(
            "correct_top5",
            FLAG,
            "Whether one of the first five is; null where external predictions list fewer",
        ),
        Field("tree_top1", FLAG, "Whether the first is a label, its ancestor or descendant"),
        nullable("tree_top5", FLAG, "Whether one of the first five is; null as correct_top5"),
        nullable("sense_top1", FLAG, "correct_top1 by kept_labels; null without any"),
        nullable("sense_top5", FLAG, "correct_top5 by kept_labels; null without any, or as it"),
    ],
)

SCORES = Contract(
    "scores",
    4,
    "Metrics, tidy: one row per model, metric and subset. Counts, not percentages, are kept.",
    ("study", "dataset", "subset", "view", "model", "metric", "k"),
    [
        Field("study", TEXT, "Study of the config"),
        DATASET,
        Field(
            "subset",
            TEXT,
            "Part of the dataset: all; senses (images with a noun and a label that the sense table "
            "keeps, scored by those labels) and senses_before (the same, scored by all labels); "
            "role=, class= (first label) or area=low-high (box_area in (low, high], or from 0)",
        ),
        Field("view", TEXT, "View of the config"),
        MODEL,
        Field(
            "metric",
            TEXT,
            "accuracy, tree_accuracy (at 5 of models whose first five classes are known) or, of "
            "models with probabilities, incorrect_above_<probability>",
        ),
        _TOP_K,
        *share_of("Correct images; incorrect ones for incorrect_above_*"),
        *INTERVALS,
    ],
)

PAIRS = Contract(
    "pairs",
    1,
    "Two conditions (models, moments, views or choices of a protocol) on the same clips or videos: "
    "their difference, with an interval and a test over these units.",
    ("model_a", "subset_a", "model_b", "subset_b", "metric", "k"),
    [
        *(
            field
            for model, side in ((MODEL_A, "a"), (MODEL_B, "b"))
            for field in (
                model,
                Field(
                    f"subset_{side}",
                    TEXT,
                    "all, role=<moment>, view=<view>, iou=<overlap> or <choice>=<what is chosen>",
                ),
            )
        ),
        Field(
            "metric",
            TEXT,
            "One of scores or robustness; delta (drop of pm_k since k = 0); or, of detectors, "
            "<task>_ap_anchor or _ap_worst (mean average precision of single images)",
        ),
        Field("k", INT, "Of the metric: most probable predictions, or distance in frames"),
        Field("value_a", FLOAT, "Share of the first condition"),
        Field("value_b", FLOAT, "Share of the second condition"),
        Field("n_a", LONG, "Images or sets (pairs of frames for flip_rate) of the first condition"),
        Field("n_b", LONG, "The same of the second condition"),
        *(
            nullable(key, LONG, f"Images or sets on which {which} correct, if of the same")
            for key, which in (
                ("both", "both are"),
                ("only_a", "only the first is"),
                ("only_b", "only the second is"),
                ("neither", "neither is"),
            )
        ),
        Field("difference", FLOAT, "value_a - value_b"),
        nullable("low", FLOAT, "Lower end of its 95 % interval: jackknife over units, Student's t"),
        nullable("high", FLOAT, "Upper end of the same"),
        Field("p_value", FLOAT, "Two-sided, of sign flips of units; not corrected"),
        nullable("mcnemar", FLOAT, "McNemar's exact p, where each unit is a single image or set"),
        Field("clusters", LONG, "Units: clips, or videos where one has several clips"),
    ],
)

CONFUSIONS = Contract(
    "confusions",
    3,
    "How often one class was predicted for another: incorrect top-1 predictions.",
    ("model", "label", "predicted"),
    [
        MODEL,
        Field("label", TEXT, "wnid of the image's first label"),
        Field("predicted", TEXT, "wnid of the incorrect prediction"),
        Field("images", LONG, "Number of images"),
        nullable(
            "mean_probability", FLOAT, "Mean probability of these predictions; null if not known"
        ),
    ],
)

CALIBRATION = Contract(
    "calibration",
    2,
    "Top-1 probability against top-1 accuracy, in the non-empty bins of equal width; no row of "
    "models without probabilities.",
    ("model", "low"),
    [
        MODEL,
        Field("low", FLOAT, "Lower edge of the bin, exclusive unless 0"),
        Field("high", FLOAT, "Upper edge of the bin, inclusive"),
        Field("n", LONG, "Images in the bin"),
        Field("successes", LONG, "Images in the bin whose prediction is correct"),
        Field("mean_probability", FLOAT, "Mean top-1 probability in the bin"),
        *CLUSTER_INTERVAL,
    ],
)

CALIBRATION_ERRORS = Contract(
    "calibration_errors",
    1,
    "How far top-1 probability is from top-1 accuracy; no row of models without probabilities.",
    ("model",),
    [
        MODEL,
        Field("n", LONG, "Images"),
        Field("ece", FLOAT, "Expected calibration error, in 10 bins of equal width"),
        Field("rms", FLOAT, "RMS calibration error, in bins of 100 images"),
        Field("aurra", FLOAT, "Area under the response rate accuracy curve"),
    ],
)

SEPARATIONS = Contract(
    "separations",
    1,
    "How well the confidence of models tells images of no known class from those of known ones.",
    ("model",),
    [
        MODEL,
        Field(
            "label_space",
            TEXT,
            "subset: the model predicts only the classes that images outside are listed under; "
            "full: all of its classes",
        ),
        Field("classes", LONG, "Classes that images outside are listed under"),
        Field("outside", LONG, "Images of no known class: those to be found"),
        Field("inside", LONG, "Images of these classes"),
        Field("auroc", FLOAT, "Area under the ROC curve"),
        Field("aupr", FLOAT, "Average precision"),
        Field("fpr95", FLOAT, "Share of images inside that are found with 95 % of those outside"),
    ],
)

ATTRIBUTIONS = Contract(
    "attributions",
    2,
    "One row per image that a model fails on under the first view: what may explain it. Several "
    "may, or none.",
    ("model", "image_id"),
    [
        MODEL,
        IMAGE_ID,
        GROUP_ID,
        VIDEO_ID,
        nullable(
            "framing",
            FLAG,
            "Whether the model is correct on the box, or on the zoomed crop that was best on the "
            "other half of the videos; null if neither could be tried",
        ),
        nullable(
            "doubtful_label",
            FLAG,
            "Whether the sense table keeps none of its labels; null without a table",
        ),
        nullable(
            "motion",
            FLAG,
            "Whether the model is correct on a neighbouring frame; null if none was evaluated",
        ),
    ],
)

ATTRIBUTION_SHARES = Contract(
    "attribution_shares",
    2,
    "Shares of the images that a model fails on by what may explain them. They overlap.",
    ("model", "cause"),
    [
        MODEL,
        Field("cause", TEXT, "framing, doubtful_label or motion; several of them; or unexplained"),
        *share_of(
            "Images with this cause",
            "Images that the model fails on, and that were evaluated for this cause",
        ),
        *INTERVALS,
    ],
)

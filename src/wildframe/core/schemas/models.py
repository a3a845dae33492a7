"""Tables about models: what they learned, what they said, how good that is."""

import pyarrow as pa

from wildframe.core.contracts import Contract, Field
from wildframe.core.schemas.images import WNIDS

TRAINING = Contract(
    "training",
    2,
    "One row per epoch of a fine-tuning; epoch 0 is the model before it.",
    ("lr", "epoch"),
    [
        Field("lr", pa.float64(), "Learning rate that was asked for: several may be tried"),
        Field("epoch", pa.int32(), "1-based; 0 before training"),
        Field("learning_rate", pa.float64(), "Of the epoch", nullable=True),
        Field("train_loss", pa.float64(), "Mean cross entropy of the epoch", nullable=True),
        Field("successes", pa.int64(), "Held-out images that were right at top-1"),
        Field("n", pa.int64(), "Held-out images"),
        Field("best", pa.bool_(), "Whether this epoch's weights were kept"),
    ],
)

PREDICTIONS = Contract(
    "predictions",
    1,
    "What one model said about each readable image under one view.",
    ("image_id", "view_key"),
    [
        Field("image_id", pa.string(), "Image of the manifest"),
        Field("view_key", pa.string(), "Which of the view's images; empty if it has one"),
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

GRADCAMS = Contract(
    "gradcams",
    1,
    "Grad-CAM maps of one model as the layer gives them: not resized, not scaled.",
    ("image_id", "view_key", "target_is"),
    [
        Field("image_id", pa.string(), "Image of the manifest"),
        Field("view_key", pa.string(), "Which of the view's images; empty if it has one"),
        Field("target_is", pa.string(), "label or predicted"),
        Field("target", pa.string(), "wnid of the class that the map explains"),
        Field("height", pa.int32(), "Rows of the map"),
        Field("width", pa.int32(), "Columns of the map"),
        Field("map", pa.list_(pa.float32()), "Row-major, negative values cut to 0"),
    ],
)

GUESS = pa.struct([("wnid", pa.string()), ("probability", pa.float32())])

IMAGE_RESULTS = Contract(
    "image_results",
    1,
    "What one model made of each examined image: all that metrics and exhibits need.",
    ("image_id", "view_key"),
    [
        Field("image_id", pa.string(), "Image of the manifest"),
        Field("view_key", pa.string(), "Which of the view's images; empty if it has one"),
        Field("group_id", pa.string(), "Clip: images of one group are not independent"),
        Field("video_id", pa.string(), "Video the clip was cut from", nullable=True),
        Field("role", pa.string(), "pre, pnr or post", nullable=True),
        Field("noun", pa.string(), "Noun of the first annotated object, as annotated"),
        Field("labels", WNIDS, "Any of these classes is right"),
        Field("kept_labels", WNIDS, "Those labels that the sense table keeps"),
        Field("box_area", pa.float64(), "Area of the first box / area of the image"),
        Field("top", pa.list_(GUESS), "Five most probable classes, best first"),
        Field("correct_top1", pa.bool_(), "A label is the first prediction"),
        Field("correct_top5", pa.bool_(), "A label is among the first five"),
        Field("tree_top1", pa.bool_(), "The first is a label, its ancestor or descendant"),
        Field("tree_top5", pa.bool_(), "One of the first five is"),
        Field(
            "sense_top1",
            pa.bool_(),
            "correct_top1 under kept_labels; null without any",
            nullable=True,
        ),
        Field(
            "sense_top5",
            pa.bool_(),
            "correct_top5 under kept_labels; null without any",
            nullable=True,
        ),
    ],
)

SCORES = Contract(
    "scores",
    2,
    "Metrics, tidy: one row per model, metric and subset. Counts, not percentages, are kept.",
    ("study", "dataset", "subset", "view", "model", "metric", "k"),
    [
        Field("study", pa.string(), "Study of the config"),
        Field("dataset", pa.string(), "Dataset of the config"),
        Field(
            "subset",
            pa.string(),
            "Part of the dataset: all; senses (images with a label that the sense table keeps, "
            "judged by those) and senses_before (the same, judged by all); role=, class= (first "
            "label) or area=low-high (box_area; holds its upper edge, the first bin also 0)",
        ),
        Field("view", pa.string(), "How the images were shown"),
        Field("model", pa.string(), "Model of the zoo"),
        Field("metric", pa.string(), "accuracy, tree_accuracy or incorrect_above_<probability>"),
        Field("k", pa.int32(), "A prediction counts if it is among the first k"),
        Field("value", pa.float64(), "successes / n"),
        Field("successes", pa.int64(), "Images that count: right ones, or wrong and sure ones"),
        Field("n", pa.int64(), "Images that were examined"),
        Field("low", pa.float64(), "Lower end of the interval"),
        Field("high", pa.float64(), "Upper end of the interval"),
        Field("interval", pa.string(), "Kind of the interval"),
        Field(
            "cluster_low",
            pa.float64(),
            "Lower end of the 95 % percentile interval of a bootstrap over clips",
        ),
        Field("cluster_high", pa.float64(), "Upper end of it"),
    ],
)

MODEL_PAIRS = Contract(
    "model_pairs",
    1,
    "Two models on the same images: exact McNemar test on those that one alone gets right.",
    ("model_a", "model_b", "k"),
    [
        Field("model_a", pa.string(), "Model of the zoo"),
        Field("model_b", pa.string(), "Model of the zoo"),
        Field("k", pa.int32(), "A prediction counts if it is among the first k"),
        Field("both", pa.int64(), "Images that both get right"),
        Field("only_a", pa.int64(), "Images that model_a alone gets right"),
        Field("only_b", pa.int64(), "Images that model_b alone gets right"),
        Field("neither", pa.int64(), "Images that neither gets right"),
        Field("p_value", pa.float64(), "Two-sided; 1 where the models never differ"),
    ],
)

CONFUSIONS = Contract(
    "confusions",
    1,
    "How often one class was taken for another: wrong top-1 predictions.",
    ("model", "label", "predicted"),
    [
        Field("model", pa.string(), "Model of the zoo"),
        Field("label", pa.string(), "wnid of the image's first label"),
        Field("predicted", pa.string(), "wnid that was predicted instead"),
        Field("images", pa.int64(), "Images"),
        Field("mean_probability", pa.float64(), "Mean probability of these predictions"),
    ],
)

CALIBRATION = Contract(
    "calibration",
    1,
    "Top-1 probability against top-1 accuracy, in bins of equal width that hold a image.",
    ("model", "low"),
    [
        Field("model", pa.string(), "Model of the zoo"),
        Field("low", pa.float64(), "Lower edge of the bin, exclusive but for 0"),
        Field("high", pa.float64(), "Upper edge of the bin, inclusive"),
        Field("n", pa.int64(), "Images in the bin"),
        Field("successes", pa.int64(), "Images of them that were right"),
        Field("mean_probability", pa.float64(), "Mean top-1 probability in the bin"),
    ],
)

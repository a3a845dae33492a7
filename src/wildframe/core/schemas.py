"""The contract of every table that crosses a station border: fields, units and sources."""

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
    2,
    "One row per picture that is to be examined, or per annotated object of it.",
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
        Field(
            "doubtful_labels", WNIDS, "Those labels that the sense table takes for a wrong sense"
        ),
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

SPLITS = Contract(
    "splits",
    1,
    "Which pictures of a dataset a model may learn from, and which are held out.",
    ("image_id",),
    [
        Field("image_id", pa.string(), "Picture of the manifest"),
        Field("part", pa.string(), "train or val"),
        Field("group", pa.string(), "Clip, video or image that lies in one part as a whole"),
    ],
)

TRAINING = Contract(
    "training",
    1,
    "One row per epoch of a fine-tuning; epoch 0 is the model before it.",
    ("epoch",),
    [
        Field("epoch", pa.int32(), "1-based; 0 before training"),
        Field("learning_rate", pa.float64(), "Of the epoch", nullable=True),
        Field("train_loss", pa.float64(), "Mean cross entropy of the epoch", nullable=True),
        Field("successes", pa.int64(), "Held-out pictures that were right at top-1"),
        Field("n", pa.int64(), "Held-out pictures"),
        Field("best", pa.bool_(), "Whether this epoch's weights were kept in the end"),
    ],
)

GRADCAMS = Contract(
    "gradcams",
    1,
    "Grad-CAM maps of one model as the layer gives them: not resized, not scaled.",
    ("image_id", "view_key", "target_is"),
    [
        Field("image_id", pa.string(), "Picture of the manifest"),
        Field("view_key", pa.string(), "Which of the view's pictures; empty if it has one"),
        Field("target_is", pa.string(), "label or predicted"),
        Field("target", pa.string(), "wnid of the class that the map explains"),
        Field("height", pa.int32(), "Rows of the map"),
        Field("width", pa.int32(), "Columns of the map"),
        Field("map", pa.list_(pa.float32()), "Row-major, negative values cut to 0"),
    ],
)

GUESS = pa.struct([("wnid", pa.string()), ("probability", pa.float32())])

OUTCOMES = Contract(
    "outcomes",
    1,
    "What one model made of each examined picture: all that metrics and exhibits need.",
    ("image_id", "view_key"),
    [
        Field("image_id", pa.string(), "Picture of the manifest"),
        Field("view_key", pa.string(), "Which of the view's pictures; empty if it has one"),
        Field("group_id", pa.string(), "Clip: pictures of one group are not independent"),
        Field("video_id", pa.string(), "Video the clip was cut from", nullable=True),
        Field("role", pa.string(), "pre, pnr or post", nullable=True),
        Field("noun", pa.string(), "Noun of the first annotated object, as annotated"),
        Field("labels", WNIDS, "Any of these classes is right"),
        Field("kept_labels", WNIDS, "Those labels that the sense table keeps"),
        Field("box_area", pa.float64(), "Area of the first box / area of the picture"),
        Field("top", pa.list_(GUESS), "Five most probable classes, best first"),
        Field("right_top1", pa.bool_(), "A label is the first prediction"),
        Field("right_top5", pa.bool_(), "A label is among the first five"),
        Field("tree_top1", pa.bool_(), "The first is a label, its ancestor or descendant"),
        Field("tree_top5", pa.bool_(), "One of the first five is"),
        Field(
            "sense_top1",
            pa.bool_(),
            "right_top1 under kept_labels; null without any",
            nullable=True,
        ),
        Field(
            "sense_top5",
            pa.bool_(),
            "right_top5 under kept_labels; null without any",
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
            "Part of the dataset: all; senses (pictures with a label that the sense table keeps, "
            "judged by those) and senses_before (the same, judged by all); role=, class= (first "
            "label) or area=low-high (box_area; holds its upper edge, the first bin also 0)",
        ),
        Field("view", pa.string(), "How the pictures were shown"),
        Field("model", pa.string(), "Model of the zoo"),
        Field("metric", pa.string(), "accuracy, tree_accuracy or wrong_above_<probability>"),
        Field("k", pa.int32(), "A prediction counts if it is among the first k"),
        Field("value", pa.float64(), "successes / n"),
        Field("successes", pa.int64(), "Pictures that were right"),
        Field("n", pa.int64(), "Pictures that were examined"),
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
    "Two models on the same pictures: exact McNemar test on those that one alone gets right.",
    ("model_a", "model_b", "k"),
    [
        Field("model_a", pa.string(), "Model of the zoo"),
        Field("model_b", pa.string(), "Model of the zoo"),
        Field("k", pa.int32(), "A prediction counts if it is among the first k"),
        Field("both", pa.int64(), "Pictures that both get right"),
        Field("only_a", pa.int64(), "Pictures that model_a alone gets right"),
        Field("only_b", pa.int64(), "Pictures that model_b alone gets right"),
        Field("neither", pa.int64(), "Pictures that neither gets right"),
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
        Field("label", pa.string(), "wnid of the picture's first label"),
        Field("predicted", pa.string(), "wnid that was predicted instead"),
        Field("pictures", pa.int64(), "Pictures"),
        Field("mean_probability", pa.float64(), "Mean probability of these predictions"),
    ],
)

CALIBRATION = Contract(
    "calibration",
    1,
    "Top-1 probability against top-1 accuracy, in bins of equal width that hold a picture.",
    ("model", "low"),
    [
        Field("model", pa.string(), "Model of the zoo"),
        Field("low", pa.float64(), "Lower edge of the bin, exclusive but for 0"),
        Field("high", pa.float64(), "Upper edge of the bin, inclusive"),
        Field("n", pa.int64(), "Pictures in the bin"),
        Field("successes", pa.int64(), "Pictures of them that were right"),
        Field("mean_probability", pa.float64(), "Mean top-1 probability in the bin"),
    ],
)

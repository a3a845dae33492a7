"""Tables about the crops of a zoom view: how well a model does on each, and on the best of them."""

import pyarrow as pa

from wildframe.core.contracts import Contract, Field
from wildframe.core.schemas.images import DATASET, FLAG, FLOAT, IMAGE_ID, INT, LONG, TEXT, nullable
from wildframe.core.schemas.models import MODEL, ZOOM_PREDICTIONS
from wildframe.core.schemas.shares import (
    CLUSTER_INTERVAL,
    INTERVALS,
    difference_from,
    share_of,
)

SIZE, ROW, COL = ZOOM_PREDICTIONS.fields[1:4]

ZOOM_CROPS = Contract(
    "zoom_crops",
    2,
    "One row per crop of the grid: how many images it solves, and its place in the cover: crops "
    "that together solve all that any crop solves, each the one that solves most of the rest.",
    ("model", "size", "row", "col"),
    [
        MODEL,
        SIZE,
        ROW,
        COL,
        Field("successes", LONG, "Images whose prediction on this crop is correct"),
        Field("n", LONG, "Evaluated images"),
        *CLUSTER_INTERVAL,
        nullable("cover_rank", INT, "1-based place in the cover; null of a crop outside of it"),
        nullable("covered", LONG, "Images that this crop or one before it in the cover solves"),
    ],
)

ZOOM_SCORES = Contract(
    "zoom_scores",
    3,
    "Accuracy of models on the crops of a zoom view, tidy: one row per model, metric and anchor.",
    ("model", "metric", "crops", "row", "col"),
    [
        DATASET,
        MODEL,
        Field(
            "metric",
            TEXT,
            "one_crop (the middle crop at size 256); oracle (the first crops of the cover, or all: "
            "any is correct); cross_validated (the crops that are best on the other half of the "
            "videos: any is correct); zoom_in, zoom_out, unzoomed (crops of the cover above, below "
            "and at size 224: any is correct) and only_ of these (none of the others is); "
            "at_anchor (crops around the anchor: any is correct); showing_anchor and "
            "showing_anchor_cover (crops, or crops of the cover, in which the anchor can be seen: "
            "any is correct)",
        ),
        Field("crops", INT, "Crops that are tried on each image, at most"),
        nullable("row", pa.int8(), f"{ROW.doc}; null unless it is about an anchor"),
        nullable("col", pa.int8(), f"{COL.doc}; null likewise"),
        Field(
            "oracle",
            FLAG,
            "Whether it is an upper bound: the crop is chosen knowing the label of the image",
        ),
        Field(
            "label_space", TEXT, "Classes that can be predicted: a subset of the model's, or full"
        ),
        Field("classes", INT, "How many these are"),
        nullable("random", FLOAT, "Bound of random guessing on as many crops; null if no oracle"),
        *share_of("Correct images"),
        *INTERVALS,
        *difference_from("one_crop", "of this, of an oracle, and if one_crop is not in the grid"),
    ],
)

HARD_IMAGES = Contract(
    "hard_images",
    1,
    "Which images remain when models may zoom: one row per image.",
    ("image_id",),
    [
        IMAGE_ID,
        Field("solved_by", pa.list_(TEXT), "Models that are correct on any crop of it"),
        Field("hard", FLAG, "Whether there is none"),
    ],
)

FRAMINGS = Contract(
    "framings",
    2,
    "Accuracy of models on images as they are framed, and framed otherwise: one row per model, "
    "subset and framing. A difference is paired, over clips (videos, where one has several clips).",
    ("model", "subset", "framing"),
    [
        MODEL,
        Field(
            "subset", TEXT, "all; class= (first label) or area=low-high (of the box), as in scores"
        ),
        Field(
            "framing",
            TEXT,
            "full (the whole image); box (the annotated object); zoom (the crop that is best on "
            "the other half of the videos); oracle (any crop of the zoom view is correct)",
        ),
        Field("crops", INT, "Crops that are tried on each image"),
        nullable("random", FLOAT, "Bound of random guessing on as many crops; null if no oracle"),
        *share_of("Images whose top-1 prediction is correct"),
        *INTERVALS,
        *difference_from("full", "of full and oracle"),
    ],
)

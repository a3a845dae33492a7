"""Names of choices, shared by configuration, commands and tables."""

from collections.abc import Sequence
from typing import Literal

from wildframe.core.errors import UserError

Role = Literal["pre", "pnr", "post"]
ObjectType = Literal["object_of_change", "tool"]
Split = Literal["train", "val"]
Version = Literal["v1", "v2"]
Media = Literal["clips", "full_scale", "clips_540ss", "video_540ss"]
Unit = Literal["image", "object"]
LabelSpace = Literal["in1k", "in21k", "in22k"]
Rule = Literal["words", "head_synonyms", "head"]
Pick = Literal["reading_order", "paper", "all"]
Synsets = Literal["first", "all"]
Encoding = Literal["jpeg", "png"]
ExportFormat = Literal["imagefolder", "hf", "webdataset", "coco", "fiftyone"]
Aggregate = Literal["mean_probability", "mean_logit", "max", "vote"]
Grouping = Literal["clip", "video", "image"]
Viewpoint = Literal["ego", "exo"]
ClipSplit = Literal["train", "val", "test"]
ImageGrouping = Literal["folder", "file"]
Layout = Literal["imagenet_v2", "imagenet_real", "objectnet"]
TARGETS = ("vid30", "ytbb24", "coco80", "in1k")
Targets = str
"""A label space that sets are scored in: one of `TARGETS`, or a CSV file of one's own."""
ModelSpace = Literal["in1k", "in21k", "in22k", "vid30", "coco80"]
Predictable = Literal["all", "labels", "imagenet_a", "imagenet_r"]
SCORE_SPACES = ("in1k", "in21k", "in22k", "vid30", "ytbb24", "coco80")
ScoreSpace = str
"""A label space whose classes may be named: one of `SCORE_SPACES`, or a CSV file of one's own."""
Merge = Literal["max", "sum", "mean"]
LabelSource = Literal["frame", "anchor"]
Review = Literal["none", "auto", "human", "script"]
DECIDED: tuple[Review, ...] = ("human", "script")
"""Reviews by files of decisions."""
Unreadable = Literal["refuse", "drop_frames", "drop_sets"]
Noise = Literal[
    "gaussian_noise", "gaussian_blur", "shot_noise", "contrast", "impulse_noise", "jpeg_compression"
]
Decay = Literal["exponential", "cosine", "plateau"]
Learn = Literal["first", "largest"]
ClipTask = Literal["action", "multi_label", "verb_noun", "viewpoint"]
ClipDecay = Literal["cosine", "steps"]
LossForm = Literal["paper", "released"]
Precision = Literal["fp32", "bf16"]
Resize = Literal["exact", "fast"]
InferencePrecision = Literal["fp32", "tf32", "bf16"]
PredictedSpace = Literal["subset", "full"]
RealEmpty = Literal["in", "drop"]
Sharing = Literal["left_out", "blurred", "kept"]
"""What a supplement shows of images, least first."""


def several_of(choices: Sequence[str], text: str) -> list[str]:
    """Return the choices in a text such as ``pre,pnr``.

    Raises:
        UserError: One is not among the choices.
    """
    chosen = text.split(",")
    for name in chosen:
        if name not in choices:
            raise UserError(
                f"{name!r} is not among {', '.join(choices)}; separate several by commas"
            )
    return chosen

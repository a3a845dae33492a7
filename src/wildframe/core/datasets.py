"""What can be said of data in the config: sources on disk, and the test sets made of them."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from wildframe.core.choices import (
    ClassSpace,
    LabelSource,
    Media,
    Merge,
    ObjectType,
    Outputs,
    Pick,
    Review,
    Role,
    Rule,
    Split,
    Synsets,
    Targets,
    Unit,
    Unreadable,
    Version,
)
from wildframe.core.rates import parse_rate
from wildframe.core.strict import Name, Strict


def expanded(path: str) -> str:
    """Return a path with its ``~``; the shell will not see it, since paths are quoted.

    Raises:
        ValueError: There is no such home folder.
    """
    try:
        return str(Path(path).expanduser())
    except RuntimeError as error:
        raise ValueError(f"{path!r}: there is no such home folder") from error


class _Source(Strict):
    """What all sources have."""

    root: str = Field(description="Folder of the data")
    about: str = Field(description="What the data is; printed under every exhibit")
    licensed: bool = Field(
        False,
        description="True for the publisher's own data: only then are the paper's numbers shown",
    )

    @field_validator("root", "metadata", "labels", "boxes", mode="before", check_fields=False)
    @classmethod
    def _home_is_expanded(cls, path: Any) -> Any:
        return expanded(path) if isinstance(path, str) else path


class Ego4dSource(_Source):
    """Ego4D, as its publisher's CLI leaves it on disk."""

    kind: Literal["ego4d"] = "ego4d"
    version: Version = Field(
        "v1", description="Release: v1 has fho_scod_<split>.json, v2 (also v2_1) fho_main.json"
    )
    split: Split = Field("train", description="The publisher's split")
    media: Media = Field("clips", description="Which copies of the videos frames are taken from")
    rate: str = Field("30", description="Nominal frame rate on whose grid frames are numbered")

    @field_validator("rate")
    @classmethod
    def _rate_is_positive(cls, rate: str) -> str:
        parse_rate(rate)
        return rate


class VidSource(_Source):
    """An ILSVRC VID tree: ``Data/VID/<split>`` and ``Annotations/VID/<split>`` under the root."""

    kind: Literal["vid"]
    split: Split = Field("val", description="The publisher's split")
    metadata: str | None = Field(
        None, description="Folder of ImageNet-Vid-Robust's pmsets.json and labels.json"
    )
    annotated: bool = Field(
        True, description="Whether Annotations/VID is there; published sets need it for boxes only"
    )


class YtbbSource(_Source):
    """YTBB-Robust: ``ytbb_videos/<video>_<time>/frame-<N>.jpg`` under the root."""

    kind: Literal["ytbb"]
    metadata: str = Field(
        description="Folder of ytbb_robustness_test_anchors_full.csv, anchor_labels.json and "
        "pmk_labels.json"
    )


class VideosSource(_Source):
    """Any folder of videos."""

    kind: Literal["videos"]
    labels: str = Field(
        description="CSV file video,labels[,split]: file under the root, wnids separated by spaces"
    )
    boxes: str | None = Field(None, description="CSV file video,frame,wnid,x,y,width,height")


def _kind_of(default: str, *others: str) -> Discriminator:
    """Return what chooses a model by the key ``kind``, which may be left out for the default."""

    def find(value: Any) -> str:
        kind = value.get("kind", default) if isinstance(value, dict) else value.kind
        return str(kind)

    kinds = ", ".join((default, *others))
    return Discriminator(
        find, custom_error_type="kind", custom_error_message=f"kind is one of {kinds}"
    )


Source = Annotated[
    Annotated[Ego4dSource, Tag("ego4d")]
    | Annotated[VidSource, Tag("vid")]
    | Annotated[YtbbSource, Tag("ytbb")]
    | Annotated[VideosSource, Tag("videos")],
    _kind_of("ego4d", "vid", "ytbb", "videos"),
]
"""A data set on the user's disk."""


class MomentsDataset(Strict):
    """Which moments of a source become pictures, and how their nouns become classes."""

    kind: Literal["moments"] = "moments"
    source: Name = Field(description="Name of a source of kind ego4d")
    roles: list[Role] = Field(
        ["pre"], description="Moments of the state change that are examined", min_length=1
    )
    object_types: list[ObjectType] = Field(
        ["object_of_change", "tool"],
        description="Boxes that name the picture; hands never do",
        min_length=1,
    )
    unit: Unit = Field(
        "picture",
        description="picture: one row a picture, which must show one class; object: one row an "
        "annotated object, so that pictures of several classes stay",
    )
    class_space: ClassSpace = Field(
        description="ImageNet-1K, or ImageNet-21K in the order of 21,843 or of 21,841 classes"
    )
    rule: Rule = Field(
        "words",
        description="What of a noun may name a class: its single words (the paper's rule), the "
        "head and each synonym as a whole, or the head alone",
    )
    pick: Pick = Field(
        "reading_order",
        description="Of several parts of a noun that name classes: the first in reading order, "
        "all, or the paper's seven picks and otherwise the first",
    )
    synsets: Synsets = Field(
        "all", description="Of several classes that a part names: the first in index order, or all"
    )
    senses: str = Field(
        "shipped",
        min_length=1,
        description="Sense table that says which labels are doubtful: shipped, or a CSV file",
    )


class Window(Strict):
    """How far from its anchor a frame of a set may be."""

    frames: int | None = Field(None, ge=0, description="In frames; the papers': 10")
    seconds: float | None = Field(
        None, gt=0, description="In seconds, at each video's own rate, instead of frames"
    )

    @model_validator(mode="after")
    def _one_is_given(self) -> "Window":
        if (self.frames is None) == (self.seconds is None):
            raise ValueError("give frames or seconds")
        return self

    def __str__(self) -> str:
        return f"{self.frames} frames" if self.seconds is None else f"{self.seconds:g} s"

    @property
    def option(self) -> str:
        """The window as an option of ``wildframe manifests``."""
        is_seconds = self.seconds is not None
        return f"--seconds={self.seconds:g}" if is_seconds else f"--frames={self.frames}"


class SetsDataset(Strict):
    """Anchors and the frames near them: what robustness to natural perturbations is measured on."""

    kind: Literal["sets"]
    source: Name = Field(description="Name of a source")
    anchors: Literal["published"] | Annotated[int, Field(ge=1)] | Name = Field(
        description="published: the sets of the source's metadata; a number: so many frames drawn "
        "from each video; a dataset of the same source: its pictures"
    )
    split: str | None = Field(None, description="Part of the source's videos; all by default")
    window: Window = Window(frames=10, seconds=None)
    step: int = Field(1, ge=1, description="Every so many frames of the window are taken")
    seed: int = Field(0, ge=0, description="Of the draw of anchors")
    targets: Targets = Field(
        description="Classes that answers are judged by: vid30, ytbb24, coco80, or in1k itself"
    )
    label_source: LabelSource = Field(
        "frame",
        description="Whose labels are right: each frame's own (ImageNet-Vid-Robust), or the "
        "anchor's (YTBB-Robust, and wherever frames have none)",
    )
    merge: Merge = Field("max", description="How the scores of a target's classes become one")
    outputs: Outputs = Field(
        "masked", description="Let the classes of targets alone answer, or all (full)"
    )
    review: Review = Field(
        "none",
        description="Who decides which frames show the same as their anchor: none (all do), auto "
        "(by similarity), human (decisions, or the publisher's own review)",
    )
    decisions: str | None = Field(
        None, description="Folder of the reviewers' CSV files, of `wildframe reviews serve`"
    )
    threshold: float = Field(
        0.9, ge=0, le=1, description="Similarity from which review auto accepts a frame"
    )
    unreadable: Unreadable = Field(
        "refuse",
        description="Frames that cannot be read: stop and name one, leave them out of their sets, "
        "or leave out the sets; each is listed",
    )

    @model_validator(mode="after")
    def _review_has_decisions(self) -> "SetsDataset":
        is_own = self.anchors != "published"
        if (self.decisions is not None) != (self.review == "human" and is_own):
            raise ValueError(
                "decisions are given where review is human and anchors are not published, and "
                "nowhere else"
            )
        if not is_own and self.review != "human":
            raise ValueError("published sets are reviewed: write review: human")
        return self

    @field_validator("decisions")
    @classmethod
    def _home_is_expanded(cls, path: str | None) -> str | None:
        return None if path is None else expanded(path)

    @property
    def class_space(self) -> Targets:
        """The class space of its labels."""
        return self.targets

    @property
    def anchored(self) -> Literal["sampled", "published", "around"]:
        """Where its anchors come from."""
        if isinstance(self.anchors, int):
            return "sampled"
        return "published" if self.anchors == "published" else "around"

    @property
    def around(self) -> str | None:
        """The dataset whose pictures are the anchors, if it is one."""
        return str(self.anchors) if self.anchored == "around" else None

    @property
    def label_space(self) -> str:
        """Labels in words, for people."""
        outputs = "" if self.outputs == "masked" else ", all classes may answer"
        return f"{self.targets}, scores merged by {self.merge}{outputs}"


Dataset = Annotated[
    Annotated[MomentsDataset, Tag("moments")] | Annotated[SetsDataset, Tag("sets")],
    _kind_of("moments", "sets"),
]
"""A test set."""

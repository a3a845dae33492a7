"""The settings of a test set: which images of a source it has, and how they are labelled."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag, model_validator

from wildframe.core.choices import (
    DECIDED,
    ImageGrouping,
    LabelSource,
    LabelSpace,
    Merge,
    ObjectType,
    Pick,
    Predictable,
    Review,
    Role,
    Rule,
    Synsets,
    Unit,
    Unreadable,
)
from wildframe.core.source import SourceSettings, kind_of
from wildframe.core.strict import HomePath, Name, Strict
from wildframe.core.targets import ImageSpaceSetting, TargetsSetting, is_own, space_name
from wildframe.manifests.clip_settings import ClipsDataset


class MomentsDataset(Strict):
    """A test set of annotated moments, whose nouns are mapped to classes."""

    names_objects: ClassVar[bool] = True
    """Whether images have annotated objects with nouns, whose sense can be in doubt."""
    space_options: ClassVar[Sequence[str]] = ()
    """The label space that is scored in as options of commands: none, the model's own."""

    kind: Literal["moments"] = "moments"
    source: Name = Field(description="Name of a source of kind ego4d")
    roles: list[Role] = Field(
        ["pre"], description="Moments of the state change to evaluate", min_length=1
    )
    object_types: list[ObjectType] = Field(
        ["object_of_change", "tool"],
        description="Types of boxes whose nouns label the image",
        min_length=1,
    )
    unit: Unit = Field(
        "image",
        description="image: one row per image, which must show a single class; object: one row "
        "per annotated object, so that images of several classes are kept",
    )
    label_space: LabelSpace = Field(
        description="ImageNet-1K, or ImageNet-21K with 21,843 (in21k) or 21,841 classes (in22k)"
    )
    rule: Rule = Field(
        "words",
        description="Parts of a noun that are matched with classes: its single words (the "
        "paper's rule), the head and each whole synonym, or only the head",
    )
    pick: Pick = Field(
        "reading_order",
        description="If several parts of a noun match classes: use the first in reading order, "
        "all, or the paper's seven picks and otherwise the first",
    )
    synsets: Synsets = Field(
        "all",
        description="Which classes count if a part of a noun matches several: all, or the first. "
        "Those that the sense table does not doubt come first, then WordNet's order decides",
    )
    senses: str = Field(
        "shipped",
        min_length=1,
        description="Sense table, which marks classes that a noun hardly means: shipped, or a CSV "
        "file. Such labels come last; models learn, and tables list, the first label of an image",
    )

    def require_source(self, source: SourceSettings) -> None:
        """Raise a `ValueError` for a source without moments."""
        if not source.has_moments:
            raise ValueError(f"source: {self.source!r} has no moments; name a source of kind ego4d")

    def options(self, source: Any) -> list[str]:
        """Return its settings as options of ``wildframe manifests build``."""
        choices = {
            "label-space": self.label_space,
            "roles": ",".join(self.roles),
            "object-types": ",".join(self.object_types),
            "unit": self.unit,
            "rule": self.rule,
            "pick": self.pick,
            "synsets": self.synsets,
            "senses": self.senses,
            "media": source.media,
            "version": source.version,
            "rate": source.rate,
        }
        return [f"--{name}={value}" for name, value in choices.items()]

    @property
    def scoring_options(self) -> list[str]:
        """Its settings as options of ``wildframe scores image-results``."""
        return [f"--senses={self.senses}"]

    def has_boxes(self, source: SourceSettings) -> bool:
        """Tell whether its frames have annotated boxes of every object; moments have not."""
        return False

    def has_box_each(self, source: SourceSettings) -> bool:
        """Tell whether every image has an annotated box: objects label the images."""
        return True

    def describe(self, source: Any, view_note: str = "", others: Sequence[Any] = ()) -> str:
        """Return the data note of exhibits: data and settings.

        Args:
            source: Its source.
            view_note: Note of the view that the models were shown.
            others: Further datasets of the same images, in other label spaces.
        """
        labels = "; ".join(
            f"{chosen.label_space}: rule {chosen.rule}, pick {chosen.pick}, "
            f"synsets {chosen.synsets}"
            + ("" if chosen.senses == "shipped" else f", senses {chosen.senses}")
            for chosen in (self, *others)
        )
        unit = ", one image per object" if self.unit == "object" else ""
        shown = f"; {view_note}" if view_note else ""
        return (
            f"{source.data_note}; {source.version}, {source.split} split, "
            f"{' + '.join(self.roles)} frames of {source.media}, "
            f"boxes {' + '.join(self.object_types)}{unit}{shown}; {labels}"
        )


class ImagesDataset(Strict):
    """A test set of single images, labelled by their source."""

    names_objects: ClassVar[bool] = False
    senses: ClassVar[None] = None
    """There is no noun whose sense could be in doubt."""

    kind: Literal["images"]
    source: Name = Field(description="Name of a source of kind images")
    split: str | None = Field(None, description="Split of the source; all images by default")
    label_space: ImageSpaceSetting = Field(
        description="Label space of the test set: one of ImageNet, or a CSV file of your own with "
        "the columns name,wnids. Images without a label in it are dropped"
    )
    group_by: ImageGrouping = Field(
        "file",
        description="Independent unit of cluster intervals and of splits by clip, where the source "
        "does not say which video an image is of: file, or folder if the images of a folder "
        "resemble each other",
    )
    predictable: Predictable = Field(
        "all",
        description="Classes that models can predict: all of theirs, those that are a label of "
        "some image of the set, or the 200 of ImageNet-A or of ImageNet-R",
    )

    @model_validator(mode="after")
    def _own_classes_are_predicted(self) -> "ImagesDataset":
        if is_own(self.label_space) and self.predictable != "all":
            raise ValueError(
                "predictable: models predict all classes of a label space of your own; leave this "
                "setting out"
            )
        return self

    def require_source(self, source: SourceSettings) -> None:
        """Raise a `ValueError` for a source without single images."""
        if not source.has_single_images:
            raise ValueError(
                f"source: {self.source!r} has no single images; name a source of kind images"
            )

    def options(self, source: SourceSettings) -> list[str]:
        """Return its settings as options of ``wildframe manifests images``."""
        options = [f"--label-space={self.label_space}", f"--group-by={self.group_by}"]
        return options + ([f"--split={self.split}"] if self.split else [])

    @property
    def space_options(self) -> list[str]:
        """Which classes can be predicted as options of commands."""
        if is_own(self.label_space):
            return [f"--label-space={self.label_space}", "--restrict"]
        return [] if self.predictable == "all" else [f"--predictable={self.predictable}"]

    @property
    def scoring_options(self) -> list[str]:
        """Its settings as options of ``wildframe scores image-results``."""
        return self.space_options

    def has_boxes(self, source: SourceSettings) -> bool:
        """Tell whether its images have annotated boxes of every object."""
        return source.has_boxes

    def has_box_each(self, source: SourceSettings) -> bool:
        """Tell whether its images have annotated boxes."""
        return self.has_boxes(source)

    def describe(self, source: Any, view_note: str = "", others: Sequence[Any] = ()) -> str:
        """Return the data note of exhibits; see `MomentsDataset.describe`."""
        split = f", {self.split} split" if self.split else ""
        spaces = " and ".join(space_name(chosen.label_space) for chosen in (self, *others))
        shown = f"; {view_note}" if view_note else ""
        among = {"all": "", "labels": ", predicted among their labels"}.get(
            self.predictable, f", predicted among the classes of {self.predictable}"
        )
        return f"{source.data_note}{split}; single images, labelled in {spaces}{among}{shown}"


class Window(Strict):
    """Largest distance of a frame from its anchor."""

    frames: int | None = Field(None, ge=0, description="In frames; 10 in the papers")
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
    """A test set of anchors and their neighbouring frames, for robustness to perturbations."""

    senses: ClassVar[None] = None
    """Labels of frames come from no noun."""

    kind: Literal["sets"]
    source: Name = Field(description="Name of a source")
    anchors: Literal["published"] | Annotated[int, Field(ge=1)] | Name = Field(
        description="published: the sets of the source's metadata; a number: frames to draw from "
        "each video; a dataset of the same source: its images"
    )
    split: str | None = Field(None, description="Split of the source; all videos by default")
    window: Window = Window(frames=10, seconds=None)
    step: int = Field(1, ge=1, description="Use every n-th frame of the window")
    seed: int = Field(0, ge=0, description="Seed of the draw of anchors")
    label_space: TargetsSetting = Field(
        description="Label space that predictions are scored in: vid30, ytbb24, coco80, in1k, or a "
        "CSV file of your own with the columns name,wnids"
    )
    label_source: LabelSource = Field(
        "frame",
        description="Labels of a neighbouring frame: its own (ImageNet-Vid-Robust) or its "
        "anchor's (YTBB-Robust, and wherever frames have none)",
    )
    merge: Merge = Field(
        "max", description="How scores of a model's classes are merged into one per coarse class"
    )
    restrict_to_label_space: bool = Field(
        True,
        description="Whether only classes of the label space can be predicted (the papers'); "
        "otherwise a model may predict any of its classes, and one outside it is incorrect",
    )
    review: Review = Field(
        "none",
        description="How neighbours that differ from their anchor are excluded: none (all are "
        "kept), auto (by similarity), human (by decisions, or the publisher's own review), "
        "script (by decisions that a program made)",
    )
    decisions: HomePath | None = Field(
        None, description="Folder of the reviewers' CSV files from `wildframe reviews serve`"
    )
    rounds: int = Field(
        2,
        ge=1,
        le=2,
        description="Rounds of review by people: 2 as in the papers; 1 where there are few "
        "reviewers: neighbours are kept that most of those who reviewed them accept",
    )
    threshold: float = Field(
        0.9, ge=0, le=1, description="Least similarity that review auto accepts"
    )
    unreadable: Unreadable = Field(
        "refuse",
        description="What to do with unreadable frames: stop, drop the frames or drop their sets; "
        "each is listed",
    )

    @model_validator(mode="after")
    def _review_has_decisions(self) -> "SetsDataset":
        is_published = self.anchors == "published"
        if (self.decisions is not None) != (self.review in DECIDED and not is_published):
            raise ValueError(
                "decisions are given where review is human or script and anchors are not "
                "published, and nowhere else"
            )
        if is_published and self.review != "human":
            raise ValueError("published sets are reviewed: write review: human")
        return self

    @property
    def anchored(self) -> Literal["sampled", "published", "dataset"]:
        """Where its anchors come from."""
        if isinstance(self.anchors, int):
            return "sampled"
        return "published" if self.anchors == "published" else "dataset"

    @property
    def anchor_dataset(self) -> str | None:
        """The dataset whose images are the anchors, if any."""
        return str(self.anchors) if self.anchored == "dataset" else None

    @property
    def space_note(self) -> str:
        """Label space and scoring in words."""
        others = "" if self.restrict_to_label_space else ", any class can be predicted"
        return f"{space_name(self.label_space)}, scores merged by {self.merge}{others}"

    def require_source(self, source: SourceSettings) -> None:
        """Raise a `ValueError` for a source that has no such anchors."""
        if self.anchored == "published":
            if not source.has_published_sets:
                raise ValueError(
                    f"anchors: source {self.source!r} has no metadata of published sets"
                )
        elif self.anchored == "sampled":
            try:
                source.require_drawable(self.source)
            except ValueError as error:
                raise ValueError(f"anchors: {error}") from error

    def options(self, source: SourceSettings) -> list[str]:
        """Return its settings as options of ``wildframe manifests``."""
        options = [f"--label-space={self.label_space}", f"--label-source={self.label_source}"]
        options += [self.window.option, f"--step={self.step}"]
        if self.anchored == "sampled":
            options += [f"--anchors={self.anchors}", f"--seed={self.seed}"]
            options += [f"--split={self.split}"] if self.split else []
        return options

    @property
    def review_options(self) -> list[str]:
        """Its settings as options of ``wildframe reviews consensus``."""
        options = [f"--review={self.review}", f"--unreadable={self.unreadable}"]
        options += [f"--threshold={self.threshold}"] if self.review == "auto" else []
        options += [f"--decisions={self.decisions}"] if self.decisions else []
        options += [] if self.rounds == 2 else [f"--rounds={self.rounds}"]
        return options

    @property
    def space_options(self) -> list[str]:
        """The label space that is scored in as options of commands."""
        restrict = "--restrict" if self.restrict_to_label_space else "--no-restrict"
        return [f"--label-space={self.label_space}", restrict]

    @property
    def scoring_options(self) -> list[str]:
        """Its settings as options of ``wildframe scores image-results``."""
        return [*self.space_options, f"--merge={self.merge}"]

    def has_boxes(self, source: SourceSettings) -> bool:
        """Tell whether its frames have annotated boxes; neighbours of another dataset have none."""
        return not self.anchor_dataset and source.has_boxes

    def has_box_each(self, source: SourceSettings) -> bool:
        """Tell whether its frames have annotated boxes."""
        return self.has_boxes(source)

    def describe(self, source: Any, view_note: str = "", others: Sequence[Any] = ()) -> str:
        """Return the data note of exhibits; see `MomentsDataset.describe`."""
        anchors = {
            "published": "published anchors",
            "dataset": f"anchors are the images of {self.anchor_dataset}",
            "sampled": f"{self.anchors} anchors drawn per video, seed {self.seed}",
        }[self.anchored]
        split = f", {self.split} split" if self.split else ""
        step = f" in steps of {self.step}" if self.step > 1 else ""
        shown = f"; {view_note}" if view_note else ""
        return (
            f"{source.data_note}{split}; {anchors}, frames up to {self.window} away{step}{shown}; "
            f"labels of the {self.label_source}, {self.space_note}; review: {self.review}"
            + ("" if self.unreadable == "refuse" else f"; unreadable: {self.unreadable}")
        )


_AnyKind = (
    Annotated[MomentsDataset, Tag("moments")]
    | Annotated[SetsDataset, Tag("sets")]
    | Annotated[ImagesDataset, Tag("images")]
    | Annotated[ClipsDataset, Tag("clips")]
)
Dataset = Annotated[_AnyKind, kind_of(_AnyKind)]
"""A test set, or a dataset of clips."""

"""The settings of a test set of anchors and their neighbouring frames."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from wildframe.core.choices import DECIDED, LabelSource, Merge, Review, Unreadable
from wildframe.core.source import SourceSettings
from wildframe.core.strict import HomePath, Name, Strict, one_of
from wildframe.core.target_settings import TargetsSetting
from wildframe.core.targets import space_name


class Window(Strict):
    """Largest distance of a frame from its anchor."""

    frames: int | None = Field(None, ge=0, description="In frames; 10 in the papers")
    seconds: float | None = Field(
        None, gt=0, description="In seconds, at each video's own rate, instead of frames"
    )

    @model_validator(mode="after")
    def _one_is_given(self) -> "Window":
        if self.frames is None and self.seconds is None:
            raise ValueError("give frames or seconds")
        if self.frames is not None and self.seconds is not None:
            raise ValueError(
                f"frames {self.frames} and seconds {self.seconds:g} are both given, maybe one by a "
                "preset; set the other to null, as in `frames: null`"
            )
        return self

    def __str__(self) -> str:
        return f"{self.frames} frames" if self.seconds is None else f"{self.seconds:g} s"

    @property
    def option(self) -> str:
        """The window as an option of ``wildframe manifests``."""
        if self.seconds is None:
            return f"--frames={self.frames}"
        return f"--seconds={str(self.seconds).removesuffix('.0')}"


_Anchors = Annotated[
    Literal["published"] | Annotated[int, Field(ge=1)] | Name,
    one_of("published, a number from 1 on, nor the name of a dataset"),
]


class SetsDataset(Strict):
    """A test set of anchors and their neighbouring frames, for robustness to perturbations."""

    senses: ClassVar[None] = None
    """Labels of frames come from no noun."""

    kind: Literal["sets"]
    source: Name = Field(description="Name of a source")
    anchors: _Anchors = Field(
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
        description="Whether only classes of the label space can be predicted (the papers'), "
        "among which confidences are; otherwise a model may predict any of its classes, and one "
        "outside it is incorrect",
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
    def scored_space(self) -> str:
        """The label space that predictions are mapped to."""
        return self.label_space

    @property
    def space_options(self) -> list[str]:
        """This as options of commands."""
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

    def describe(self, source: Any, view_note: str, others: Sequence[Any]) -> str:
        """Return the data note of exhibits; see `MomentsDataset.describe`."""
        drawn = "1 anchor" if self.anchors == 1 else f"{self.anchors} anchors"
        anchors = {
            "published": "published anchors",
            "dataset": f"anchors are the images of {self.anchor_dataset}",
            "sampled": f"{drawn} drawn per video, seed {self.seed}",
        }[self.anchored]
        split = f", {self.split} split" if self.split else ""
        step = f" in steps of {self.step}" if self.step > 1 else ""
        shown = f"; {view_note}" if view_note else ""
        return (
            f"{source.data_note}{split}; review: {self.review}; {anchors}, "
            f"frames up to {self.window} away{step}{shown}; "
            f"labels of the {self.label_source}, {self.space_note}"
            + ("" if self.unreadable == "refuse" else f"; unreadable: {self.unreadable}")
        )

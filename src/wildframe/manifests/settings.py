"""The settings of a test set: which images of a source it has, and how they are labelled."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, Tag, model_validator

from wildframe.core.choices import (
    ImageGrouping,
    LabelSpace,
    ObjectType,
    Pick,
    Predictable,
    Role,
    Rule,
    Synsets,
    Unit,
)
from wildframe.core.source import SourceSettings, kind_of
from wildframe.core.strict import Name, Strict, named_once
from wildframe.core.target_settings import ImageSpaceSetting
from wildframe.core.targets import is_own, space_name
from wildframe.manifests.clip_settings import ClipsDataset
from wildframe.manifests.set_settings import SetsDataset


class MomentsDataset(Strict):
    """A test set of annotated moments, whose nouns are mapped to classes."""

    names_objects: ClassVar[bool] = True
    """Whether images have annotated objects with nouns, whose sense can be in doubt."""
    scored_space: ClassVar[None] = None
    """The label space that predictions are mapped to; None for the model's own."""
    space_options: ClassVar[Sequence[str]] = ()

    kind: Literal["moments"] = "moments"
    source: Name = Field(description="Name of a source of kind ego4d")
    roles: Annotated[list[Role], AfterValidator(named_once("role"))] = Field(
        ["pre"], description="Moments of the state change to evaluate", min_length=1
    )
    object_types: Annotated[list[ObjectType], AfterValidator(named_once("type"))] = Field(
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

    def describe(self, source: Any, view_note: str, others: Sequence[Any]) -> str:
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
        description="Label space of the test set: ImageNet's, or a CSV file of your own with "
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
        description="Classes that models can predict, among which confidences are: all of theirs, "
        "those that are a label of some image of the set, or the 200 of ImageNet-A or of "
        "ImageNet-R",
    )

    @model_validator(mode="after")
    def _own_classes_are_predicted(self) -> "ImagesDataset":
        if is_own(self.label_space) and self.predictable != "all":
            raise ValueError(
                "predictable: models predict all classes of your own label space; leave it out"
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
    def scored_space(self) -> str | None:
        """The label space that predictions are mapped to; None for the model's own."""
        return self.label_space if is_own(self.label_space) else None

    @property
    def space_options(self) -> list[str]:
        """Which classes can be predicted as options of commands."""
        if self.scored_space:
            return [f"--label-space={self.scored_space}", "--restrict"]
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

    def describe(self, source: Any, view_note: str, others: Sequence[Any]) -> str:
        """Return the data note of exhibits; see `MomentsDataset.describe`."""
        split = f", {self.split} split" if self.split else ""
        spaces = " and ".join(space_name(chosen.label_space) for chosen in (self, *others))
        shown = f"; {view_note}" if view_note else ""
        among = {"all": "", "labels": ", predicted among their labels"}.get(
            self.predictable, f", predicted among the classes of {self.predictable}"
        )
        return f"{source.data_note}{split}; single images, labelled in {spaces}{among}{shown}"


_AnyKind = (
    Annotated[MomentsDataset, Tag("moments")]
    | Annotated[SetsDataset, Tag("sets")]
    | Annotated[ImagesDataset, Tag("images")]
    | Annotated[ClipsDataset, Tag("clips")]
)
Dataset = Annotated[_AnyKind, kind_of(_AnyKind)]
"""A test set, or a dataset of clips."""

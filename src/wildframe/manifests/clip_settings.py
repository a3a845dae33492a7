"""The settings of a dataset of clips."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from wildframe.core.choices import ClipSplit, Viewpoint
from wildframe.core.source import SourceSettings
from wildframe.core.strict import HomePath, Name, Strict


class ClipsDataset(Strict):
    """A dataset of clips: what video models learn from, and what they are tested on."""

    names_objects: ClassVar[bool] = False
    senses: ClassVar[None] = None
    """Labels of clips come from no noun whose sense could be in doubt."""
    label_space: ClassVar[str] = "clips"
    """Clips have classes of their own, which models of images do not predict."""
    scored_space: ClassVar[None] = None
    space_options: ClassVar[Sequence[str]] = ()
    scoring_options: ClassVar[Sequence[str]] = ()

    kind: Literal["clips"]
    source: Name = Field(description="Name of a source of clips")
    train: ClipSplit | None = Field(
        "train", description="Split of the source to learn from, if any"
    )
    test: ClipSplit | None = Field("test", description="Split of the source to test on, if any")
    viewpoint: Viewpoint | None = Field(
        None, description="Only clips of this viewpoint; all by default"
    )
    stride: int = Field(
        2,
        ge=1,
        description="Every n-th frame is decoded and kept; strides of networks are multiples of it",
    )
    size: int = Field(
        256, ge=16, description="Shorter side of the kept frames in pixels; smaller ones stay"
    )
    interactions: HomePath | None = Field(
        None,
        description="CSV or Parquet file of hands and objects in them: columns video_id,frame,kind,"
        "x1,y1,x2,y2,score, sides as shares of the frame",
    )
    unseen_participants: HomePath | None = Field(
        None,
        description="CSV file of all participants who are in no training clip, whose test clips "
        "are also scored by themselves; needed only where training clips do not name theirs, and "
        "compared with them where they do",
    )
    tail_verbs: HomePath | None = Field(
        None, description="CSV file of rare verbs, whose test clips are also scored by themselves"
    )
    tail_nouns: HomePath | None = Field(None, description="The same of rare nouns")

    @model_validator(mode="after")
    def _has_clips(self) -> "ClipsDataset":
        if self.train is None and self.test is None:
            raise ValueError("name a split of the source in train, in test or in both")
        if self.train == self.test:
            raise ValueError(f"train and test both name {self.train!r}; name different splits")
        return self

    def require_source(self, source: SourceSettings) -> None:
        """Raise a `ValueError` for a source without clips."""
        if not source.has_clips:
            raise ValueError(
                f"source: {self.source!r} has no clips; name a source of kind kinetics, "
                "charades_ego, epic_kitchens or clips"
            )

    def options(self, source: SourceSettings) -> list[str]:
        """Return its settings as options of ``wildframe manifests clips``."""
        given = {"train": self.train, "test": self.test, "viewpoint": self.viewpoint}
        return [f"--{name}={value}" for name, value in given.items() if value]

    @property
    def frame_options(self) -> list[str]:
        """Its settings as options of ``wildframe frames clips``."""
        return [f"--stride={self.stride}", f"--size={self.size}"]

    @property
    def subset_files(self) -> dict[str, str]:
        """Its lists of what makes subsets of test clips, by option of their scoring."""
        lists = {
            "unseen_participants": self.unseen_participants,
            "tail_verbs": self.tail_verbs,
            "tail_nouns": self.tail_nouns,
        }
        return {name: path for name, path in lists.items() if path}

    @property
    def input_files(self) -> dict[str, str]:
        """The files that it names, by setting."""
        boxes = {"interactions": self.interactions} if self.interactions else {}
        return boxes | self.subset_files

    def has_boxes(self, source: SourceSettings) -> bool:
        """Tell whether every frame has annotated boxes; boxes of hands are detections."""
        return False

    def has_box_each(self, source: SourceSettings) -> bool:
        """Tell whether every image has an annotated box."""
        return False

    def describe(self, source: Any, view_note: str, others: Sequence[Any]) -> str:
        """Return the data note of exhibits, as the settings of other datasets do.

        It is the exhibit that says what of it networks learn from, or are tested on.
        """
        viewpoint = f" of viewpoint {self.viewpoint}" if self.viewpoint else ""
        splits = [split for split in (self.train, self.test) if split]
        named = "splits" if len(splits) > 1 else "split"
        return f"{source.data_note}; clips{viewpoint}, {named} {' and '.join(splits)}"

"""What every kind of view has, and the registry of kinds."""

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer

from wildframe.core.adaptation import Adaptation, AnyAdaptation
from wildframe.core.choices import Aggregate
from wildframe.core.errors import UserError
from wildframe.core.strict import Strict

if TYPE_CHECKING:
    from PIL import Image


class View(Strict):
    """How images are shown to models: a named entry of ``views`` in the config."""

    needs_box: ClassVar[bool] = False
    """Whether it shows annotated objects: each image must have a box."""
    crops_are_inputs: ClassVar[bool] = False
    """Whether crops are inputs of a model already: preprocessing neither enlarges nor cuts them."""
    has_anchors: ClassVar[bool] = False
    """Whether crops are at anchors: what is predicted on each of them becomes a table."""

    kind: str = Field(description="Kind of the view")
    adapt: AnyAdaptation | None = Field(
        None,
        description="Test-time adaptation: a model is adapted to each image before it predicts it; "
        "write memo for the default settings. Make it a view of its own, beside the same view "
        "without adaptation",
    )

    @model_serializer(mode="wrap")
    def _without_null(self, fields: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # What the same view said of itself before there was adaptation: nothing is made anew.
        return {name: value for name, value in fields(self).items() if value is not None}

    @property
    def streams(self) -> bool:
        """Whether crops are not kept in a file, but cut from the frames whenever a model runs."""
        return self.adapt is not None

    @abstractmethod
    def crops(
        self, image: "Image.Image", row: Mapping[str, Any]
    ) -> Iterator[tuple[str, "Image.Image"]]:
        """Yield what a model is shown of an image, cut out of it and not resized.

        Args:
            image: Decoded image; may be smaller than the annotated frame.
            row: Its ``image_id``, ``width``, ``height`` and ``boxes`` in the manifest.

        Yields:
            Key of a crop, unique in the image and empty if there is only one, and the crop.

        Raises:
            UserError: The image lacks what the view needs.
        """

    def checked_crops(
        self, image: "Image.Image", row: Mapping[str, Any]
    ) -> Iterator[tuple[str, "Image.Image"]]:
        """Yield `crops`, whose kind may be of the user's own; arguments likewise.

        Raises:
            UserError: There are none, or one is no image with a key of its own.
        """
        keys = set[str]()
        crops: Any = self.crops(image, row)
        if not isinstance(crops, Iterable):
            raise self._wrong_crops(row, type(crops).__name__, "returned")
        for crop in crops:
            if fault := _fault_of(crop, keys):
                raise self._wrong_crops(row, fault)
            keys.add(crop[0])
            yield crop
        if not keys:
            raise self._wrong_crops(row, "nothing")

    def _wrong_crops(self, row: Mapping[str, Any], found: str, verb: str = "yielded") -> UserError:
        return UserError(
            f"view of kind {self.kind}: image {row['image_id']}: crops {verb} {found}; let it "
            "yield pairs of a key and an RGB image of PIL, each key once"
        )

    @property
    def note(self) -> str:
        """What the data note of exhibits says about its crops; empty for whole images."""
        return ""

    @property
    def data_note(self) -> str:
        """What the data note of exhibits says about it."""
        return ", ".join(filter(None, [self.note, self.adapt.note if self.adapt else ""]))

    @property
    def code(self) -> str:
        """Its class, as `wildframe.core.code.code_hash` names it."""
        return f"{type(self).__module__.removeprefix('wildframe.')}:{type(self).__name__}"

    @property
    def scoring_options(self) -> list[str]:
        """Its settings as options of ``wildframe scores image-results``."""
        return []


def _fault_of(crop: Any, keys: Collection[str]) -> str | None:
    """Return what was yielded if it is no crop, or has the key of one before."""
    from PIL.Image import Image

    match crop:
        case (str() as key, Image() as shown):
            if key in keys:
                return f"the key {key!r} twice"
            if shown.mode != "RGB" or 0 in shown.size:
                return f"an image of {shown.width} x {shown.height} pixels in {shown.mode}"
            return None
        case tuple():
            return f"({', '.join(type(part).__name__ for part in crop)})"
    return type(crop).__name__


_COMBINED: Mapping[Aggregate, str] = {
    "mean_probability": "probabilities averaged",
    "mean_logit": "logits averaged",
    "max": "the most confident crop decides",
    "vote": "crops vote",
}


class ManyCrops(View):
    """A view of many crops an image: streamed, and scored as one prediction an image."""

    aggregate: Aggregate = Field(
        "mean_probability",
        description="How the predictions on the crops of an image become one of the image: by the "
        "mean of probabilities or of logits, the most confident crop (max), or the most votes",
    )

    @field_validator("adapt")
    @classmethod
    def _is_not_adapted(cls, adapt: Adaptation | None) -> Adaptation | None:
        if adapt:
            raise ValueError(
                "models are adapted to views of one crop an image; give it to a view of kind full, "
                "with augmentation: zoomgrid for crops of the zoom grid"
            )
        return adapt

    @property
    def streams(self) -> bool:
        """Its crops are too many for a file."""
        return True

    @property
    def combined(self) -> str:
        """How predictions on crops become one, in words."""
        return _COMBINED[self.aggregate]

    @property
    def scoring_options(self) -> list[str]:
        """Its settings as options of ``wildframe scores image-results``."""
        return [f"--aggregate={self.aggregate}"]


def scale_shorter_side(width: int, height: int, size: int) -> tuple[int, int]:
    """Return width and height with the shorter side brought to a size, as torchvision rounds."""
    if width <= height:
        return size, size * height // width
    return size * width // height, size


def shown_boxes(row: Mapping[str, Any], width: int, height: int) -> list[list[float]]:
    """Return left, top, width and height of an image's boxes in pixels of the image as it is.

    Args:
        row: Its ``boxes`` in the manifest, in pixels of a frame of ``width`` x ``height``, which
            may be larger than the image; of the image itself if these are None.
        width: Of the image.
        height: Of the image.
    """
    across = width / row["width"] if row["width"] else 1
    down = height / row["height"] if row["height"] else 1
    return [
        [box["x"] * across, box["y"] * down, box["width"] * across, box["height"] * down]
        for box in row["boxes"]
    ]


KINDS: dict[str, type[View]] = {}
"""The kinds of views, by name."""

Kind = TypeVar("Kind", bound=View)


def view_kind(declared: type[Kind]) -> type[Kind]:
    """Register a class as the kind of views that the default of its ``kind`` names.

    Raises:
        UserError: It names none, or that of another class; or the class lacks a method.
    """
    named, kind = _full_name(declared), declared.model_fields["kind"].default
    if not isinstance(kind, str):
        raise UserError(f'{named}: names no kind; write kind: Literal["<name>"] = "<name>"')
    if missing := sorted(declared.__abstractmethods__):
        raise UserError(f"{named}: has no method {missing[0]}; write one, as docs/extend.md does")
    if (other := _full_name(KINDS.get(kind, declared))) != named:
        raise UserError(f"{named}: kind {kind!r} is that of {other}; give yours another name")
    KINDS[kind] = declared
    return declared


def _full_name(declared: type) -> str:
    return f"{declared.__module__}.{declared.__qualname__}"

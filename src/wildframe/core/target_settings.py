"""The settings that name a label space, apart: most commands read classes, and no settings."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from wildframe.core.choices import SCORE_SPACES, TARGETS
from wildframe.core.strict import expand_home
from wildframe.core.targets import is_own
from wildframe.core.timm_lists import FILES


def _known_or_own(known: Sequence[str], label_space: str) -> str:
    if is_own(label_space):
        return expand_home(label_space)
    if label_space not in known:
        raise ValueError(
            f"{label_space!r} is no label space; choose from {', '.join(known)}, or name a CSV "
            "file of your own with the columns name,wnids"
        )
    return label_space


def _json_schema(known: Sequence[str]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"enum": [*known]}, {"type": "string", "pattern": r"\.csv$"}]})


_IMAGENET = tuple(FILES)

ImageSpaceSetting = Annotated[
    str, AfterValidator(partial(_known_or_own, _IMAGENET)), _json_schema(_IMAGENET)
]
"""Label space of single images: one of ImageNet, or a CSV file of one's own."""

TargetsSetting = Annotated[
    str, AfterValidator(partial(_known_or_own, TARGETS)), _json_schema(TARGETS)
]
"""Label space of a dataset: a coarse one that this package knows, or a CSV file of one's own."""

ScoreSpaceSetting = Annotated[
    str, AfterValidator(partial(_known_or_own, SCORE_SPACES)), _json_schema(SCORE_SPACES)
]
"""Label space whose classes may be named: any of both."""

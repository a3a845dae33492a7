"""The contract of every table that crosses a station border: fields, units and sources."""

from wildframe.core.schemas.models import (
    CALIBRATION,
    CONFUSIONS,
    GRADCAMS,
    MODEL_PAIRS,
    OUTCOMES,
    PREDICTIONS,
    SCORES,
    TRAINING,
)
from wildframe.core.schemas.pictures import (
    CLASSES,
    FRAMES,
    FUNNEL,
    MANIFEST,
    OBJECTS,
    RECORDS,
    SPLITS,
    STATUSES,
    pixels_contract,
)

__all__ = [
    "CALIBRATION",
    "CLASSES",
    "CONFUSIONS",
    "FRAMES",
    "FUNNEL",
    "GRADCAMS",
    "MANIFEST",
    "MODEL_PAIRS",
    "OBJECTS",
    "OUTCOMES",
    "PREDICTIONS",
    "RECORDS",
    "SCORES",
    "SPLITS",
    "STATUSES",
    "TRAINING",
    "pixels_contract",
]

"""The contract of every table that crosses a station border: fields, units and sources."""

from wildframe.core.schemas.clips import (
    CLIP_CLASS_SCORES,
    CLIP_CLASSES,
    CLIP_GRADCAMS,
    CLIP_PREDICTIONS,
    CLIP_RECORDS,
    CLIP_SCORES,
    CLIP_TRAINING,
    CLIPS,
    FAILURE_PREDICTORS,
    INTERACTIONS,
    KEPT_CLIPS,
)
from wildframe.core.schemas.images import (
    CLASSES,
    FRAMES,
    FUNNEL,
    IMAGES,
    MANIFEST,
    OBJECTS,
    RECORDS,
    SPLITS,
    STATUSES,
    preprocessed_contract,
)
from wildframe.core.schemas.models import (
    ATTRIBUTION_SHARES,
    ATTRIBUTIONS,
    CALIBRATION,
    CALIBRATION_ERRORS,
    CONFUSIONS,
    GRADCAMS,
    IMAGE_RESULTS,
    PAIRS,
    PREDICTIONS,
    SCORES,
    SEPARATIONS,
    TRAINING,
    ZOOM_PREDICTIONS,
)
from wildframe.core.schemas.sets import (
    BOXES,
    COPIES,
    DETECTION_SCORES,
    DETECTIONS,
    NEAREST,
    PUBLISHED,
    REVIEWS,
    ROBUSTNESS,
    SETS,
    SIMILARITIES,
    VIDEOS,
    WORST_FRAMES,
)
from wildframe.core.schemas.zoom import FRAMINGS, HARD_IMAGES, ZOOM_CROPS, ZOOM_SCORES

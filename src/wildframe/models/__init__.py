"""Station 6: what a model is: weights, label space, preprocessing, size."""

from wildframe.models.detectors import DetectorEntry, load_detectors
from wildframe.models.studies import study_detectors, study_models
from wildframe.models.zoo import Told, ZooEntry, entry_told, load_zoo, zoo_entry

__all__ = [
    "DetectorEntry",
    "Told",
    "ZooEntry",
    "entry_told",
    "load_detectors",
    "load_zoo",
    "study_detectors",
    "study_models",
    "zoo_entry",
]

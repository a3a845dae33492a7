"""Station 5: what a model is: weights, class space, preprocessing, size."""

from wildframe.models.zoo import ZooEntry, load_zoo, study_models, zoo_entry

__all__ = ["ZooEntry", "load_zoo", "study_models", "zoo_entry"]

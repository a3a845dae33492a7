"""Station 5: what a model is: weights, class space, preprocessing, size."""

from wildframe.models.zoo import ZooEntry, in1k_models, load_zoo, zoo_entry

__all__ = ["ZooEntry", "in1k_models", "load_zoo", "zoo_entry"]

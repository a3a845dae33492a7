"""Station 5: what a model is: weights, class space, preprocessing, size."""

from wildframe.models.zoo import ZooEntry, zoo, zoo_entry

__all__ = ["ZooEntry", "zoo", "zoo_entry"]

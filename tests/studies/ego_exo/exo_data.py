"""A study of every part, and scores of its trainings, written by hand."""

from wildframe.exhibits.registry import Context
from wildframe.scores.clips import OverSeeds
from wildframe.studies.ego_exo.settings import EgoExoStudy

SCHEDULE = {"epochs": 1, "batch_size": 2, "lr": 0.1}

SETTINGS = {
    "third_person": "kinetics",
    "pretraining": SCHEDULE,
    "first_person": "epic100",
    "pairs": "charades",
    "embedding": SCHEDULE,
    "viewpoints": "charades",
    "ego_classifier": SCHEDULE,
    "object_teacher": "resnet18.tv_in1k",
    "object_initial": "resnet50.tv_in1k",
    "multi_label": {"dataset": "cego", "schedule": SCHEDULE, "auxiliary_weight": 0.1},
    "verb_noun": {"dataset": "epic", "schedule": SCHEDULE, "auxiliary_weight": 3},
    "verb_noun_100": {"dataset": "epic100", "schedule": SCHEDULE, "auxiliary_weight": 3},
    "network": "tiny",
}


def study(**changed):
    """Return the settings, some of them changed."""
    return EgoExoStudy(**SETTINGS | changed)


class Data:
    """A configuration that knows data sets by name only."""

    def describe(self, dataset, view="full"):
        """Return the name as the data note."""
        return dataset


def context(**changed):
    """Return what declarations see of a study."""
    return Context(Data(), {}, {}, study(**changed))


def over_seeds(mean, deviation=None, seeds=1):
    """Return a metric over seeds."""
    return OverSeeds(mean, deviation, seeds)

"""The models and detectors that a configuration names, and whether they can stand there."""

from typing import cast, get_args

from wildframe.core.choices import ClassSpace, ModelSpace
from wildframe.core.config import Config
from wildframe.core.errors import UserError
from wildframe.models.detectors import DetectorEntry, detector_entry, load_detectors
from wildframe.models.zoo import ZooEntry, load_zoo, zoo_entry

_SPACES = {
    "ego4d": {"in1k"},
    "ego4d.in21k_models": set(get_args(ClassSpace)),
    "vid_robust": set(get_args(ClassSpace)),
}
"""Class spaces that models of the zoo may have: of a study, or of one setting of it."""


def study_models(config: Config) -> dict[str, ZooEntry]:
    """Return every model that the studies run, by name, and those that they are made of.

    A model that came of a training answers with the classes that it learnt.

    Raises:
        UserError: One is not in the zoo, or cannot stand where it is named.
    """
    entries = {}
    for study, chosen in config.studies.chosen.items():
        for setting, names in chosen.named_models.items():
            place = f"{study}.{setting}"
            spaces = _SPACES.get(place, _SPACES[study])
            for name in names:
                entries[name] = _named(config, f"studies.{place}", name, spaces)
        for name in chosen.trained:
            entries[name] = _trained(config, f"studies.{study}", name)
    origins = {name for e in entries.values() for name in (e.checkpoint, e.untrained)}
    return entries | {name: zoo_entry(name) for name in sorted(origins)}


def study_detectors(config: Config) -> dict[str, DetectorEntry]:
    """Return every detector that the studies run, by name.

    Raises:
        UserError: One is unknown, or its name or that of imported predictions is taken.
    """
    for name in config.imported:
        if name in load_zoo() or name in load_detectors():
            raise UserError(
                f"studies.vid_robust.imported: {name} is a model of the zoo; give the predictions "
                "another name"
            )
    study = config.studies.vid_robust
    found = {}
    for name in study.detectors if study else ():
        try:
            found[name] = detector_entry(name)
        except UserError as error:
            raise UserError(f"studies.vid_robust.detectors: {error}") from error
    return found


def _named(config: Config, setting: str, name: str, spaces: set[str]) -> ZooEntry:
    """Return a model that a setting names."""
    try:
        entry = zoo_entry(name)
    except UserError as error:
        is_detector = name in load_detectors()
        problem = f"{name}: a detector; name it under detectors, too" if is_detector else error
        raise UserError(f"{setting}: {problem}") from error
    if entry.class_space not in spaces:
        raise UserError(
            f"{setting}: {name} is of class space {entry.class_space}; models of "
            f"{', '.join(sorted(spaces))} can stand here"
        )
    if not entry.training:
        return entry
    # Elsewhere in Ego4D they would be judged by pictures that they learnt from.
    if setting.startswith(("studies.ego4d.", "studies.vid_robust.trainings.")):
        raise UserError(
            f"{setting}: {name}: trained models follow from trainings; name the model that "
            "training starts from"
        )
    return _trained(config, setting, name)


def _trained(config: Config, setting: str, name: str) -> ZooEntry:
    """Return a model that comes of a training, with the class space that it learnt."""
    entry = zoo_entry(name)
    training = cast(str, entry.training)
    if training not in config.trainings:
        known = ", ".join(config.trainings)
        remedy = f"choose from {known}" if known else "add it to trainings"
        raise UserError(f"{setting}: {name}: the config has no such training; {remedy}")
    if not any(name in study.trained for study in config.studies.chosen.values()):
        raise UserError(
            f"{setting}: {name}: training {training} does not train {entry.untrained}; add it to "
            "the models of the training"
        )
    space = config.class_space_of(training)
    if space not in get_args(ModelSpace):
        raise UserError(
            f"{setting}: {name}: no model answers with {space}; train on a dataset of "
            f"{', '.join(get_args(ModelSpace))}"
        )
    return entry.model_copy(update={"class_space": space})

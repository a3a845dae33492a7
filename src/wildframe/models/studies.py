"""The models and detectors that studies name, checked against what each setting allows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import get_args

from wildframe.core.choices import ModelSpace
from wildframe.core.errors import UserError
from wildframe.core.study import Study
from wildframe.core.targets import is_own
from wildframe.labels.hypernyms import members_among
from wildframe.labels.spaces import class_wnids
from wildframe.models.detectors import DetectorEntry, detector_entry, load_detectors
from wildframe.models.settings import ModelSettings
from wildframe.models.zoo import NO_MODELS, ZooEntry, load_zoo, zoo_entry

Studies = Mapping[str, Study]
"""The studies of a run, by name."""

SpaceOf = Callable[[str], str]
"""The label space of a dataset, by its name."""


def study_models(
    studies: Studies, space_of: SpaceOf, own: Mapping[str, ModelSettings] = NO_MODELS
) -> dict[str, ZooEntry]:
    """Return every model that the studies run, by name, and those that trainings start from.

    A trained model has the label space of its training.

    Args:
        studies: The studies of the run.
        space_of: The label space of a dataset, by its name.
        own: The config's own models, by name.

    Raises:
        UserError: One is unknown, or not allowed where it is named.
    """
    entries = {}
    for study, chosen in studies.items():
        shown = list(dict.fromkeys(map(space_of, chosen.used_datasets())))
        for setting, names in chosen.named_models().items():
            place = f"studies.{study}.{setting}"
            for name in names:
                if name in chosen.external_models:
                    continue
                entry = _named(place, name, own, chosen.label_spaces(setting), shown)
                # Elsewhere they would be scored on images that they learnt from.
                if entry.training and not chosen.takes_trained(setting):
                    raise UserError(
                        f"{place}: {name}: trained models follow from trainings; name the model "
                        "that the training starts from"
                    )
                if setting in chosen.explained() and entry.gradcam_layer is None:
                    raise UserError(
                        f"{place}: {name}: Grad-CAM needs a layer with positions in the image, and "
                        "none is known of this model; name another model"
                    )
                entries[name] = _trained(studies, space_of, place, entry)
        for name in chosen.trained():
            place, entry = f"studies.{study}", zoo_entry(name, own)
            entries[name] = _trained(studies, space_of, place, entry)
    origins = {name for e in entries.values() for name in (e.checkpoint, e.untrained)}
    return entries | {name: zoo_entry(name, own) for name in sorted(origins)}


def study_detectors(studies: Studies, own: Collection[str] = ()) -> dict[str, DetectorEntry]:
    """Return every detector that the studies run, by name.

    Raises:
        UserError: One is unknown, or its name or that of external predictions is taken.
    """
    for name in sorted(load_detectors().keys() & {*own}):
        raise UserError(
            f"models.{name}: this name is that of a detector that wildframe knows; choose another"
        )
    entries = {}
    for study, chosen in studies.items():
        for external in chosen.external_predictions:
            known = {*load_zoo(), *load_detectors()}
            if external.model in {*known, *own}:
                where = "zoo" if external.model in known else "config"
                raise UserError(
                    f"studies.{study}.external_predictions: {external.model} is a model of the "
                    f"{where}; give the predictions another name"
                )
        for name in chosen.named_detectors():
            try:
                entries[name] = detector_entry(name)
            except UserError as error:
                raise UserError(f"studies.{study}.detectors: {error}") from error
    return entries


def _named(
    place: str,
    name: str,
    own: Mapping[str, ModelSettings],
    spaces: frozenset[str] | None,
    shown: Sequence[str],
) -> ZooEntry:
    """Return a model that a setting names, if its label space is allowed there.

    Args:
        place: The setting, for messages.
        name: The model.
        own: The config's own models, by name.
        spaces: Label spaces of a model that may stand there; None for any.
        shown: Label spaces of the study's datasets.
    """
    try:
        entry = zoo_entry(name, own)
    except UserError as error:
        is_detector = name in load_detectors()
        problem = f"{name}: a detector; name it under detectors, too" if is_detector else error
        raise UserError(f"{place}: {problem}") from error
    if spaces is None or entry.label_space in spaces:
        return entry
    if (wnids := entry.own_wnids()) is None:
        raise UserError(
            f"{place}: {name} has the label space {entry.label_space}; name models of "
            f"{' or '.join(sorted(spaces))}"
        )
    known = [space for space in shown if space in spaces or is_own(space)] or sorted(spaces)
    if not any(_shares(space, wnids) for space in known):
        raise UserError(
            f"{place}: {name}: none of its classes, in {entry.classes_file}, is one of "
            f"{' or '.join(known)}, so that no prediction could be correct"
        )
    return entry


def _shares(space: str, wnids: Sequence[str]) -> bool:
    """Tell whether one of a model's classes counts as one of a dataset's label space."""
    if is_own(space):
        return any(members_among(space, wnids))
    return not set(class_wnids(space)).isdisjoint(wnids)


def _trained(studies: Studies, space_of: SpaceOf, place: str, entry: ZooEntry) -> ZooEntry:
    """Return a model with the label space of its training, if it has one."""
    if not entry.training:
        return entry
    name, training = entry.name, entry.training
    trainings = {
        name: one for study in studies.values() for name, one in study.named_trainings().items()
    }
    if training not in trainings:
        known = ", ".join(trainings)
        remedy = f"choose from {known}" if known else "add it to trainings"
        raise UserError(f"{place}: {name}: the config has no such training; {remedy}")
    if not any(name in study.trained() for study in studies.values()):
        raise UserError(
            f"{place}: {name}: training {training} does not train {entry.untrained}; add it to "
            "the models of the training"
        )
    if entry.framework == "function":
        raise UserError(
            f"{place}: {name}: a function is not trained here; name a model with an architecture"
        )
    space = space_of(trainings[training].dataset)
    if space not in get_args(ModelSpace) and not is_own(space):
        raise UserError(
            f"{place}: {name}: no model has the label space {space}; train on a dataset of "
            f"{', '.join(get_args(ModelSpace))}"
        )
    return entry.with_label_space(space)

"""The trainings that follow from the settings of the study, and their names."""

from collections.abc import Iterator, Sequence
from typing import TypedDict

from wildframe.core.study import ClipTraining
from wildframe.models.clips.networks import network_entry
from wildframe.studies.ego_exo.fields import ClipSchedule, EgoExoFields
from wildframe.studies.ego_exo.methods import BASELINE, MAPS, METHODS, OURS, FineTuning, Part, Term

Named = tuple[str, ClipTraining]

ABLATED: tuple[Part, ...] = ("multi_label", "verb_noun")
"""What every method is fine-tuned on."""

ENSEMBLE = "ensemble"
"""Begins names of ensembles: of both backbones, with and without auxiliary losses."""

ENSEMBLE_SIZE = 4


def finetunings(study: EgoExoFields) -> dict[FineTuning, str]:
    """Return the names of all fine-tunings, by what they are."""
    return {one: _finetuning_name(study, one) for one in _finetunings(study)}


def _finetunings(study: EgoExoFields) -> Iterator[FineTuning]:
    ablated = [part for part in ABLATED if part in study.parts()]
    for part in ablated:
        for method in _methods_of(study, part):
            if part in METHODS[method].parts:
                yield FineTuning(method, part, study.network)
        for method in _compared(study, part):
            yield from _with_auxiliary(study, FineTuning(method, part, study.network))
    for network in study.backbones.values():
        for part in study.parts():
            for method in _compared(study, part):
                yield FineTuning(method, part, network)
            if OURS in _compared(study, part):
                yield from _with_auxiliary(study, FineTuning(OURS, part, network))
    for network in study.other_backbones.values():
        for part in ablated:
            for method in _compared(study, part):
                yield FineTuning(method, part, network)
    if study.fractions and "verb_noun_100" in study.parts():
        for method in _compared(study, "verb_noun_100"):
            for percent in percents(study):
                yield FineTuning(method, "verb_noun_100", study.network, percent=percent)


def _methods_of(study: EgoExoFields, part: Part) -> list[str]:
    """Return the methods that are fine-tuned on a part."""
    chosen = study.parts()[part].methods
    return [name for name in study.methods if chosen is None or name in chosen]


def _compared(study: EgoExoFields, part: Part) -> list[str]:
    """Return those that the paper compares under every circumstance."""
    return [name for name in (BASELINE, OURS) if name in _methods_of(study, part)]


def _with_auxiliary(study: EgoExoFields, one: FineTuning) -> Iterator[FineTuning]:
    if study.parts()[one.part].auxiliary_weight:
        yield FineTuning(one.method, one.part, one.network, auxiliary=True)


def percents(study: EgoExoFields) -> list[int]:
    """Return the shares of training videos of Fig. S1, all of them last."""
    return [*(round(100 * share) for share in sorted(study.fractions)), 100]


def _finetuning_name(study: EgoExoFields, one: FineTuning) -> str:
    parts = [one.method, one.network, study.parts()[one.part].dataset]
    parts += ["aux"] if one.auxiliary else []
    parts += [f"{one.percent}pct"] if one.percent < 100 else []
    return "-".join(parts)


def ensemble_name(study: EgoExoFields, part: Part) -> str:
    """Return the name of the ensemble of a part."""
    return f"{ENSEMBLE}-{study.parts()[part].dataset}"


def ensembles(study: EgoExoFields) -> dict[str, list[str]]:
    """Return the trainings of the ensemble of each part that has all four, the best one last."""
    named = finetunings(study)
    found = {}
    for part in study.parts():
        members = [
            named[member]
            # R50 before R101, in whichever order the config names them.
            for _, network in sorted(study.backbones.items(), reverse=True)
            for auxiliary in (False, True)
            if (member := FineTuning(OURS, part, network, auxiliary)) in named
        ]
        if len(members) == ENSEMBLE_SIZE:
            found[ensemble_name(study, part)] = members
    return found


def comparisons(study: EgoExoFields) -> list[tuple[str, str]]:
    """Return the pairs of fine-tunings, and of ensembles, that are compared, by name."""
    named = finetunings(study)
    pairs = [
        (name, named[other])
        for one, name in named.items()
        if (other := one.compared_with) and other in named
    ]
    return pairs + [(name, members[-1]) for name, members in ensembles(study).items()]


def clip_trainings(study: EgoExoFields) -> dict[str, ClipTraining]:
    """Return the trainings by name; those that others start from, or learn from, first."""
    named = [*_classifier(study)] if study.viewpoints else []
    for one, name in finetunings(study).items():
        named += [*_pretraining(study, one), (name, _finetuning(study, one))]
    # The same parents stand before each of their children.
    return dict(named)


def classifier_name(study: EgoExoFields, one_view_per_pair: bool = False) -> str:
    """Return the name of the classifier of viewpoints."""
    return f"ego_classifier-{study.network}" + ("-no_pair" if one_view_per_pair else "")


def _classifier(study: EgoExoFields, one_view_per_pair: bool = False) -> Iterator[Named]:
    if not (study.viewpoints and study.ego_classifier):
        return
    baseline = FineTuning(BASELINE, "multi_label", study.network)
    yield from _pretraining(study, baseline)
    yield (
        classifier_name(study, one_view_per_pair),
        ClipTraining(
            network=study.network,
            dataset=study.viewpoints,
            task="viewpoint",
            seeds=tuple(study.pretraining_seeds[:1]),
            options=(
                *study.ego_classifier.options(),
                *study.sampling.options(),
                *(["--one-view-per-pair"] if one_view_per_pair else []),
            ),
            initial=pretraining_name(study, baseline),
            evaluated_on=(study.viewpoints,),
            views=(2, 1),
            **_steps(study, study.network, study.ego_classifier),
        ),
    )


def pretraining_name(study: EgoExoFields, one: FineTuning) -> str | None:
    """Return the name of the training that a fine-tuning starts from; None of none."""
    method = METHODS[one.method]
    if method.learns_from in ("nothing", "object_initial"):
        return None
    if method.learns_from == "viewpoints":
        return classifier_name(study)
    target = study.parts()[one.part].dataset if method.adapts else None
    learnt = BASELINE if method.appends else one.method
    return "-".join(filter(None, [learnt, one.network, target and f"to-{target}"]))


def _pretraining(study: EgoExoFields, one: FineTuning) -> Iterator[Named]:
    """Yield what is trained before a fine-tuning, each after what it starts or learns from."""
    method, name = METHODS[one.method], pretraining_name(study, one)
    if "ego" in (*method.distils, *method.appends) or method.learns_from == "viewpoints":
        yield from _classifier(study, method.one_view_per_pair)
    baseline = FineTuning(BASELINE, one.part, one.network)
    if method.embeds_pairs or method.appends:
        yield from _pretraining(study, baseline)
    if name is None or method.appends or method.learns_from == "viewpoints":
        return
    from_first = method.learns_from == "first_person"
    schedule = (study.embedding if method.embeds_pairs else None) or study.pretraining
    yield (
        name,
        ClipTraining(
            network=one.network,
            dataset=(study.first_person if from_first else None) or study.third_person,
            task="verb_noun" if from_first else "action",
            seeds=tuple(study.pretraining_seeds),
            options=(
                *schedule.options(),
                *study.sampling.options(),
                _weights(study, method.distils),
                *_losses(study, method.distils),
            ),
            initial=pretraining_name(study, baseline) if method.embeds_pairs else None,
            teachers=_teachers(study, method.distils, method.one_view_per_pair),
            unlabelled=study.parts()[one.part].dataset if method.adapts else None,
            pairs=study.pairs if method.embeds_pairs else None,
            **_steps(study, one.network, schedule),
        ),
    )


class _Steps(TypedDict):
    batch_size: int
    frames: int
    crop: int
    gpus: int


def _steps(study: EgoExoFields, network: str, schedule: ClipSchedule) -> _Steps:
    """Return what the steps of a training take: clips of some size, and GPUs that share them."""
    usual = network_entry(network)
    return {
        "batch_size": schedule.batch_size,
        "frames": study.sampling.frames or usual.frames,
        "crop": study.sampling.crop or usual.crop,
        "gpus": schedule.gpus,
    }


def _weights(study: EgoExoFields, terms: Sequence[Term]) -> str:
    """Return the weights of actions and some further terms as an option."""
    # The released recipe of actions alone has no weight of them.
    action = study.term_weights["action"] if terms else study.weights.get("action", 1)
    named = [
        f"action={action:.15g}",
        *(f"{term}={study.term_weights[term]:.15g}" for term in terms),
    ]
    return "--weights=" + ",".join(named)


def _losses(study: EgoExoFields, terms: Sequence[Term]) -> list[str]:
    """Return how pseudo-labels are learnt as options; other trainings do not depend on it."""
    form = f"--loss={study.loss}"
    return [form, f"--temperature={study.temperature:.15g}"] if terms else []


def _teachers(
    study: EgoExoFields, terms: Sequence[str], one_view_per_pair: bool = False
) -> dict[str, str]:
    found = {}
    if "ego" in terms:
        found["ego"] = classifier_name(study, one_view_per_pair)
    if "object" in terms:
        found["object"] = study.object_teacher or ""
    if set(MAPS) & {*terms}:
        found["interaction"] = ""
    return found


def _finetuning(study: EgoExoFields, one: FineTuning) -> ClipTraining:
    method, part = METHODS[one.method], study.parts()[one.part]
    weights = [f"{term}={part.auxiliary_weight:.15g}" for term in MAPS if one.auxiliary]
    return ClipTraining(
        network=one.network,
        dataset=part.dataset,
        task="multi_label" if one.part == "multi_label" else "verb_noun",
        seeds=tuple(study.seeds),
        options=(
            *part.schedule.options(),
            *study.sampling.options(),
            # Weights of maps in fine-tuning are published for this form only.
            *(["--loss=released"] if one.auxiliary else []),
            f"--weights={','.join(['action=1', *weights])}",
            *([f"--fraction={one.percent / 100:g}"] if one.percent < 100 else []),
        ),
        initial=pretraining_name(study, one),
        initial_model=study.object_initial if method.learns_from == "object_initial" else None,
        teachers=_teachers(study, MAPS if one.auxiliary else ()),
        appended=_teachers(study, method.appends),
        evaluated_on=(part.dataset,),
        views=(study.test_views.clips, study.test_views.crops),
        **_steps(study, one.network, part.schedule),
    )

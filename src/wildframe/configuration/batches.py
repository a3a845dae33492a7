"""Which small jobs share a process, whose start takes longer than they do.

Exports do in every run: a prediction that is there does not depend on when its export was made.
Others do where the config says so.

A batch is made of jobs of one rule that need the same data, which name it: with dots, which no name
of the config has, so that no two batches have one name. None of its jobs makes what another one
needs, directly or through other rules. What a dataset is, and its frames, is no batch's: a change
of one dataset would make all others anew.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain

from wildframe.configuration.settings import DEFAULT_VIEWS, Config
from wildframe.core.study import ClipTraining
from wildframe.models.zoo import ZooEntry

Job = dict[str, str]
"""The wildcards of a job, by name."""


_RUN_A_MODEL = {
    "models_finetune",
    "models_train_clips",
    "predictions_clip_objects",
    "predictions_clips",
    "predictions_gradcam",
    "predictions_run",
}


def batches(config: Config, zoo: Mapping[str, ZooEntry]) -> dict[str, dict[str, list[Job]]]:
    """Return the jobs of each batch, by rule and by what the batch is called.

    A model on a GPU has a job, and a GPU, of its own.

    Args:
        config: The configuration of the run.
        zoo: Its models, by name.
    """
    batch_of: dict[tuple[str, tuple[tuple[str, str], ...]], str] = {}
    where_asked = (
        _of_weights(zoo),
        _of_trainings(config),
        _of_images(config, zoo),
        _of_clips(config),
    )
    for rule, name, job in chain(
        _of_exports(config, zoo), *(where_asked if config.share_processes else ())
    ):
        batch_of.setdefault((rule, tuple(job.items())), name)
    found: defaultdict[str, defaultdict[str, list[Job]]] = defaultdict(lambda: defaultdict(list))
    for (rule, wildcards), name in batch_of.items():
        found[rule][name].append(dict(wildcards))
    on_gpu = set() if config.predictions.device == "cpu" else _RUN_A_MODEL
    return {
        rule: {
            # In whatever order the config names them, it is the same batch.
            name: sorted(jobs, key=lambda job: list(job.values()))
            for name, jobs in named.items()
            if len(jobs) > 1
        }
        for rule, named in found.items()
        if rule not in on_gpu
    }


_Named = Iterator[tuple[str, str, Job]]
"""Rule, name of the batch, and job."""


def _of_weights(zoo: Mapping[str, ZooEntry]) -> _Named:
    for entry in zoo.values():
        # Others may fail, for want of a network or of a user's file, or change with that file.
        if entry.package and not entry.training:
            yield "models_prepare", "packages", {"model": entry.checkpoint}


def _of_exports(config: Config, zoo: Mapping[str, ZooEntry]) -> _Named:
    if not config.predictions.exports:
        return
    for source in config.used_sources:
        for model, entry in zoo.items():
            # As above. The user's own files stop no others, either.
            origin = source if entry.package else entry.weights_file and f"{source}.own"
            if origin and config.evaluated_on(model, source):
                name = _after_training(origin, entry)
                yield "models_export", name, {"model": model, "source": source}


def _of_trainings(config: Config) -> _Named:
    for study in config.chosen.values():
        for model in study.trained():
            untrained, _, trained_as = model.partition("+")
            job = {"model": untrained, "training": trained_as}
            training = study.named_trainings()[trained_as]
            for lr in training.lrs:
                yield "models_finetune", training.dataset, {**job, "lr": f"{lr:.15g}"}
            yield "models_select", training.dataset, job
        for name, training in study.named_trainings().items():
            place = {"dataset": training.dataset, "view": training.view}
            # Those of several trainings together: they have no export, and each would load torch.
            batch = ".".join(place.values())
            for model in study.held_out_models(name):
                yield "predictions_run", f"{batch}.held_out", {**place, "model": model}
                yield "scores_image_results", f"{batch}.held_out", {**place, "evaluated": model}


def _of_images(config: Config, zoo: Mapping[str, ZooEntry]) -> _Named:
    for study in config.chosen.values():
        settings = study.named_models()
        mapped = {model for setting in study.explained() for model in settings[setting]}
        for dataset in study.used_datasets():
            for view in {**dict.fromkeys(study.views), **DEFAULT_VIEWS}:
                if config.views[view].streams or not config.can_show(view, dataset):
                    continue
                place = {"dataset": dataset, "view": view}
                # Beside the views of a study, boxes are shown where it asks for what framing does.
                framing = None if view in study.views else study.framing_of(dataset)
                for model in framing.models if framing else study.models_of(dataset):
                    name = f"{dataset}.{view}"
                    if model in config.external:
                        # Its file may be missing, which Snakemake would tell of its own job only.
                        continue
                    if model not in zoo:  # a detector
                        yield "scores_image_results", name, {**place, "evaluated": model}
                        continue
                    entry = zoo[model]
                    if model in mapped:
                        yield "predictions_gradcam", name, {**place, "model": model}
                    name = _after_training(name, entry)
                    yield "predictions_run", name, {**place, "model": model}
                    yield "scores_image_results", name, {**place, "evaluated": model}


def _after_training(name: str, entry: ZooEntry) -> str:
    """Return the name of the batch of a model: untrained ones do not wait for a training."""
    return f"{name}.trained" if entry.training else name


def _of_clips(config: Config) -> _Named:
    # First: what teachers say of a dataset must not wait for the models that learn from it.
    for study in config.chosen.values():
        for dataset, kind, teacher in study.clip_teachers():
            if kind == "object":
                job = {"dataset": dataset, "model": teacher}
                yield "predictions_clip_objects", teacher, job
            elif kind == "ego":
                first = str(config.clip_trainings[teacher].seeds[0])
                job = {"dataset": dataset, "clip_training": teacher, "seed": first}
                yield "predictions_clips", "teachers.ego", job
    levels = training_levels(config.clip_trainings)
    for name, training in config.clip_trainings.items():
        for seed in training.seeds:
            job = {"clip_training": name, "seed": str(seed)}
            yield "models_train_clips", f"level_{levels[name]}", job
            for dataset in training.evaluated_on:
                yield "predictions_clips", dataset, {"dataset": dataset, **job}


def training_levels(trainings: Mapping[str, ClipTraining]) -> dict[str, int]:
    """Return how many trainings each one of video models has to wait for, one after the other.

    Args:
        trainings: By name; those that others start from, or learn from, first.
    """
    levels: dict[str, int] = {}
    for name, one in trainings.items():
        needed = [one.initial, one.teachers.get("ego"), one.appended.get("ego")]
        levels[name] = 1 + max((levels[other] for other in needed if other), default=-1)
    return levels

"""What several rules look up about datasets of clips, and about trainings on them."""

import math
from itertools import chain

CLIPS = one_of(CONFIG.datasets_of("clips"))
CLIP_TEACHERS = {
    teacher for study in STUDIES.values() for teacher in study.clip_teachers()
}


def clip_training_of(wildcards):
    """Return a training of a video model."""
    return CONFIG.clip_trainings[wildcards.clip_training]


def clip_weights_of(name, seed):
    """Return the weights of a training of the same seed, or of its first; none without a name."""
    if not name:
        return []
    seeds = list(map(str, CONFIG.clip_trainings[name].seeds))
    made = rules.models_train_clips.output.weights
    return expand(made, clip_training=name, seed=seed if seed in seeds else seeds[0])


def initial_weights_of(training, seed):
    """Return the weights that a training starts from: a training's, a model's, or none."""
    if training.initial_model:
        return weights_of(training.initial_model)
    return clip_weights_of(training.initial, seed)


def processes_of(wildcards):
    """Return how many processes share the steps of a training: one a GPU."""
    return max(1, GPUS_A_MODEL * clip_training_of(wildcards).gpus)


def training_memory(wildcards, attempt):
    """Return what a training asks for in MB: its processes, and the clips that wait for them."""
    training, processes = clip_training_of(wildcards), processes_of(wildcards)
    peak = 1200 * processes + training.clips_mb
    return memory(peak, GPUS_A_MODEL * processes)(wildcards, attempt)


def prediction_memory(wildcards, attempt):
    """Return what predictions of clips ask for in MB: views for the network and for each thread."""
    training = clip_training_of(wildcards)
    # Measured: most of all networks, swin3d_t makes 200 times a view of it, one at a time on a CPU.
    held = (THREADS_A_MODEL + 1) * math.prod(training.views)
    peak = 1100 + (held + (0 if GPUS_A_MODEL else 200)) * training.view_mb
    return memory(round(peak), GPUS_A_MODEL)(wildcards, attempt)


def view_options(wildcards):
    """Return how many views of each clip are predicted, as options."""
    stretches, crops = clip_training_of(wildcards).views
    return [f"--views={stretches}", f"--crops={crops}"]


def clip_lessons(wildcards):
    """Return what a video model learns from, by option."""
    training = clip_training_of(wildcards)
    files = {
        "clips": kept_clips_of(training.dataset),
        "manifest": ancient(clips_manifest_of(training.dataset)),
        "shown": hashes_behind(wildcards.clip_training),
        "classes": clip_classes_of(training.dataset),
        "initial": initial_weights_of(training, wildcards.seed),
        "appended": appended_to(training, training.dataset),
        **label_options(training.dataset, training.teachers),
    }
    further = {"unlabelled": training.unlabelled, "pairs": training.pairs}
    for option, dataset in further.items():
        if dataset:
            files[option] = kept_clips_of(dataset)
            files[f"{option}-manifest"] = ancient(clips_manifest_of(dataset))
    return files


def trainings_behind(name):
    """Return a training and those that it starts from or is taught by, directly or through others."""
    training = CONFIG.clip_trainings[name]
    ego = training.teachers.get("ego"), training.appended.get("ego")
    before = filter(None, (training.initial, *ego))
    return [name, *chain.from_iterable(map(trainings_behind, before))]


def hashes_behind(name):
    """Return the hashes of all clips that a training, or one before it, learns from.

    Of the jobs that wait for a checkpoint, here manifests_clips, Snakemake (9.27) asks only those that
    name its files whether they are still due: so each one names those of all that it waits for.
    """
    names = trainings_behind(name)
    if CONFIG.share_processes and not GPUS_A_MODEL:
        # Those of one level share a process, and wait for each other's clips.
        levels = training_levels(CONFIG.clip_trainings)
        names = [other for other, level in levels.items() if level <= levels[name]]
    made, parts = rules.manifests_clips.output, []
    for training in map(CONFIG.clip_trainings.get, names):
        # Pairs are told by viewpoints, which are labels, too.
        parts += [(training.dataset, made.learnt), (training.pairs, made.learnt)]
        parts += [(training.unlabelled, made.shown)]
    found = (expand(part, dataset=dataset) for dataset, part in parts if dataset)
    return list(dict.fromkeys(chain.from_iterable(found)))


def appended_to(training, dataset):
    """Return the pseudo-labels whose embeddings a video model sees beside clips of a dataset."""
    return [
        path
        for kind, teacher in training.appended.items()
        for path in pseudo_labels_of(dataset, kind, teacher)
    ]


def clips_to_predict(wildcards):
    """Return the clips that a video model predicts, by option: all if others learn from them."""
    training, dataset = clip_training_of(wildcards), wildcards.dataset
    told = shown_clips_of(dataset, wildcards.clip_training)
    is_tested = dataset in training.evaluated_on
    is_tested &= (dataset, "ego", wildcards.clip_training) not in CLIP_TEACHERS
    return {
        "clips": kept_clips_of(dataset),
        "manifest": told["manifest"] if is_tested else [],
        "shown": told["shown"],
        "appended": appended_to(training, dataset),
    }


def clips_manifest_of(dataset):
    """Return the manifest of a dataset of clips."""
    return expand(rules.manifests_clips.output.manifest, dataset=dataset)


def shown_clips_of(dataset, training=None):
    """Return this manifest for what reads no label of it, and hashes that say when that is due.

    What comes of a training is due with what the training learns from, too.
    """
    shown = expand(rules.manifests_clips.output.shown, dataset=dataset)
    learnt = hashes_behind(training) if training else []
    return {
        "manifest": ancient(clips_manifest_of(dataset)),
        "shown": list(dict.fromkeys([*shown, *learnt])),
    }


def clip_classes_of(dataset):
    """Return the classes of a dataset of clips."""
    return expand(rules.manifests_clips.output.classes, dataset=dataset)


def kept_clips_of(dataset):
    """Return the shards with the kept frames of a dataset of clips."""
    return expand(rules.frames_clips.output, dataset=dataset, shard=SHARDS)


def pseudo_labels_of(dataset, kind, teacher):
    """Return what a teacher says of the clips of a dataset; none of a dataset without boxes."""
    if kind == "interaction":
        has_boxes = CONFIG.datasets[dataset].interactions
        made = rules.predictions_interactions.output
        return expand(made, dataset=dataset) if has_boxes else []
    if kind == "object":
        made = rules.predictions_clip_objects.output
        return expand(made, dataset=dataset, model=teacher)
    seed = CONFIG.clip_trainings[teacher].seeds[0]
    return clip_predictions_of(dataset, teacher, [seed])


def label_options(dataset, teachers):
    """Return what teachers say of the clips of a dataset, by option."""
    options = {
        "ego": "ego-scores",
        "object": "object-scores",
        "interaction": "interactions",
    }
    return {
        options[kind]: pseudo_labels_of(dataset, kind, teacher)
        for kind, teacher in teachers.items()
    }


def clip_predictions_of(dataset, training, seeds):
    """Return the predictions of a video model on a dataset of clips."""
    made = rules.predictions_clips.output
    return expand(made, dataset=dataset, clip_training=training, seed=seeds)


def teachers_of(study):
    """Return all pseudo-labels that a study asks for."""
    return [
        path
        for dataset, kind, teacher in study.clip_teachers()
        for path in pseudo_labels_of(dataset, kind, teacher)
    ]


def evaluated_trainings(wildcards):
    """Return the trainings that a study evaluates on a dataset of clips, by name."""
    return {
        name: training
        for name, training in study_of(wildcards).clip_trainings().items()
        if wildcards.dataset in training.evaluated_on
    }


def evaluated_predictions(wildcards):
    """Return the predictions of all seeds of these."""
    return [
        path
        for name, training in evaluated_trainings(wildcards).items()
        for path in clip_predictions_of(wildcards.dataset, name, training.seeds)
    ]


def clip_scoring_options(wildcards):
    """Return how these are scored: by which metrics, which ensembles, and what is compared."""
    trainings, study = evaluated_trainings(wildcards), study_of(wildcards)
    ensembles = {
        name: members
        for name, members in study.clip_ensembles().items()
        if trainings.keys() >= {*members}
    }
    known = {*trainings, *ensembles}
    several = any(training.task == "multi_label" for training in trainings.values())
    return [
        *(["--multi-label"] if several else []),
        *(f"--ensemble={name}={','.join(ensembles[name])}" for name in ensembles),
        *(f"--pair={a}={b}" for a, b in study.clip_comparisons() if {a, b} <= known),
    ]


def failure_files(wildcards):
    """Return results of models of images, and what teachers say of the clips of these images."""
    failures = study_of(wildcards).failures_of(wildcards.dataset)
    labels = label_options(failures.clips, failures.teachers)
    files = {name: paths for name, paths in labels.items() if paths}
    if "interactions" in files:
        files["clips"] = kept_clips_of(failures.clips)
        files["manifest"] = clips_manifest_of(failures.clips)
    results = results_of(wildcards.dataset, "full", failures.models)
    return {"results": results, **files}

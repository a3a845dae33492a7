"""What several rules look up about datasets of clips, and about trainings on them."""


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


def clip_lessons(wildcards):
    """Return what a video model learns from, by option."""
    training = clip_training_of(wildcards)
    options = {
        "ego": "ego-scores",
        "object": "object-scores",
        "interaction": "interactions",
    }
    files = {
        "clips": kept_clips_of(training.dataset),
        "manifest": clips_manifest_of(training.dataset),
        "classes": clip_classes_of(training.dataset),
        "initial": clip_weights_of(training.initial, wildcards.seed),
        "append": appended_to(training, training.dataset),
    }
    for kind, teacher in training.teachers.items():
        files[options[kind]] = pseudo_labels_of(training.dataset, kind, teacher)
    further = {"unlabelled": training.unlabelled, "pairs": training.pairs}
    for option, dataset in further.items():
        if dataset:
            files[option] = kept_clips_of(dataset)
            files[f"{option}-manifest"] = clips_manifest_of(dataset)
    return files


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
    taught = {
        teacher for study in STUDIES.values() for teacher in study.clip_teachers()
    }
    is_tested = dataset in training.evaluated_on
    is_tested &= (dataset, "ego", wildcards.clip_training) not in taught
    return {
        "clips": kept_clips_of(dataset),
        "manifest": clips_manifest_of(dataset) if is_tested else [],
        "append": appended_to(training, dataset),
    }


def launcher_of(wildcards):
    """Return the command that a training of a video model begins with: one process a GPU."""
    gpus = clip_training_of(wildcards).gpus if GPUS_A_MODEL else 1
    several = f"torchrun --standalone --nproc-per-node={gpus} -m wildframe"
    return several if gpus > 1 else "wildframe"


def clips_manifest_of(dataset):
    """Return the manifest of a dataset of clips."""
    return expand(rules.manifests_clips.output.manifest, dataset=dataset)


def clip_classes_of(dataset):
    """Return the classes of a dataset of clips."""
    return expand(rules.manifests_clips.output.classes, dataset=dataset)


def kept_clips_of(dataset):
    """Return the shards with the kept frames of a dataset of clips."""
    return expand(rules.frames_clips.output, dataset=dataset, shard=SHARDS)

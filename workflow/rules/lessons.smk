"""What trainings of video models learn from, and what their predictions need."""


def clip_training_of(wildcards):
    """Return a training of a video model."""
    return CONFIG.clip_trainings[wildcards.clip_training]


def clip_weights_of(training, seed):
    """Return the weights of a training; of its first seed where it has not this one."""
    seeds = CONFIG.clip_trainings[training].seeds
    chosen = int(seed) if int(seed) in seeds else seeds[0]
    made = rules.models_train_clips.output.weights
    return expand(made, clip_training=training, seed=chosen)


def lessons_of(wildcards):
    """Return the files that a training learns from, by their option."""
    training = clip_training_of(wildcards)
    dataset = training.dataset
    files = {
        "clips": kept_clips_of(dataset),
        "manifest": clips_manifest_of(dataset),
        "classes": clip_classes_of(dataset),
        **taught_by(dataset, training.teachers),
        "append": appended_to(dataset, training),
    }
    if training.initial:
        files["initial"] = clip_weights_of(training.initial, wildcards.seed)
    for name, other in (("unlabelled", training.unlabelled), ("pairs", training.pairs)):
        if other:
            files[name] = kept_clips_of(other)
            files[f"{name}_manifest"] = clips_manifest_of(other)
    return files


def taught_by(dataset, teachers):
    """Return the pseudo-labels of teachers, by their option."""
    options = {
        "ego": "ego_scores",
        "object": "object_scores",
        "interaction": "interactions",
    }
    return {
        options[kind]: pseudo_labels_of(dataset, kind, name)
        for kind, name in teachers.items()
    }


def appended_to(dataset, training):
    """Return the predictions whose embeddings a training sees, in their order."""
    return [
        path
        for kind, name in training.appended.items()
        for path in pseudo_labels_of(dataset, kind, name)
    ]


def clip_prediction_files(wildcards):
    """Return the files that predictions of a training are made of, by their option."""
    training, dataset = clip_training_of(wildcards), wildcards.dataset
    return {
        "weights": clip_weights_of(wildcards.clip_training, wildcards.seed),
        "clips": kept_clips_of(dataset),
        "manifest": clips_manifest_of(dataset) if of_test_clips(wildcards) else [],
        "append": appended_to(dataset, training),
    }


def clip_prediction_options(wildcards):
    """Return how clips are predicted, and whether only those of the test split."""
    only_test = ["--split=test"] if of_test_clips(wildcards) else []
    return [*clip_training_of(wildcards).prediction_options, *only_test]


def of_test_clips(wildcards):
    """Tell whether only test clips are predicted: of teachers, all are."""
    taught = {
        (dataset, name)
        for study in STUDIES.values()
        for dataset, _, name in study.clip_teachers()
    }
    return (wildcards.dataset, wildcards.clip_training) not in taught

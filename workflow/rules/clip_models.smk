"""Stations 6 and 7, of clips: trainings of video models, and their predictions."""


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


rule models_train_clips:
    input:
        unpack(lessons_of),
    output:
        weights="<results>/models/clips/{clip_training}/seed-{seed}.safetensors",
        history="<results>/models/clips/{clip_training}/seed-{seed}.parquet",
    log:
        "<logs>/models/clips/{clip_training}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/models/clips/{clip_training}.seed-{seed}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
    params:
        code=code_hash("models.commands:train_clips"),
        training=lambda wildcards: [
            f"--network={clip_training_of(wildcards).network}",
            f"--task={clip_training_of(wildcards).task}",
            *clip_training_of(wildcards).options,
        ],
        device=CONFIG.predictions.device,
        threads=THREADS_A_MODEL,
        lessons=input_options,
    shell:
        "wildframe models train-clips {params.lessons:q} {params.training:q} --seed {wildcards.seed}"
        " --output {output.weights:q} --history {output.history:q} --device {params.device:q}"
        " --threads {params.threads} &> {log:q}"


rule predictions_clips:
    input:
        unpack(clip_prediction_files),
    output:
        "<results>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.parquet",
    log:
        "<logs>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.datasets_of("clips")),
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
    params:
        code=code_hash("predictions.commands:clips"),
        options=lambda wildcards: clip_prediction_options(wildcards),
        device=CONFIG.predictions.device,
        threads=THREADS_A_MODEL,
        batch_size=CONFIG.predictions.batch_size,
        files=input_options,
    shell:
        "wildframe predictions clips {params.files:q} {params.options:q} --output {output:q}"
        " --device {params.device:q} --batch-size {params.batch_size} --threads {params.threads}"
        " &> {log:q}"


rule predictions_clip_gradcam:
    input:
        weights=lambda wildcards: clip_weights_of(
            wildcards.clip_training, wildcards.seed
        ),
        clips=lambda wildcards: kept_clips_of(wildcards.dataset),
        manifest=lambda wildcards: clips_manifest_of(wildcards.dataset),
    output:
        "<results>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.gradcam.parquet",
    log:
        "<logs>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.gradcam.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.gradcam.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
    params:
        code=code_hash("predictions.teacher_commands:clip_gradcam"),
        device=CONFIG.predictions.device,
        threads=THREADS_A_MODEL,
        clips=lambda wildcards, input: options_of({"clips": input.clips}),
    shell:
        "wildframe predictions clip-gradcam --weights {input.weights:q} {params.clips:q}"
        " --manifest {input.manifest:q} --output {output:q} --device {params.device:q}"
        " --threads {params.threads} &> {log:q}"

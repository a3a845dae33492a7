"""Station 6: weights as an artifact."""


rule models_prepare:
    input:
        lambda wildcards: given(ZOO[wildcards.model].files()),
    output:
        "<results>/models/{model}/weights.safetensors",
    log:
        "<logs>/models/{model}.log",
    benchmark:
        "<benchmarks>/models/{model}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    resources:
        mem_mb=preparing_memory,
    params:
        code=code_hash("models.commands:prepare"),
        files=lambda wildcards: file_states(ZOO[wildcards.model].files()),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        names=lambda wildcards: names_of_classes(wildcards.model),
        options=lambda wildcards: own_options(wildcards.model),
    shell:
        "wildframe models prepare {wildcards.model} {params.options:q} --output {output:q}"
        " &> {log:q}"


rule models_prepare_detector:
    output:
        "<results>/models/{detector}/weights.detector",
    log:
        "<logs>/models/{detector}.log",
    benchmark:
        "<benchmarks>/models/{detector}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    resources:
        mem_mb=detector_memory(1450),
    params:
        code=code_hash("models.commands:prepare_detector"),
        entry=lambda wildcards: DETECTORS[wildcards.detector].facts,
    shell:
        "wildframe models prepare-detector {wildcards.detector} --output {output:q} &> {log:q}"


# On a login node: no other job then asks a hub.
rule prefetch:
    input:
        expand(
            rules.models_prepare.output,
            model=sorted({entry.checkpoint for entry in ZOO.values()}),
        ),
        expand(rules.models_prepare_detector.output, detector=DETECTORS),
    log:
        "<logs>/prefetch.log",
    localrule: True


rule models_finetune:
    input:
        unpack(lambda wildcards: due(training_of(wildcards).dataset)),
        weights=lambda wildcards: weights_of(wildcards.model),
        split=lambda wildcards: expand(
            rules.manifests_split.output,
            dataset=training_of(wildcards).dataset,
            training=wildcards.training,
        ),
        manifest=lambda wildcards: manifest_of(training_of(wildcards).dataset),
        preprocessed=lambda wildcards: preprocessed_images(
            training_of(wildcards).dataset,
            training_of(wildcards).view,
            wildcards.model,
        ),
        classes=rules.labels_classes.output,
    output:
        weights="<results>/models/{model}/{training}/lr-{lr}.safetensors",
        history="<results>/models/{model}/{training}/lr-{lr}.parquet",
    log:
        "<logs>/models/{model}.{training}.lr-{lr}.log",
    benchmark:
        "<benchmarks>/models/{model}.{training}.lr-{lr}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=model_memory(1750, 8, GPUS_A_MODEL),
    params:
        code=code_hash("models.commands:finetune"),
        how_shown=lambda wildcards: how_shown(training_of(wildcards).view),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        running=ON_DEVICE,
        label_space=lambda wildcards: CONFIG.label_space_of(
            training_of(wildcards).dataset
        ),
        targets_sha256=lambda wildcards: targets_sha256(
            CONFIG.label_space_of(training_of(wildcards).dataset)
        ),
        options=lambda wildcards: list(training_of(wildcards).options),
    shell:
        "wildframe models finetune {wildcards.model} --weights {input.weights:q}"
        " --split {input.split:q} --manifest {input.manifest:q} --preprocessed {input.preprocessed:q}"
        " --classes {input.classes:q} --label-space {params.label_space:q}"
        " --output {output.weights:q} --history {output.history:q}"
        " {params.running:q} --lr {wildcards.lr} {params.options:q} &> {log:q}"


rule models_select:
    input:
        weights=lambda wildcards: expand(
            rules.models_finetune.output.weights,
            lr=[f"{lr:.15g}" for lr in training_of(wildcards).lrs],
            allow_missing=True,
        ),
        histories=lambda wildcards: expand(
            rules.models_finetune.output.history,
            lr=[f"{lr:.15g}" for lr in training_of(wildcards).lrs],
            allow_missing=True,
        ),
    output:
        weights="<results>/models/{model}/{training}.safetensors",
        history="<results>/models/{model}/{training}.parquet",
    log:
        "<logs>/models/{model}.{training}.log",
    benchmark:
        "<benchmarks>/models/{model}.{training}.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    resources:
        mem_mb=memory(400),
    params:
        code=code_hash("models.commands:select"),
        histories=lambda wildcards, input: [
            f"--history={path}" for path in input.histories
        ],
    shell:
        "wildframe models select {input.weights:q} {params.histories:q}"
        " --output {output.weights:q} --best-history {output.history:q} &> {log:q}"


rule models_train_clips:
    input:
        unpack(clip_lessons),
    output:
        weights="<results>/models/clips/{clip_training}/seed-{seed}.safetensors",
        history="<results>/models/clips/{clip_training}/seed-{seed}.parquet",
    log:
        "<logs>/models/clips/{clip_training}/seed-{seed}.log",
    benchmark:
        "<benchmarks>/models/clips/{clip_training}/seed-{seed}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: lambda wildcards: THREADS_A_MODEL * processes_of(wildcards)
    resources:
        gpu=lambda wildcards: GPUS_A_MODEL * processes_of(wildcards),
        mem_mb=training_memory,
    params:
        code=code_hash("models.commands:train_clips"),
        network=lambda wildcards: clip_training_of(wildcards).network,
        task=lambda wildcards: clip_training_of(wildcards).task,
        # A machine may have fewer GPUs than the schedule asks for.
        processes=lambda wildcards, resources: min(
            processes_of(wildcards), resources.gpu or 1
        ),
        running=ON_DEVICE,
        inputs=input_options,
        options=lambda wildcards: list(clip_training_of(wildcards).options),
    shell:
        "wildframe models train-clips --network {params.network} --task {params.task}"
        " {params.inputs:q} {params.options:q} --seed {wildcards.seed}"
        " --output {output.weights:q} --history {output.history:q} --processes {params.processes}"
        " {params.running:q} &> {log:q}"


# For each source, so that no study waits for the data of another. Predictions take it as `ancient`, and
# it the images: see frames.smk for why it is a checkpoint.
rule models_export:
    input:
        weights=lambda wildcards: weights_of(wildcards.model),
        # Only a sample to compare it on: others are no reason to run the models again.
        preprocessed=lambda wildcards: ancient(
            sample_of(wildcards.model, wildcards.source)
        ),
    output:
        onnx="<results>/models/{model}/export.{source}.onnx",
        facts="<results>/models/{model}/export.{source}.json",
    log:
        "<logs>/models/{model}.export.{source}.log",
    benchmark:
        "<benchmarks>/models/{model}.export.{source}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    resources:
        mem_mb=model_memory(2500, 4),
        runtime=240,
    params:
        code=code_hash("models.commands:export"),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
    shell:
        "wildframe models export {wildcards.model} --weights {input.weights:q}"
        " --preprocessed {input.preprocessed:q} --output {output.onnx:q} --facts {output.facts:q}"
        " &> {log:q}"


rules.models_export.rule.is_checkpoint = CONFIG.frames.keep_preprocessed

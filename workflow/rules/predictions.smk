"""Station 7: the predictions of each model; these rules and training need a GPU."""


rule predictions_run:
    input:
        unpack(images_shown),
        unpack(export_of),
        weights=lambda wildcards: weights_of(wildcards.model),
    output:
        "<results>/predictions/{dataset}/{view}/{model}.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{model}.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{model}.tsv"
    wildcard_constraints:
        view=one_of(
            name
            for name in CONFIG.views
            if name not in ZOOM_VIEWS and name not in ADAPTED_VIEWS
        ),
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=model_memory(1500, 2, GPUS_A_MODEL),
    params:
        code=code_hash("predictions.commands:run"),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        running=AT_PRECISION,
        export=export_code,
        how_shown=lambda wildcards: how_shown(wildcards.view),
        view=streamed_view_options,
        inputs=input_options,
    shell:
        "wildframe predictions run {wildcards.model} {params.inputs:q} {params.view:q}"
        " --output {output:q} {params.running:q} &> {log:q}"


# Beside the predictions on images, those on each of their crops. What a job that was stopped has left
# in the folder <model>.parts is used by the next.
rule predictions_zoom:
    input:
        unpack(images_shown),
        unpack(export_of),
        weights=lambda wildcards: weights_of(wildcards.model),
    output:
        images="<results>/predictions/{dataset}/{view}/{model}.parquet",
        crops="<results>/predictions/{dataset}/{view}/{model}.zoom.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{model}.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{model}.tsv"
    wildcard_constraints:
        view=one_of(ZOOM_VIEWS),
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=model_memory(1700, 2, GPUS_A_MODEL),
    params:
        code=code_hash("predictions.frame_commands:zoom"),
        targets_sha256=targets_of,
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        running=AT_PRECISION,
        export=export_code,
        kind=lambda wildcards: code_hash(view_of(wildcards).code),
        # Label spaces of models and datasets, and the hypernyms of WordNet.
        lists=lists_sha256(),
        view=lambda wildcards: view_of(wildcards).model_dump_json(),
        space=lambda wildcards: dataset_of(wildcards).space_options,
        inputs=input_options,
    shell:
        "wildframe predictions zoom {wildcards.model} {params.inputs:q} --view {params.view:q}"
        " {params.space:q} --code {params.code}-{params.kind} --output {output.images:q}"
        " --crops {output.crops:q} {params.running:q} &> {log:q}"


# An inference mode beside the view, in the place of a view of its own. It goes on as zoom does.
rule predictions_adapt:
    input:
        unpack(images_shown),
        weights=lambda wildcards: weights_of(wildcards.model),
    output:
        "<results>/predictions/{dataset}/{view}/{model}.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{model}.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{model}.tsv"
    wildcard_constraints:
        view=one_of(ADAPTED_VIEWS),
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=model_memory(1650, 4, GPUS_A_MODEL),
    params:
        code=code_hash("predictions.frame_commands:adapt"),
        targets_sha256=targets_of,
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        running=IN_BATCHES,
        kind=lambda wildcards: code_hash(view_of(wildcards).code),
        lists=lists_sha256(),
        view=lambda wildcards: view_of(wildcards).model_dump_json(),
        space=lambda wildcards: dataset_of(wildcards).space_options,
        inputs=input_options,
    shell:
        "wildframe predictions adapt {wildcards.model} {params.inputs:q} --view {params.view:q}"
        " {params.space:q} --code {params.code}-{params.kind} --output {output:q}"
        " {params.running:q} &> {log:q}"


rule predictions_gradcam:
    input:
        unpack(lambda wildcards: due(wildcards.dataset)),
        weights=lambda wildcards: weights_of(wildcards.model),
        preprocessed=preprocessed_of,
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        "<results>/predictions/{dataset}/{view}/{model}.gradcam.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{model}.gradcam.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{model}.gradcam.tsv"
    wildcard_constraints:
        view=one_of(KEPT_VIEWS),
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=model_memory(2300, 2, GPUS_A_MODEL),
    params:
        code=code_hash("predictions.commands:gradcam"),
        targets_sha256=targets_of,
        how_shown=lambda wildcards: how_shown(wildcards.view),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        layer=lambda wildcards: ZOO[wildcards.model].gradcam_layer,
        running=IN_BATCHES,
        # Label spaces of models and datasets, and the hypernyms of WordNet.
        lists=lists_sha256(),
        space=lambda wildcards: dataset_of(wildcards).space_options,
    shell:
        "wildframe predictions gradcam {wildcards.model} --weights {input.weights:q}"
        " --preprocessed {input.preprocessed:q} --manifest {input.manifest:q} {params.space:q}"
        " --output {output:q} {params.running:q} &> {log:q}"


# Of images whose predicted class adaptation changes.
rule predictions_gradcam_adapted:
    input:
        unpack(images_shown),
        weights=lambda wildcards: weights_of(wildcards.model),
        before=before_adaptation,
        after=rules.predictions_adapt.output,
    output:
        "<results>/predictions/{dataset}/{view}/{model}.gradcam.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{model}.gradcam.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{model}.gradcam.tsv"
    wildcard_constraints:
        view=one_of(ADAPTED_VIEWS),
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=model_memory(1650, 4, GPUS_A_MODEL),
    params:
        code=code_hash("predictions.frame_commands:gradcam_adapted"),
        targets_sha256=targets_of,
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        layer=lambda wildcards: ZOO[wildcards.model].gradcam_layer,
        running=ON_DEVICE,
        kind=lambda wildcards: code_hash(view_of(wildcards).code),
        view=lambda wildcards: view_of(wildcards).model_dump_json(),
        space=lambda wildcards: dataset_of(wildcards).space_options,
        inputs=input_options,
    shell:
        "wildframe predictions gradcam-adapted {wildcards.model} {params.inputs:q}"
        " --view {params.view:q} {params.space:q} --output {output:q} {params.running:q} &> {log:q}"


rule predictions_clips:
    input:
        unpack(clips_to_predict),
        weights=lambda wildcards: clip_weights_of(
            wildcards.clip_training, wildcards.seed
        ),
    output:
        "<results>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.parquet",
    log:
        "<logs>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.tsv"
    wildcard_constraints:
        dataset=CLIPS,
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=prediction_memory,
    params:
        code=code_hash("predictions.commands:clips"),
        running=IN_BATCHES,
        inputs=input_options,
        split=lambda wildcards, input: ["--split=test"] if input.get("manifest") else [],
        options=view_options,
    shell:
        "wildframe predictions clips {params.inputs:q} {params.split} {params.options:q}"
        " --output {output:q} {params.running:q} &> {log:q}"


rule predictions_clip_gradcam:
    input:
        unpack(
            lambda wildcards: shown_clips_of(
                wildcards.dataset, wildcards.clip_training
            )
        ),
        weights=lambda wildcards: clip_weights_of(
            wildcards.clip_training, wildcards.seed
        ),
        clips=lambda wildcards: kept_clips_of(wildcards.dataset),
    output:
        "<results>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.gradcam.parquet",
    log:
        "<logs>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.gradcam.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/clips/{clip_training}.seed-{seed}.gradcam.tsv"
    wildcard_constraints:
        dataset=CLIPS,
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=memory(1100, GPUS_A_MODEL),
    params:
        code=code_hash("predictions.teacher_commands:clip_gradcam"),
        running=ON_DEVICE,
        inputs=input_options,
    shell:
        "wildframe predictions clip-gradcam {params.inputs:q} --output {output:q}"
        " {params.running:q} &> {log:q}"


# External predictions have the path of a model's own.
rule predictions_import:
    input:
        unpack(what_is_evaluated),
        predictions=lambda wildcards: given([external_of(wildcards).predictions]),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        "<results>/predictions/{dataset}/{view}/{external}.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{external}.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{external}.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("predictions.commands:import_predictions"),
        file=lambda wildcards: file_states([external_of(wildcards).file()]),
        # Label spaces of models and datasets, and the hypernyms of WordNet.
        lists=lists_sha256(),
        targets_sha256=lambda wildcards: targets_sha256(space_of_import(wildcards)),
        label_space=space_of_import,
        needed=evaluated_options,
    shell:
        "wildframe predictions import {input.predictions:q} --name {wildcards.external}"
        " --manifest {input.manifest:q} {params.needed:q} --label-space {params.label_space:q}"
        " --output {output:q} &> {log:q}"


rule predictions_clip_objects:
    input:
        weights=lambda wildcards: weights_of(wildcards.model),
        clips=lambda wildcards: kept_clips_of(wildcards.dataset),
        # As in frames_clips: only to be asked again.
        shown=lambda wildcards: ancient(shown_clips_of(wildcards.dataset)["shown"]),
    output:
        "<results>/predictions/{dataset}/objects/{model}.parquet",
    log:
        "<logs>/predictions/{dataset}/objects/{model}.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/objects/{model}.tsv"
    wildcard_constraints:
        dataset=CLIPS,
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=model_memory(1550, 2, GPUS_A_MODEL),
    params:
        code=code_hash("predictions.teacher_commands:clip_objects"),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        running=IN_BATCHES,
        frames=f"--frames={CONFIG.predictions.clip_frames}",
        clips=lambda wildcards, input: options_of({"clips": input.clips}),
    shell:
        "wildframe predictions clip-objects {wildcards.model} --weights {input.weights:q}"
        " {params.clips:q} {params.frames} --output {output:q} {params.running:q} &> {log:q}"


# No rule makes the boxes: `wildframe predictions hands` is one way.
rule predictions_interactions:
    input:
        unpack(lambda wildcards: shown_clips_of(wildcards.dataset)),
        boxes=lambda wildcards: given(dataset_of(wildcards).interactions),
    output:
        "<results>/predictions/{dataset}/interactions.parquet",
    log:
        "<logs>/predictions/{dataset}/interactions.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/interactions.tsv"
    wildcard_constraints:
        dataset=one_of(
            name
            for name in CONFIG.datasets_of("clips")
            if CONFIG.datasets[name].interactions
        ),
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("predictions.teacher_commands:interactions"),
        boxes=lambda wildcards: file_states([dataset_of(wildcards).interactions]),
    shell:
        "wildframe predictions interactions --boxes {input.boxes:q} --manifest {input.manifest:q}"
        " --output {output:q} &> {log:q}"


rule predictions_detect:
    input:
        unpack(lambda wildcards: shown_of(wildcards.dataset)),
        weights=rules.models_prepare_detector.output,
    output:
        "<results>/predictions/{dataset}/{view}/{detector}.detections.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{detector}.detections.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{detector}.detections.tsv"
    wildcard_constraints:
        # Detectors are shown whole images.
        view="full",
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
        mem_mb=detector_memory(2050, GPUS_A_MODEL),
    params:
        code=code_hash("predictions.commands:detect"),
        entry=lambda wildcards: DETECTORS[wildcards.detector].facts,
        running=IN_BATCHES,
    shell:
        "wildframe predictions detect {wildcards.detector} {input.frames:q}"
        " --statuses {input.statuses:q} --weights {input.weights:q} --output {output:q}"
        " {params.running:q} &> {log:q}"


# What the teachers of a study say of its clips, whatever is trained with it.
for STUDY, CHOSEN in STUDIES.items():
    if CHOSEN.clip_teachers():

        rule:
            name:
                f"{STUDY}_teachers"
            input:
                teachers_of(CHOSEN),
            log:
                f"<logs>/{STUDY}_teachers.log",
            localrule: True

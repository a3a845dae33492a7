"""Station 8, of clips: metrics of video models, and what clips say of models of images."""


# Of all trainings of video models that a study evaluates on a dataset of clips.
rule scores_clips:
    input:
        predictions=evaluated_predictions,
        manifest=lambda wildcards: clips_manifest_of(wildcards.dataset),
        classes=lambda wildcards: clip_classes_of(wildcards.dataset),
        subsets=lambda wildcards: given(dataset_of(wildcards).subset_files.values()),
    output:
        scores="<results>/scores/{dataset}/clips/{study}/scores.parquet",
        classes="<results>/scores/{dataset}/clips/{study}/classes.parquet",
        pairs="<results>/scores/{dataset}/clips/{study}/pairs.parquet",
    log:
        "<logs>/scores/{dataset}/clips/{study}/scores.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/clips/{study}/scores.tsv"
    wildcard_constraints:
        dataset=CLIPS,
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.clip_commands:clips"),
        # Tables have this order.
        trainings=lambda wildcards: list(evaluated_trainings(wildcards)),
        lists=lambda wildcards: file_states(dataset_of(wildcards).subset_files.values()),
        subsets=lambda wildcards: options_of(dataset_of(wildcards).subset_files),
        options=clip_scoring_options,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores clips {input.predictions:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} {params.subsets:q} {params.options:q} --seed {params.seed}"
        " --output {output.scores:q} --class-scores {output.classes:q} --pairs {output.pairs:q}"
        " &> {log:q}"


# Of models of images, on frames of clips of which teachers say how egocentric they are.
rule scores_failure_predictors:
    input:
        unpack(failure_files),
    output:
        "<results>/scores/{dataset}/{study}.failure_predictors.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.failure_predictors.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.failure_predictors.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.clip_commands:failure_predictors"),
        models=lambda wildcards: list(
            study_of(wildcards).failures_of(wildcards.dataset).models
        ),
        teachers=framed_options,
    shell:
        "wildframe scores failure-predictors {input.results:q} {params.teachers:q}"
        " --output {output:q} &> {log:q}"

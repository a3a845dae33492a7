"""Station 7: metrics out of predictions."""


rule scores_outcomes:
    input:
        predictions=rules.predictions_run.output,
        manifest=rules.manifests_build.output.manifest,
        statuses=rules.frames_collect.output,
        classes=rules.labels_classes.output,
    output:
        "<results>/scores/{dataset}/{view}/{model}.parquet",
    log:
        "<logs>/scores/{dataset}/{view}/{model}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{view}/{model}.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:outcomes"),
        senses=lambda wildcards: CONFIG.datasets[wildcards.dataset].senses,
        senses_sha256=lambda wildcards: senses_sha256(
            CONFIG.datasets[wildcards.dataset].senses
        ),
    shell:
        "wildframe scores outcomes {input.predictions:q} --manifest {input.manifest:q}"
        " --statuses {input.statuses:q} --classes {input.classes:q}"
        " --senses {params.senses:q} --output {output:q} &> {log:q}"


rule scores_accuracy:
    input:
        lambda wildcards: expand(
            rules.scores_outcomes.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            model=study_of(wildcards).models_of(wildcards.dataset),
        ),
    output:
        "<results>/scores/{dataset}/{study}.{view}.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:accuracy"),
        # Their order is the order of the tables.
        models=lambda wildcards: study_of(wildcards).models_of(wildcards.dataset),
        high_confidence=CONFIG.scores.high_confidence,
        resamples=CONFIG.scores.resamples,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores accuracy {input:q} --study {wildcards.study}"
        " --dataset {wildcards.dataset} --view {wildcards.view}"
        " --high-confidence {params.high_confidence} --resamples {params.resamples}"
        " --seed {params.seed} --output {output:q} &> {log:q}"


rule scores_held_out:
    input:
        outcomes=lambda wildcards: expand(
            rules.scores_outcomes.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            model=[
                *study_of(wildcards).finetuning.models,
                *study_of(wildcards).finetuned(wildcards.by),
            ],
        ),
        split=rules.manifests_split.output,
    output:
        "<results>/scores/{dataset}/{study}.{view}.by-{by}.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.by-{by}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.by-{by}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:accuracy"),
        high_confidence=CONFIG.scores.high_confidence,
        resamples=CONFIG.scores.resamples,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores accuracy {input.outcomes:q} --split {input.split:q}"
        " --study {wildcards.study} --dataset {wildcards.dataset} --view {wildcards.view}"
        " --high-confidence {params.high_confidence} --resamples {params.resamples}"
        " --seed {params.seed} --output {output:q} &> {log:q}"


rule scores_model_pairs:
    input:
        lambda wildcards: expand(
            rules.scores_outcomes.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            model=study_of(wildcards).models_of(wildcards.dataset),
        ),
    output:
        "<results>/scores/{dataset}/{study}.{view}.model_pairs.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.model_pairs.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.model_pairs.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:model_pairs"),
    shell:
        "wildframe scores model-pairs {input:q} --output {output:q} &> {log:q}"


rule scores_confusions:
    input:
        lambda wildcards: expand(
            rules.scores_outcomes.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            model=study_of(wildcards).models_of(wildcards.dataset),
        ),
    output:
        "<results>/scores/{dataset}/{study}.{view}.confusions.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.confusions.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.confusions.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:confusions"),
    shell:
        "wildframe scores confusions {input:q} --output {output:q} &> {log:q}"


rule scores_calibration:
    input:
        lambda wildcards: expand(
            rules.scores_outcomes.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            model=study_of(wildcards).models_of(wildcards.dataset),
        ),
    output:
        "<results>/scores/{dataset}/{study}.{view}.calibration.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.calibration.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.calibration.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:calibration"),
    shell:
        "wildframe scores calibration {input:q} --output {output:q} &> {log:q}"

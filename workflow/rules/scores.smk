"""Station 8: metrics from predictions."""


rule scores_image_results:
    input:
        # Of whichever rule makes them: the model may be external.
        predictions=expand(rules.predictions_run.output, allow_missing=True),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
        statuses=rules.frames_collect.output,
        classes=rules.labels_classes.output,
    output:
        "<results>/scores/{dataset}/{view}/{model}.parquet",
    log:
        "<logs>/scores/{dataset}/{view}/{model}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{view}/{model}.tsv"
    wildcard_constraints:
        model=one_of([*ZOO, *EXTERNAL]),
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:image_results"),
        senses=lambda wildcards: CONFIG.datasets[wildcards.dataset].senses,
        senses_sha256=lambda wildcards: senses_sha256(
            CONFIG.datasets[wildcards.dataset].senses
        ),
        view=lambda wildcards: view_of(wildcards).scoring_options,
    shell:
        "wildframe scores image-results {input.predictions:q} --manifest {input.manifest:q}"
        " --statuses {input.statuses:q} --classes {input.classes:q}"
        " --senses {params.senses:q} {params.view:q} --output {output:q} &> {log:q}"


rule scores_accuracy:
    input:
        image_results_of,
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
        # Tables have this order.
        models=evaluated_models,
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
        results=lambda wildcards: expand(
            rules.scores_image_results.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            model=study_of(wildcards).held_out_models(wildcards.training),
        ),
        split=rules.manifests_split.output,
    output:
        "<results>/scores/{dataset}/{study}.{view}.{training}.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.{training}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.{training}.tsv"
    wildcard_constraints:
        # Trainings of other studies may have names of other tables.
        training=one_of(
            name
            for study in STUDIES.values()
            for name in study.named_trainings()
            if study.held_out_models(name)
        ),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:accuracy"),
        high_confidence=CONFIG.scores.high_confidence,
        resamples=CONFIG.scores.resamples,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores accuracy {input.results:q} --split {input.split:q}"
        " --study {wildcards.study} --dataset {wildcards.dataset} --view {wildcards.view}"
        " --high-confidence {params.high_confidence} --resamples {params.resamples}"
        " --seed {params.seed} --output {output:q} &> {log:q}"


# Tables of the same inputs; `params` binds what differs, since `shell` is evaluated again later.
for TABLE in ("model_pairs", "confusions", "calibration"):

    rule:
        name:
            f"scores_{TABLE}"
        input:
            image_results_of,
        output:
            f"<results>/scores/{{dataset}}/{{study}}.{{view}}.{TABLE}.parquet",
        log:
            f"<logs>/scores/{{dataset}}/{{study}}.{{view}}.{TABLE}.log",
        benchmark:
            f"<benchmarks>/scores/{{dataset}}/{{study}}.{{view}}.{TABLE}.tsv"
        localrule: True
        conda:
            "../../envs/wildframe.yaml"
        threads: 1
        params:
            code=code_hash(f"scores.commands:{TABLE}"),
            table=TABLE.replace("_", "-"),
        shell:
            "wildframe scores {params.table} {input:q} --output {output:q} &> {log:q}"


rule scores_set_results:
    input:
        predictions=lambda wildcards: expand(
            (
                rules.predictions_detect.output
                if wildcards.evaluated in DETECTORS
                else rules.predictions_run.output
            ),
            dataset=wildcards.dataset,
            view="full" if wildcards.evaluated in DETECTORS else wildcards.view,
            model=wildcards.evaluated,
            detector=wildcards.evaluated,
        ),
        reviews=rules.reviews_consensus.output,
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        "<results>/scores/{dataset}/{view}/{evaluated}.sets.parquet",
    log:
        "<logs>/scores/{dataset}/{view}/{evaluated}.sets.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{view}/{evaluated}.sets.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_datasets),
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.set_commands:set_results"),
        # Label spaces of models and datasets, and the hypernyms of WordNet.
        lists=lists_sha256(),
        targets_sha256=lambda wildcards: targets_sha256(
            CONFIG.datasets[wildcards.dataset].label_space
        ),
        options=lambda wildcards: [
            *CONFIG.datasets[wildcards.dataset].scoring_options,
            *view_of(wildcards).scoring_options,
        ],
    shell:
        "wildframe scores set-results {input.predictions:q} --reviews {input.reviews:q}"
        " --manifest {input.manifest:q} {params.options:q} --output {output:q} &> {log:q}"


rule scores_robustness:
    input:
        set_results_of,
    output:
        "<results>/scores/{dataset}/{study}.{view}.robustness.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.robustness.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.robustness.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_datasets),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.set_commands:robustness"),
        # Tables have this order.
        models=evaluated_models,
        resamples=CONFIG.scores.resamples,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores robustness {input:q} --dataset {wildcards.dataset}"
        " --resamples {params.resamples} --seed {params.seed} --output {output:q} &> {log:q}"


rule scores_set_pairs:
    input:
        set_results_of,
    output:
        "<results>/scores/{dataset}/{study}.{view}.set_pairs.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.set_pairs.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.set_pairs.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_datasets),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.set_commands:set_pairs"),
        resamples=CONFIG.scores.resamples,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores set-pairs {input:q} --resamples {params.resamples}"
        " --seed {params.seed} --output {output:q} &> {log:q}"


rule scores_detection:
    input:
        detections=lambda wildcards: expand(
            rules.predictions_detect.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            detector=study_of(wildcards).named_detectors(),
        ),
        reviews=rules.reviews_consensus.output,
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        scores="<results>/scores/{dataset}/{study}.{view}.detection.parquet",
        worst="<results>/scores/{dataset}/{study}.{view}.worst_frames.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.detection.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.detection.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_datasets),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.set_commands:detection"),
        # Label spaces of models and datasets, and the hypernyms of WordNet.
        lists=lists_sha256(),
        targets_sha256=lambda wildcards: targets_sha256(
            CONFIG.datasets[wildcards.dataset].label_space
        ),
        label_space=lambda wildcards: CONFIG.datasets[wildcards.dataset].label_space,
        ious=lambda wildcards: ",".join(study_of(wildcards).iou_thresholds()),
        resamples=CONFIG.scores.resamples,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores detection {input.detections:q} --manifest {input.manifest:q}"
        " --reviews {input.reviews:q} --dataset {wildcards.dataset} --label-space {params.label_space}"
        " --iou {params.ious} --resamples {params.resamples} --seed {params.seed}"
        " --output {output.scores:q} --worst {output.worst:q} &> {log:q}"

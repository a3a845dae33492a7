"""Station 8: metrics from predictions."""

FRAMED = [
    dataset
    for study in STUDIES.values()
    for dataset in study.used_datasets()
    if study.framing_of(dataset)
]


# Of models, detectors and external predictions; a single image is a set of one.
rule scores_image_results:
    input:
        unpack(what_is_evaluated),
        predictions=predictions_of,
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
        classes=rules.labels_classes.output,
    output:
        "<results>/scores/{dataset}/{view}/{evaluated}.parquet",
    log:
        "<logs>/scores/{dataset}/{view}/{evaluated}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{view}/{evaluated}.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.commands:image_results"),
        # Label spaces of models and datasets, and the hypernyms of WordNet.
        lists=lists_sha256(),
        targets_sha256=targets_of,
        senses_sha256=senses_of,
        options=scoring_options,
        evaluated=evaluated_options,
    shell:
        "wildframe scores image-results {input.predictions:q} {params.evaluated:q}"
        " --manifest {input.manifest:q} --classes {input.classes:q} {params.options:q}"
        " --output {output:q} &> {log:q}"


rule scores_accuracy:
    input:
        results=image_results_of,
    output:
        "<results>/scores/{dataset}/{study}.{view}.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.commands:accuracy"),
        # Tables have this order.
        models=evaluated_models,
        high_confidence=CONFIG.scores.high_confidence,
        split=split_option,
    shell:
        "wildframe scores accuracy {input.results:q} {params.split:q} --study {wildcards.study}"
        " --dataset {wildcards.dataset} --view {wildcards.view}"
        " --high-confidence {params.high_confidence} --output {output:q} &> {log:q}"


rule scores_model_pairs:
    input:
        results=image_results_of,
    output:
        "<results>/scores/{dataset}/{study}.{view}.model_pairs.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.model_pairs.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.model_pairs.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.commands:model_pairs"),
        # Tables have this order.
        models=evaluated_models,
        high_confidence=CONFIG.scores.high_confidence,
        seed=CONFIG.scores.seed,
        split=split_option,
    shell:
        "wildframe scores model-pairs {input.results:q} {params.split:q}"
        " --high-confidence {params.high_confidence} --seed {params.seed} --output {output:q}"
        " &> {log:q}"


# Trainings of other studies may have names of other tables.
HELD_OUT = one_of(
    name
    for study in STUDIES.values()
    for name in study.named_trainings()
    if study.held_out_models(name)
)


use rule scores_accuracy as scores_held_out with:
    input:
        results=held_out_results,
        split=rules.manifests_split.output,
    output:
        "<results>/scores/{dataset}/{study}.{view}.{training}.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.{training}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.{training}.tsv"
    wildcard_constraints:
        training=HELD_OUT,
    params:
        models=held_out_models,


use rule scores_model_pairs as scores_held_out_pairs with:
    input:
        results=held_out_results,
        split=rules.manifests_split.output,
    output:
        "<results>/scores/{dataset}/{study}.{view}.{training}.pairs.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.{training}.pairs.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.{training}.pairs.tsv"
    wildcard_constraints:
        training=HELD_OUT,
    params:
        models=held_out_models,


rule scores_view_pairs:
    input:
        lambda wildcards: [path for _, path in results_of_views(wildcards)],
    output:
        "<results>/scores/{dataset}/{study}.{views}.view_pairs.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{views}.view_pairs.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{views}.view_pairs.tsv"
    wildcard_constraints:
        views=r"[\w-]+(\+[\w-]+)+",
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.commands:view_pairs"),
        high_confidence=CONFIG.scores.high_confidence,
        seed=CONFIG.scores.seed,
        results=lambda wildcards: [
            f"{view}={path}" for view, path in results_of_views(wildcards)
        ],
    shell:
        "wildframe scores view-pairs {params.results:q}"
        " --high-confidence {params.high_confidence} --seed {params.seed} --output {output:q}"
        " &> {log:q}"


# What other choices than the study's own are worth, by the same predictions.
rule scores_protocol:
    input:
        unpack(what_is_evaluated),
        unpack(protocol_files),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        "<results>/scores/{dataset}/{study}.{view}.protocol.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.protocol.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.protocol.tsv"
    conda:
        "../../envs/wildframe.yaml"
    resources:
        mem_mb=memory(450),
    params:
        code=code_hash("scores.commands:protocol"),
        # Tables have this order.
        models=evaluated_models,
        lists=lists_sha256(),
        targets_sha256=targets_of,
        senses_sha256=senses_of,
        options=scoring_options,
        evaluated=evaluated_options,
        crops=lambda wildcards, input: options_of({"crops": input.crops}),
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores protocol {input.predictions:q} {params.evaluated:q} {params.crops:q}"
        " --manifest {input.manifest:q} {params.options:q} --seed {params.seed}"
        " --output {output:q} &> {log:q}"


# Tables of the same inputs; `params` binds what differs, since `shell` is evaluated again later.
for TABLE in ("confusions", "calibration", "calibration_errors"):

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
        params:
            code=code_hash(f"scores.commands:{TABLE}"),
            # Tables have this order.
            models=evaluated_models,
            table=TABLE.replace("_", "-"),
        shell:
            "wildframe scores {params.table} {input:q} --output {output:q} &> {log:q}"


for TABLE in ("robustness", "set_pairs"):

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
        wildcard_constraints:
            dataset=one_of(CONFIG.sets_datasets),
        conda:
            "../../envs/wildframe.yaml"
        params:
            code=code_hash(f"scores.set_commands:{TABLE}"),
            # Tables have this order.
            models=evaluated_models,
            table=TABLE.replace("_", "-"),
            seed=[f"--seed={CONFIG.scores.seed}"] if TABLE == "set_pairs" else [],
        shell:
            "wildframe scores {params.table} {input:q} {params.seed:q} --output {output:q}"
            " &> {log:q}"


# The same images whole, cropped to the object, and zoomed.
rule scores_framing:
    input:
        unpack(framing_files),
    output:
        "<results>/scores/{dataset}/{study}.{view}.framing.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.framing.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.framing.tsv"
    wildcard_constraints:
        dataset=one_of(FRAMED),
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.zoom_commands:framing"),
        models=framed_models,
        targets_sha256=targets_of,
        framed=framed_options,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores framing {input.results:q} {params.framed:q} --seed {params.seed}"
        " --output {output:q} &> {log:q}"


# Of the images that models fail on under a view.
rule scores_attribution:
    input:
        unpack(attribution_files),
    output:
        images="<results>/scores/{dataset}/{study}.{view}.attribution.parquet",
        shares="<results>/scores/{dataset}/{study}.{view}.attribution_shares.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.attribution.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.attribution.tsv"
    wildcard_constraints:
        dataset=one_of(FRAMED),
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.zoom_commands:attribution"),
        models=framed_models,
        targets_sha256=targets_of,
        framed=framed_options,
        seed=CONFIG.scores.seed,
    shell:
        "wildframe scores attribution {input.results:q} {params.framed:q}"
        " --seed {params.seed} --output {output.images:q}"
        " --shares {output.shares:q} &> {log:q}"


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
        pairs="<results>/scores/{dataset}/{study}.{view}.detector_pairs.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.detection.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.detection.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_datasets),
    conda:
        "../../envs/wildframe.yaml"
    resources:
        mem_mb=memory(650),
    params:
        code=code_hash("scores.set_commands:detection"),
        detectors=lambda wildcards: study_of(wildcards).named_detectors(),
        lists=lists_sha256(),
        targets_sha256=targets_of,
        label_space=lambda wildcards: CONFIG.datasets[wildcards.dataset].label_space,
        ious=lambda wildcards: ",".join(study_of(wildcards).iou_thresholds()),
        # As options: Snakemake compares values without their names.
        resamples=f"--resamples={CONFIG.scores.resamples}",
        seed=f"--seed={CONFIG.scores.seed}",
    shell:
        "wildframe scores detection {input.detections:q} --manifest {input.manifest:q}"
        " --reviews {input.reviews:q} --dataset {wildcards.dataset} --label-space {params.label_space:q}"
        " --iou {params.ious} {params.resamples} {params.seed}"
        " --output {output.scores:q} --worst {output.worst:q} --pairs {output.pairs:q} &> {log:q}"

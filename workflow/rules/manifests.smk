"""Station 3: which images are examined, and why the others are not."""


rule manifests_build:
    input:
        records=lambda wildcards: expand(
            rules.sources_ego4d.output.records,
            source=CONFIG.datasets[wildcards.dataset].source,
        ),
        objects=lambda wildcards: expand(
            rules.sources_ego4d.output.objects,
            source=CONFIG.datasets[wildcards.dataset].source,
        ),
        classes=rules.labels_classes.output,
    output:
        manifest="<results>/manifests/{dataset}.parquet",
        funnel="<results>/manifests/{dataset}.funnel.parquet",
    log:
        "<logs>/manifests/{dataset}.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.moments_datasets),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("manifests.commands:build"),
        # Plain values: Snakemake sees no change in any other.
        choices=lambda wildcards: CONFIG.options_of(wildcards.dataset),
    shell:
        "wildframe manifests build --records {input.records:q} --objects {input.objects:q}"
        " --classes {input.classes:q} --dataset {wildcards.dataset} {params.choices:q}"
        " --manifest {output.manifest:q} --funnel {output.funnel:q} &> {log:q}"


rule manifests_sample:
    input:
        videos=lambda wildcards: expand(
            rules.sources_videos.output.videos,
            source=CONFIG.datasets[wildcards.dataset].source,
        ),
        boxes=lambda wildcards: expand(
            rules.sources_videos.output.boxes,
            source=CONFIG.datasets[wildcards.dataset].source,
        ),
    output:
        manifest="<results>/manifests/{dataset}.parquet",
        sets="<results>/manifests/{dataset}.sets.parquet",
        funnel="<results>/manifests/{dataset}.funnel.parquet",
    log:
        "<logs>/manifests/{dataset}.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_by("sampled")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("manifests.commands:sample"),
        label_space=lambda wildcards: targets_sha256(
            CONFIG.datasets[wildcards.dataset].label_space
        ),
        choices=lambda wildcards: CONFIG.options_of(wildcards.dataset),
    shell:
        "wildframe manifests sample --videos {input.videos:q} --boxes {input.boxes:q}"
        " --dataset {wildcards.dataset} {params.choices:q} --manifest {output.manifest:q}"
        " --sets {output.sets:q} --funnel {output.funnel:q} &> {log:q}"


rule manifests_published:
    input:
        published=lambda wildcards: expand(
            rules.sources_vid_published.output,
            source=CONFIG.datasets[wildcards.dataset].source,
        ),
        boxes=lambda wildcards: (
            expand(
                rules.sources_vid.output.boxes,
                source=CONFIG.datasets[wildcards.dataset].source,
            )
            if CONFIG.has_boxes(wildcards.dataset)
            else []
        ),
    output:
        manifest="<results>/manifests/{dataset}.parquet",
        sets="<results>/manifests/{dataset}.sets.parquet",
        funnel="<results>/manifests/{dataset}.funnel.parquet",
    log:
        "<logs>/manifests/{dataset}.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_by("published")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("manifests.commands:published"),
        label_space=lambda wildcards: targets_sha256(
            CONFIG.datasets[wildcards.dataset].label_space
        ),
        choices=lambda wildcards: CONFIG.options_of(wildcards.dataset),
        boxes=lambda wildcards, input: [f"--boxes={path}" for path in input.boxes],
    shell:
        "wildframe manifests published --published {input.published:q} {params.boxes:q}"
        " --dataset {wildcards.dataset} {params.choices:q} --manifest {output.manifest:q}"
        " --sets {output.sets:q} --funnel {output.funnel:q} &> {log:q}"


rule manifests_neighbours:
    input:
        lambda wildcards: manifest_of(CONFIG.datasets[wildcards.dataset].anchor_dataset),
    output:
        manifest="<results>/manifests/{dataset}.parquet",
        sets="<results>/manifests/{dataset}.sets.parquet",
        funnel="<results>/manifests/{dataset}.funnel.parquet",
    log:
        "<logs>/manifests/{dataset}.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_by("dataset")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("manifests.commands:neighbours"),
        label_space=lambda wildcards: targets_sha256(
            CONFIG.datasets[wildcards.dataset].label_space
        ),
        choices=lambda wildcards: CONFIG.options_of(wildcards.dataset),
    shell:
        "wildframe manifests neighbours {input:q} --dataset {wildcards.dataset} {params.choices:q}"
        " --manifest {output.manifest:q} --sets {output.sets:q} --funnel {output.funnel:q}"
        " &> {log:q}"


rule manifests_split:
    input:
        lambda wildcards: manifest_of(wildcards.dataset),
    output:
        "<results>/manifests/{dataset}.{training}.parquet",
    log:
        "<logs>/manifests/{dataset}.{training}.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.{training}.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("manifests.commands:split"),
        by=lambda wildcards: CONFIG.trainings[wildcards.training].split_by,
        train_fraction=lambda wildcards: CONFIG.trainings[
            wildcards.training
        ].train_fraction,
        seed=lambda wildcards: CONFIG.trainings[wildcards.training].seed,
    shell:
        "wildframe manifests split {input:q} --by {params.by} --seed {params.seed}"
        " --train-fraction {params.train_fraction} --output {output:q} &> {log:q}"

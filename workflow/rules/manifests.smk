"""Station 3: which images are evaluated, and why the others are not."""


rule manifests_build:
    input:
        records=lambda wildcards: made_of(wildcards, rules.sources_ego4d.output.records),
        objects=lambda wildcards: made_of(wildcards, rules.sources_ego4d.output.objects),
        classes=rules.labels_classes.output,
    output:
        manifest="<results>/manifests/{dataset}.parquet",
        funnel="<results>/manifests/{dataset}.funnel.parquet",
    log:
        "<logs>/manifests/{dataset}.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.datasets_of("moments")),
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("manifests.commands:build"),
        senses_sha256=lambda wildcards: senses_sha256(dataset_of(wildcards).senses),
        # Plain values: Snakemake sees no change in any other.
        choices=lambda wildcards: CONFIG.options_of(wildcards.dataset),
    shell:
        "wildframe manifests build --records {input.records:q} --objects {input.objects:q}"
        " --classes {input.classes:q} --dataset {wildcards.dataset} {params.choices:q}"
        " --manifest {output.manifest:q} --funnel {output.funnel:q} &> {log:q}"


rule manifests_images:
    input:
        images=images_of_source,
        classes=rules.labels_classes.output,
    output:
        manifest="<results>/manifests/{dataset}.parquet",
        funnel="<results>/manifests/{dataset}.funnel.parquet",
    log:
        "<logs>/manifests/{dataset}.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.datasets_of("images")),
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("manifests.commands:images"),
        targets_sha256=targets_of,
        choices=lambda wildcards: CONFIG.options_of(wildcards.dataset),
    shell:
        "wildframe manifests images --images {input.images:q} --classes {input.classes:q}"
        " --dataset {wildcards.dataset} {params.choices:q}"
        " --manifest {output.manifest:q} --funnel {output.funnel:q} &> {log:q}"


# What learns from clips, or is shown them, takes the manifest as `ancient`, and a hash of what it reads of
# it: both hashes are the same after an edit of labels of test clips. See frames.smk for why it is a
# checkpoint.
checkpoint manifests_clips:
    input:
        records=lambda wildcards: made_of(wildcards, rules.sources_clips.output.clips),
        classes=lambda wildcards: made_of(wildcards, rules.sources_clips.output.classes),
    output:
        manifest="<results>/manifests/{dataset}.clips.parquet",
        learnt="<results>/manifests/{dataset}.clips-learnt.sha256",
        shown="<results>/manifests/{dataset}.clips-shown.sha256",
        classes="<results>/manifests/{dataset}.classes.parquet",
        funnel="<results>/manifests/{dataset}.clips-funnel.parquet",
    log:
        "<logs>/manifests/{dataset}.clips.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.clips.tsv"
    wildcard_constraints:
        dataset=CLIPS,
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("manifests.commands:clips"),
        choices=lambda wildcards: CONFIG.options_of(wildcards.dataset),
        needs=lambda wildcards: [
            f"--needs={need}" for need in clip_needs(CONFIG, wildcards.dataset)
        ],
    shell:
        "wildframe manifests clips --records {input.records:q} --of-source {input.classes:q}"
        " --dataset {wildcards.dataset} {params.choices:q} {params.needs:q}"
        " --manifest {output.manifest:q} --learnt {output.learnt:q} --shown {output.shown:q}"
        " --classes {output.classes:q} --funnel {output.funnel:q} &> {log:q}"


# A rule for each way to choose anchors; all write the same tables.
for COMMAND, ANCHORED, TABLES in (
    ("sample", "sampled", tables_of_videos),
    ("published", "published", published_tables),
    ("neighbours", "dataset", images_of_anchors),
):

    rule:
        name:
            f"manifests_{COMMAND}"
        input:
            unpack(TABLES),
        output:
            manifest="<results>/manifests/{dataset}.parquet",
            sets="<results>/manifests/{dataset}.sets.parquet",
            funnel="<results>/manifests/{dataset}.funnel.parquet",
        log:
            "<logs>/manifests/{dataset}.log",
        benchmark:
            "<benchmarks>/manifests/{dataset}.tsv"
        wildcard_constraints:
            dataset=one_of(CONFIG.sets_by(ANCHORED)),
        conda:
            "../../envs/wildframe.yaml"
        params:
            code=code_hash(f"manifests.commands:{COMMAND}"),
            targets_sha256=targets_of,
            command=COMMAND,
            tables=input_options,
            choices=lambda wildcards: CONFIG.options_of(wildcards.dataset),
        shell:
            "wildframe manifests {params.command} {params.tables:q} --dataset {wildcards.dataset}"
            " {params.choices:q} --manifest {output.manifest:q} --sets {output.sets:q}"
            " --funnel {output.funnel:q} &> {log:q}"


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
    params:
        code=code_hash("manifests.commands:split"),
        by=lambda wildcards: training_of(wildcards).split_by,
        train_fraction=lambda wildcards: training_of(wildcards).train_fraction,
        seed=lambda wildcards: training_of(wildcards).seed,
    shell:
        "wildframe manifests split {input:q} --by {params.by} --seed {params.seed}"
        " --train-fraction {params.train_fraction} --output {output:q} &> {log:q}"

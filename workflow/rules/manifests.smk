"""Station 3: which pictures are examined, and why the others are not."""


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
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("manifests.commands:build"),
        # Plain values: Snakemake sees no change in any other.
        choices=lambda wildcards: CONFIG.manifest_choices(wildcards.dataset),
    shell:
        "wildframe manifests build --records {input.records:q} --objects {input.objects:q}"
        " --classes {input.classes:q} --dataset {wildcards.dataset} {params.choices:q}"
        " --manifest {output.manifest:q} --funnel {output.funnel:q} &> {log:q}"


rule manifests_split:
    input:
        rules.manifests_build.output.manifest,
    output:
        "<results>/manifests/{dataset}.by-{by}.parquet",
    log:
        "<logs>/manifests/{dataset}.by-{by}.log",
    benchmark:
        "<benchmarks>/manifests/{dataset}.by-{by}.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("manifests.commands:split"),
        train_fraction=CONFIG.studies.ego4d.finetuning.train_fraction,
        seed=CONFIG.studies.ego4d.finetuning.seed,
    shell:
        "wildframe manifests split {input:q} --by {wildcards.by} --seed {params.seed}"
        " --train-fraction {params.train_fraction} --output {output:q} &> {log:q}"

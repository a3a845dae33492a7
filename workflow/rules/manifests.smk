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
        dataset=lambda wildcards: CONFIG.datasets[wildcards.dataset],
        source=lambda wildcards: CONFIG.source_of(wildcards.dataset),
        object_types=lambda wildcards: ",".join(
            CONFIG.datasets[wildcards.dataset].object_types
        ),
    shell:
        "wildframe manifests build --records {input.records} --objects {input.objects}"
        " --classes {input.classes} --class-space {params.dataset.class_space}"
        " --dataset {wildcards.dataset} --role {params.dataset.role}"
        " --object-types {params.object_types} --words {params.dataset.words}"
        " --synsets {params.dataset.synsets} --media {params.source.media}"
        " --version {params.source.version} --rate {params.source.rate}"
        " --manifest {output.manifest} --funnel {output.funnel} &> {log}"

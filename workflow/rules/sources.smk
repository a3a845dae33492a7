"""Station 1: a publisher's own files, read into tables."""


rule sources_ego4d:
    input:
        # Asked for even where old tables would do: they may be another source's.
        annotations=lambda wildcards: require_annotations(
            CONFIG.sources[wildcards.source]
        ),
    output:
        records="<results>/sources/{source}/records.parquet",
        objects="<results>/sources/{source}/objects.parquet",
    log:
        "<logs>/sources/{source}.log",
    benchmark:
        "<benchmarks>/sources/{source}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:ego4d"),
        split=lambda wildcards: CONFIG.sources[wildcards.source].split,
    shell:
        "wildframe sources ego4d --annotations {input.annotations:q} --split {params.split}"
        " --records {output.records:q} --objects {output.objects:q} &> {log:q}"

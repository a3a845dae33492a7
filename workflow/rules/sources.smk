"""Station 1: a publisher's own files, read into tables, and fetched where they are asked for."""

from wildframe.sources.ego4d import require_split_files


rule sources_ego4d:
    input:
        # Asked for even where old tables would do: they may be another source's.
        annotations=lambda wildcards: require_annotations(
            CONFIG.sources[wildcards.source]
        ),
        split_files=lambda wildcards: require_split_files(
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
        version=lambda wildcards: CONFIG.sources[wildcards.source].version,
        split=lambda wildcards: CONFIG.sources[wildcards.source].split,
    shell:
        "wildframe sources ego4d {input.split_files:q} --annotations {input.annotations:q}"
        " --version {params.version} --split {params.split}"
        " --records {output.records:q} --objects {output.objects:q} &> {log:q}"


# Asks for no annotations: they are among what it fetches. Run again with --forcerun, it fetches
# what is still missing.
rule sources_download:
    output:
        "<results>/sources/{source}/download.csv",
    log:
        "<logs>/sources/{source}.download.log",
    benchmark:
        "<benchmarks>/sources/{source}.download.tsv"
    # Where there is network, most likely.
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:download"),
        root=lambda wildcards: CONFIG.sources[wildcards.source].root,
        version=lambda wildcards: CONFIG.sources[wildcards.source].version,
        split=lambda wildcards: CONFIG.sources[wildcards.source].split,
        media=lambda wildcards: CONFIG.sources[wildcards.source].media,
    shell:
        "wildframe sources download --root {params.root:q} --version {params.version}"
        " --split {params.split} --media {params.media} --output {output:q} &> {log:q}"


rule ego4d_download:
    input:
        expand(
            rules.sources_download.output,
            source=CONFIG.datasets[CONFIG.studies.ego4d.in1k].source,
        ),
    log:
        "<logs>/ego4d_download.log",
    localrule: True

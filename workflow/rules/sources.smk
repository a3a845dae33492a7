"""Station 1: a publisher's own files, read into tables, and fetched where they are asked for."""

from wildframe.sources import videos, vid, ytbb
from wildframe.sources.ego4d import require_annotations, require_split_files


rule sources_ego4d:
    input:
        # Asked for even where old tables would do: they may be another source's.
        annotations=lambda wildcards: require_annotations(source_of(wildcards)),
        split_files=lambda wildcards: require_split_files(source_of(wildcards)),
    output:
        records="<results>/sources/{source}/records.parquet",
        objects="<results>/sources/{source}/objects.parquet",
    log:
        "<logs>/sources/{source}.log",
    benchmark:
        "<benchmarks>/sources/{source}.tsv"
    wildcard_constraints:
        source=one_of(CONFIG.sources_of("ego4d")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:ego4d"),
        version=lambda wildcards: source_of(wildcards).version,
        split=lambda wildcards: source_of(wildcards).split,
    shell:
        "wildframe sources ego4d {input.split_files:q} --annotations {input.annotations:q}"
        " --version {params.version} --split {params.split}"
        " --records {output.records:q} --objects {output.objects:q} &> {log:q}"


rule sources_vid:
    input:
        annotations=lambda wildcards: vid.require_annotations(source_of(wildcards)),
    output:
        videos="<results>/sources/{source}/videos.parquet",
        boxes="<results>/sources/{source}/boxes.parquet",
    log:
        "<logs>/sources/{source}.log",
    benchmark:
        "<benchmarks>/sources/{source}.tsv"
    wildcard_constraints:
        source=one_of(CONFIG.sources_of("vid")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:vid"),
        root=lambda wildcards: source_of(wildcards).root,
        split=lambda wildcards: source_of(wildcards).split,
        # A video whose images are added is listed anew.
        media=lambda wildcards: media_hash(wildcards.source),
    shell:
        "wildframe sources vid {params.root:q} --split {params.split}"
        " --videos {output.videos:q} --boxes {output.boxes:q} &> {log:q}"


for KIND, FILES, CLASSES in (
    ("vid", vid.require_metadata, "vid30"),
    ("ytbb", ytbb.require_metadata, "ytbb24"),
):

    rule:
        name:
            f"sources_{KIND}_published"
        input:
            lambda wildcards, files=FILES: files(source_of(wildcards)),
        output:
            "<results>/sources/{source}/published.parquet",
        log:
            "<logs>/sources/{source}.published.log",
        benchmark:
            "<benchmarks>/sources/{source}.published.tsv"
        wildcard_constraints:
            source=one_of(CONFIG.sources_of(KIND)),
        conda:
            "../../envs/wildframe.yaml"
        threads: 1
        params:
            code=code_hash(f"sources.commands:{KIND}_published"),
            label_space=targets_sha256(CLASSES),
            command=f"{KIND}-published",
        shell:
            "wildframe sources {params.command} {input:q} --output {output:q} &> {log:q}"


rule sources_videos:
    input:
        labels=lambda wildcards: videos.require_labels(source_of(wildcards)),
        boxes=lambda wildcards: videos.require_boxes(source_of(wildcards)),
    output:
        videos="<results>/sources/{source}/videos.parquet",
        boxes="<results>/sources/{source}/boxes.parquet",
    log:
        "<logs>/sources/{source}.log",
    benchmark:
        "<benchmarks>/sources/{source}.tsv"
    wildcard_constraints:
        source=one_of(CONFIG.sources_of("videos")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:videos"),
        root=lambda wildcards: source_of(wildcards).root,
        # A video that is added or replaced is listed anew.
        media=lambda wildcards: media_hash(wildcards.source),
        from_boxes=lambda wildcards, input: [
            f"--from-boxes={path}" for path in input.boxes
        ],
    shell:
        "wildframe sources videos {params.root:q} --labels {input.labels:q}"
        " {params.from_boxes:q} --videos {output.videos:q} --boxes {output.boxes:q} &> {log:q}"


# Asks for no annotations: they are among what it fetches. Run again with --forcerun, it fetches
# what is still missing.
rule sources_download:
    output:
        "<results>/sources/{source}/download.csv",
    log:
        "<logs>/sources/{source}.download.log",
    benchmark:
        "<benchmarks>/sources/{source}.download.tsv"
    wildcard_constraints:
        source=one_of(CONFIG.sources_of("ego4d")),
    # Where there is network, most likely.
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:download"),
        root=lambda wildcards: source_of(wildcards).root,
        version=lambda wildcards: source_of(wildcards).version,
        split=lambda wildcards: source_of(wildcards).split,
        media=lambda wildcards: source_of(wildcards).media,
    shell:
        "wildframe sources download --root {params.root:q} --version {params.version}"
        " --split {params.split} --media {params.media} --output {output:q} &> {log:q}"


for SOURCE in CONFIG.sources_of("ego4d"):

    rule:
        name:
            f"{SOURCE.replace('-', '_')}_download"
        input:
            expand(rules.sources_download.output, source=SOURCE),
        log:
            f"<logs>/{SOURCE}_download.log",
        localrule: True

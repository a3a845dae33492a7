"""Station 1: a publisher's own files, read into tables, and fetched where they are asked for."""

from wildframe.sources import videos, vid, ytbb
from wildframe.sources.ego4d import require_annotations, require_split_files


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
    wildcard_constraints:
        source=one_of(CONFIG.sources_of("ego4d")),
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


rule sources_vid:
    input:
        annotations=lambda wildcards: vid.require_annotations(
            CONFIG.sources[wildcards.source]
        ),
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
        root=lambda wildcards: CONFIG.sources[wildcards.source].root,
        split=lambda wildcards: CONFIG.sources[wildcards.source].split,
        # A video whose images are added is listed anew.
        media=lambda wildcards: media_state(
            Path(CONFIG.sources[wildcards.source].root),
            media_of(CONFIG.sources[wildcards.source]),
        ),
    shell:
        "wildframe sources vid {params.root:q} --split {params.split}"
        " --videos {output.videos:q} --boxes {output.boxes:q} &> {log:q}"


rule sources_vid_published:
    input:
        lambda wildcards: vid.require_metadata(CONFIG.sources[wildcards.source]),
    output:
        "<results>/sources/{source}/published.parquet",
    log:
        "<logs>/sources/{source}.published.log",
    benchmark:
        "<benchmarks>/sources/{source}.published.tsv"
    wildcard_constraints:
        source=one_of(CONFIG.sources_of("vid")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:vid_published"),
        targets=targets_sha256("vid30"),
    shell:
        "wildframe sources vid-published {input:q} --output {output:q} &> {log:q}"


rule sources_ytbb_published:
    input:
        lambda wildcards: ytbb.require_metadata(CONFIG.sources[wildcards.source]),
    output:
        "<results>/sources/{source}/published.parquet",
    log:
        "<logs>/sources/{source}.published.log",
    benchmark:
        "<benchmarks>/sources/{source}.published.tsv"
    wildcard_constraints:
        source=one_of(CONFIG.sources_of("ytbb")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:ytbb_published"),
        targets=targets_sha256("ytbb24"),
    shell:
        "wildframe sources ytbb-published {input:q} --output {output:q} &> {log:q}"


rule sources_videos:
    input:
        labels=lambda wildcards: videos.require_labels(CONFIG.sources[wildcards.source]),
        boxes=lambda wildcards: videos.require_boxes(CONFIG.sources[wildcards.source]),
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
        root=lambda wildcards: CONFIG.sources[wildcards.source].root,
        # A video that is added or replaced is listed anew.
        media=lambda wildcards: media_state(
            Path(CONFIG.sources[wildcards.source].root),
            media_of(CONFIG.sources[wildcards.source]),
        ),
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
        root=lambda wildcards: CONFIG.sources[wildcards.source].root,
        version=lambda wildcards: CONFIG.sources[wildcards.source].version,
        split=lambda wildcards: CONFIG.sources[wildcards.source].split,
        media=lambda wildcards: CONFIG.sources[wildcards.source].media,
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

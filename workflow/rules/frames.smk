"""Station 4: exact frames, and the resized images that models share."""

SHARDS = shard_names(CONFIG.frames.shards)

# Crops of the other views are too many for a file.
KEPT_VIEWS = [name for name, view in CONFIG.views.items() if not view.streams]


rule frames_extract:
    input:
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        "<results>/frames/{dataset}/{shard}.parquet",
    log:
        "<logs>/frames/{dataset}/{shard}.log",
    benchmark:
        "<benchmarks>/frames/{dataset}/{shard}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    # One decoder thread a process: two processes are faster than two threads.
    threads: 1
    params:
        code=code_hash("frames.commands:extract"),
        root=lambda wildcards: CONFIG.source_of(wildcards.dataset).root,
        # A video that is fetched later makes its shard anew.
        media=lambda wildcards: media_hash(
            CONFIG.source_of(wildcards.dataset), wildcards.shard, CONFIG.frames.shards
        ),
        encoding=CONFIG.frames.encoding,
    shell:
        "wildframe frames extract --manifest {input.manifest:q} --root {params.root:q}"
        " --shard {wildcards.shard} --encoding {params.encoding} --output {output:q} &> {log:q}"


rule frames_collect:
    input:
        frames=expand(rules.frames_extract.output, shard=SHARDS, allow_missing=True),
    output:
        "<results>/frames/{dataset}.parquet",
    log:
        "<logs>/frames/{dataset}.log",
    benchmark:
        "<benchmarks>/frames/{dataset}.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("frames.commands:collect"),
    shell:
        "wildframe frames collect {input.frames:q} --output {output:q} &> {log:q}"


rule frames_preprocess:
    input:
        frames=expand(rules.frames_extract.output, shard=SHARDS, allow_missing=True),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        "<results>/frames/{dataset}/{view}/{preprocessing}.arrow"
        if CONFIG.frames.keep_preprocessed
        else temp("<results>/frames/{dataset}/{view}/{preprocessing}.arrow"),
    log:
        "<logs>/frames/{dataset}/{view}/{preprocessing}.log",
    benchmark:
        "<benchmarks>/frames/{dataset}/{view}/{preprocessing}.tsv"
    wildcard_constraints:
        view=one_of(KEPT_VIEWS),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("frames.commands:preprocess"),
        kind=lambda wildcards: code_hash(view_of(wildcards).code),
        view=lambda wildcards: view_of(wildcards).model_dump_json(),
    shell:
        "wildframe frames preprocess {input.frames:q} --manifest {input.manifest:q}"
        " --view {params.view:q}"
        " --preprocessing {wildcards.preprocessing} --output {output:q} &> {log:q}"

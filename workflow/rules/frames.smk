"""Station 4: exact frames, and the resized images that models share."""

SHARDS = shard_names(CONFIG.frames.shards)

# Crops of the other views are too many for a file.
KEPT_VIEWS = [name for name, view in CONFIG.views.items() if not view.streams]
ZOOM_VIEWS = [name for name, view in CONFIG.views.items() if view.has_anchors]
ADAPTED_VIEWS = [name for name, view in CONFIG.views.items() if view.adapt]


# The two checkpoints are none of the usual kind: no input function asks for what they wrote, the jobs
# of a run are known before it starts. They make Snakemake look again at what is left to do: after the
# first it drops the shards whose list came out as it was, so that a dataset which is added decodes
# only what nobody has wanted yet.
#
# A shard that grows for one dataset must rerun nothing of another. So whatever is made of the images
# of a dataset takes the shards as `ancient`, and the statuses for what changed in them; these are
# collected anew when the same frames may come out as others, which the state tells. As long as a job
# is to be run, Snakemake (9.27) does not see what is to be done behind an `ancient` output of it, and
# would end too early: this is why the second is a checkpoint, too.
checkpoint frames_wanted:
    input:
        manifests_of_source,
    output:
        expand(
            "<results>/frames/{source}/{shard}.csv", shard=SHARDS, allow_missing=True
        ),
    log:
        "<logs>/frames/{source}/wanted.log",
    benchmark:
        "<benchmarks>/frames/{source}/wanted.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("frames.commands:wanted"),
        shards=len(SHARDS),
        folder=subpath(output[0], parent=True),
    shell:
        "wildframe frames wanted {input:q} --shards {params.shards} --folder {params.folder:q}"
        " &> {log:q}"


checkpoint frames_extract:
    input:
        lambda wildcards: exported_to(wildcards.source),
        wanted="<results>/frames/{source}/{shard}.csv",
    output:
        "<results>/frames/{source}/{shard}.parquet",
    log:
        "<logs>/frames/{source}/{shard}.log",
    benchmark:
        "<benchmarks>/frames/{source}/{shard}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    # One decoder thread a process: two processes are faster than two threads.
    threads: 1
    resources:
        mem_mb=memory(1500),
    params:
        code=code_hash("frames.commands:extract"),
        root=lambda wildcards: source_of(wildcards).root,
        # A video that is fetched later makes its shard anew.
        media=lambda wildcards: media_hash(wildcards.source, wildcards.shard),
        encoding=CONFIG.frames.encoding,
        border=lambda wildcards: source_of(wildcards).border,
    shell:
        "wildframe frames extract {input.wanted:q} --root {params.root:q} --encoding {params.encoding}"
        " --border {params.border} --output {output:q} &> {log:q}"


# Media are not looked for when a run is planned: there may be hundreds of thousands. Those that come
# later are read by `--forcerun frames_clips`.
rule frames_clips:
    input:
        rules.manifests_clips.output.manifest,
    output:
        "<results>/frames/clips/{dataset}/{shard}.arrow",
    log:
        "<logs>/frames/clips/{dataset}/{shard}.log",
    benchmark:
        "<benchmarks>/frames/clips/{dataset}/{shard}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.datasets_of("clips")),
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("frames.commands:clips"),
        root=lambda wildcards: CONFIG.source_of(wildcards.dataset).root,
        kept=lambda wildcards: dataset_of(wildcards).frame_options,
    shell:
        "wildframe frames clips --manifest {input:q} --shard {wildcards.shard} --root {params.root:q}"
        " {params.kept:q} --output {output:q} &> {log:q}"


rule frames_state:
    input:
        lambda wildcards: exported_to(wildcards.source),
    output:
        "<results>/frames/{source}/state.json",
    log:
        "<logs>/frames/{source}/state.log",
    benchmark:
        "<benchmarks>/frames/{source}/state.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("frames.commands:extract"),
        root=lambda wildcards: source_of(wildcards).root,
        media=lambda wildcards: media_hash(wildcards.source),
        encoding=CONFIG.frames.encoding,
    shell:
        "wildframe frames state --code {params.code} --root {params.root:q} --media {params.media}"
        " --encoding {params.encoding} --output {output:q} &> {log:q}"


rule frames_collect:
    input:
        shards=lambda wildcards: ancient(shards_of(wildcards.dataset)),
        state=lambda wildcards: made_of(wildcards, rules.frames_state.output),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
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
        "wildframe frames collect {input.shards:q} --manifest {input.manifest:q}"
        " --output {output:q} &> {log:q}"


rule frames_preprocess:
    input:
        shards=lambda wildcards: ancient(shards_of(wildcards.dataset)),
        statuses=rules.frames_collect.output,
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
    resources:
        mem_mb=memory(400),
    params:
        code=code_hash("frames.commands:preprocess"),
        kind=lambda wildcards: code_hash(view_of(wildcards).code),
        view=lambda wildcards: view_of(wildcards).model_dump_json(),
    shell:
        "wildframe frames preprocess {input.shards:q} --statuses {input.statuses:q}"
        " --manifest {input.manifest:q} --view {params.view:q}"
        " --preprocessing {wildcards.preprocessing} --output {output:q} &> {log:q}"


# Sources that are made of a dataset of another one: `params` binds what differs.
for SOURCE, SETTINGS in CONFIG.sources.items():

    if SETTINGS.made_of:

        rule:
            name:
                f"{SOURCE}_export"
            input:
                unpack(chosen_by(SOURCE)),
                frames=ancient(shards_of(SETTINGS.made_of)),
                statuses=expand(rules.frames_collect.output, dataset=SETTINGS.made_of),
                manifest=manifest_of(SETTINGS.made_of),
                classes=rules.labels_classes.output,
            output:
                directory(SETTINGS.root),
            log:
                f"<logs>/frames/{SOURCE}.export.log",
            benchmark:
                f"<benchmarks>/frames/{SOURCE}.export.tsv"
            localrule: True
            conda:
                "../../envs/wildframe.yaml"
            threads: 1
            params:
                code=code_hash("frames.commands:export"),
                dataset=SETTINGS.made_of,
                inputs=input_options,
                note=SETTINGS.data_note,
                limit=(
                    [f"--limit={SETTINGS.exported.images}"]
                    if SETTINGS.exported.images
                    else []
                ),
            shell:
                "wildframe frames export {params.dataset:q} --format hf {params.inputs:q}"
                " --data-note {params.note:q} {params.limit:q} --output {output:q} &> {log:q}"

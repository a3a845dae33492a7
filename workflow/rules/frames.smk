"""Station 4: exact frames, and the resized images that models share."""

SHARDS = shard_names(CONFIG.frames.shards)

# Crops of the other views are too many for a file.
KEPT_VIEWS = [name for name, view in CONFIG.views.items() if not view.streams]
ZOOM_VIEWS = [name for name, view in CONFIG.views.items() if view.has_anchors]
ADAPTED_VIEWS = [name for name, view in CONFIG.views.items() if view.adapt]


# The checkpoints are none of the usual kind: no input function asks for what they wrote, the jobs of a
# run are known before it starts. They make Snakemake look again at what is left to do: after lists it
# drops the shards whose list came out as it was, so that a dataset which is added decodes only what
# nobody has wanted yet.
#
# A shard that grows for one dataset must rerun nothing of another. So whatever is made of the images
# of a dataset takes the shards as `ancient`, and the statuses for what changed in them; these are
# collected anew when the same frames may come out as others, which the state tells. As long as a job
# is to be run, Snakemake (9.27) does not see what is to be done behind an `ancient` output of it, and
# would end too early: this is why whatever makes such an output is a checkpoint. Nor does it see that
# statuses are to be collected: reviews and the index, which read no frame, take the shards only to
# wait. But as long as one is to be run, it deletes no temporary file: where images are not kept, their
# makers are none.
checkpoint frames_wanted:
    input:
        lambda wildcards: manifest_of(CONFIG.framed_datasets(wildcards.source)),
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
        mem_mb=memory(1100),
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


checkpoint frames_wanted_clips:
    input:
        unpack(lambda wildcards: shown_clips_of(wildcards.dataset)),
    output:
        expand(
            "<results>/frames/clips/{dataset}/{shard}.csv",
            shard=SHARDS,
            allow_missing=True,
        ),
    log:
        "<logs>/frames/clips/{dataset}/wanted.log",
    benchmark:
        "<benchmarks>/frames/clips/{dataset}/wanted.tsv"
    wildcard_constraints:
        dataset=CLIPS,
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("frames.commands:wanted_clips"),
        shards=len(SHARDS),
        folder=subpath(output[0], parent=True),
    shell:
        "wildframe frames wanted-clips {input.manifest:q} --shards {params.shards}"
        " --folder {params.folder:q} &> {log:q}"


# Media are not looked for when a run is planned: there may be hundreds of thousands. Those that come
# later are read by `--forcerun frames_clips`.
rule frames_clips:
    input:
        # Only to be asked again (hashes_behind): the list says whether clips of this shard are others.
        lambda wildcards: ancient(shown_clips_of(wildcards.dataset)["shown"]),
        wanted="<results>/frames/clips/{dataset}/{shard}.csv",
    output:
        "<results>/frames/clips/{dataset}/{shard}.arrow",
    log:
        "<logs>/frames/clips/{dataset}/{shard}.log",
    benchmark:
        "<benchmarks>/frames/clips/{dataset}/{shard}.tsv"
    wildcard_constraints:
        dataset=CLIPS,
    conda:
        "../../envs/wildframe.yaml"
    resources:
        mem_mb=memory(900),
    params:
        code=code_hash("frames.commands:clips"),
        root=lambda wildcards: CONFIG.source_of(wildcards.dataset).root,
        kept=lambda wildcards: dataset_of(wildcards).frame_options,
    shell:
        "wildframe frames clips {input.wanted:q} --root {params.root:q} {params.kept:q}"
        " --output {output:q} &> {log:q}"


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
    params:
        code=code_hash("frames.commands:extract"),
        root=lambda wildcards: source_of(wildcards).root,
        media=lambda wildcards: media_hash(wildcards.source),
        encoding=CONFIG.frames.encoding,
        border=lambda wildcards: source_of(wildcards).border,
    shell:
        "wildframe frames state --code {params.code} --root {params.root:q} --media {params.media}"
        " --encoding {params.encoding} --border {params.border} --output {output:q} &> {log:q}"


# Labels are not among what models are shown: `shown` is the same file after an edit of them, and so
# the images are neither preprocessed nor predicted anew.
checkpoint frames_collect:
    input:
        shards=lambda wildcards: ancient(shards_of(wildcards.dataset)),
        state=lambda wildcards: made_of(wildcards, rules.frames_state.output),
        # Files that the run itself exports may have other pixels under the same names.
        exported=lambda wildcards: exported_to(dataset_of(wildcards).source),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        statuses="<results>/frames/{dataset}.parquet",
        shown="<results>/frames/{dataset}.sha256",
    log:
        "<logs>/frames/{dataset}.log",
    benchmark:
        "<benchmarks>/frames/{dataset}.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("frames.commands:collect"),
        required=require_frames,
    shell:
        "wildframe frames collect {input.shards:q} --manifest {input.manifest:q}"
        " --output {output.statuses:q} --shown {output.shown:q} &> {log:q}"


# Each file has a job of its own, frames_preprocess; those of a dataset and view that are not there yet
# are made by one job, which decodes each image once. It is the same job to Snakemake's records, so that
# a model which is added, or frames that change, remake what they must and nothing else.
for NAME, DATASET, VIEW, PREPROCESSINGS in preprocessing_jobs():
    PLACE = f"frames/{DATASET or '{dataset}'}/{VIEW or '{view}'}"

    rule:
        name:
            NAME
        input:
            unpack(
                lambda wildcards, dataset=DATASET: shown_of(
                    dataset or wildcards.dataset
                )
            ),
        output:
            images=[
                path if CONFIG.frames.keep_preprocessed else temp(path)
                for preprocessing in PREPROCESSINGS
                for path in [f"<results>/{PLACE}/{preprocessing}.arrow"]
            ],
            samples=[
                f"<results>/{PLACE}/{preprocessing}.sample.arrow"
                for preprocessing in PREPROCESSINGS
            ],
        log:
            f"<logs>/{PLACE}/{PREPROCESSINGS[0]}.log",
        benchmark:
            f"<benchmarks>/{PLACE}/{PREPROCESSINGS[0]}.tsv"
        wildcard_constraints:
            view=one_of(KEPT_VIEWS),
        conda:
            "../../envs/wildframe.yaml"
        resources:
            mem_mb=memory(600),
            # Here, since no profile can name the jobs of a dataset and view.
            runtime=240,
        params:
            code=code_hash("frames.commands:preprocess"),
            kind=lambda wildcards, view=VIEW: code_hash(
                CONFIG.views[view or wildcards.view].code
            ),
            view=lambda wildcards, view=VIEW: CONFIG.views[
                view or wildcards.view
            ].model_dump_json(),
            resize=CONFIG.frames.resize,
            inputs=input_options,
        shell:
            "wildframe frames preprocess {output.images:q} {params.inputs:q} --view {params.view:q}"
            " --resize {params.resize} &> {log:q}"

    getattr(rules, NAME).rule.is_checkpoint = CONFIG.frames.keep_preprocessed


# Sources that are made of a dataset of another one: `params` binds what differs.
for SOURCE, SETTINGS in CONFIG.sources.items():

    if SETTINGS.made_of:

        rule:
            name:
                f"{SOURCE}_export"
            input:
                unpack(chosen_by(SOURCE)),
                **frames_of(SETTINGS.made_of),
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
            params:
                code=code_hash("frames.commands:export"),
                dataset=SETTINGS.made_of,
                inputs=input_options,
                # In a plain text braces hold wildcards.
                note=lambda wildcards, settings=SETTINGS: settings.data_note,
                limit=(
                    [f"--limit={SETTINGS.exported.images}"]
                    if SETTINGS.exported.images
                    else []
                ),
            shell:
                "wildframe frames export {params.dataset:q} --format hf {params.inputs:q}"
                " --data-note {params.note:q} {params.limit:q} --output {output:q} &> {log:q}"

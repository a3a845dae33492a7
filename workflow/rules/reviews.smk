"""Station 5: which neighbours of an anchor are evaluated. People review between two runs."""

# Data sets of the studies that are reviewed here, not by their publisher.
REVIEWED = [
    name
    for name in CONFIG.used_datasets
    if name in CONFIG.sets_datasets and CONFIG.sets(name).decisions
]


rule reviews_similarity:
    input:
        shards=lambda wildcards: ancient(shards_of(wildcards.dataset)),
        statuses=rules.frames_collect.output.statuses,
        sets=lambda wildcards: sets_of(wildcards.dataset),
    output:
        "<results>/reviews/{dataset}.similarity.parquet",
    log:
        "<logs>/reviews/{dataset}.similarity.log",
    benchmark:
        "<benchmarks>/reviews/{dataset}.similarity.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_datasets),
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("reviews.commands:similarity"),
    shell:
        "wildframe reviews similarity {input.shards:q} --statuses {input.statuses:q}"
        " --sets {input.sets:q} --output {output:q} &> {log:q}"


rule reviews_consensus:
    input:
        # Only to wait for them, as the other reviews (frames.smk).
        shards=lambda wildcards: ancient(shards_of(wildcards.dataset)),
        sets=lambda wildcards: sets_of(wildcards.dataset),
        statuses=rules.frames_collect.output.statuses,
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
        decisions=lambda wildcards: decisions_of(wildcards.dataset),
        # The command that it names, where decisions are missing, reads them.
        classes=lambda wildcards: (
            ancient(expand(rules.labels_classes.output))
            if CONFIG.sets(wildcards.dataset).decisions
            else []
        ),
        similarities=lambda wildcards: (
            expand(rules.reviews_similarity.output, dataset=wildcards.dataset)
            if CONFIG.sets(wildcards.dataset).review == "auto"
            else []
        ),
    output:
        "<results>/reviews/{dataset}.parquet",
    log:
        "<logs>/reviews/{dataset}.log",
    benchmark:
        "<benchmarks>/reviews/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(CONFIG.sets_datasets),
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("reviews.commands:consensus"),
        decisions=lambda wildcards: file_states(decisions_of(wildcards.dataset)),
        choices=lambda wildcards: CONFIG.sets(wildcards.dataset).review_options,
        similarities=lambda wildcards, input: [
            f"--similarities={path}" for path in input.similarities
        ],
    shell:
        "wildframe reviews consensus --sets {input.sets:q} --statuses {input.statuses:q}"
        " --manifest {input.manifest:q} {params.choices:q} {params.similarities:q} --output {output:q} &> {log:q}"


rule reviews_export:
    input:
        reviews=rules.reviews_consensus.output,
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
    output:
        pmsets="<results>/reviews/{dataset}/pmsets.json",
        labels="<results>/reviews/{dataset}/labels.json",
    log:
        "<logs>/reviews/{dataset}.export.log",
    benchmark:
        "<benchmarks>/reviews/{dataset}.export.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("reviews.commands:export"),
        targets_sha256=targets_of,
        label_space=lambda wildcards: CONFIG.sets(wildcards.dataset).label_space,
    shell:
        "wildframe reviews export {input.reviews:q} --manifest {input.manifest:q}"
        " --label-space {params.label_space:q} --pmsets {output.pmsets:q} --labels {output.labels:q}"
        " &> {log:q}"


# The end of `snakemake review` shows what it says.
rule reviews_next:
    input:
        shards=[ancient(shards_of(dataset)) for dataset in REVIEWED],
        sets=[sets_of(dataset) for dataset in REVIEWED],
        statuses=expand(rules.frames_collect.output.statuses, dataset=REVIEWED),
        decisions=[decisions_of(dataset) for dataset in REVIEWED],
        classes=ancient(expand(rules.labels_classes.output)),
    output:
        "<results>/reviews/next.txt",
    log:
        "<logs>/reviews/next.log",
    benchmark:
        "<benchmarks>/reviews/next.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("reviews.commands:next_step"),
        decisions=lambda wildcards: [
            file_states(decisions_of(dataset)) for dataset in REVIEWED
        ],
        choices=[CONFIG.sets(dataset).review_options for dataset in REVIEWED],
        options=lambda wildcards, input: [
            f"--{option}={value}"
            for option, values in {
                "sets": input.sets,
                "statuses": input.statuses,
                "decisions": [CONFIG.sets(dataset).decisions for dataset in REVIEWED],
                "rounds": [CONFIG.sets(dataset).rounds for dataset in REVIEWED],
            }.items()
            for value in values
        ],
    shell:
        "wildframe reviews next {params.options:q} --output {output:q} &> {log:q}"


# What `wildframe reviews serve` shows, of every data set that people review.
rule review:
    input:
        [[shards_of(dataset), manifest_of(dataset)] for dataset in REVIEWED],
        rules.labels_classes.output,
        rules.reviews_next.output,
    log:
        "<logs>/review.log",
    localrule: True


# Hard images beside those that are most like them: people review between two runs.
for SOURCE, SETTINGS in CONFIG.sources.items():

    if SETTINGS.made_of and SETTINGS.exported.hard:

        rule:
            name:
                f"{SOURCE}_candidates"
            input:
                hard=hard_images_of(SOURCE),
                predictions=whole_predictions_of(SOURCE),
                manifest=manifest_of(SETTINGS.made_of),
            output:
                f"<results>/reviews/{SOURCE}.sets.parquet",
            log:
                f"<logs>/reviews/{SOURCE}.sets.log",
            benchmark:
                f"<benchmarks>/reviews/{SOURCE}.sets.tsv"
            conda:
                "../../envs/wildframe.yaml"
            resources:
                mem_mb=memory(850),
            params:
                code=code_hash("reviews.commands:candidates"),
                neighbours=SETTINGS.exported.hard.neighbours,
            shell:
                "wildframe reviews candidates {input.hard:q} --predictions {input.predictions:q}"
                " --manifest {input.manifest:q} --neighbours {params.neighbours} --output {output:q}"
                " &> {log:q}"

    if (
        SETTINGS.made_of
        and SETTINGS.exported.hard
        and SETTINGS.exported.hard.decisions
    ):

        rule:
            name:
                f"{SOURCE}_review"
            input:
                shards=ancient(shards_of(SETTINGS.made_of)),
                sets=f"<results>/reviews/{SOURCE}.sets.parquet",
                statuses=expand(
                    rules.frames_collect.output.statuses, dataset=SETTINGS.made_of
                ),
                manifest=manifest_of(SETTINGS.made_of),
                decisions=given(decision_files(Path(SETTINGS.exported.hard.decisions))),
                classes=ancient(expand(rules.labels_classes.output)),
            output:
                f"<results>/reviews/{SOURCE}.curated.parquet",
            log:
                f"<logs>/reviews/{SOURCE}.curated.log",
            benchmark:
                f"<benchmarks>/reviews/{SOURCE}.curated.tsv"
            localrule: True
            conda:
                "../../envs/wildframe.yaml"
            params:
                code=code_hash("reviews.commands:consensus"),
                decisions=lambda wildcards, settings=SETTINGS: file_states(
                    decision_files(Path(settings.exported.hard.decisions))
                ),
                choices=SETTINGS.exported.hard.review_options,
            shell:
                "wildframe reviews consensus --sets {input.sets:q} --statuses {input.statuses:q}"
                " --manifest {input.manifest:q} --review human {params.choices:q} --output {output:q} &> {log:q}"

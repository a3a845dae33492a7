"""Station 9: the papers' tables and figures, a rule for each that a study declares."""

EXHIBITS = exhibits_of(
    {name: Context(CONFIG, ZOO, DETECTORS, study) for name, study in STUDIES.items()}
)

# What is written in place is evaluated once more when a job runs, then of the last exhibit: whatever
# differs from one to the next is bound here, by a function of its own.
for EXHIBIT in EXHIBITS:

    rule:
        name:
            exhibit_rule(EXHIBIT)
        input:
            **{
                name: exhibit_input(EXHIBIT, file)
                for name, file in EXHIBIT.files.items()
            },
        output:
            exhibit_output(EXHIBIT),
        log:
            f"<logs>/{EXHIBIT.stem}.log",
        benchmark:
            f"<benchmarks>/{EXHIBIT.stem}.tsv"
        wildcard_constraints:
            dataset=one_of(datasets_of(EXHIBIT)),
        localrule: True
        conda:
            "../../envs/wildframe.yaml"
        params:
            code=code_hash(EXHIBIT.code, "exhibits.made:hashes"),
            study=EXHIBIT.study,
            exhibit=EXHIBIT.name,
            caption=lambda wildcards, exhibit=EXHIBIT: exhibit.caption,
            watched=lambda wildcards, exhibit=EXHIBIT: exhibit.watched(
                exhibit_context(exhibit, wildcards)
            ),
            # Apart: Snakemake does not watch what it derives of the input.
            settings=lambda wildcards, exhibit=EXHIBIT: exhibit.setting_options(
                exhibit_context(exhibit, wildcards)
            ),
            inputs=lambda wildcards, input, exhibit=EXHIBIT: exhibit.input_options(
                input
            ),
        shell:
            "wildframe exhibits make {params.study} {params.exhibit} {output:q}"
            " {params.inputs:q} {params.settings:q} &> {log:q}"

    if EXHIBIT.datasets:

        # A rule with wildcards is no target by name.
        rule:
            name:
                EXHIBIT.rule
            input:
                exhibit_files(EXHIBIT),
            log:
                f"<logs>/{EXHIBIT.rule}.log",
            localrule: True


for STUDY in STUDIES:

    rule:
        name:
            STUDY
        input:
            [exhibit_files(one) for one in EXHIBITS if one.study == STUDY],
        log:
            f"<logs>/{STUDY}.log",
        localrule: True


rule exhibits_index:
    input:
        # Only to wait for those of all sources (frames.smk).
        shards=[
            ancient(shards_of(dataset))
            for dataset in {
                CONFIG.datasets[name].source: name for name in CONFIG.used_datasets
            }.values()
        ],
        exhibits=[exhibit_files(one) for one in EXHIBITS],
        funnels=[
            *expand(rules.manifests_build.output.funnel, dataset=CONFIG.used_datasets),
            *expand(
                rules.manifests_clips.output.funnel, dataset=CONFIG.used_clip_datasets
            ),
        ],
        # Of sets, reviews decide what is evaluated.
        statuses=[
            *expand(
                rules.frames_collect.output.statuses,
                dataset=[
                    name
                    for name in CONFIG.used_datasets
                    if name not in CONFIG.sets_datasets
                ],
            ),
            *expand(
                rules.frames_clips.output,
                dataset=CONFIG.learnt_clip_datasets,
                shard=SHARDS,
            ),
        ],
    output:
        "<results>/exhibits/index.html",
    log:
        "<logs>/exhibits/index.log",
    benchmark:
        "<benchmarks>/exhibits/index.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("exhibits.index:write_index"),
        page=page_sha256("index"),
        titles=[study.title for study in STUDIES.values()],
        words=[[one.label, one.shows, one.caption] for one in EXHIBITS],
        names=[name for one in EXHIBITS for name in exhibit_names_of(one)],
        funnels=lambda wildcards, input: options_of(
            {"funnel": input.funnels, "statuses": input.statuses}
        ),
    shell:
        "wildframe exhibits index {output:q} {params.names:q} {params.funnels:q} &> {log:q}"

"""Station 1: a publisher's own files, read into tables, and fetched where they are asked for."""

from wildframe.sources.kinds import KINDS

# A rule for each kind, whose class says what it reads and writes; `params` binds what differs.
for KIND, ADAPTER in KINDS.items():

    if ADAPTER.tables:

        rule:
            name:
                f"sources_{KIND}"
            input:
                # Asked for even where old tables would do: they may be another source's.
                unpack(input_files_of_source),
                lambda wildcards: exported_to(wildcards.source),
            output:
                **{
                    table: f"<results>/sources/{{source}}/{table}.parquet"
                    for table in ADAPTER.tables
                },
            log:
                "<logs>/sources/{source}.log",
            benchmark:
                "<benchmarks>/sources/{source}.tsv"
            wildcard_constraints:
                source=one_of(CONFIG.sources_of(KIND)),
            conda:
                "../../envs/wildframe.yaml"
            params:
                code=code_hash(f"sources.commands:{KIND}"),
                files=states_of_source,
                command=KIND.replace("_", "-"),
                inputs=input_options,
                options=lambda wildcards: source_of(wildcards).options(),
                tables=lambda wildcards, output: options_of(output),
                # Media that are added or replaced are listed anew.
                media=lambda wildcards: (
                    media_hash(wildcards.source)
                    if source_of(wildcards).reads_media
                    else ""
                ),
            shell:
                "wildframe sources {params.command} {params.options:q} {params.inputs:q}"
                " {params.tables:q} &> {log:q}"

    if ADAPTER.published_space:

        rule:
            name:
                f"sources_{KIND}_published"
            input:
                lambda wildcards: given(
                    files_there(source_of(wildcards).published_files)
                ),
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
            params:
                code=code_hash(f"sources.commands:{KIND}_published"),
                files=lambda wildcards: file_states(
                    found_files(wildcards.source, source_of(wildcards).published_files)
                ),
                label_space=targets_sha256(ADAPTER.published_space),
                command=f"{KIND}-published",
            shell:
                "wildframe sources {params.command} {input:q} --output {output:q} &> {log:q}"


FETCHED = [name for name, source in CONFIG.sources.items() if source.is_fetched]


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
        source=one_of(FETCHED),
    # Where there is network, most likely.
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("sources.commands:download", "sources.commands:download_shards"),
        options=lambda wildcards: source_of(wildcards).fetch_options(),
    shell:
        "wildframe sources {params.options:q} --output {output:q} &> {log:q}"


for SOURCE in FETCHED:

    rule:
        name:
            fetch_target(SOURCE)
        input:
            expand(rules.sources_download.output, source=SOURCE),
        log:
            f"<logs>/{SOURCE}_download.log",
        localrule: True

"""What readers of a paper are given: one zip, with the images that each source allows."""


rule supplement:
    input:
        unpack(certified_tables),
        **rules.exhibits_index.input,
        index=rules.exhibits_index.output,
    output:
        "<results>/supplement.zip",
    log:
        "<logs>/supplement.log",
    benchmark:
        "<benchmarks>/supplement.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("provenance.supplement:write_supplement"),
        names=rules.exhibits_index.params.names,
        funnels=rules.exhibits_index.params.funnels,
        predictions=lambda wildcards, input: options_of(
            {"predictions": input.predictions}
        ),
        sharing=[option for one in EXHIBITS for option in sharing_options(one)],
        # In a plain text braces hold wildcards.
        config=lambda wildcards: CONFIG.model_dump_json(exclude_unset=True),
    shell:
        "wildframe supplement {output:q} {params.names:q} {params.funnels:q}"
        " {params.predictions:q} {params.sharing:q} --config {params.config:q} &> {log:q}"

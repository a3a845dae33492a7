"""Robustness in time, which nobody has published of egocentric video."""


rule ego4d_robustness_in_time:
    input:
        robustness=expand(
            rules.scores_robustness.output,
            study="ego4d",
            dataset=EGO4D.near,
            view=EGO4D.view,
        ),
    output:
        png=report(
            "<results>/exhibits/ego4d/robustness_in_time.png",
            caption="../../../report/ego4d/robustness_in_time.rst",
            category="ego4d",
            labels={
                "exhibit": "Beyond: robustness in time",
                "shows": "accuracy by distance from the Pre frame",
            },
        ),
        svg="<results>/exhibits/ego4d/robustness_in_time.svg",
        csv="<results>/exhibits/ego4d/robustness_in_time.csv",
    log:
        "<logs>/exhibits/ego4d/robustness_in_time.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/robustness_in_time.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.time_commands:robustness_in_time"),
        models=",".join(EGO4D.beyond),
        about=lambda wildcards: CONFIG.describe(EGO4D.near, view=EGO4D.view),
    shell:
        "wildframe exhibits ego4d robustness-in-time --robustness {input.robustness:q}"
        " --models {params.models:q} --about {params.about:q} --png {output.png:q}"
        " --svg {output.svg:q} --csv {output.csv:q} &> {log:q}"

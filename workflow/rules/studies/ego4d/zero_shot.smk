"""Accuracy of models as they are: Fig. 7 to 10."""


rule ego4d_fig7_zero_shot_in1k:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
        classes=rules.labels_classes.output,
    output:
        multiext("<results>/exhibits/ego4d/fig7_zero_shot_in1k", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/fig7_zero_shot_in1k.md",
            caption="../../../report/ego4d/fig7_zero_shot_in1k.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 7", "shows": "zero-shot accuracy, IN-1K"},
        ),
    log:
        "<logs>/exhibits/ego4d/fig7_zero_shot_in1k.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig7_zero_shot_in1k.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.zero_shot_commands:fig7_zero_shot_in1k"),
        paper=paper_numbers("ego4d", "fig7_zero_shot_in1k"),
        models=[str(ZOO[name]) for name in EGO4D.models],
        about=lambda wildcards: EGO4D_ABOUT,
        licensed=EGO4D_LICENSED,
    shell:
        "wildframe exhibits ego4d fig7-zero-shot-in1k {output:q} --scores {input.scores:q}"
        " --classes {input.classes:q} --about {params.about:q} {params.licensed} &> {log:q}"

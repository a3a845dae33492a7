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
            labels={"exhibit": "Fig. 07", "shows": "zero-shot accuracy, IN-1K"},
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
        models=",".join(EGO4D.models),
        entries=[str(ZOO[name]) for name in EGO4D.models],
        about=lambda wildcards: EGO4D_ABOUT,
        licensed=EGO4D_LICENSED,
    shell:
        "wildframe exhibits ego4d fig7-zero-shot-in1k {output:q} --scores {input.scores:q}"
        " --models {params.models:q} --classes {input.classes:q} --about {params.about:q}"
        " {params.licensed} &> {log:q}"


rule ego4d_fig8_resolution:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
    output:
        multiext("<results>/exhibits/ego4d/fig8_resolution", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/fig8_resolution.md",
            caption="../../../report/ego4d/fig8_resolution.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 08", "shows": "accuracy by input size"},
        ),
    log:
        "<logs>/exhibits/ego4d/fig8_resolution.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig8_resolution.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.zero_shot_commands:fig8_resolution"),
        paper=paper_numbers("ego4d", "fig8_resolution"),
        models=",".join(EGO4D.resolution),
        entries=[str(ZOO[name]) for name in EGO4D.resolution],
        about=lambda wildcards: EGO4D_ABOUT,
        licensed=EGO4D_LICENSED,
    shell:
        "wildframe exhibits ego4d fig8-resolution {output:q} --scores {input.scores:q}"
        " --models {params.models:q} --about {params.about:q} {params.licensed} &> {log:q}"


rule ego4d_fig9_zero_shot_in21k:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.in21k,
            view=EGO4D.view,
        ),
        classes=rules.labels_classes.output,
    output:
        multiext("<results>/exhibits/ego4d/fig9_zero_shot_in21k", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/fig9_zero_shot_in21k.md",
            caption="../../../report/ego4d/fig9_zero_shot_in21k.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 09", "shows": "zero-shot accuracy, IN-21K"},
        ),
    log:
        "<logs>/exhibits/ego4d/fig9_zero_shot_in21k.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig9_zero_shot_in21k.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.zero_shot_commands:fig9_zero_shot_in21k"),
        paper=paper_numbers("ego4d", "fig9_zero_shot_in21k"),
        models=",".join(EGO4D.in21k_models),
        entries=[str(ZOO[name]) for name in EGO4D.in21k_models],
        about=lambda wildcards: CONFIG.describe(EGO4D.in21k, view=EGO4D.view),
        licensed=EGO4D_LICENSED,
    shell:
        "wildframe exhibits ego4d fig9-zero-shot-in21k {output:q} --scores {input.scores:q}"
        " --models {params.models:q} --classes {input.classes:q} --about {params.about:q}"
        " {params.licensed} &> {log:q}"


rule ego4d_fig10_pretraining:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
    output:
        multiext("<results>/exhibits/ego4d/fig10_pretraining", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/fig10_pretraining.md",
            caption="../../../report/ego4d/fig10_pretraining.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 10", "shows": "IN-1K against IN-21K first"},
        ),
    log:
        "<logs>/exhibits/ego4d/fig10_pretraining.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig10_pretraining.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.zero_shot_commands:fig10_pretraining"),
        paper=paper_numbers("ego4d", "fig10_pretraining"),
        # Architectures are called what the user likes.
        in1k=lambda wildcards: [
            f"--in1k={pair.name}={pair.in1k or ''}" for pair in EGO4D.pretraining
        ],
        in21k_in1k=lambda wildcards: [
            f"--in21k-in1k={pair.name}={pair.in21k_in1k or ''}"
            for pair in EGO4D.pretraining
        ],
        entries=[str(ZOO[name]) for name in EGO4D.pretrained],
        about=lambda wildcards: EGO4D_ABOUT,
        licensed=EGO4D_LICENSED,
    shell:
        "wildframe exhibits ego4d fig10-pretraining {output:q} --scores {input.scores:q}"
        " {params.in1k:q} {params.in21k_in1k:q} --about {params.about:q} {params.licensed}"
        " &> {log:q}"

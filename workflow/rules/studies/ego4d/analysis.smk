"""A closer look: labels, classes, confidence, size of the object, moments, pairs of models."""


rule ego4d_label_senses:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
    output:
        multiext("<results>/exhibits/ego4d/label_senses", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/label_senses.md",
            caption="../../../report/ego4d/label_senses.rst",
            category="ego4d",
            labels={
                "exhibit": "Beyond: label senses",
                "shows": "accuracy without doubtful labels",
            },
        ),
    log:
        "<logs>/exhibits/ego4d/label_senses.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/label_senses.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:label_senses"),
        models=",".join(EGO4D.models_of(EGO4D.in1k)),
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d label-senses {output:q} --scores {input.scores:q}"
        " --models {params.models:q} --about {params.about:q} &> {log:q}"


rule ego4d_high_confidence:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
    output:
        multiext("<results>/exhibits/ego4d/high_confidence", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/high_confidence.md",
            caption="../../../report/ego4d/high_confidence.rst",
            category="ego4d",
            labels={"exhibit": "Beyond: high confidence", "shows": "wrong and sure"},
        ),
    log:
        "<logs>/exhibits/ego4d/high_confidence.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/high_confidence.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:high_confidence"),
        paper=paper_numbers("ego4d", "high_confidence"),
        models=",".join(EGO4D.models_of(EGO4D.in1k)),
        entries=[str(ZOO[name]) for name in EGO4D.models_of(EGO4D.in1k)],
        about=lambda wildcards: EGO4D_ABOUT,
        licensed=EGO4D_LICENSED,
    shell:
        "wildframe exhibits ego4d high-confidence {output:q} --scores {input.scores:q}"
        " --models {params.models:q} --about {params.about:q} {params.licensed} &> {log:q}"


rule ego4d_per_class:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
        classes=rules.labels_classes.output,
    output:
        multiext("<results>/exhibits/ego4d/per_class", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/per_class.md",
            caption="../../../report/ego4d/per_class.rst",
            category="ego4d",
            labels={"exhibit": "Beyond: per class", "shows": "accuracy by class"},
        ),
    log:
        "<logs>/exhibits/ego4d/per_class.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/per_class.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:per_class"),
        models=",".join(EGO4D.models),
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d per-class {output:q} --scores {input.scores:q}"
        " --models {params.models:q} --classes {input.classes:q} --about {params.about:q}"
        " &> {log:q}"


rule ego4d_confusions:
    input:
        confusions=expand(
            rules.scores_confusions.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
        classes=rules.labels_classes.output,
    output:
        multiext("<results>/exhibits/ego4d/confusions", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/confusions.md",
            caption="../../../report/ego4d/confusions.rst",
            category="ego4d",
            labels={"exhibit": "Beyond: confusions", "shows": "which class for which"},
        ),
    log:
        "<logs>/exhibits/ego4d/confusions.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/confusions.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:confusions"),
        models=",".join(EGO4D.models),
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d confusions {output:q} --confusions {input.confusions:q}"
        " --models {params.models:q} --classes {input.classes:q} --about {params.about:q}"
        " &> {log:q}"


rule ego4d_reliability:
    input:
        calibration=expand(
            rules.scores_calibration.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
    output:
        png=report(
            "<results>/exhibits/ego4d/reliability.png",
            caption="../../../report/ego4d/reliability.rst",
            category="ego4d",
            labels={
                "exhibit": "Beyond: reliability",
                "shows": "accuracy against probability",
            },
        ),
        svg="<results>/exhibits/ego4d/reliability.svg",
        csv="<results>/exhibits/ego4d/reliability.csv",
    log:
        "<logs>/exhibits/ego4d/reliability.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/reliability.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:reliability"),
        models=",".join(EGO4D.models),
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d reliability --calibration {input.calibration:q}"
        " --models {params.models:q} --about {params.about:q} --png {output.png:q}"
        " --svg {output.svg:q} --csv {output.csv:q} &> {log:q}"


rule ego4d_box_area:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
    output:
        png=report(
            "<results>/exhibits/ego4d/box_area.png",
            caption="../../../report/ego4d/box_area.rst",
            category="ego4d",
            labels={
                "exhibit": "Beyond: box area",
                "shows": "accuracy by size of the object",
            },
        ),
        svg="<results>/exhibits/ego4d/box_area.svg",
        csv="<results>/exhibits/ego4d/box_area.csv",
    log:
        "<logs>/exhibits/ego4d/box_area.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/box_area.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:box_area"),
        models=",".join(EGO4D.models),
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d box-area --scores {input.scores:q}"
        " --models {params.models:q} --about {params.about:q} --png {output.png:q}"
        " --svg {output.svg:q} --csv {output.csv:q} &> {log:q}"


rule ego4d_moments:
    input:
        scores=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.moments,
            view=EGO4D.view,
        ),
    output:
        multiext("<results>/exhibits/ego4d/moments", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/moments.md",
            caption="../../../report/ego4d/moments.rst",
            category="ego4d",
            labels={"exhibit": "Beyond: moments", "shows": "Pre, PNR and Post"},
        ),
    log:
        "<logs>/exhibits/ego4d/moments.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/moments.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:moments"),
        models=",".join(EGO4D.beyond),
        about=lambda wildcards: CONFIG.describe(EGO4D.moments, view=EGO4D.view),
    shell:
        "wildframe exhibits ego4d moments {output:q} --scores {input.scores:q}"
        " --models {params.models:q} --about {params.about:q} &> {log:q}"


rule ego4d_box_view:
    input:
        full=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.objects,
            view="full",
        ),
        box=expand(
            rules.scores_accuracy.output,
            study="ego4d",
            dataset=EGO4D.objects,
            view="box",
        ),
    output:
        multiext("<results>/exhibits/ego4d/box_view", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/box_view.md",
            caption="../../../report/ego4d/box_view.rst",
            category="ego4d",
            labels={
                "exhibit": "Beyond: box view",
                "shows": "whole pictures against objects",
            },
        ),
    log:
        "<logs>/exhibits/ego4d/box_view.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/box_view.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:box_view"),
        models=",".join(EGO4D.beyond),
        about=lambda wildcards: f"{CONFIG.describe(EGO4D.objects)}; margin of the box view: "
        f"{CONFIG.views.box.margin:g} of the box's longer side",
    shell:
        "wildframe exhibits ego4d box-view {output:q} --full {input.full:q} --box {input.box:q}"
        " --models {params.models:q} --about {params.about:q} &> {log:q}"


rule ego4d_model_pairs:
    input:
        pairs=expand(
            rules.scores_model_pairs.output,
            study="ego4d",
            dataset=EGO4D.in1k,
            view=EGO4D.view,
        ),
    output:
        multiext("<results>/exhibits/ego4d/model_pairs", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/model_pairs.md",
            caption="../../../report/ego4d/model_pairs.rst",
            category="ego4d",
            labels={"exhibit": "Beyond: model pairs", "shows": "McNemar tests"},
        ),
    log:
        "<logs>/exhibits/ego4d/model_pairs.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/model_pairs.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.analysis_commands:model_pairs"),
        models=",".join(EGO4D.models),
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d model-pairs {output:q} --pairs {input.pairs:q}"
        " --models {params.models:q} --about {params.about:q} &> {log:q}"

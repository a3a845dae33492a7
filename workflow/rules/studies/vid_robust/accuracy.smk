"""Accuracy on anchors and on sets: Fig. 2, Tables 1 and 3, accuracy by distance and by class."""


rule vid_robust_fig2_original_vs_perturbed:
    input:
        robustness=expand(
            rules.scores_robustness.output,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
    output:
        png=report(
            "<results>/exhibits/vid_robust/{dataset}/fig2_original_vs_perturbed.png",
            caption="../../../report/vid_robust/fig2_original_vs_perturbed.rst",
            category="vid_robust",
            labels={
                "exhibit": "Fig. 2",
                "shows": "accuracy on anchors and on sets",
                "dataset": "{dataset}",
            },
        ),
        svg="<results>/exhibits/vid_robust/{dataset}/fig2_original_vs_perturbed.svg",
        csv="<results>/exhibits/vid_robust/{dataset}/fig2_original_vs_perturbed.csv",
    log:
        "<logs>/exhibits/vid_robust/{dataset}/fig2_original_vs_perturbed.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/fig2_original_vs_perturbed.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash(
            "exhibits.vid_robust.accuracy_commands:fig2_original_vs_perturbed"
        ),
        models=lambda wildcards: ",".join(VID_ROBUST.models_of(wildcards.dataset)),
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
        licensed=licensed_flag,
    shell:
        "wildframe exhibits vid-robust fig2-original-vs-perturbed"
        " --robustness {input.robustness:q} --models {params.models:q}"
        " --about {params.about:q} {params.licensed}"
        " --png {output.png:q} --svg {output.svg:q} --csv {output.csv:q} &> {log:q}"


rule vid_robust_table1_model_types:
    input:
        robustness=expand(
            rules.scores_robustness.output,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
    output:
        multiext(
            "<results>/exhibits/vid_robust/{dataset}/table1_model_types",
            ".csv",
            ".tex",
        ),
        report(
            "<results>/exhibits/vid_robust/{dataset}/table1_model_types.md",
            caption="../../../report/vid_robust/table1_model_types.rst",
            category="vid_robust",
            labels={
                "exhibit": "Table 1",
                "shows": "ways to train",
                "dataset": "{dataset}",
            },
        ),
    log:
        "<logs>/exhibits/vid_robust/{dataset}/table1_model_types.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/table1_model_types.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.accuracy_commands:table1_model_types"),
        paper=paper_numbers("vid_robust", "table1_model_types"),
        rows=lambda wildcards: [
            f"--row={entry.name}={entry.model}" for entry in VID_ROBUST.model_types
        ],
        targets=lambda wildcards: CONFIG.datasets[wildcards.dataset].targets,
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
        licensed=licensed_flag,
    shell:
        "wildframe exhibits vid-robust table1-model-types {output:q}"
        " --robustness {input.robustness:q} {params.rows:q}"
        " --targets {params.targets} --about {params.about:q} {params.licensed} &> {log:q}"


rule vid_robust_table3_models:
    input:
        robustness=expand(
            rules.scores_robustness.output,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
    output:
        multiext(
            "<results>/exhibits/vid_robust/{dataset}/table3_models", ".csv", ".tex"
        ),
        report(
            "<results>/exhibits/vid_robust/{dataset}/table3_models.md",
            caption="../../../report/vid_robust/table3_models.rst",
            category="vid_robust",
            labels={
                "exhibit": "App. Table 3",
                "shows": "all models",
                "dataset": "{dataset}",
            },
        ),
    log:
        "<logs>/exhibits/vid_robust/{dataset}/table3_models.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/table3_models.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.accuracy_commands:table3_models"),
        paper=paper_numbers("vid_robust", "table3_models"),
        models=lambda wildcards: ",".join(VID_ROBUST.models_of(wildcards.dataset)),
        targets=lambda wildcards: CONFIG.datasets[wildcards.dataset].targets,
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
        licensed=licensed_flag,
    shell:
        "wildframe exhibits vid-robust table3-models {output:q}"
        " --robustness {input.robustness:q} --models {params.models:q}"
        " --targets {params.targets} --about {params.about:q} {params.licensed} &> {log:q}"


rule vid_robust_appendix_fig2_by_k:
    input:
        robustness=expand(
            rules.scores_robustness.output,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
    output:
        png=report(
            "<results>/exhibits/vid_robust/{dataset}/appendix_fig2_by_k.png",
            caption="../../../report/vid_robust/appendix_fig2_by_k.rst",
            category="vid_robust",
            labels={
                "exhibit": "App. Fig. 2",
                "shows": "accuracy against distance",
                "dataset": "{dataset}",
            },
        ),
        svg="<results>/exhibits/vid_robust/{dataset}/appendix_fig2_by_k.svg",
        csv="<results>/exhibits/vid_robust/{dataset}/appendix_fig2_by_k.csv",
    log:
        "<logs>/exhibits/vid_robust/{dataset}/appendix_fig2_by_k.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/appendix_fig2_by_k.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.accuracy_commands:appendix_fig2_by_k"),
        rows=lambda wildcards: [
            f"--row={entry.name}={entry.model}" for entry in VID_ROBUST.model_types
        ],
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust appendix-fig2-by-k --robustness {input.robustness:q}"
        " {params.rows:q} --about {params.about:q}"
        " --png {output.png:q} --svg {output.svg:q} --csv {output.csv:q} &> {log:q}"


rule vid_robust_appendix_fig3_per_class:
    input:
        robustness=expand(
            rules.scores_robustness.output,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
    output:
        png=report(
            "<results>/exhibits/vid_robust/{dataset}/appendix_fig3_per_class.png",
            caption="../../../report/vid_robust/appendix_fig3_per_class.rst",
            category="vid_robust",
            labels={
                "exhibit": "App. Fig. 3",
                "shows": "accuracy by class",
                "dataset": "{dataset}",
            },
        ),
        svg="<results>/exhibits/vid_robust/{dataset}/appendix_fig3_per_class.svg",
        csv="<results>/exhibits/vid_robust/{dataset}/appendix_fig3_per_class.csv",
    log:
        "<logs>/exhibits/vid_robust/{dataset}/appendix_fig3_per_class.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/appendix_fig3_per_class.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.accuracy_commands:appendix_fig3_per_class"),
        model=VID_ROBUST.per_class,
        targets=lambda wildcards: CONFIG.datasets[wildcards.dataset].targets,
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust appendix-fig3-per-class"
        " --robustness {input.robustness:q}"
        " --model {params.model:q} --targets {params.targets} --about {params.about:q}"
        " --png {output.png:q} --svg {output.svg:q} --csv {output.csv:q} &> {log:q}"

"""What the papers leave out: effective robustness, consistency, tests, and what reviewers said."""


rule vid_robust_effective_robustness:
    input:
        robustness=expand(
            rules.scores_robustness.output,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
        published=[VID_ROBUST.published] if VID_ROBUST.published else [],
    output:
        png=report(
            "<results>/exhibits/vid_robust/{dataset}/effective_robustness.png",
            caption="../../../report/vid_robust/effective_robustness.rst",
            category="vid_robust",
            labels={
                "exhibit": "Beyond: effective robustness",
                "shows": "above the line of published models",
                "dataset": "{dataset}",
            },
        ),
        svg="<results>/exhibits/vid_robust/{dataset}/effective_robustness.svg",
        csv="<results>/exhibits/vid_robust/{dataset}/effective_robustness.csv",
    log:
        "<logs>/exhibits/vid_robust/{dataset}/effective_robustness.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/effective_robustness.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.beyond_commands:effective_robustness"),
        models=lambda wildcards: ",".join(VID_ROBUST.models_of(wildcards.dataset)),
        targets=lambda wildcards: CONFIG.datasets[wildcards.dataset].targets,
        published=lambda wildcards, input: [
            f"--published={path}" for path in input.published
        ],
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust effective-robustness --robustness {input.robustness:q}"
        " --models {params.models:q} --targets {params.targets} {params.published:q}"
        " --about {params.about:q}"
        " --png {output.png:q} --svg {output.svg:q} --csv {output.csv:q} &> {log:q}"


rule vid_robust_consistency:
    input:
        robustness=expand(
            rules.scores_robustness.output,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
    output:
        multiext("<results>/exhibits/vid_robust/{dataset}/consistency", ".csv", ".tex"),
        report(
            "<results>/exhibits/vid_robust/{dataset}/consistency.md",
            caption="../../../report/vid_robust/consistency.rst",
            category="vid_robust",
            labels={
                "exhibit": "Beyond: consistency",
                "shows": "flips, random and worst neighbours",
                "dataset": "{dataset}",
            },
        ),
    log:
        "<logs>/exhibits/vid_robust/{dataset}/consistency.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/consistency.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.beyond_commands:consistency"),
        models=lambda wildcards: ",".join(VID_ROBUST.models_of(wildcards.dataset)),
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust consistency {output:q}"
        " --robustness {input.robustness:q} --models {params.models:q}"
        " --about {params.about:q} &> {log:q}"


rule vid_robust_model_pairs:
    input:
        pairs=expand(
            rules.scores_set_pairs.output,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
    output:
        multiext("<results>/exhibits/vid_robust/{dataset}/model_pairs", ".csv", ".tex"),
        report(
            "<results>/exhibits/vid_robust/{dataset}/model_pairs.md",
            caption="../../../report/vid_robust/model_pairs.rst",
            category="vid_robust",
            labels={
                "exhibit": "Beyond: model pairs",
                "shows": "McNemar tests",
                "dataset": "{dataset}",
            },
        ),
    log:
        "<logs>/exhibits/vid_robust/{dataset}/model_pairs.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/model_pairs.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.beyond_commands:model_pairs"),
        models=lambda wildcards: ",".join(VID_ROBUST.models_of(wildcards.dataset)),
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust model-pairs {output:q} --pairs {input.pairs:q}"
        " --models {params.models:q} --about {params.about:q} &> {log:q}"


rule vid_robust_review:
    input:
        reviews=rules.reviews_consensus.output,
        decisions=lambda wildcards: decisions_of(wildcards.dataset),
    output:
        multiext("<results>/exhibits/vid_robust/{dataset}/review", ".csv", ".tex"),
        report(
            "<results>/exhibits/vid_robust/{dataset}/review.md",
            caption="../../../report/vid_robust/review.rst",
            category="vid_robust",
            labels={
                "exhibit": "Beyond: review",
                "shows": "what reviewers decided",
                "dataset": "{dataset}",
            },
        ),
    log:
        "<logs>/exhibits/vid_robust/{dataset}/review.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/review.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.beyond_commands:review"),
        decisions=lambda wildcards, input: [
            f"--decisions={path}" for path in input.decisions
        ],
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust review {output:q} --reviews {input.reviews:q}"
        " {params.decisions:q} --about {params.about:q} &> {log:q}"

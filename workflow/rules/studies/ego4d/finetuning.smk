"""Models after fine-tuning: Fig. 2, Fig. 11, and what a split by image pretends."""

EGO4D_FINETUNING_LICENSED = (
    "--licensed"
    if CONFIG.is_papers(FINETUNING.dataset, EGO4D.view) and FINETUNING.is_papers
    else "--no-licensed"
)


rule ego4d_fig2_finetuning:
    input:
        scores=expand(
            rules.scores_held_out.output,
            study="ego4d",
            dataset=FINETUNING.dataset,
            view=EGO4D.view,
            training=f"by-{FINETUNING.split_by}",
        ),
    output:
        png=report(
            "<results>/exhibits/ego4d/fig2_finetuning.png",
            caption="../../../report/ego4d/fig2_finetuning.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 02", "shows": "before and after fine-tuning"},
        ),
        svg="<results>/exhibits/ego4d/fig2_finetuning.svg",
    log:
        "<logs>/exhibits/ego4d/fig2_finetuning.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig2_finetuning.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.finetuning_commands:fig2_finetuning"),
        paper=paper_numbers("ego4d", "fig11_finetuned"),
        by=FINETUNING.split_by,
        models=",".join(FINETUNING.models),
        entries=[str(ZOO[name]) for name in FINETUNING.models],
        about=lambda wildcards: CONFIG.describe(FINETUNING.dataset, view=EGO4D.view),
        licensed=EGO4D_FINETUNING_LICENSED,
    shell:
        "wildframe exhibits ego4d fig2-finetuning --scores {input.scores:q} --by {params.by}"
        " --models {params.models:q} --about {params.about:q} {params.licensed}"
        " --png {output.png:q} --svg {output.svg:q} &> {log:q}"


rule ego4d_fig11_finetuned:
    input:
        scores=expand(
            rules.scores_held_out.output,
            study="ego4d",
            dataset=FINETUNING.dataset,
            view=EGO4D.view,
            training=f"by-{FINETUNING.split_by}",
        ),
    output:
        multiext("<results>/exhibits/ego4d/fig11_finetuned", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/fig11_finetuned.md",
            caption="../../../report/ego4d/fig11_finetuned.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 11", "shows": "before and after fine-tuning"},
        ),
    log:
        "<logs>/exhibits/ego4d/fig11_finetuned.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig11_finetuned.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.finetuning_commands:fig11_finetuned"),
        paper=paper_numbers("ego4d", "fig11_finetuned"),
        by=FINETUNING.split_by,
        models=",".join(FINETUNING.models),
        entries=[str(ZOO[name]) for name in FINETUNING.models],
        about=lambda wildcards: CONFIG.describe(FINETUNING.dataset, view=EGO4D.view),
        licensed=EGO4D_FINETUNING_LICENSED,
    shell:
        "wildframe exhibits ego4d fig11-finetuned {output:q} --scores {input.scores:q}"
        " --by {params.by} --models {params.models:q} --about {params.about:q}"
        " {params.licensed} &> {log:q}"


rule ego4d_leak:
    input:
        scores=expand(
            rules.scores_held_out.output,
            study="ego4d",
            dataset=FINETUNING.dataset,
            view=EGO4D.view,
            training=f"by-{FINETUNING.split_by}",
        ),
        split=expand(
            rules.manifests_split.output,
            dataset=FINETUNING.dataset,
            training=f"by-{FINETUNING.split_by}",
        ),
        image_scores=expand(
            rules.scores_held_out.output,
            study="ego4d",
            dataset=FINETUNING.dataset,
            view=EGO4D.view,
            training="by-image",
        ),
        image_split=expand(
            rules.manifests_split.output,
            dataset=FINETUNING.dataset,
            training="by-image",
        ),
        manifest=expand(
            rules.manifests_build.output.manifest, dataset=FINETUNING.dataset
        ),
        statuses=expand(rules.frames_collect.output, dataset=FINETUNING.dataset),
    output:
        multiext("<results>/exhibits/ego4d/leak", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/leak.md",
            caption="../../../report/ego4d/leak.rst",
            category="ego4d",
            labels={
                "exhibit": "Beyond: leak",
                "shows": "what a split by image pretends",
            },
        ),
    log:
        "<logs>/exhibits/ego4d/leak.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/leak.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.finetuning_commands:leak"),
        paper=paper_numbers("ego4d", "leak"),
        by=FINETUNING.split_by,
        models=",".join(FINETUNING.models),
        entries=[str(ZOO[name]) for name in FINETUNING.models],
        about=lambda wildcards: CONFIG.describe(FINETUNING.dataset, view=EGO4D.view),
        licensed=EGO4D_FINETUNING_LICENSED,
    shell:
        "wildframe exhibits ego4d leak {output:q} --scores {input.scores:q}"
        " --split {input.split:q} --by {params.by} --image-scores {input.image_scores:q}"
        " --image-split {input.image_split:q} --manifest {input.manifest:q}"
        " --statuses {input.statuses:q} --models {params.models:q} --about {params.about:q}"
        " {params.licensed} &> {log:q}"

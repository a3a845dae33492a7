"""What models looked at, and what they were wrongly sure of: Fig. 1 and 6."""


rule ego4d_fig1_gradcam:
    input:
        frames=expand(rules.frames_extract.output, dataset=EGO4D.in1k, shard=SHARDS),
        gradcams=expand(
            rules.predictions_gradcam.output,
            dataset=EGO4D.in1k,
            view=EGO4D.view,
            model=EGO4D.gradcam,
        ),
        outcomes=expand(
            rules.scores_outcomes.output,
            dataset=EGO4D.in1k,
            view=EGO4D.view,
            model=EGO4D.gradcam,
        ),
        pixels=expand(
            rules.frames_pixels.output,
            dataset=EGO4D.in1k,
            view=EGO4D.view,
            preprocessing=sorted(
                {str(ZOO[model].preprocessing) for model in EGO4D.gradcam}
            ),
        ),
        manifest=expand(rules.manifests_build.output.manifest, dataset=EGO4D.in1k),
        classes=rules.labels_classes.output,
    output:
        png=report(
            "<results>/exhibits/ego4d/fig1_gradcam.png",
            caption="../../../report/ego4d/fig1_gradcam.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 01", "shows": "Grad-CAM"},
        ),
        svg="<results>/exhibits/ego4d/fig1_gradcam.svg",
    log:
        "<logs>/exhibits/ego4d/fig1_gradcam.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig1_gradcam.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.picture_commands:fig1_gradcam"),
        gradcams=lambda wildcards, input: [
            f"--gradcams={path}" for path in input.gradcams
        ],
        outcomes=lambda wildcards, input: [
            f"--outcomes={path}" for path in input.outcomes
        ],
        pixels=lambda wildcards, input: [f"--pixels={path}" for path in input.pixels],
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d fig1-gradcam {input.frames:q} {params.gradcams:q}"
        " {params.outcomes:q} {params.pixels:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --about {params.about:q} --png {output.png:q}"
        " --svg {output.svg:q} &> {log:q}"


rule ego4d_fig6_high_confidence:
    input:
        frames=expand(rules.frames_extract.output, dataset=EGO4D.in1k, shard=SHARDS),
        # The paper shows the errors of its first model.
        outcomes=expand(
            rules.scores_outcomes.output,
            dataset=EGO4D.in1k,
            view=EGO4D.view,
            model=EGO4D.models[0],
        ),
        manifest=expand(rules.manifests_build.output.manifest, dataset=EGO4D.in1k),
        classes=rules.labels_classes.output,
    output:
        png=report(
            "<results>/exhibits/ego4d/fig6_high_confidence.png",
            caption="../../../report/ego4d/fig6_high_confidence.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 06", "shows": "high-confidence errors"},
        ),
        svg="<results>/exhibits/ego4d/fig6_high_confidence.svg",
    log:
        "<logs>/exhibits/ego4d/fig6_high_confidence.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig6_high_confidence.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.picture_commands:fig6_high_confidence"),
        high_confidence=CONFIG.scores.high_confidence,
        view=EGO4D.view,
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d fig6-high-confidence {input.frames:q}"
        " --outcomes {input.outcomes:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --high-confidence {params.high_confidence}"
        " --view {params.view} --about {params.about:q} --png {output.png:q}"
        " --svg {output.svg:q} &> {log:q}"

"""Pairs of frames to look at: Fig. 1, and those that reviewers rejected."""


rule vid_robust_fig1_gallery:
    input:
        frames=expand(rules.frames_extract.output, shard=SHARDS, allow_missing=True),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
        outcomes=expand(
            rules.scores_set_outcomes.output,
            view="full",
            examined=VID_ROBUST.gallery,
            allow_missing=True,
        ),
        # Outcomes keep the confidence of answers only, not what else the model held likely.
        predictions=expand(
            (
                rules.predictions_detect.output
                if VID_ROBUST.gallery in DETECTORS
                else rules.predictions_run.output
            ),
            view="full",
            model=VID_ROBUST.gallery,
            detector=VID_ROBUST.gallery,
            allow_missing=True,
        ),
    output:
        png=report(
            "<results>/exhibits/vid_robust/{dataset}/fig1_gallery.png",
            caption="../../../report/vid_robust/fig1_gallery.rst",
            category="vid_robust",
            labels={
                "exhibit": "Fig. 1",
                "shows": "failing pairs",
                "dataset": "{dataset}",
            },
        ),
        svg="<results>/exhibits/vid_robust/{dataset}/fig1_gallery.svg",
    log:
        "<logs>/exhibits/vid_robust/{dataset}/fig1_gallery.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/fig1_gallery.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.picture_commands:fig1_gallery"),
        model=VID_ROBUST.gallery,
        targets=lambda wildcards: CONFIG.datasets[wildcards.dataset].targets,
        seed=CONFIG.scores.seed,
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust fig1-gallery {input.frames:q}"
        " --manifest {input.manifest:q} --outcomes {input.outcomes:q}"
        " --predictions {input.predictions:q}"
        " --model {params.model:q} --targets {params.targets} --seed {params.seed}"
        " --about {params.about:q} --png {output.png:q} --svg {output.svg:q} &> {log:q}"


rule vid_robust_appendix_fig1_dissimilar:
    input:
        frames=expand(rules.frames_extract.output, shard=SHARDS, allow_missing=True),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
        reviews=rules.reviews_consensus.output,
    output:
        png=report(
            "<results>/exhibits/vid_robust/{dataset}/appendix_fig1_dissimilar.png",
            caption="../../../report/vid_robust/appendix_fig1_dissimilar.rst",
            category="vid_robust",
            labels={
                "exhibit": "App. Fig. 1",
                "shows": "pairs that reviewers rejected",
                "dataset": "{dataset}",
            },
        ),
        svg="<results>/exhibits/vid_robust/{dataset}/appendix_fig1_dissimilar.svg",
    log:
        "<logs>/exhibits/vid_robust/{dataset}/appendix_fig1_dissimilar.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/appendix_fig1_dissimilar.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.picture_commands:appendix_fig1_dissimilar"),
        targets=lambda wildcards: CONFIG.datasets[wildcards.dataset].targets,
        seed=CONFIG.scores.seed,
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust appendix-fig1-dissimilar {input.frames:q}"
        " --manifest {input.manifest:q} --reviews {input.reviews:q}"
        " --targets {params.targets} --seed {params.seed} --about {params.about:q}"
        " --png {output.png:q} --svg {output.svg:q} &> {log:q}"

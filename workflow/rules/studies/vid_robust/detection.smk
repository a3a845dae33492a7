"""Detectors on anchors and on the worst frame of each set: Table 2 and Fig. 3."""


rule vid_robust_table2_detection:
    input:
        scores=expand(
            rules.scores_detection.output.scores,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
    output:
        multiext(
            "<results>/exhibits/vid_robust/{dataset}/table2_detection", ".csv", ".tex"
        ),
        report(
            "<results>/exhibits/vid_robust/{dataset}/table2_detection.md",
            caption="../../../report/vid_robust/table2_detection.rst",
            category="vid_robust",
            labels={
                "exhibit": "Table 2",
                "shows": "detection and localization",
                "dataset": "{dataset}",
            },
        ),
    log:
        "<logs>/exhibits/vid_robust/{dataset}/table2_detection.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/table2_detection.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.detection_commands:table2_detection"),
        paper=paper_numbers("vid_robust", "table2_detection"),
        targets=lambda wildcards: CONFIG.datasets[wildcards.dataset].targets,
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
        licensed=licensed_flag,
    shell:
        "wildframe exhibits vid-robust table2-detection {output:q} --scores {input.scores:q}"
        " --targets {params.targets} --about {params.about:q} {params.licensed} &> {log:q}"


rule vid_robust_fig3_detections:
    input:
        frames=expand(rules.frames_extract.output, shard=SHARDS, allow_missing=True),
        manifest=lambda wildcards: manifest_of(wildcards.dataset),
        worst=expand(
            rules.scores_detection.output.worst,
            study="vid_robust",
            view="full",
            allow_missing=True,
        ),
        detections=expand(
            rules.predictions_detect.output,
            view="full",
            detector=VID_ROBUST.detectors[:1],
            allow_missing=True,
        ),
    output:
        png=report(
            "<results>/exhibits/vid_robust/{dataset}/fig3_detections.png",
            caption="../../../report/vid_robust/fig3_detections.rst",
            category="vid_robust",
            labels={
                "exhibit": "Fig. 3",
                "shows": "detections on anchors and worst frames",
                "dataset": "{dataset}",
            },
        ),
        svg="<results>/exhibits/vid_robust/{dataset}/fig3_detections.svg",
    log:
        "<logs>/exhibits/vid_robust/{dataset}/fig3_detections.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/{dataset}/fig3_detections.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.detection_commands:fig3_detections"),
        detector=",".join(VID_ROBUST.detectors[:1]),
        targets=lambda wildcards: CONFIG.datasets[wildcards.dataset].targets,
        about=lambda wildcards: CONFIG.describe(wildcards.dataset),
    shell:
        "wildframe exhibits vid-robust fig3-detections {input.frames:q}"
        " --manifest {input.manifest:q} --worst {input.worst:q}"
        " --detections {input.detections:q} --detector {params.detector:q}"
        " --targets {params.targets} --about {params.about:q}"
        " --png {output.png:q} --svg {output.svg:q} &> {log:q}"

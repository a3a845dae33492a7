"""Station 7: metrics out of predictions."""


rule scores_accuracy:
    input:
        manifest=rules.manifests_build.output.manifest,
        statuses=rules.frames_collect.output,
        classes=rules.labels_classes.output,
        predictions=lambda wildcards: expand(
            rules.predictions_run.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            model=getattr(CONFIG.studies, wildcards.study).models,
        ),
    output:
        "<results>/scores/{dataset}/{study}.{view}.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("scores.commands:accuracy"),
    shell:
        "wildframe scores accuracy {input.predictions} --manifest {input.manifest}"
        " --statuses {input.statuses} --classes {input.classes} --study {wildcards.study}"
        " --dataset {wildcards.dataset} --view {wildcards.view} --output {output} &> {log}"

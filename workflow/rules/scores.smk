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
        # Their order is the order of the table.
        models=lambda wildcards: getattr(CONFIG.studies, wildcards.study).models,
    shell:
        "wildframe scores accuracy {input.predictions:q} --manifest {input.manifest:q}"
        " --statuses {input.statuses:q} --classes {input.classes:q} --study {wildcards.study}"
        " --dataset {wildcards.dataset} --view {wildcards.view} --output {output:q} &> {log:q}"

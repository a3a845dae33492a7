"""Station 6: what each model said about each picture; these rules and training need a GPU."""


rule predictions_run:
    input:
        weights=lambda wildcards: weights_of(wildcards.model),
        pixels=lambda wildcards: expand(
            rules.frames_pixels.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            preprocessing=str(ZOO[wildcards.model].preprocessing),
        ),
    output:
        "<results>/predictions/{dataset}/{view}/{model}.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{model}.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{model}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
    params:
        code=code_hash("predictions.commands:run"),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        device=CONFIG.predictions.device,
        batch_size=CONFIG.predictions.batch_size,
    shell:
        "wildframe predictions run {wildcards.model} --weights {input.weights:q}"
        " --pixels {input.pixels:q} --output {output:q} --device {params.device:q}"
        " --batch-size {params.batch_size} --threads {threads} &> {log:q}"


rule predictions_gradcam:
    input:
        weights=lambda wildcards: weights_of(wildcards.model),
        pixels=lambda wildcards: expand(
            rules.frames_pixels.output,
            dataset=wildcards.dataset,
            view=wildcards.view,
            preprocessing=str(ZOO[wildcards.model].preprocessing),
        ),
        manifest=rules.manifests_build.output.manifest,
        classes=rules.labels_classes.output,
    output:
        "<results>/predictions/{dataset}/{view}/{model}.gradcam.parquet",
    log:
        "<logs>/predictions/{dataset}/{view}/{model}.gradcam.log",
    benchmark:
        "<benchmarks>/predictions/{dataset}/{view}/{model}.gradcam.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: THREADS_A_MODEL
    resources:
        gpu=GPUS_A_MODEL,
    params:
        code=code_hash("predictions.commands:gradcam"),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        layer=lambda wildcards: ZOO[wildcards.model].gradcam_layer,
        device=CONFIG.predictions.device,
        batch_size=CONFIG.predictions.batch_size,
    shell:
        "wildframe predictions gradcam {wildcards.model} --weights {input.weights:q}"
        " --pixels {input.pixels:q} --manifest {input.manifest:q} --classes {input.classes:q}"
        " --output {output:q} --device {params.device:q} --batch-size {params.batch_size}"
        " --threads {threads} &> {log:q}"

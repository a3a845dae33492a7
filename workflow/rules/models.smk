"""Station 5: weights as an artifact."""


rule models_prepare:
    output:
        "<results>/models/{model}/weights.safetensors",
    log:
        "<logs>/models/{model}.log",
    benchmark:
        "<benchmarks>/models/{model}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("models.commands:prepare"),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
    shell:
        "wildframe models prepare {wildcards.model} --output {output:q} &> {log:q}"


rule models_finetune:
    input:
        weights=lambda wildcards: weights_of(wildcards.model),
        split=expand(
            rules.manifests_split.output,
            dataset=FINETUNING.dataset,
            allow_missing=True,
        ),
        manifest=expand(
            rules.manifests_build.output.manifest, dataset=FINETUNING.dataset
        ),
        pixels=lambda wildcards: expand(
            rules.frames_pixels.output,
            dataset=FINETUNING.dataset,
            view=CONFIG.studies.ego4d.view,
            preprocessing=str(ZOO[wildcards.model].preprocessing),
        ),
        classes=rules.labels_classes.output,
    output:
        weights="<results>/models/{model}/by-{by}.safetensors",
        history="<results>/models/{model}/by-{by}.parquet",
    log:
        "<logs>/models/{model}.by-{by}.log",
    benchmark:
        "<benchmarks>/models/{model}.by-{by}.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: 2
    resources:
        gpu=GPUS_A_MODEL,
    params:
        code=code_hash("models.commands:finetune"),
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        device=CONFIG.predictions.device,
        schedule=FINETUNING.schedule,
    shell:
        "wildframe models finetune {wildcards.model} --weights {input.weights:q}"
        " --split {input.split:q} --manifest {input.manifest:q} --pixels {input.pixels:q}"
        " --classes {input.classes:q} --output {output.weights:q} --history {output.history:q}"
        " --device {params.device:q} --threads {threads} {params.schedule:q} &> {log:q}"

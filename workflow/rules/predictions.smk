"""Station 6: what each model said about each picture; the only rule that needs a GPU."""


rule predictions_run:
    input:
        weights=rules.models_prepare.output,
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
    threads: 2
    resources:
        gpu=1,
    params:
        code=code_hash("predictions.commands:run"),
        entry=lambda wildcards: str(ZOO[wildcards.model]),
        device=CONFIG.predictions.device,
        batch_size=CONFIG.predictions.batch_size,
    shell:
        "wildframe predictions run {wildcards.model} --weights {input.weights}"
        " --pixels {input.pixels} --output {output} --device {params.device}"
        " --batch-size {params.batch_size} --threads {threads} &> {log}"

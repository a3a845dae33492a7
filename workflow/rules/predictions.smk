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
        entry=lambda wildcards: ZOO[wildcards.model].facts,
        device=CONFIG.predictions.device,
        batch_size=CONFIG.predictions.batch_size,
    shell:
        "wildframe predictions run {wildcards.model} --weights {input.weights:q}"
        " --pixels {input.pixels:q} --output {output:q} --device {params.device:q}"
        " --batch-size {params.batch_size} --threads {threads} &> {log:q}"

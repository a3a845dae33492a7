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

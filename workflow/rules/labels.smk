"""Station 2: label spaces."""


# Reviews take it as `ancient`: see frames.smk for why it is a checkpoint.
checkpoint labels_classes:
    output:
        "<results>/labels/classes.parquet",
    log:
        "<logs>/labels/classes.log",
    benchmark:
        "<benchmarks>/labels/classes.tsv"
    localrule: True
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("labels.commands:classes"),
        lists=lists_sha256(),
    shell:
        "wildframe labels classes --output {output:q} &> {log:q}"

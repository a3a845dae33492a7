"""Station 8, of zoomed crops: how well models do on them, and which images remain."""


rule scores_zoom:
    input:
        unpack(zoomed_files),
    output:
        scores="<results>/scores/{dataset}/{study}.{view}.zoom.parquet",
        crops="<results>/scores/{dataset}/{study}.{view}.zoom_crops.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.zoom.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.zoom.tsv"
    wildcard_constraints:
        view=one_of(ZOOM_VIEWS),
    conda:
        "../../envs/wildframe.yaml"
    resources:
        mem_mb=memory(450),
    params:
        code=code_hash("scores.zoom_commands:zoom"),
        targets_sha256=targets_of,
        # Tables have this order.
        models=zoomed_models,
        seed=CONFIG.scores.seed,
        real=real_options,
    shell:
        "wildframe scores zoom {input.predictions:q} --manifest {input.manifest:q} {params.real:q}"
        " --statuses {input.statuses:q} --dataset {wildcards.dataset} --seed {params.seed}"
        " --output {output.scores:q} --crops {output.crops:q} &> {log:q}"


use rule scores_zoom as scores_zoom_real with:
    input:
        unpack(zoomed_files),
        real=lambda wildcards: manifest_of(wildcards.real),
    output:
        scores="<results>/scores/{dataset}/{study}.{view}.{real}.{real_empty}.zoom.parquet",
        crops="<results>/scores/{dataset}/{study}.{view}.{real}.{real_empty}.zoom_crops.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.{real}.{real_empty}.zoom.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.{real}.{real_empty}.zoom.tsv"
    wildcard_constraints:
        real=one_of(CONFIG.datasets),
        real_empty="in|drop",


rule scores_hard_images:
    input:
        unpack(zoomed_files),
    output:
        "<results>/scores/{dataset}/{study}.{view}.hard_images.parquet",
    log:
        "<logs>/scores/{dataset}/{study}.{view}.hard_images.log",
    benchmark:
        "<benchmarks>/scores/{dataset}/{study}.{view}.hard_images.tsv"
    wildcard_constraints:
        view=one_of(ZOOM_VIEWS),
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("scores.zoom_commands:hard_images"),
        targets_sha256=targets_of,
        models=zoomed_models,
    shell:
        "wildframe scores hard-images {input.predictions:q} --manifest {input.manifest:q}"
        " --statuses {input.statuses:q} --output {output:q} &> {log:q}"

"""The pictures themselves, with what models made of them, as a page that needs no server."""

from wildframe.exhibits.browse import page_sha256


rule ego4d_browse:
    input:
        frames=expand(rules.frames_extract.output, dataset=EGO4D.in1k, shard=SHARDS),
        manifest=expand(rules.manifests_build.output.manifest, dataset=EGO4D.in1k),
        outcomes=expand(
            rules.scores_outcomes.output,
            dataset=EGO4D.in1k,
            view=EGO4D.view,
            model=EGO4D.models_of(EGO4D.in1k),
        ),
        gradcams=expand(
            rules.predictions_gradcam.output,
            dataset=EGO4D.in1k,
            view=EGO4D.view,
            model=EGO4D.gradcam,
        ),
        classes=rules.labels_classes.output,
    output:
        directory("<results>/exhibits/ego4d/browse"),
    log:
        "<logs>/exhibits/ego4d/browse.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/browse.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.browse_commands:browse"),
        page=page_sha256(),
        outcomes=lambda wildcards, input: [
            f"--outcomes={path}" for path in input.outcomes
        ],
        gradcams=lambda wildcards, input: [
            f"--gradcams={path}" for path in input.gradcams
        ],
        preprocessings=[
            str(ZOO[name].preprocessing) for name in EGO4D.models_of(EGO4D.in1k)
        ],
        view=EGO4D.view,
        margin=CONFIG.views.box.margin,
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d browse {input.frames:q} --manifest {input.manifest:q}"
        " {params.outcomes:q} {params.gradcams:q} --classes {input.classes:q}"
        " --view {params.view} --margin {params.margin} --about {params.about:q}"
        " --output {output:q} &> {log:q}"

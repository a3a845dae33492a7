"""What is in the test set: Fig. 3, 4, 5 and Appendix H."""


rule ego4d_fig3_gallery:
    input:
        frames=expand(rules.frames_extract.output, dataset=EGO4D.in1k, shard=SHARDS),
        manifest=expand(rules.manifests_build.output.manifest, dataset=EGO4D.in1k),
        statuses=expand(rules.frames_collect.output, dataset=EGO4D.in1k),
        classes=rules.labels_classes.output,
    output:
        png=report(
            "<results>/exhibits/ego4d/fig3_gallery.png",
            caption="../../../report/ego4d/fig3_gallery.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 03", "shows": "examples"},
        ),
        svg="<results>/exhibits/ego4d/fig3_gallery.svg",
    log:
        "<logs>/exhibits/ego4d/fig3_gallery.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig3_gallery.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.data_commands:fig3_gallery"),
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d fig3-gallery {input.frames:q} --manifest {input.manifest:q}"
        " --statuses {input.statuses:q} --classes {input.classes:q} --about {params.about:q}"
        " --png {output.png:q} --svg {output.svg:q} &> {log:q}"


rule ego4d_fig4_statistics:
    input:
        funnel=expand(rules.manifests_build.output.funnel, dataset=EGO4D.in1k),
        statuses=expand(rules.frames_collect.output, dataset=EGO4D.in1k),
    output:
        multiext("<results>/exhibits/ego4d/fig4_statistics", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/fig4_statistics.md",
            caption="../../../report/ego4d/fig4_statistics.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 04", "shows": "statistics and funnel"},
        ),
    log:
        "<logs>/exhibits/ego4d/fig4_statistics.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig4_statistics.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.data_commands:fig4_statistics"),
        paper=paper_numbers("ego4d", "fig4_statistics"),
        about=lambda wildcards: EGO4D_ABOUT,
        licensed=EGO4D_LICENSED,
    shell:
        "wildframe exhibits ego4d fig4-statistics {output:q} --funnel {input.funnel:q}"
        " --statuses {input.statuses:q} --about {params.about:q} {params.licensed} &> {log:q}"


rule ego4d_fig5_in1k_vs_in21k:
    input:
        in1k_funnel=expand(rules.manifests_build.output.funnel, dataset=EGO4D.in1k),
        in1k_manifest=expand(rules.manifests_build.output.manifest, dataset=EGO4D.in1k),
        in1k_statuses=expand(rules.frames_collect.output, dataset=EGO4D.in1k),
        in21k_funnel=expand(rules.manifests_build.output.funnel, dataset=EGO4D.in21k),
        in21k_manifest=expand(
            rules.manifests_build.output.manifest, dataset=EGO4D.in21k
        ),
        in21k_statuses=expand(rules.frames_collect.output, dataset=EGO4D.in21k),
        classes=rules.labels_classes.output,
    output:
        multiext("<results>/exhibits/ego4d/fig5_in1k_vs_in21k", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/fig5_in1k_vs_in21k.md",
            caption="../../../report/ego4d/fig5_in1k_vs_in21k.rst",
            category="ego4d",
            labels={"exhibit": "Fig. 05", "shows": "IN-1K against IN-21K"},
        ),
    log:
        "<logs>/exhibits/ego4d/fig5_in1k_vs_in21k.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/fig5_in1k_vs_in21k.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.data_commands:fig5_in1k_vs_in21k"),
        paper=paper_numbers("ego4d", "fig5_in1k_vs_in21k"),
        about=lambda wildcards: CONFIG.describe(EGO4D.in1k, EGO4D.in21k),
        licensed=EGO4D_LICENSED,
    shell:
        "wildframe exhibits ego4d fig5-in1k-vs-in21k {output:q}"
        " --in1k-funnel {input.in1k_funnel:q} --in1k-manifest {input.in1k_manifest:q}"
        " --in1k-statuses {input.in1k_statuses:q} --in21k-funnel {input.in21k_funnel:q}"
        " --in21k-manifest {input.in21k_manifest:q} --in21k-statuses {input.in21k_statuses:q}"
        " --classes {input.classes:q} --about {params.about:q} {params.licensed} &> {log:q}"


rule ego4d_appendix_h_classes:
    input:
        manifest=expand(rules.manifests_build.output.manifest, dataset=EGO4D.in1k),
        statuses=expand(rules.frames_collect.output, dataset=EGO4D.in1k),
        classes=rules.labels_classes.output,
    output:
        multiext("<results>/exhibits/ego4d/appendix_h_classes", ".csv", ".tex"),
        report(
            "<results>/exhibits/ego4d/appendix_h_classes.md",
            caption="../../../report/ego4d/appendix_h_classes.rst",
            category="ego4d",
            labels={"exhibit": "Appendix H", "shows": "classes"},
        ),
    log:
        "<logs>/exhibits/ego4d/appendix_h_classes.log",
    benchmark:
        "<benchmarks>/exhibits/ego4d/appendix_h_classes.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.ego4d.data_commands:appendix_h_classes"),
        about=lambda wildcards: EGO4D_ABOUT,
    shell:
        "wildframe exhibits ego4d appendix-h-classes {output:q} --manifest {input.manifest:q}"
        " --statuses {input.statuses:q}"
        " --classes {input.classes:q} --about {params.about:q} &> {log:q}"

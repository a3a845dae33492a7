"""Egocentric Data as Natural Adversarial Examples: its tables and figures, one target each."""

EGO4D = CONFIG.studies.ego4d
EGO4D_ABOUT = CONFIG.describe(EGO4D.in1k)
EGO4D_LICENSED = "--licensed" if CONFIG.is_papers(EGO4D.in1k) else "--no-licensed"


include: "ego4d/data.smk"
include: "ego4d/zero_shot.smk"


rule ego4d:
    input:
        rules.ego4d_fig3_gallery.output,
        rules.ego4d_fig4_statistics.output,
        rules.ego4d_fig5_in1k_vs_in21k.output,
        rules.ego4d_fig7_zero_shot_in1k.output,
        rules.ego4d_appendix_h_classes.output,
    log:
        "<logs>/ego4d.log",
    localrule: True

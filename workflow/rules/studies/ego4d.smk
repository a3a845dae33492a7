"""Egocentric Data as Natural Adversarial Examples: its tables and figures, one target each."""

EGO4D = CONFIG.studies.ego4d
FINETUNING = EGO4D.finetuning
EGO4D_ABOUT = CONFIG.describe(EGO4D.in1k, view=EGO4D.view)
EGO4D_LICENSED = (
    "--licensed" if CONFIG.is_papers(EGO4D.in1k, EGO4D.view) else "--no-licensed"
)


include: "ego4d/data.smk"
include: "ego4d/zero_shot.smk"
include: "ego4d/finetuning.smk"
include: "ego4d/pictures.smk"
include: "ego4d/analysis.smk"
include: "ego4d/browse.smk"


if EGO4D.near:

    include: "ego4d/time.smk"


rule ego4d_download:
    input:
        expand(rules.sources_download.output, source=CONFIG.datasets[EGO4D.in1k].source),
    log:
        "<logs>/ego4d_download.log",
    localrule: True


rule ego4d:
    input:
        # The paper's.
        rules.ego4d_fig1_gradcam.output,
        rules.ego4d_fig2_finetuning.output,
        rules.ego4d_fig3_gallery.output,
        rules.ego4d_fig4_statistics.output,
        rules.ego4d_fig5_in1k_vs_in21k.output,
        rules.ego4d_fig6_high_confidence.output,
        rules.ego4d_fig7_zero_shot_in1k.output,
        rules.ego4d_fig8_resolution.output,
        rules.ego4d_fig9_zero_shot_in21k.output,
        rules.ego4d_fig10_pretraining.output,
        rules.ego4d_fig11_finetuned.output,
        rules.ego4d_appendix_h_classes.output,
        # What it says in a sentence, or leaves to future work.
        rules.ego4d_leak.output,
        rules.ego4d_high_confidence.output,
        rules.ego4d_label_senses.output,
        rules.ego4d_per_class.output,
        rules.ego4d_confusions.output,
        rules.ego4d_reliability.output,
        rules.ego4d_box_area.output,
        rules.ego4d_moments.output,
        rules.ego4d_box_view.output,
        rules.ego4d_model_pairs.output,
        rules.ego4d_browse.output,
        rules.ego4d_robustness_in_time.output if EGO4D.near else [],
    log:
        "<logs>/ego4d.log",
    localrule: True

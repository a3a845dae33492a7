"""*Egocentric Data as Natural Adversarial Examples*: one module a table or figure."""

EXHIBITS = (
    "fig1_gradcam",
    "fig2_finetuning",
    "fig3_gallery",
    "fig4_statistics",
    "fig5_in1k_vs_in21k",
    "fig6_high_confidence",
    "fig7_zero_shot_in1k",
    "fig8_resolution",
    "fig9_zero_shot_in21k",
    "fig10_pretraining",
    "fig11_finetuned",
    "appendix_h_classes",
    "leak",
    "high_confidence",
    "label_senses",
    "per_class",
    "confusions",
    "reliability",
    "box_area",
    "moments",
    "box_view",
    "model_pairs",
    "robustness_in_time",
    "browse",
)
"""In the order of the report: the paper's, then the supplement's."""

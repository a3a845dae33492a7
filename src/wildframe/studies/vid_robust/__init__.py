"""*Do Image Classifiers Generalize Across Time?*, and its first version: one module an exhibit."""

EXHIBITS = (
    "fig1_gallery",
    "fig2_original_vs_perturbed",
    "fig3_detections",
    "table1_model_types",
    "table2_detection",
    "appendix_fig1_dissimilar",
    "appendix_fig2_by_k",
    "appendix_fig3_per_class",
    "table3_models",
    "hyperparameters",
    "effective_robustness",
    "consistency",
    "model_pairs",
    "detector_pairs",
    "protocol",
    "review",
    "browse",
)
"""In the order of the report: the papers', then the supplement's."""

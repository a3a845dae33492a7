"""*Ego-Exo: Transferring Visual Representations from Third-person to First-person Videos*."""

EXHIBITS = (
    "table1_pretraining",
    "table2_signals",
    "table3_auxiliary",
    "table4_charades",
    "table5_epic100",
    "table6_epic55",
    "fig4_classes",
    "fig5_sorted_clips",
    "reruns",
    "table_s1_ensemble",
    "table_s2_ensemble",
    "table_s3_maps",
    "table_s4_alternatives",
    "table_s5_no_pair",
    "table_s6_backbones",
    "fig_s1_fractions",
    "fig_s2_ego_scores",
    "fig_s3_venn",
    "fig_s4_sorted_clips",
    "attention",
    "failure_predictors",
    "browse",
)
"""In the order of the report: the paper's tables, its figures, its supplement."""

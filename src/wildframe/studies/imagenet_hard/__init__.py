"""*ImageNet-Hard: The Hardest Images Remaining from a Study of the Power of Zoom*: its exhibits."""

EXHIBITS = (
    "table1_optimal_zoom",
    "table2_adaptation",
    "report",
    "composition",
    "power_of_zoom",
    "accuracy_by_size",
    "centre_bias",
    "cover_counts",
    "strips",
    "adapted_gradcam",
    "calibration",
    "model_pairs",
    "protocol",
    "browse",
)
"""In the order of the report: the tables, the data set's report, figures, the supplement."""

"""*Egocentric Data as Natural Adversarial Examples*: one module a table or figure."""

EXHIBITS = (
    "fig7_zero_shot_in1k",
    "per_class",
    "reliability",
    "box_view",
    "robustness_in_time",
)
"""In the order of the report: the paper's, then what it says in a sentence or leaves out."""

"""*Ego-Exo: Transferring Visual Representations from Third-person to First-person Videos*."""

EXHIBITS = (
)
"""In the order of the report: the paper's tables, its figures, its supplement."""

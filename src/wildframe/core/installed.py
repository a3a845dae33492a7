"""What an installed package carries of the project besides modules; in a checkout, links to it."""

from pathlib import Path

DATA = Path(__file__).parents[1] / "data"

WORKFLOW = DATA / "workflow"
"""The folder of its Snakefile, rules and presets."""

PROFILES = DATA / "profiles"
"""The profiles of Snakemake."""

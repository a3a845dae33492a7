"""Runs of Snakemake on a few images, as the tests of the workflow have them."""

from workflow.conftest import server  # noqa: F401

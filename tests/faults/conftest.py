"""Runs of Snakemake on a few images, as the tests of the workflow have them."""

from workflow.conftest import server, shared  # noqa: F401

# The door: `snakemake` in this folder. The workflow itself stands in workflow/Snakefile, where
# `module` and the workflow catalog look for it.
include: "workflow/Snakefile"
include: "workflow/rules/demo.smk"


# An included file cannot set the default target.
workflow.default_target = "all"

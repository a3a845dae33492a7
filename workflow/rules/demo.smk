"""The embedded demo set, rendered anew: only on request, `make demo-set`."""

# Beside the workflow's own folder, wherever a module was loaded from.
PROJECT = Path(workflow.current_basedir).parents[1]
DEMO = PROJECT / "demo"
DEMO_ENVIRONMENT = PROJECT / ".venv-demo"


rule demo_render:
    input:
        recipe=sorted((DEMO / "recipe").glob("*.[pc]*")),
    output:
        clips=directory("<results>/demo/ego4d"),
        hard_cases="<results>/demo/hard_cases.json",
    log:
        "<logs>/demo.log",
    benchmark:
        "<benchmarks>/demo.tsv"
    conda:
        "../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("sources.commands:demo"),
        recipe=DEMO,
        python=DEMO_ENVIRONMENT / "bin/python",
        hand=DEMO_ENVIRONMENT / "package/dist/profiles/generic-hand/right.glb",
        output=lambda wildcards, output: Path(output.hard_cases).parent,
    shell:
        "wildframe sources demo --recipe {params.recipe:q} --python {params.python:q}"
        " --hand {params.hand:q} --output {params.output} &> {log}"

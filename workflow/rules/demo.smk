"""The embedded demo set, rendered anew: only on request, `make demo-set`."""

DEMO_ENVIRONMENT = ".venv-demo"


rule demo_render:
    input:
        recipe=[
            *map(str, sorted(Path("demo/recipe").glob("*.py"))),
            *map(str, sorted(Path("demo/recipe").glob("*.csv"))),
            *map(str, Path("demo/recipe").glob("requirements.txt")),
        ],
    output:
        clips=directory("<results>/demo/ego4d"),
        videos=directory("<results>/demo/videos"),
        sessions=directory("<results>/demo/clips"),
        hard_cases="<results>/demo/hard_cases.json",
    log:
        "<logs>/demo.log",
    benchmark:
        "<benchmarks>/demo.tsv"
    conda:
        "../../envs/wildframe.yaml"
    params:
        code=code_hash("sources.commands:demo"),
        python=f"{DEMO_ENVIRONMENT}/bin/python",
        hand=f"{DEMO_ENVIRONMENT}/package/dist/profiles/generic-hand/right.glb",
        output=lambda wildcards, output: str(Path(output.hard_cases).parent),
    shell:
        "wildframe sources demo --recipe demo --python {params.python:q}"
        " --hand {params.hand:q} --output {params.output:q} &> {log:q}"

"""How models were trained: appendix Tables 1 and 2."""


rule vid_robust_hyperparameters:
    input:
        histories=[
            file
            for name, training in VID_ROBUST.trainings.items()
            for file in expand(
                rules.models_select.output.history,
                model=training.models,
                training=name,
            )
        ],
    output:
        multiext("<results>/exhibits/vid_robust/hyperparameters", ".csv", ".tex"),
        report(
            "<results>/exhibits/vid_robust/hyperparameters.md",
            caption="../../../report/vid_robust/hyperparameters.rst",
            category="vid_robust",
            labels={"exhibit": "App. Tables 1 and 2", "shows": "hyper-parameters"},
        ),
    log:
        "<logs>/exhibits/vid_robust/hyperparameters.log",
    benchmark:
        "<benchmarks>/exhibits/vid_robust/hyperparameters.tsv"
    localrule: True
    conda:
        "../../../../envs/wildframe.yaml"
    threads: 1
    params:
        code=code_hash("exhibits.vid_robust.training_commands:hyperparameters"),
        paper=paper_numbers("vid_robust", "hyperparameters"),
        histories=lambda wildcards, input: [
            f"--history={path}" for path in input.histories
        ],
        data=lambda wildcards: [
            f"--data={name}={training.dataset}, {100 * training.train_fraction:g} % of its pictures"
            f" to learn from, split by {training.split_by} (seed {training.seed}), label learnt:"
            f" {training.learn}; {CONFIG.describe(training.dataset)}"
            for name, training in VID_ROBUST.trainings.items()
        ],
    shell:
        "wildframe exhibits vid-robust hyperparameters {output:q} {params.histories:q}"
        " {params.data:q} &> {log:q}"

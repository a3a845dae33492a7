"""Small jobs of a rule that share a process: one job of all of them."""

# What a batch is made of follows from the rule of its jobs, which Snakemake shows no other way than
# through its own Rule. Where a rule has wildcards and another has none, it takes the other.
BATCHES = [
    (name, batch, getattr(rules, name).rule, jobs)
    for name, named in batches(CONFIG, ZOO).items()
    for batch, jobs in named.items()
]

for NAME, BATCH, RULE, JOBS in BATCHES:

    rule:
        name:
            batch_rule(NAME, BATCH)
        input:
            batch_input(RULE, JOBS),
        output:
            batch_output(RULE, JOBS),
        log:
            f"<logs>/{NAME.replace('_', '/', 1)}/{BATCH}.log",
        benchmark:
            f"<benchmarks>/{NAME.replace('_', '/', 1)}/{BATCH}.tsv"
        localrule: workflow.is_local(RULE)
        conda:
            "../../envs/wildframe.yaml"
        resources:
            **batch_resources(RULE, JOBS),
        params:
            commands=batch_commands(RULE, JOBS),
            watched=batch_watched(RULE, JOBS),
        shell:
            "wildframe {params.commands} &> {log:q}"

    getattr(rules, batch_rule(NAME, BATCH)).rule.is_checkpoint = RULE.is_checkpoint

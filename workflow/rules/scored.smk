"""What rules look up of scores: what is evaluated and how, and by which predictions."""


def what_is_evaluated(wildcards):
    """Return the table that tells which images of a dataset are evaluated."""
    dataset = wildcards.dataset
    if dataset in CONFIG.sets_datasets:
        return {"reviews": expand(rules.reviews_consensus.output, dataset=dataset)}
    return {"statuses": expand(rules.frames_collect.output, dataset=dataset)}


def evaluated_options(wildcards, input):
    """Return this table as an option of a command."""
    return options_of({name: input[name] for name in what_is_evaluated(wildcards)})


def predictions_of(wildcards, evaluated=None):
    """Return the predictions of a model, whichever rule makes them, or those of a detector."""
    model, dataset = evaluated or wildcards.evaluated, wildcards.dataset
    if model in DETECTORS:
        # Detectors are shown whole images.
        made = rules.predictions_detect.output
        return expand(made, dataset=dataset, view="full", detector=model)
    made = rules.predictions_run.output
    return expand(made, dataset=dataset, view=wildcards.view, model=model)


def targets_of(wildcards):
    """Return the hash of the file that the label space of a dataset is in, if it is one's own."""
    return targets_sha256(dataset_of(wildcards).label_space)


def senses_of(wildcards):
    """Return the hash of the sense table of a dataset; None without one."""
    senses = dataset_of(wildcards).senses
    return senses_sha256(senses) if senses else None


def scoring_options(wildcards):
    """Return how a dataset is scored under a view, as options of a command."""
    return dataset_of(wildcards).scoring_options + view_of(wildcards).scoring_options


def protocol_files(wildcards):
    """Return the predictions of the models that a study evaluates, those on crops, if any, apart."""
    zoomed = study_of(wildcards).crops_of(wildcards.dataset)
    view, models = zoomed or ("", [])
    return {
        "predictions": [
            path
            for model in evaluated_models(wildcards)
            for path in predictions_of(wildcards, model)
        ],
        "crops": expand(
            rules.predictions_zoom.output.crops,
            dataset=wildcards.dataset,
            view=view,
            model=[model for model in models if model in ZOO],
        ),
    }

"""What several rules look up."""


def manifest_of(dataset):
    """Return the manifest of a dataset, whichever rule makes it."""
    return expand(rules.manifests_build.output.manifest, dataset=dataset)


def sets_of(dataset):
    """Return the sets of a dataset of kind sets, whichever rule makes them."""
    return expand(rules.manifests_sample.output.sets, dataset=dataset)


def decisions_of(dataset):
    """Return the reviewers' files of a dataset; none where nobody of ours reviewed it."""
    folder = CONFIG.sets(dataset).decisions
    return list(map(str, decision_files(Path(folder)))) if folder else []


def pixels_of(wildcards):
    """Return the pictures of a dataset and view as a model is shown them."""
    return expand(
        rules.frames_pixels.output,
        dataset=wildcards.dataset,
        view=wildcards.view,
        preprocessing=str(ZOO[wildcards.model].preprocessing),
    )


def weights_of(model):
    """Return the weights file of a model: fetched, or made by a training."""
    entry = ZOO[model]
    if entry.training:
        return expand(
            rules.models_select.output.weights,
            model=entry.untrained,
            training=entry.training,
        )
    return expand(rules.models_prepare.output, model=entry.checkpoint)


def study_of(wildcards):
    """Return the settings of the study that a score is made for."""
    return CONFIG.studies.chosen[wildcards.study]


def outcomes_of(wildcards):
    """Return the outcomes of the models that a study examines on a dataset."""
    return expand(
        rules.scores_outcomes.output,
        dataset=wildcards.dataset,
        view=wildcards.view,
        model=study_of(wildcards).models_of(wildcards.dataset),
    )


def set_outcomes_of(wildcards):
    """Return the outcomes on sets of the models that a study examines on a dataset."""
    return expand(
        rules.scores_set_outcomes.output,
        dataset=wildcards.dataset,
        view=wildcards.view,
        examined=study_of(wildcards).models_of(wildcards.dataset),
    )


def licensed_flag(wildcards):
    """Return whether the paper's numbers stand beside those of a dataset."""
    return "--licensed" if CONFIG.is_papers(wildcards.dataset) else "--no-licensed"

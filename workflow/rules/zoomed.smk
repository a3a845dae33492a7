"""What rules look up of images that are zoomed: their crops, which are hard, which labels count."""


def crops_of(dataset, view, models, name):
    """Return predictions of models on zoomed crops, under a name, and the tables of the dataset."""
    made = rules.predictions_zoom.output.crops
    return {
        name: expand(made, dataset=dataset, view=view, model=models),
        "manifest": manifest_of(dataset),
        "statuses": expand(rules.frames_collect.output.statuses, dataset=dataset),
    }


def zoomed_files(wildcards):
    """Return the predictions on crops of the models that a study evaluates, and their dataset."""
    models = zoomed_models(wildcards)
    return crops_of(wildcards.dataset, wildcards.view, models, "predictions")


def zoomed_models(wildcards):
    """Return the models that a study evaluates on crops of a dataset, which are run here."""
    zoomed = study_of(wildcards).zoomed_models_of(wildcards.dataset)
    return [model for model in zoomed if model in ZOO]


def protocol_files(wildcards):
    """Return the predictions of the models that a study evaluates, those on crops, if any, apart."""
    study = study_of(wildcards)
    # Crops are the same whichever view the predictions are of.
    is_first = wildcards.view == study.views[0]
    view, models = (is_first and study.crops_of(wildcards.dataset)) or ("", [])
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


def chosen_by(name):
    """Return the function that finds what tells which images a source is made of; all if none."""
    exported = CONFIG.sources[name].exported
    hard = exported.hard

    def find(wildcards):
        if hard and hard.decisions:
            return {"reviews": f"<results>/reviews/{name}.curated.parquet"}
        chosen = {"hard": hard_images_of(name)(wildcards)} if hard else {}
        if exported.dataset in CONFIG.sets_datasets:
            reviews = rules.reviews_consensus.output
            chosen["reviews"] = expand(reviews, dataset=exported.dataset)
        return chosen

    return find


def hard_images_of(name):
    """Return the function that finds the hard images of the dataset that a source is made of."""
    exported = CONFIG.sources[name].exported

    def find(wildcards):
        found = {"dataset": exported.dataset, **exported.hard.model_dump()}
        return expand(rules.scores_hard_images.output, **found)

    return find


def whole_predictions_of(name):
    """Return the function that finds the first zoomed model's predictions on these images, whole."""
    exported = CONFIG.sources[name].exported

    def find(wildcards):
        study = STUDIES[exported.hard.study]
        model = next(
            one for one in study.zoomed_models_of(exported.dataset) if one in ZOO
        )
        made = rules.predictions_run.output
        return expand(made, dataset=exported.dataset, view="full", model=model)

    return find


def real_options(wildcards, input):
    """Return labels that count, too, as options; nothing where only a dataset's own do."""
    if "real" not in input.keys():
        return []
    return options_of({"real": input.real, "real_empty": wildcards.real_empty})

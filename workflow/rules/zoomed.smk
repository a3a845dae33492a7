"""What rules look up of images that are zoomed: which are hard, and which labels count."""


def chosen_by(name):
    """Return the function that finds what tells which images a source is made of; all if none."""
    hard = CONFIG.sources[name].exported.hard

    def find(wildcards):
        if not hard:
            return {}
        if hard.decisions:
            return {"reviews": f"<results>/reviews/{name}.curated.parquet"}
        return {"hard": hard_images_of(name)(wildcards)}

    return find


def hard_images_of(name):
    """Return the function that finds the hard images of the dataset that a source is made of."""
    exported = CONFIG.sources[name].exported

    def find(wildcards):
        found = {"dataset": exported.dataset, **exported.hard.model_dump()}
        return expand(rules.scores_hard_images.output, **found)

    return find


def zoom_predictions_of(name):
    """Return the function that finds the first model's predictions on these images."""
    exported = CONFIG.sources[name].exported

    def find(wildcards):
        study = STUDIES[exported.hard.study]
        model = next(
            one for one in study.zoomed_models_of(exported.dataset) if one in ZOO
        )
        found = {"dataset": exported.dataset, "view": exported.hard.view}
        return expand(rules.predictions_zoom.output.images, model=model, **found)

    return find


def real_options(wildcards, input):
    """Return labels that count, too, as options; nothing where only a dataset's own do."""
    if "real" not in input.keys():
        return []
    return options_of({"real": input.real, "real_empty": wildcards.real_empty})

"""What several rules look up."""

FINETUNING = CONFIG.studies.ego4d.finetuning


def weights_of(model):
    """Return the weights file of a model: fetched, or made by fine-tuning."""
    entry = ZOO[model]
    if entry.finetuned_by:
        return expand(
            rules.models_finetune.output.weights,
            model=entry.untrained,
            by=entry.finetuned_by,
        )
    return expand(rules.models_prepare.output, model=entry.checkpoint)


def study_of(wildcards):
    """Return the settings of the study that a score is made for."""
    return getattr(CONFIG.studies, wildcards.study)

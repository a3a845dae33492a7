"""What several rules look up."""


def source_of(wildcards):
    """Return the settings of a source."""
    return CONFIG.sources[wildcards.source]


def dataset_of(wildcards):
    """Return the settings of a dataset."""
    return CONFIG.datasets[wildcards.dataset]


def made_of(wildcards, table):
    """Return a table of a dataset's source."""
    return expand(table, source=dataset_of(wildcards).source)


def training_of(wildcards):
    """Return a training."""
    return CONFIG.trainings[wildcards.training]


def media_hash(source, *shard):
    """Return what changes when files of a source are added or replaced."""
    return media_state(Path(source.root), media_of(source), *shard)


def input_options(wildcards, input):
    """Return named input files as options of a command."""
    return [f"--{name}={path}" for name in input.keys() for path in listed(input[name])]


def listed(files):
    """Return one file or several as a list."""
    return [files] if isinstance(files, str) else files


def tables_of_videos(wildcards):
    """Return the videos of a dataset's source and their boxes."""
    tables = rules.sources_videos.output
    return {name: made_of(wildcards, tables[name]) for name in ("videos", "boxes")}


def published_tables(wildcards):
    """Return the published sets of a dataset's source, and the boxes if it has any."""
    boxes = rules.sources_vid.output.boxes
    return {
        "published": made_of(wildcards, rules.sources_vid_published.output),
        "boxes": (
            made_of(wildcards, boxes) if CONFIG.has_boxes(wildcards.dataset) else []
        ),
    }


def images_of_anchors(wildcards):
    """Return the manifest whose images are a dataset's anchors."""
    return {"images": manifest_of(dataset_of(wildcards).anchor_dataset)}


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


def preprocessed_of(wildcards):
    """Return the images of a dataset and view as a model is shown them."""
    return expand(
        rules.frames_preprocess.output,
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
    return STUDIES[wildcards.study]


def external_of(wildcards):
    """Return the external predictions of a model."""
    return EXTERNAL[wildcards.external][wildcards.dataset, wildcards.view]


def what_needs_predictions(wildcards):
    """Return the table that tells which images need an external prediction."""
    if wildcards.dataset in CONFIG.sets_datasets:
        return {"reviews": expand(rules.reviews_consensus.output, **wildcards)}
    return {"statuses": expand(rules.frames_collect.output, **wildcards)}


def evaluated_models(wildcards):
    """Return the models that a study evaluates on a dataset and view; external ones if given."""
    return [
        model
        for model in study_of(wildcards).models_of(wildcards.dataset)
        if model not in EXTERNAL
        or (wildcards.dataset, wildcards.view) in EXTERNAL[model]
    ]


def image_results_of(wildcards):
    """Return the results of the models that a study evaluates on a dataset."""
    return expand(
        rules.scores_image_results.output,
        dataset=wildcards.dataset,
        view=wildcards.view,
        model=evaluated_models(wildcards),
    )


def set_results_of(wildcards):
    """Return the results on sets of the models that a study evaluates on a dataset."""
    return expand(
        rules.scores_set_results.output,
        dataset=wildcards.dataset,
        view=wildcards.view,
        evaluated=evaluated_models(wildcards),
    )


def exhibit_rule(exhibit):
    """Return the name of the rule that makes an exhibit; of several datasets, of one of them."""
    return f"{exhibit.rule}_of" if exhibit.datasets else exhibit.rule


def exhibit_context(exhibit, wildcards):
    """Return what the declaration of an exhibit may ask."""
    study = STUDIES[exhibit.study]
    return Context(CONFIG, ZOO, DETECTORS, study, wildcards.get("dataset", ""))


def exhibit_input(exhibit, file):
    """Return the function that finds the files of a parameter."""

    def find(wildcards):
        context = exhibit_context(exhibit, wildcards)
        where = file.where(context)
        maker, _, output = file.maker(context).partition(".")
        if not maker:
            return where
        made = getattr(rules, maker).output
        made = made[output] if output else made
        several = [where] if isinstance(where, dict) else where
        return [path for one in several for path in expand(made, **one)]

    return find


def exhibit_output(exhibit):
    """Return the files of an exhibit; the first is shown in a report."""
    first, *others = (
        f"<results>/{exhibit.stem}{suffix}" for suffix in exhibit.suffixes
    )
    if not exhibit.suffixes[0]:
        return [directory(first)]
    dataset = {"dataset": "{dataset}"} if exhibit.datasets else {}
    shown = report(
        first,
        caption="../report/exhibit.rst",
        category=exhibit.study,
        labels={"exhibit": exhibit.label, "shows": exhibit.shows} | dataset,
    )
    return [shown, *others]


def datasets_of(exhibit):
    """Return the datasets that an exhibit is made of one by one; none of the study as a whole."""
    of_study = exhibit.datasets
    return of_study(CONFIG, STUDIES[exhibit.study]) if of_study else []


def exhibit_files(exhibit):
    """Return the files of an exhibit, of each of its datasets."""
    made = getattr(rules, exhibit_rule(exhibit)).output
    return expand(made, dataset=datasets_of(exhibit)) if exhibit.datasets else made


def exhibit_names_of(exhibit):
    """Return what the index calls an exhibit, of each of its datasets: its file, without suffix."""
    stem = exhibit.stem.removeprefix("exhibits/")
    return expand(stem, dataset=datasets_of(exhibit)) if exhibit.datasets else [stem]

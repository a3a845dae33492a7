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


def exported_to(name):
    """Return the folder of a source that the run itself writes; none of other sources."""
    source = CONFIG.sources[name]
    return expand("{root}", root=source.root) if source.made_of else []


def training_of(wildcards):
    """Return a training."""
    return CONFIG.trainings[wildcards.training]


def input_options(wildcards, input):
    """Return named input files as options of a command."""
    return options_of(input)


def options_of(files):
    """Return named files as options of a command; `shown` says when it is due, and is not read."""
    return [
        f"--{name.replace('_', '-')}={path}"
        for name in files.keys()
        for path in listed(files[name])
        if name != "shown"
    ]


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


def images_of_source(wildcards):
    """Return the images of a dataset's source, whichever rule makes the table."""
    return made_of(wildcards, rules.sources_images.output.images)


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
    return given(decision_files(Path(folder))) if folder else []


def view_of(wildcards):
    """Return the settings of a view."""
    return CONFIG.views[wildcards.view]


def preprocessed_images(dataset, view, model, kept="images"):
    """Return the images of a dataset and view as a model is shown them, or samples of them."""
    shown = {"view": view, "preprocessing": str(ZOO[model].preprocessing)}
    return expand(rules.frames_preprocess.output[kept], dataset=dataset, **shown)


def preprocessed_of(wildcards):
    """Return the images of a dataset and view as a model is shown them."""
    return preprocessed_images(wildcards.dataset, wildcards.view, wildcards.model)


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


def sample_of(model, source):
    """Return preprocessed images of a source to compare an export on; none if there are none."""
    place = CONFIG.evaluated_on(model, source)
    return place and preprocessed_images(*place, model, "samples")


def export_of(wildcards):
    """Return the export of a model, where the run is on the CPU."""
    model = wildcards.model
    # A trace of a user's function may leave out what it decides by the image.
    if ZOO[model].framework == "function" or not CONFIG.predictions.exports:
        return {}
    source = dataset_of(wildcards).source
    if not sample_of(model, source):
        return {}
    made = rules.models_export.output
    # Made anew with those of models that are added, an export predicts as it did.
    return {
        "exported": ancient(expand(made.onnx, model=model, source=source)),
        "export-facts": ancient(expand(made.facts, model=model, source=source)),
    }


def export_code(wildcards):
    """Return the hash of the code that exports a model, where it is exported."""
    return [code_hash("models.commands:export")] if export_of(wildcards) else []


def own_options(model):
    """Return what the config says of a model of its own, as options; nothing of others."""
    return CONFIG.models[model].options() if model in CONFIG.models else []


def names_of_classes(model):
    """Return the hash of the lists that name the classes a model is made of; nothing of others."""
    return lists_sha256() if ZOO[model].framework == "open_clip" else ""


def study_of(wildcards):
    """Return the settings of the study that a score is made for."""
    return STUDIES[wildcards.study]


def external_of(wildcards):
    """Return the external predictions of a model."""
    model, dataset, view = wildcards.external, wildcards.dataset, wildcards.view
    if (dataset, view) not in EXTERNAL[model]:
        raise UserError(
            f"external_predictions: {model} has none of {dataset} under the view {view}; add them, "
            "or leave out what needs them"
        )
    return EXTERNAL[model][dataset, view]


def space_of_import(wildcards):
    """Return the label space that external predictions are in."""
    return external_of(wildcards).label_space or dataset_of(wildcards).label_space


def what_is_evaluated(wildcards):
    """Return the table that tells which images of a dataset are evaluated."""
    dataset = wildcards.dataset
    if dataset in CONFIG.sets_datasets:
        return {"reviews": expand(rules.reviews_consensus.output, dataset=dataset)}
    return {"statuses": expand(rules.frames_collect.output.statuses, dataset=dataset)}


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


def evaluated_models(wildcards, view=None):
    """Return the models that a study evaluates on a dataset and view; external ones if given."""
    return [
        model
        for model in study_of(wildcards).models_of(wildcards.dataset)
        if model not in EXTERNAL
        or (wildcards.dataset, view or wildcards.view) in EXTERNAL[model]
    ]


def results_of(dataset, view, models):
    """Return the results of models on the images of a dataset under a view."""
    made = rules.scores_image_results.output
    return expand(made, dataset=dataset, view=view, evaluated=models)


def image_results_of(wildcards, view=None):
    """Return the results of the models that a study evaluates on a dataset."""
    models = evaluated_models(wildcards, view)
    return results_of(wildcards.dataset, view or wildcards.view, models)


def results_of_views(wildcards):
    """Return views that are joined by a plus, each with the results of a model in it."""
    views = wildcards.views.split("+")
    return [
        (view, path) for view in views for path in image_results_of(wildcards, view)
    ]


def held_out_models(wildcards):
    """Return the models before and after a training."""
    return study_of(wildcards).held_out_models(wildcards.training)


def held_out_results(wildcards):
    """Return the results of these."""
    return results_of(wildcards.dataset, wildcards.view, held_out_models(wildcards))


def split_option(wildcards, input):
    """Return the split whose held-out images count, as an option; none where all images do."""
    return [f"--split={path}" for path in listed(input.get("split", []))]


def framed_models(wildcards):
    """Return the models whose results are compared with those on images that are framed otherwise."""
    return list(study_of(wildcards).framing_of(wildcards.dataset).models)


def framing_files(wildcards):
    """Return results on images under a view, on boxes if there are any, and on zoomed crops."""
    dataset = wildcards.dataset
    framing = study_of(wildcards).framing_of(dataset)
    boxed = framing.models if CONFIG.can_show("box", dataset) else []
    return {
        "results": results_of(dataset, wildcards.view, framing.models),
        "box": results_of(dataset, "box", boxed),
        **crops_of(dataset, framing.zoom, framing.models, "zoom"),
    }


def framed_options(wildcards, input):
    """Return the files that are not results on whole images, as options of a command."""
    return options_of(
        {name: files for name, files in input.items() if name != "results"}
    )


def attribution_files(wildcards):
    """Return these, and results on the neighbours of the images if the study has any."""
    framing = study_of(wildcards).framing_of(wildcards.dataset)
    models = framing.models if framing.neighbours else []
    neighbours = results_of(framing.neighbours, wildcards.view, models)
    return framing_files(wildcards) | {"neighbours": neighbours}


def exhibit_rule(exhibit):
    """Return the name of the rule that makes an exhibit; of several datasets, of one of them."""
    return f"{exhibit.rule}_of" if exhibit.datasets else exhibit.rule


def exhibit_context(exhibit, wildcards):
    """Return what the declaration of an exhibit may ask."""
    study = STUDIES[exhibit.study]
    view = exhibit.view or study.views[0]
    return Context(CONFIG, ZOO, DETECTORS, study, wildcards.get("dataset", ""), view)


def exhibit_input(exhibit, file):
    """Return the function that finds the files of a parameter."""

    def find(wildcards):
        context = exhibit_context(exhibit, wildcards)
        files = made_files(file.maker(context), file.where(context))
        if not file.ancient:
            return files
        maker, where = file.ancient
        return files + ancient(made_files(maker, where(context)))

    return find


def made_files(maker, where):
    """Return the files of a rule, or of one of its outputs, for wildcards or a list of them."""
    name, _, output = maker.partition(".")
    if not name:
        return given(where)
    made = getattr(rules, name).output
    made = made[output] if output else made
    several = [where] if isinstance(where, dict) else where
    return [path for one in several for path in expand(made, **one)]


def exhibit_output(exhibit):
    """Return the files of an exhibit; the first is shown in a report."""
    first, *others = (
        f"<results>/{exhibit.stem}{suffix}" for suffix in exhibit.suffixes
    )
    if not exhibit.suffixes[0]:
        return [directory(first)]
    told = {"dataset": "{dataset}"} if exhibit.datasets else {}
    told |= {"view": exhibit.view} if exhibit.view else {}
    shown = report(
        first,
        caption="../report/exhibit.rst",
        category=exhibit.study,
        labels={"exhibit": exhibit.label, "shows": exhibit.shows} | told,
    )
    return [shown, *others]


def datasets_of(exhibit):
    """Return the datasets that an exhibit is made of one by one; none of the study as a whole."""
    return exhibit.datasets_of(exhibit_context(exhibit, {})) if exhibit.datasets else []


def exhibit_files(exhibit):
    """Return the files of an exhibit, of each of its datasets."""
    made = getattr(rules, exhibit_rule(exhibit)).output
    return expand(made, dataset=datasets_of(exhibit)) if exhibit.datasets else made


def sharing_options(exhibit):
    """Yield what is shared of the images of an exhibit of each dataset, as options."""
    for dataset, name in zip(
        datasets_of(exhibit) or [""], exhibit_names_of(exhibit), strict=True
    ):
        context = exhibit_context(exhibit, {"dataset": dataset})
        shared = CONFIG.sharing_of(*exhibit.datasets_shown(context))
        yield f"--{shared.replace('_', '-')}={name}"


def exhibit_names_of(exhibit):
    """Return what the index calls an exhibit, of each of its datasets: its file, without suffix."""
    stem = exhibit.stem.removeprefix("exhibits/")
    return expand(stem, dataset=datasets_of(exhibit)) if exhibit.datasets else [stem]

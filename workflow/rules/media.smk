"""What rules look up of the media of sources, of the shards with their frames, and of what is shown."""


def found_files(name, find):
    """Return what a source's method finds; the error names the source, and how to fetch it."""
    try:
        return find()
    except UserError as error:
        remedy = ""
        if CONFIG.sources[name].is_fetched:
            given = workflow.config_settings.configfiles
            remedy = f"; `{fetch_command(name, given)}` fetches it"
        raise UserError(f"source {name}: {error}{remedy}") from error


def files_there(find):
    """Return what a source's method finds; nothing if it fails, which params tell, as of `given`."""
    try:
        return find()
    except UserError:
        return {}


def input_files_of_source(wildcards):
    """Return the files that a source's tables are made of."""
    found = files_there(source_of(wildcards).input_files)
    return {name: given(files) for name, files in found.items()}


def states_of_source(wildcards):
    """Return what changes when one of these files is replaced, or a folder below one has others."""
    found = found_files(wildcards.source, source_of(wildcards).input_files)
    paths = [Path(path) for files in found.values() for path in files]
    # Snakemake watches which files are read, but not what as.
    named = [f"--{name}={path}" for name, files in found.items() for path in files]
    return named + file_states(paths) + [*map(folder_state, filter(Path.is_dir, paths))]


@cache
def folder_state(path):
    """Return the state of the folders below one, listed once: ILSVRC VID has thousands."""
    return media_states(path, image_folders(path), 1)[None]


def media_hash(name, shard=None):
    """Return what changes when files of a source, or of a shard of it, are added or replaced."""
    return media_states_of(name)[shard]


@cache
def media_states_of(name):
    """Return the states of a source's media, listed once for all of its shards."""
    source = CONFIG.sources[name]
    media = found_files(name, source.list_media)
    return media_states(Path(source.root), media, CONFIG.frames.shards)


def shards_of(dataset):
    """Return the shards with the frames of a dataset: all of its source."""
    return expand(
        rules.frames_extract.output,
        source=CONFIG.datasets[dataset].source,
        shard=SHARDS,
    )


def frames_of(dataset):
    """Return these shards, the statuses of the images of the dataset, and its manifest."""
    return {
        "frames": ancient(shards_of(dataset)),
        "statuses": expand(rules.frames_collect.output.statuses, dataset=dataset),
        "manifest": manifest_of(dataset),
    }


def shown_of(dataset):
    """Return the same for what reads no labels: others of them are no reason to run it again."""
    files = {name: ancient(found) for name, found in frames_of(dataset).items()}
    return {**files, **due(dataset)}


def due(dataset):
    """Return the input by which Snakemake knows that models are to be shown a dataset again.

    Whatever runs a model names it, also beside preprocessed images: of the jobs that wait for a
    checkpoint, Snakemake (9.27) asks only those that name its files whether they are due; and images
    that are not kept tell nothing.
    """
    return {"shown": expand(rules.frames_collect.output.shown, dataset=dataset)}


def how_shown(view):
    """Return what decides how images are preprocessed, for the same reason: a list of texts."""
    settings = CONFIG.views[view]
    code = [code_hash("frames.commands:preprocess"), code_hash(settings.code)]
    return [*code, settings.model_dump_json(), CONFIG.frames.resize]


def streamed_view_options(wildcards):
    """Return the view as an option if a command cuts crops itself; none where they are preprocessed."""
    view = view_of(wildcards)
    return [f"--view={view.model_dump_json()}"] if view.streams else []


def images_shown(wildcards):
    """Return what a model is shown: preprocessed images, or frames of which it cuts crops."""
    view = view_of(wildcards)
    if not view.streams:
        return {"preprocessed": preprocessed_of(wildcards), **due(wildcards.dataset)}
    asks_labels = "--predictable=labels" in dataset_of(wildcards).space_options
    files_of = frames_of if view.has_anchors or asks_labels else shown_of
    return files_of(wildcards.dataset)


def before_adaptation(wildcards):
    """Return the predictions of a model in the view that is the same but for its adaptation."""
    name = wildcards.view
    plain = CONFIG.views[name].model_copy(update={"adapt": None})
    found = [other for other, view in CONFIG.views.items() if view == plain]
    if not found:
        raise UserError(f"view {name}: no view is the same without adapt; add one")
    made = rules.predictions_run.output
    return expand(made, dataset=wildcards.dataset, view=found[0], model=wildcards.model)


def require_frames(wildcards):
    """Refuse a dataset whose frames are not read with its source; in params, as of `given`."""
    dataset = wildcards.dataset
    source = CONFIG.datasets[dataset].source
    if dataset not in CONFIG.framed_datasets(source):
        raise UserError(
            f"dataset {dataset}: no study uses it, so that its frames are not among those read "
            f"from {source}; name it in a study of the config"
        )


def preprocessing_jobs():
    """Yield name, dataset, view and preprocessings of the jobs that preprocess images.

    The first is that of any one file. Where several files of a dataset and view are not there yet, one
    job makes them. It is not known which are there if results are objects.
    """
    yield "frames_preprocess", None, None, ["{preprocessing}"]
    if (
        not CONFIG.frames.keep_preprocessed
        or workflow.storage_settings.default_storage_provider
    ):
        return
    wanted = defaultdict(dict)
    for model, entry in ZOO.items():
        for place in CONFIG.preprocessed_for(model):
            wanted[place][str(entry.preprocessing)] = None
    for (dataset, view), preprocessings in wanted.items():
        absent = [
            preprocessing
            for preprocessing in preprocessings
            for path in expand(
                rules.frames_preprocess.output.images,
                dataset=dataset,
                view=view,
                preprocessing=preprocessing,
            )
            if not Path(path).exists()
        ]
        if len(absent) > 1:
            # A dot, which no name has: those of another dataset and view may be the same two in a row.
            yield f"frames_preprocess_{dataset}.{view}", dataset, view, absent

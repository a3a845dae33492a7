"""What a supplement certifies: the predictions on images that its exhibits are made of."""

STATIONS = ("scores_", "predictions_")
PREDICTING = [f"predictions_{name}" for name in ("run", "zoom", "adapt", "import")]


@cache
def certified_predictions():
    """Return the declared paths of these predictions, each with its dataset."""
    predicting = [getattr(rules, name).rule for name in PREDICTING]
    makers = [
        maker
        for maker in workflow.rules
        if maker.wildcard_names and any(one in maker.name for one in STATIONS)
    ]
    found, seen = {}, set()
    waiting = [path for one in EXHIBITS for path in inputs_of_exhibit(one)]
    while waiting:
        if (path := waiting.pop()) in seen:
            continue
        seen.add(path)
        for maker in makers:
            if not maker.is_producer(path):
                continue
            wildcards = maker.get_wildcards(path)
            if maker in predicting:
                # Beside the predictions on images there may be those on crops.
                images = as_declared(maker.expand_output(wildcards)[0][0])
                found[images] = wildcards["dataset"]
            else:
                waiting += maker.expand_input(wildcards)[0]
    return dict(sorted(found.items()))


def inputs_of_exhibit(exhibit):
    """Return the input of the rule of an exhibit, of each of its datasets."""
    maker = getattr(rules, exhibit_rule(exhibit)).rule
    places = [{"dataset": name} for name in datasets_of(exhibit)]
    return [
        path
        for place in (places if exhibit.datasets else [{}])
        for path in maker.expand_input(place)[0]
    ]


def certified_tables(wildcards):
    """Return these predictions, and what else is certified of their datasets."""
    found = certified_predictions()
    datasets = list(dict.fromkeys(found.values()))
    return {
        "predictions": list(found),
        "manifests": expand(rules.manifests_build.output.manifest, dataset=datasets),
        "certified_statuses": expand(
            rules.frames_collect.output.statuses, dataset=datasets
        ),
    }

"""What several rules look up about datasets of clips."""


def clips_manifest_of(dataset):
    """Return the manifest of a dataset of clips."""
    return expand(rules.manifests_clips.output.manifest, dataset=dataset)


def clip_classes_of(dataset):
    """Return the classes of a dataset of clips."""
    return expand(rules.manifests_clips.output.classes, dataset=dataset)


def kept_clips_of(dataset):
    """Return the shards with the kept frames of a dataset of clips."""
    return expand(rules.frames_clips.output, dataset=dataset, shard=SHARDS)

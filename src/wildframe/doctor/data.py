"""Sources, their media, and the other files that a configuration names."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from wildframe.configuration import Config
from wildframe.configuration.clips import clip_needs
from wildframe.core.errors import UserError
from wildframe.core.run import snakemake_command
from wildframe.core.source import fetch_command
from wildframe.doctor.finding import Finding
from wildframe.manifests.clips import ClipChoices, choose_clips
from wildframe.reviews import decision_files
from wildframe.sources.clip_lists import ClipSource


def sources(config: Config, config_files: Sequence[Path]) -> Iterator[Finding]:
    """Look for the annotations and media of the sources that the run uses."""
    for name, source in config.used_sources.items():
        fetch = fetch_command(name, config_files, again=True) if source.is_fetched else ""
        try:
            found, unusable = source.summary()
            wanted = source.wanted_media()
        except UserError as error:
            yield (
                "missing",
                f"source {name}: {error}" + (f"; `{fetch}` fetches it" if fetch else ""),
            )
            continue
        if unusable:
            found += f", {len(unusable)} of them unusable, such as {unusable[0]}"
            funnel, step = _funnel_of(name, config)
            make = snakemake_command([funnel], config_files)
            lister = shlex.join(["wildframe", "manifests", "show", funnel, "--step", step])
            yield "partly", f"source {name}: {found} (after `{make}`, `{lister}` lists them)"
        else:
            yield "ok", f"source {name}: {found}"
        if source.made_of:
            continue
        missing = [Path(media) for media in wanted if not source.has_media(media)]
        there = len(wanted) - len(missing)
        line = (
            f"source {name}: {there} of {len(wanted)} {source.media_are} in {source.media_folder}"
        )
        if missing:  # which only drops their images: the funnel counts them
            first = ", ".join(media.name.removesuffix(".mp4") for media in missing[:3])
            halves = sum((Path(source.root) / media).is_file() for media in missing)
            line += f"; missing: {first}{' ...' if len(missing) > 3 else ''}"
            line += f", {halves} of them downloaded in part" if halves else ""
            # The demo's clips are nobody's to fetch.
            if fetch and (source.compare_with_paper or source.kind != "ego4d"):
                does = "fetches" if source.fetches_media else "tells in its log what fetches"
                line += f" (`{fetch}` {does} them)"
        yield ("missing" if not there else "partly" if missing else "ok"), line


def _funnel_of(source: str, config: Config) -> tuple[str, str]:
    """Return the funnel of the first dataset of a source that is used, and the step of records."""
    endings = {"images": ("funnel", "bad_image"), "clips": ("clips-funnel", "bad_clip")}
    dataset, (ending, step) = next(
        (name, endings[config.datasets[name].kind])
        for name in (*config.used_datasets, *config.used_clip_datasets)
        if config.datasets[name].source == source and config.datasets[name].kind in endings
    )
    return f"{config.results}/manifests/{dataset}.{ending}.parquet", step


def clips(config: Config) -> Iterator[Finding]:
    """Tell what the datasets of clips lack that trainings need, before any is trained.

    Sources whose lists cannot be read are told by `sources`.
    """
    for name in config.used_clip_datasets:
        source, chosen = config.source_of(name), config.clips(name)
        assert isinstance(source, ClipSource), name  # noqa: S101
        choices = ClipChoices(name, chosen.train, chosen.test, chosen.viewpoint)
        told: list[str] = []
        try:
            records, lists = source.checked_records(), source.all_lists()
        except UserError:
            continue
        try:
            needs = clip_needs(config, name)
            for _ in choose_clips(records, choices, needs, lists, told.append):
                pass
        except UserError as error:
            yield "missing", f"dataset {error}"
        yield from (("partly", f"dataset {line}") for line in told)


def named_files(config: Config) -> Iterator[Finding]:
    """Look for the other files that the configuration names; say which are not there.

    People's decisions may be: a run that prepares their review comes before them.
    """
    named: dict[str, str | None] = {}
    for name in config.used_datasets:
        if name not in config.sets_datasets or (folder := config.sets(name).decisions) is None:
            continue
        setting = f"datasets.{name}.decisions"
        if config.sets(name).review == "script":
            named[setting] = folder
        elif not decision_files(Path(folder)):
            said = "no decisions yet; `snakemake review` says the next command"
            yield "ok", f"{setting}: {folder} has {said}"
    for name in config.used_clip_datasets:
        files = config.clips(name).input_files
        named |= {f"datasets.{name}.{setting}": path for setting, path in files.items()}
    for study, chosen in config.chosen.items():
        named |= {f"studies.{study}.{key}": path for key, path in chosen.named_files().items()}
    for setting, path in named.items():
        if path is not None and not Path(path).exists():
            yield "missing", f"{setting}: {path} does not exist; create it or correct the setting"

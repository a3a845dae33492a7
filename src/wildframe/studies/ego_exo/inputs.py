"""Inputs of the study's exhibits, as annotated types."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.schemas import CLIP_SCORES, CLIPS
from wildframe.core.tables import iter_rows, read_table
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.registry import Context, File, Setting, Several
from wildframe.frames import shard_names
from wildframe.frames.kept import KeptClips
from wildframe.manifests.clips import of_learnt_videos
from wildframe.scores.clips import OverSeeds, over_seeds
from wildframe.studies.ego_exo.methods import FineTuning, Part, row_compared_with, split_row
from wildframe.studies.ego_exo.trainings import ABLATED, ensemble_name

Scores = Mapping[tuple[str, str, str], OverSeeds]
"""Metrics over seeds, by training, subset and metric; a training's name has its data set."""

Counts = Sequence[tuple[int, int]]
"""Clips and videos of each data set."""

Tested = Mapping[str, tuple[int, int, int]]
"""Test clips of each data set, readable or not, their videos, and those of them whose videos have
training clips, too."""

Trained = Mapping[str, Mapping[str, str]]
"""Names of trainings by row and part; what is not trained in this run is missing."""

PART_TITLES: Mapping[Part, str] = {
    "multi_label": "C-Ego",
    "verb_noun": "EPIC",
    "verb_noun_100": "EPIC-100",
}
"""What the paper's tables call the data sets."""

NOT_THE_PAPERS = (
    "The paper's numbers are not shown: they hold for its own data sets, networks, weights and "
    "schedules only (compare_with_paper)."
)

OVER_SEEDS = (
    "Values are means over the seeds of fine-tuning, ± their standard deviation (n - 1) where "
    "there are several. N/A: not trained in this run (methods and backbones of the config), or no "
    "test clip that is evaluated has such a label."
)


def read_scores(paths: Sequence[Path]) -> Scores:
    """Read the scores of several data sets; errors as in `wildframe.core.tables.read_table`."""
    return over_seeds(row for path in paths for row in read_table(path, CLIP_SCORES).to_pylist())


def read_evaluated(paths: Sequence[Path]) -> Counts:
    """Return what the scores of each data set count at most; errors as in `read_scores`."""
    tables = [read_table(path, CLIP_SCORES, ["n", "videos"]) for path in paths]
    return [
        (max(table["n"].to_pylist(), default=0), max(table["videos"].to_pylist(), default=0))
        for table in tables
    ]


def read_tested(paths: Sequence[Path]) -> Tested:
    """Read what is tested out of manifests; errors as in `wildframe.core.tables.iter_rows`."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        for row in iter_rows(path, CLIPS, ["dataset", "split", "video_id"]):
            found.setdefault(row["dataset"], []).append((row["split"], row["video_id"]))
    videos = {
        name: [video for split, video in clips if split == "test"] for name, clips in found.items()
    }
    return {
        name: (len(tested), len(set(tested)), of_learnt_videos(found[name]))
        for name, tested in videos.items()
    }


def parts_of(run: Context, among: Sequence[Part]) -> list[Part]:
    """Return the parts that the run has, of some."""
    return [part for part in among if part in run.study.parts()]


def has_ablations(run: Context) -> bool:
    """Tell whether networks of every method are fine-tuned on some part."""
    return bool(parts_of(run, ABLATED))


def dataset_of(run: Context, part: Part) -> str:
    """Return the data set of a part."""
    return str(run.study.parts()[part].dataset)


def _where(among: Sequence[Part]) -> Callable[[Context], list[dict[str, str]]]:
    def where(run: Context) -> list[dict[str, str]]:
        names = dict.fromkeys(dataset_of(run, part) for part in parts_of(run, among))
        return [{"study": "ego_exo", "dataset": name} for name in names]

    return where


def scores_of(*among: Part) -> File:
    """Return the scores of the data sets of parts."""
    return File("scores_clips.scores", read_scores, _where(among), many=True)


def evaluated_of(*among: Part) -> File:
    """Return how many clips are evaluated on the data sets of parts."""
    return File("scores_clips.scores", read_evaluated, _where(among), many=True)


def tested_of(*among: Part) -> File:
    """Return how many clips there are to be evaluated, of the same data sets in their order."""

    def where(run: Context) -> list[dict[str, str]]:
        return [{"dataset": one["dataset"]} for one in _where(among)(run)]

    return File("manifests_clips.manifest", read_tested, where, many=True)


def pairs_of(*among: Part) -> File:
    """Return the comparisons on the data sets of parts."""
    return File("scores_clips.pairs", PairTable.read_all, _where(among), many=True)


def finetuning_of(study: Any, row: str, part: Part) -> FineTuning | None:
    """Return what a row of printed numbers is about; None if the run lacks its backbone.

    Args:
        study: The study.
        row: Method, ``+aux`` and the paper's name of the backbone, if not that of the ablations.
        part: What it is fine-tuned on.
    """
    method, auxiliary, backbone = split_row(row)
    known = {"": study.network, "Slow-R50": study.network}
    network = {**known, **study.backbones, **study.other_backbones}.get(backbone.strip())
    return FineTuning(method, part, network, bool(auxiliary)) if network else None


def trained(rows: Sequence[str], *among: Part) -> Setting:
    """Return the names of trainings of rows, and of those that they are compared with."""
    named = dict.fromkeys([*rows, *filter(None, map(row_compared_with, rows))])

    def told(run: Context) -> dict[str, dict[Part, str]]:
        return {
            row: {part: name for part in among if (name := _name(run.study, row, part))}
            for row in named
        }

    return Setting(told, dict[str, dict[str, str]])


def _name(study: Any, row: str, part: Part) -> str | None:
    if part not in study.parts():
        return None
    if row == "ensemble":
        name = ensemble_name(study, part)
        return name if name in study.clip_ensembles() else None
    one = finetuning_of(study, row, part)
    found: str | None = study.finetunings.get(one)
    return found


def compare_parts(*among: Part) -> Setting:
    """Return whether the paper's numbers compare with ours, by part."""

    def told(run: Context) -> dict[str, bool]:
        return {
            part: run.study.is_papers(run.config, dataset_of(run, part))
            for part in parts_of(run, among)
        }

    return Setting(told, dict[str, bool])


def data_notes(*among: Part) -> Setting:
    """Return the data notes of parts, the first of which figures show, and of pre-training."""

    def told(run: Context) -> list[str]:
        datasets = {PART_TITLES[part]: dataset_of(run, part) for part in parts_of(run, among)}
        datasets["Pre-training"] = run.study.third_person
        return [f"{title}: {run.config.describe(name)}" for title, name in datasets.items()]

    return Setting(told, list[str])


def counted(notes: Sequence[str], evaluated: Counts, tested: Tested) -> list[str]:
    """Return data notes, and notes on test clips: those evaluated, and those of videos learnt from.

    Args:
        notes: Those of the data.
        evaluated: What is evaluated of each data set.
        tested: Of the same data sets.
    """
    scored = [
        f"{clips} of {of_clips} of {name}, from {videos} of {of_videos} videos"
        for (clips, videos), (name, (of_clips, of_videos, _)) in zip(
            evaluated, tested.items(), strict=True
        )
    ]
    shared = [
        f"{of_learnt} of {clips} of {name}"
        for name, (clips, _, of_learnt) in tested.items()
        if of_learnt
    ]
    told = {"that are evaluated": scored, "of videos that have training clips, too": shared}
    return [
        *notes,
        *(f"Test clips {which}: {'; '.join(counts)}." for which, counts in told.items() if counts),
    ]


def inputs_of_counted(*among: Part) -> dict[str, File | Setting]:
    """Return the inputs of `counted` for the data sets of parts."""
    return {
        "notes": data_notes(*among),
        "evaluated": evaluated_of(*among),
        "tested": tested_of(*among),
    }


def counted_notes(*among: Part) -> Several:
    """Return the notes of `counted` for the data sets of parts."""
    return Several(counted, inputs_of_counted(*among))


def kept_clips(dataset: Callable[[Context], str]) -> File:
    """Return the kept frames of the clips of a data set."""

    def where(run: Context) -> dict[str, Any]:
        return {"dataset": dataset(run), "shard": shard_names(run.config.frames.shards)}

    return File("frames_clips", KeptClips, where, many=True)


def clips_with_classes(
    read: Callable[[Sequence[Path]], Any], dataset: Callable[[Context], str]
) -> File:
    """Return the manifest of a data set of clips and its classes, for a reader of both."""

    def where(run: Context) -> dict[str, str]:
        return {"dataset": dataset(run)}

    classes = ("manifests_clips.classes", where)
    return File("manifests_clips.manifest", read, where, many=True, ancient=classes)


def of_third_person(run: Context) -> dict[str, str]:
    """Return the wildcards of tables of the third-person clips."""
    return {"dataset": run.study.third_person}


PretrainingNote = Annotated[str, Setting(lambda run: run.config.describe(run.study.third_person))]
"""Data note of third-person clips."""

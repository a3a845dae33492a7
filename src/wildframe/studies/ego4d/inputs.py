"""Inputs of the study's exhibits, as annotated types."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.choices import Grouping, Targets
from wildframe.core.schemas import CALIBRATION, CLASSES, FUNNEL, MANIFEST, SPLITS
from wildframe.core.tables import Row, read_table
from wildframe.core.target_settings import TargetsSetting
from wildframe.exhibits.inputs import (
    EncodedImages,
    Entry,
    TableFile,
    Where,
    choice,
    entries,
    frames,
    models,
    rows_of,
    table_of,
)
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.registry import Context, File, Setting
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.exhibits.score_table import ScoreTable
from wildframe.frames import read_readable, read_statuses
from wildframe.frames.copies import read_copies
from wildframe.models import ZooEntry

BY_CLASS = "Images listed under a class"
"""How images are counted by class: under their first label."""


def named(dataset: str, **others: Any) -> Where:
    """Return what names the files of a dataset, by the setting that names it."""
    return lambda run: {"dataset": attrgetter(dataset)(run.study), **others}


def viewed(dataset: str, models: Any = None, view: str | None = None) -> Where:
    """Return what names the files of a dataset and view (the exhibit's if None), and of models."""

    def where(run: Context) -> dict[str, Any]:
        found = {**named(dataset)(run), "view": view or run.view}
        if models is None:
            return found | {"study": "ego4d"}
        return found | dict.fromkeys(("model", "evaluated"), models(run))

    return where


def evaluated(run: Context) -> list[str]:
    """Return the models that are scored under ImageNet-1K, in the order of exhibits."""
    return [*run.study.models_of(run.study.in1k)]


def names_objects(run: Context) -> bool:
    """Tell whether the images under ImageNet-1K have annotated objects, with nouns and boxes."""
    return bool(run.config.datasets[run.study.in1k].names_objects)


def images_of(manifest: Iterable[Row], image_ids: Collection[str]) -> list[Row]:
    """Return the rows of a manifest that are of some images, in its order."""
    return [row for row in manifest if row["image_id"] in image_ids]


def data_note(*datasets: str) -> Setting:
    """Return the data note of datasets, by the settings that name them."""
    return Setting(
        lambda run: run.config.describe(
            *(attrgetter(name)(run.study) for name in datasets), view=run.view
        )
    )


def compare(*datasets: str) -> Setting:
    """Return whether the paper's numbers compare with those of datasets, all of them."""
    return Setting(
        lambda run: all(
            run.study.is_papers(run.config, attrgetter(name)(run.study), run.view)
            for name in datasets
        ),
        bool,
    )


def scores(dataset: str, view: str | None = None) -> File:
    """Return the scores of a dataset, by the setting that names it."""
    return File("scores_accuracy", ScoreTable.read, viewed(dataset, view=view))


def pairs(dataset: str) -> File:
    """Return the comparisons of models and moments, by the setting that names the dataset."""
    return File("scores_model_pairs", PairTable.read, viewed(dataset))


def manifest(dataset: str) -> File:
    """Return the manifest of a dataset, by the setting that names it."""
    return File("manifests_build.manifest", rows_of(MANIFEST), named(dataset))


def funnel(dataset: str) -> File:
    """Return the funnel of a dataset, by the setting that names it."""
    return File("manifests_build.funnel", rows_of(FUNNEL), named(dataset))


def statuses(dataset: str) -> File:
    """Return the status of each image of a dataset, by the setting that names it."""
    return File("frames_collect.statuses", read_statuses, named(dataset))


def readable(dataset: str) -> File:
    """Return the ids of the images of a dataset that could be read."""
    return File("frames_collect.statuses", read_readable, named(dataset))


def held_out(training: Callable[[Context], str]) -> tuple[File, File, File]:
    """Return the scores on the images that a training held out, their comparisons, the split."""

    def where(run: Context) -> dict[str, str]:
        return {
            "study": "ego4d",
            "dataset": run.study.finetuning.dataset,
            "view": run.view,
            "training": training(run),
        }

    split = File("manifests_split", table_of(SPLITS), where)
    compared = File("scores_held_out_pairs", PairTable.read, where)
    return File("scores_held_out", ScoreTable.read, where), compared, split


def _count_classes(path: Path) -> Counter[str]:
    return Counter(read_table(path, CLASSES, ["label_space"])["label_space"].to_pylist())


Scores = Annotated[ScoreTable, scores("in1k")]
"""Scores of all models under ImageNet-1K."""
Pairs = Annotated[PairTable, pairs("in1k")]
"""Comparisons of all models under ImageNet-1K."""
Calibration = Annotated[
    TableFile, File("scores_calibration", table_of(CALIBRATION), viewed("in1k"))
]
Robustness = Annotated[
    RobustnessTable, File("scores_robustness", RobustnessTable.read, viewed("neighbours"))
]
"""Robustness of the secondary models on the sets around Pre frames."""

Manifest = Annotated[Sequence[Row], manifest("in1k")]
Readable = Annotated[Collection[str], readable("in1k")]
"""Ids of the images that could be read, and were evaluated."""
Copies = Annotated[Mapping[str, str], File("frames_collect.statuses", read_copies, named("in1k"))]
"""Which images are copies of which."""
Images = Annotated[EncodedImages, frames(lambda run: run.study.in1k)]
"""Images of the dataset under ImageNet-1K."""
ClassCounts = Annotated[Mapping[str, int], File("labels_classes", _count_classes)]
"""Number of classes of each label space."""

Models = Annotated[Sequence[str], models(lambda run: run.study.models)]
"""Models of Fig. 7."""
Entries = Annotated[Sequence[Entry], entries(lambda run: run.study.models)]
"""Models of Fig. 7, as entries of the zoo or external."""
SecondaryModels = Annotated[Sequence[str], models(lambda run: run.study.secondary_models)]
"""Models of the supplementary exhibits."""
FramedModels = Annotated[
    Sequence[str], models(lambda run: run.study.framing_of(run.study.in1k).models)
]
"""Those of them that are shown images cropped."""

Threshold = Annotated[float, Setting(lambda run: run.config.scores.high_confidence, float)]
"""Probability above which an error is a confident one."""
DataNote = Annotated[str, data_note("in1k")]
ImagesLabelSpace = Annotated[
    Targets, choice(lambda run: run.config.datasets[run.study.in1k].label_space, TargetsSetting)
]
"""Label space under ImageNet-1K, which may be one's own."""
WholeImagesNote = Annotated[str, Setting(lambda run: run.config.describe(run.study.in1k))]
"""The same, whichever view the exhibit is made for."""
ComparePaper = Annotated[bool, compare("in1k")]
"""Whether the paper's numbers are shown beside ours."""

_HELD_OUT, _HELD_OUT_PAIRS, _SPLIT = held_out(lambda run: f"by-{run.study.finetuning.split_by}")

HeldOutScores = Annotated[ScoreTable, _HELD_OUT]
"""Scores before and after fine-tuning, on held-out images."""
HeldOutPairs = Annotated[PairTable, _HELD_OUT_PAIRS]
"""Comparisons of the same."""
HeldOutSplit = Annotated[TableFile, _SPLIT]
"""Part of each image: train or val."""
FineTuned = Annotated[Sequence[ZooEntry], entries(lambda run: run.study.finetuning.models)]
"""Models that training starts from."""
SplitBy = Annotated[Grouping, choice(lambda run: run.study.finetuning.split_by, Grouping)]
"""The unit that the split keeps within one part."""
FineTuningNote = Annotated[str, data_note("finetuning.dataset")]


def _compare_finetuning(run: Context) -> bool:
    chosen = run.study.finetuning
    is_papers = run.study.is_papers(run.config, chosen.dataset, run.view)
    return bool(is_papers and chosen.is_papers)


CompareFineTuning = Annotated[bool, Setting(_compare_finetuning, bool)]
"""Whether the paper's numbers of fine-tuning are shown beside ours: its data, and its training."""

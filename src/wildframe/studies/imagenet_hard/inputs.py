"""Inputs of the study's exhibits, as annotated types, and the paper's names of models."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Self

from wildframe.core.errors import UserError
from wildframe.core.schemas import FUNNEL, ZOOM_CROPS, ZOOM_SCORES
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.inputs import TableFile, models, table_of
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.registry import Context, File, Setting, Several

PRINTED: Mapping[str, str] = {
    "alexnet": "AlexNet",
    "vgg16.tv_in1k": "VGG-16",
    "resnet18.tv_in1k": "ResNet-18",
    "resnet50.tv_in1k": "ResNet-50",
    "torchvision/vit_b_32.IMAGENET1K_V1": "ViT-B/32",
    "torchvision/efficientnet_b0.IMAGENET1K_V1": "EfficientNet-B0",
    "torchvision/efficientnet_b7.IMAGENET1K_V1": "EfficientNet-B7",
    "timm/tf_efficientnet_l2.ns_jft_in1k": "EfficientNet-L2-Ns",
    "open_clip/ViT-L-14/openai": "CLIP-ViT-L/14@224px",
    "open_clip/ViT-L-14-336/openai": "CLIP-ViT-L/14@336px",
    "open_clip/ViT-bigG-14/laion2b_s39b_b160k": "OpenCLIP-ViT-bigG-14",
    "open_clip/ViT-L-14/datacomp_xl_s13b_b90k": "OpenCLIP-ViT-L-14",
}
"""What the paper calls a model, by its name in the config."""

NOT_THE_PAPERS = (
    "The paper's numbers are not shown: they hold for its own data sets (compare_with_paper) with "
    "all of their files, predicted among all classes in the report and among their labels "
    "elsewhere, and for its grid of 324 crops only."
)

ORACLE = (
    "Oracle, N crops: an image counts as correct if the prediction on any of its N crops is. That "
    "uses the label: it is an upper bound, not the accuracy of a classifier."
)
CROSS_VALIDATED = (
    "Cross-validated: the crop that is best on one half of the videos (or of single images) is "
    "evaluated on the other half, so that no image influences the choice of its own crop."
)


@dataclass(frozen=True)
class ZoomTable:
    """The ``zoom_scores`` table of one dataset, as exhibits look things up in it."""

    path: Path
    rows: Sequence[Row]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file; errors as in `wildframe.core.tables.read_table`."""
        return cls(path, read_table(path, ZOOM_SCORES).to_pylist())

    @property
    def models(self) -> list[str]:
        """The models, in the order of the table."""
        return list(dict.fromkeys(row["model"] for row in self.rows))

    def find(self, model: str, metric: str) -> list[Row]:
        """Return the scores of a metric, by the number of crops; none where there is none."""
        found = [row for row in self.rows if (row["model"], row["metric"]) == (model, metric)]
        return sorted(found, key=lambda row: int(row["crops"]))

    def by_anchor(self, model: str, metric: str) -> list[Row]:
        """Return the nine scores of a metric of anchors, by row and column.

        Raises:
            UserError: They are not all there.
        """
        found = sorted(self.find(model, metric), key=lambda row: (row["row"], row["col"]))
        if len(found) != 9:
            raise UserError(
                f"{self.path}: {len(found)} anchors of {metric} of {model}, not 9; make the table "
                "anew"
            )
        return found


def zoomed_datasets(run: Context) -> list[str]:
    """Return the datasets that have exhibits about crops, each of them all."""
    return list(dict.fromkeys(run.study.zoomed.values()))


def has_zoom(run: Context) -> bool:
    """Tell whether the run has exhibits about crops."""
    return bool(run.study.zoom)


def of_zoom(run: Context) -> dict[str, Any]:
    """Return the wildcards of scores of a dataset under the zoom view."""
    return {"study": "imagenet_hard", "dataset": run.dataset, "view": run.study.zoom}


def of_benchmark(run: Context) -> dict[str, Any]:
    """Return the wildcards of scores of the benchmark under the view of the exhibit."""
    return {"study": "imagenet_hard", "dataset": run.study.benchmark, "view": run.view}


def _benchmark(run: Context) -> str:
    return str(run.study.benchmark)


def read_lost(funnels: Sequence[Path]) -> dict[str, str]:
    """Return what is said of the Parquet files that could not be used, by dataset that has such.

    The funnel has one row of each, however many images are in it.
    """
    told = {}
    for path in funnels:
        rows = read_table(path, FUNNEL, ["record_id", "step"]).to_pylist()
        dropped = (row["record_id"] for row in rows if row["step"] == "bad_image")
        if lost := [name for name in dropped if name.lower().endswith(".parquet")]:
            told[path.name.removesuffix(".funnel.parquet")] = (
                "Parquet files that are missing or damaged, so that images are left out: "
                f"{len(lost)}, the first of them {lost[0]}"
            )
    return told


def _lost(datasets: Callable[[Context], Iterable[str]]) -> File:
    """Return the input that `read_lost` reads, of these datasets."""
    return File(
        "manifests_build.funnel",
        read_lost,
        lambda run: [{"dataset": name} for name in dict.fromkeys(datasets(run))],
        many=True,
    )


def noted(dataset: Callable[[Context], str], view: Callable[[Context], str]) -> Several:
    """Return the data note of a dataset under a view, with its files that are lost."""
    return Several(
        lambda data_note, note_lost: "; ".join([data_note, *note_lost.values()]),
        {
            "data_note": Setting(lambda run: run.config.describe(dataset(run), view=view(run))),
            "note_lost": _lost(lambda run: [dataset(run)]),
        },
    )


def notes_of(
    notes: Callable[[Context], list[str]], columns: Callable[[Context], Mapping[str, list[str]]]
) -> Several:
    """Return the data notes of a table of columns, with files of their datasets that are lost."""
    return Several(
        lambda data_notes, note_lost: [
            *data_notes,
            *(f"{dataset}: {told}" for dataset, told in note_lost.items()),
        ],
        {
            "data_notes": Setting(notes, list[str]),
            "note_lost": _lost(lambda run: chain(*columns(run).values())),
        },
    )


def compared(
    compare: Callable[[Context], dict[str, bool]],
    columns: Callable[[Context], Mapping[str, list[str]]],
) -> Several:
    """Return of which columns the paper's numbers are shown: those that have lost no file.

    Args:
        compare: Columns of which they would be.
        columns: Datasets by column.
    """
    return Several(
        lambda compare, datasets, lost: {
            column: shown and lost.keys().isdisjoint(datasets[column])
            for column, shown in compare.items()
        },
        {
            "compare": Setting(compare, dict[str, bool]),
            "datasets": Setting(columns, dict[str, list[str]]),
            "lost": _lost(lambda run: chain(*columns(run).values())),
        },
    )


Zoom = Annotated[ZoomTable, File("scores_zoom.scores", ZoomTable.read, of_zoom)]
"""Scores of one dataset under the zoom view."""
Crops = Annotated[TableFile, File("scores_zoom.crops", table_of(ZOOM_CROPS), of_zoom)]
"""Scores of each crop of the grid."""
ZoomNote = Annotated[str, noted(lambda run: run.dataset, lambda run: str(run.study.zoom))]
"""Data note of exhibits about crops."""
DataNote = Annotated[str, noted(_benchmark, lambda run: run.view)]
"""Data note of exhibits of the benchmark."""
Pairs = Annotated[PairTable, File("scores_model_pairs", PairTable.read, of_benchmark)]
Models = Annotated[Sequence[str], models(lambda run: run.study.models)]
ComparePaper = Annotated[
    bool,
    Several(
        lambda compare, lost: compare and not lost,
        {
            "compare": Setting(
                lambda run: run.study.is_papers(run.config, run.study.benchmark, run.view), bool
            ),
            "lost": _lost(lambda run: [_benchmark(run)]),
        },
    ),
]
"""Whether the paper's numbers of the benchmark are shown beside ours."""

"""Inputs of the study's exhibits, as annotated types, and the paper's names of models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from wildframe.core.errors import UserError
from wildframe.core.schemas import ZOOM_CROPS, ZOOM_SCORES
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.inputs import TableFile, models, table_of
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.registry import Context, File, Setting

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
    "The paper's numbers are not shown: they hold for its own data sets (compare_with_paper), "
    "predicted among all classes in the report and among their labels elsewhere, and for its grid "
    "of 324 crops only."
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


Zoom = Annotated[ZoomTable, File("scores_zoom.scores", ZoomTable.read, of_zoom)]
"""Scores of one dataset under the zoom view."""
Crops = Annotated[TableFile, File("scores_zoom.crops", table_of(ZOOM_CROPS), of_zoom)]
"""Scores of each crop of the grid."""
ZoomNote = Annotated[
    str, Setting(lambda run: run.config.describe(run.dataset, view=run.study.zoom))
]
"""Data note of exhibits about crops."""
DataNote = Annotated[
    str, Setting(lambda run: run.config.describe(run.study.benchmark, view=run.view))
]
"""Data note of exhibits of the benchmark."""
Pairs = Annotated[PairTable, File("scores_model_pairs", PairTable.read, of_benchmark)]
Models = Annotated[Sequence[str], models(lambda run: run.study.models)]
ComparePaper = Annotated[
    bool,
    Setting(lambda run: run.study.is_papers(run.config, run.study.benchmark, run.view), bool),
]
"""Whether the paper's numbers of the benchmark are shown beside ours."""

"""What the tables of accuracy share: Fig. 7 to 11, and those that the paper has not."""

from collections.abc import Mapping, Sequence
from typing import Any

from wildframe.exhibits.paper import beside, data_notes, paper_column, paper_numbers
from wildframe.exhibits.score_table import Score, ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.models.zoo import ZooEntry

KS = (1, 5)

INTERVALS = (
    "Intervals behind a value are Clopper-Pearson's and take images of one clip as independent; "
    "those over clips resample whole clips (bootstrap, percentiles), and have no width where no "
    "image, or each, was right, or where all images are of one clip."
)

Paper = Mapping[str, Mapping[str, str]]


def accuracy_table(
    title: str,
    figure: str,
    table: ScoreTable,
    models: Sequence[ZooEntry],
    data_note: str,
    compare_with_paper: bool,
    *notes: str,
) -> Table:
    """Return one row a model with top-1 and top-5 accuracy."""
    paper = paper_numbers("ego4d", figure)
    rows = [accuracy_row(table, entry, paper, compare_with_paper) for entry in models]
    columns = [*MODEL_NAMES, *accuracy_columns(compare_with_paper), *MODEL_FACTS]
    return Table(
        title, columns, rows, [*data_notes(data_note, compare_with_paper), INTERVALS, *notes]
    )


def accuracy_row(
    table: ScoreTable,
    entry: ZooEntry | None,
    paper: Paper,
    compare_with_paper: bool,
    *,
    printed_as: str | None = None,
    subset: str = "all",
) -> dict[str, Any]:
    """Return a model's cells of `MODEL_NAMES`, `accuracy_columns` and `MODEL_FACTS`.

    Args:
        table: Scores of the model.
        entry: The model, or None where there is none to show: ours are then absent.
        paper: The paper's numbers.
        compare_with_paper: Whether they compare.
        printed_as: The row's key in ``paper``, if it is not the zoo's name of the row; empty where
            the paper has no such row.
        subset: Subset of the dataset.

    Raises:
        UserError: The model was not scored so.
    """
    name = entry.name if entry else None
    if printed_as is None:
        printed_as = paper_row(entry) if entry else None
    row = printed_as or ""
    printed = {f"paper_top{k}": beside(paper.get(row), f"top{k}", compare_with_paper) for k in KS}
    return {
        "model": name,
        "paper_row": row if row in paper else None,
        **accuracies(table, name, subset=subset),
        **printed,
        **model_facts(entry),
    }


def paper_row(entry: ZooEntry) -> str | None:
    """Return a model's row in the paper: none at another size than its own, or fine-tuned."""
    return entry.paper_row if entry.name == entry.checkpoint else None


def accuracies(
    table: ScoreTable,
    model: str | None,
    metric: str = "accuracy",
    subset: str = "all",
    prefix: str = "",
) -> dict[str, Any]:
    """Return the cells of `top_columns` for 1 and 5, and ``n``; None where there is no model.

    Args:
        table: Scores of the model.
        model: Model of the zoo.
        metric: accuracy or tree_accuracy.
        subset: Subset of the dataset.
        prefix: Before the keys, where a row holds two metrics or subsets.

    Raises:
        UserError: The model was not scored so.
    """
    cells: dict[str, Any] = {}
    for k in KS:
        score = None if model is None else table.require(model, k, metric, subset)
        cells |= share_cells(f"{prefix}top{k}", score) | {"n": score and score["n"]}
    return cells


def top_columns(k: int, of: str = "", prefix: str = "") -> list[Column]:
    """Return the columns of top-``k`` accuracy with both intervals."""
    key, title = f"{prefix}top{k}", f"Top-{k}{of}"
    return [*share_columns(key, f"{title} %"), *clips_columns(key, title)]


def share_cells(key: str, score: Score | None) -> dict[str, Any]:
    """Return a share of images in percent, its intervals and its count; None without one."""
    ends = ("low", "high", "cluster_low", "cluster_high")
    return {
        key: score and percent(score["value"]),
        **{f"{key}_{end}": score and percent(score[end]) for end in ends},
        f"{key}_successes": score and score["successes"],
    }


def share_columns(key: str, title: str) -> list[Column]:
    """Return the columns of a share and its exact interval, of `share_cells`."""
    return [
        Column(
            key,
            f"{title} [95 % CI]",
            lambda row: f"{row[key]} {_interval(row, key)}",
            absent="N/A",
        ),
        Column(f"{key}_low", ""),
        Column(f"{key}_high", ""),
        Column(f"{key}_successes", ""),
    ]


def clips_columns(key: str, title: str) -> list[Column]:
    """Return the columns of a share's interval over clips, of `share_cells`."""
    return [
        Column(
            f"{key}_cluster_low",
            f"{title}, 95 % CI over clips",
            lambda row: _interval(row, f"{key}_cluster"),
            absent="N/A",
        ),
        Column(f"{key}_cluster_high", ""),
    ]


def accuracy_columns(compare_with_paper: bool) -> list[Column]:
    """Return the columns of one accuracy a row, the paper's beside ours."""
    return [
        *top_columns(1),
        paper_column("paper_top1", "Top-1 %, paper", compare_with_paper),
        *top_columns(5),
        paper_column("paper_top5", "Top-5 %, paper", compare_with_paper),
        Column("n", "Images", absent="N/A"),
    ]


MODEL = Column("model", "Model", align="l", absent="N/A")

MODEL_NAMES = (MODEL, Column("paper_row", "Row in the paper", align="l"))

MODEL_FACTS = (
    Column("param_count", "Params (M)", absent="N/A"),
    Column("img_size", "Size (px)", absent="N/A"),
    Column("crop_pct", ""),
    Column("interpolation", ""),
)


def model_facts(entry: ZooEntry | None) -> dict[str, Any]:
    """Return the cells of `MODEL_FACTS`, under timm's names of them."""
    return {
        "param_count": entry and f"{entry.params / 1e6:.2f}",
        "img_size": entry and entry.input_size,
        "crop_pct": entry and entry.crop_pct,
        "interpolation": entry and entry.interpolation,
    }


def percent(rate: float) -> str:
    """Return a rate in [0, 1] in percent, as the tables show it."""
    return f"{100 * rate:.2f}"


def _interval(row: Mapping[str, Any], key: str) -> str:
    return f"[{row[f'{key}_low']}, {row[f'{key}_high']}]"

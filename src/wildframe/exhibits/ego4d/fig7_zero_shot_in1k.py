"""Fig. 7: zero-shot accuracy of models trained on ImageNet-1K."""

from collections.abc import Iterable, Mapping
from typing import Any

from wildframe.exhibits.paper import beside, data_notes, paper_column, paper_numbers
from wildframe.exhibits.table import Column, Exhibit
from wildframe.models.zoo import ZooEntry


def zero_shot(
    scores: Iterable[Mapping[str, Any]],
    models: Mapping[str, ZooEntry],
    chance: float,
    about: str,
    licensed: bool,
) -> Exhibit:
    """Return one row a model with top-1 and top-5 accuracy.

    Args:
        scores: Rows of the ``scores`` table.
        models: The zoo.
        chance: Top-1 accuracy of guessing among the classes of the space.
        about: What the data is.
        licensed: Whether the paper's numbers compare.
    """
    paper = paper_numbers("ego4d", "fig7_zero_shot_in1k")
    by_model: dict[str, dict[int, Mapping[str, Any]]] = {}
    for score in scores:
        if score["metric"] == "accuracy" and score["subset"] == "all":
            by_model.setdefault(score["model"], {})[score["k"]] = score
    rows = []
    for name, by_k in by_model.items():
        entry = models[name]
        printed = paper.get(entry.paper_row or "")
        rows.append(
            {
                "model": name,
                "paper_row": entry.paper_row,
                "top1": _percent(by_k[1]["value"]),
                "top1_low": _percent(by_k[1]["low"]),
                "top1_high": _percent(by_k[1]["high"]),
                "top1_successes": by_k[1]["successes"],
                "top5": _percent(by_k[5]["value"]),
                "top5_low": _percent(by_k[5]["low"]),
                "top5_high": _percent(by_k[5]["high"]),
                "top5_successes": by_k[5]["successes"],
                "n": by_k[1]["n"],
                "param_count": f"{entry.params / 1e6:.2f}",
                "img_size": entry.input_size,
                "crop_pct": entry.crop_pct,
                "interpolation": entry.interpolation,
                "paper_top1": beside(printed, "top1", licensed),
                "paper_top5": beside(printed, "top5", licensed),
            }
        )
    columns = [
        Column("model", "Model", align="l"),
        Column("paper_row", "Row in the paper", align="l"),
        Column("top1", "Top-1 % [95 % CI]", lambda row: _with_interval(row, 1)),
        Column("top1_low", ""),
        Column("top1_high", ""),
        Column("top1_successes", ""),
        paper_column("paper_top1", "Top-1 %, paper", licensed),
        Column("top5", "Top-5 % [95 % CI]", lambda row: _with_interval(row, 5)),
        Column("top5_low", ""),
        Column("top5_high", ""),
        Column("top5_successes", ""),
        paper_column("paper_top5", "Top-5 %, paper", licensed),
        Column("n", "Pictures"),
        Column("param_count", "Params (M)"),
        Column("img_size", "Size (px)"),
        Column("crop_pct", ""),
        Column("interpolation", ""),
    ]
    notes = [
        *data_notes(about, licensed),
        "Intervals are Clopper-Pearson's and take pictures of one clip as independent; guessing "
        f"one of the classes is right {100 * chance:.1f} % of the time.",
    ]
    return Exhibit("Fig. 7: zero-shot accuracy of ImageNet-1K models", columns, rows, notes)


def _percent(rate: float) -> str:
    return f"{100 * rate:.2f}"


def _with_interval(row: Mapping[str, Any], k: int) -> str:
    return f"{row[f'top{k}']} [{row[f'top{k}_low']}, {row[f'top{k}_high']}]"

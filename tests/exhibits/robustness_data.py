"""Robustness written by hand."""

from pathlib import Path

from wildframe.core.statistics import clopper_pearson
from wildframe.exhibits.robustness_table import RobustnessTable


def robust(model, k, successes, n=8, subset="all", metric="pm_k", **values):
    """Return a row of the ``robustness`` table with its true interval; ``delta`` is to be given.

    The ends of that over videos are no real ones: half the value, and halfway from it to 1.
    """
    share = clopper_pearson(successes, n)
    is_rate = metric == "flip_rate"
    delta = 0.0 if metric == "pm_k" and k == 0 else None
    return {
        "dataset": "demo",
        "model": model,
        "subset": subset,
        "metric": metric,
        "k": k,
        "value": share.value,
        "successes": successes,
        "n": n,
        "pairs": n if is_rate else 2 * k * n,
        "low": share.low,
        "high": share.high,
        "interval": "t-95 over videos" if is_rate else "clopper-pearson-95",
        "cluster_low": share.value / 2 if metric == "pm_k" else None,
        "cluster_high": (1 + share.value) / 2 if metric == "pm_k" else None,
        "delta": delta,
        "delta_low": delta,
        "delta_high": delta,
        "videos": 40,
        "review": "human",
    } | values


def sets_of(model, n, correct, subset="all"):
    """Return the rows of pm-k of a model.

    Args:
        model: Model of the study.
        n: Anchors.
        correct: Sets that are correct by k; 0 is among the keys.
        subset: Subset of the anchors.

    Returns:
        Rows whose intervals of delta reach 0.01 to both sides, but for k = 0.
    """
    rows = []
    for k, successes in correct.items():
        delta, aside = (correct[0] - successes) / n, 0.01 if k else 0.0
        ends = {"delta": delta, "delta_low": delta - aside, "delta_high": delta + aside}
        rows.append(robust(model, k, successes, n, subset, **ends))
    return rows


def robustness_table(rows):
    """Return such rows as exhibits look things up in them."""
    return RobustnessTable(Path("robustness.parquet"), rows)


def legend_of(drawing):
    """Return the texts of a drawing's legend."""
    return [text.get_text() for text in drawing.legends[0].get_texts()]


def panels_of(drawing):
    """Return the titles of a drawing's panels."""
    return [axis.get_title(loc="center") for axis in drawing.axes]

"""Scores written by hand."""

from pathlib import Path

from wildframe.core import schemas
from wildframe.core.tables import write_rows
from wildframe.exhibits.score_table import ScoreTable

CLASSES = ["cup", "mop", "pot", "mug", "jar"]


def score(model, k=1, successes=1, n=4, subset="all", metric="accuracy"):
    """Return a row of the ``scores`` table.

    The ends of its intervals are no real ones: half and twice the value, a quarter and four times.
    """
    value = successes / n
    return {
        "study": "ego4d",
        "dataset": "demo",
        "subset": subset,
        "view": "full",
        "model": model,
        "metric": metric,
        "k": k,
        "value": value,
        "successes": successes,
        "n": n,
        "low": value / 2,
        "high": min(1, value * 2),
        "interval": "clopper-pearson-95",
        "cluster_low": value / 4,
        "cluster_high": min(1, value * 4),
    }


def score_table(rows):
    """Return such rows as exhibits look things up in them."""
    return ScoreTable(Path("demo.parquet"), rows)


def write_classes(path):
    """Write a table of classes: three of ImageNet-1K, five of ImageNet-21K."""
    rows = [
        {
            "class_space": space,
            "class_index": index,
            "wnid": f"n{index}",
            "name": name,
            "lemmas": [name],
            "definition": "",
            "ancestors": [],
        }
        for space, names in (("in1k", CLASSES[:3]), ("in21k", CLASSES))
        for index, name in enumerate(names)
    ]
    write_rows(path, schemas.CLASSES, rows)
    return path

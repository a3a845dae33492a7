"""Scores written by hand."""

from pathlib import Path

from wildframe.core import schemas
from wildframe.core.tables import write_rows
from wildframe.exhibits.score_table import ScoreTable
from wildframe.models import zoo_entry

CLASSES = ["cup", "mop", "pot", "mug", "jar"]


def score(model, k=1, successes=1, n=4, subset="all", metric="accuracy"):
    """Return a row of the ``scores`` table: ``successes`` of ``n`` clips of ten images.

    The ends of its intervals are no real ones: half and twice the value, a quarter and four times.
    """
    value = successes / n
    successes, n = 10 * successes, 10 * n
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
        "clusters": 40,
    }


def score_table(rows):
    """Return such rows as exhibits look things up in them."""
    return ScoreTable(Path("demo.parquet"), rows)


def write_classes(path):
    """Write a table of classes: three of ImageNet-1K, five of ImageNet-21K."""
    rows = [
        {
            "label_space": space,
            "class_index": index,
            "wnid": f"n{index}",
            "name": name,
            "lemmas": [name],
            "senses": [1],
            "definition": "",
            "ancestors": [],
        }
        for space, names in (("in1k", CLASSES[:3]), ("in21k", CLASSES))
        for index, name in enumerate(names)
    ]
    write_rows(path, schemas.CLASSES, rows)
    return path


def confusion(model, label, predicted, images, probability):
    """Return a row of the ``confusions`` table."""
    return {
        "model": model,
        "label": label,
        "predicted": predicted,
        "images": images,
        "mean_probability": probability,
    }


def bin_of(model, low, n, successes, probability):
    """Return a row of the ``calibration`` table."""
    return {
        "model": model,
        "low": low,
        "high": low + 0.1,
        "n": n,
        "successes": successes,
        "mean_probability": probability,
        "cluster_low": None,
        "cluster_high": None,
        "clusters": n,
    }


def scored_once(*models):
    """Return scores of models: of 40 images none is correct at 1, and 20 are at 5."""
    return score_table([score(model, k, k // 2) for model in models for k in (1, 5)])


def scored_twice(*models, by="clip", gain=1):
    """Return scores: of 4 tens of images 1 is correct before fine-tuning, ``gain`` more after."""
    return [
        score(f"{name}{suffix}", k, correct)
        for name in models
        for suffix, correct in (("", 1), (f"+by-{by}", 1 + gain))
        for k in (1, 5)
    ]


def entries(*names):
    """Return models of the zoo."""
    return [zoo_entry(name) for name in names]

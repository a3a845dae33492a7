"""Comparisons written by hand."""

from itertools import combinations
from pathlib import Path

from wildframe.core.schemas import PAIRS
from wildframe.core.tables import write_rows
from wildframe.exhibits.pairs import PairTable


def pair(a, b, k=1, difference=0.0, p_value=1.0, metric="accuracy", **values):
    """Return a row of the ``pairs`` table: 40 images of 40 clips; ends are 5 points aside."""
    return {
        "model_a": a,
        "subset_a": "all",
        "model_b": b,
        "subset_b": "all",
        "metric": metric,
        "k": k,
        "value_a": 0.5 + difference / 2,
        "value_b": 0.5 - difference / 2,
        "n_a": 40,
        "n_b": 40,
        "both": 10,
        "only_a": 10,
        "only_b": 10,
        "neither": 10,
        "difference": difference,
        "low": difference - 0.05,
        "high": difference + 0.05,
        "p_value": p_value,
        "mcnemar": None,
        "clusters": 40,
    } | values


def pairs_of(*rows, review="human"):
    """Return such rows as exhibits look comparisons up in them."""
    return PairTable(Path("pairs.parquet"), rows, {"review": review})


class Alike(PairTable):
    """Compares whatever is asked for, and finds no difference."""

    def find(self, a, b, k=1, metric="accuracy"):
        """Return a comparison of two equal cases."""
        sides = {"subset_a": a.subset, "subset_b": b.subset}
        return pair(a.model, b.model, k, metric=metric, **sides)


ALIKE = Alike(Path("pairs.parquet"), ())


def write_alike(path, *models, subsets=("all",), ks=(1, 5), metrics=("accuracy",), review="human"):
    """Write a table that compares all models, or all parts of each, and return its path."""
    cases = [(model, subset) for model in models for subset in subsets]
    rows = [
        pair(a, b, k, metric=metric, subset_a=of_a, subset_b=of_b)
        for (a, of_a), (b, of_b) in combinations(cases, 2)
        for k in ks
        for metric in metrics
    ]
    write_rows(path, PAIRS, rows, facts={"review": review})
    return path

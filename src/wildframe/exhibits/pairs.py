"""The ``pairs`` table as exhibits look comparisons up in it: cells, columns, letters and notes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Self

from wildframe.core.clusters import FEW_CLUSTERS
from wildframe.core.display import interval
from wildframe.core.errors import UserError
from wildframe.core.schemas import PAIRS
from wildframe.core.statistics import compact_letters, holm
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.exhibits.figure import FEW
from wildframe.exhibits.shares import interval_columns
from wildframe.exhibits.table import Column, Table

LEVEL = 0.05
"""A corrected p value below it tells two conditions apart."""

_PAIRED = (
    "Differences are paired, and clips (videos, where one has several clips) are the independent "
    "units. 95 % intervals: Student's t with the jackknife over units; N/A where all units agree. "
    "p values: two-sided, of a permutation test that swaps the two conditions in whole units, with "
    "Holm's correction for "
)
PAIRED = f"{_PAIRED}the comparisons of a column."

LETTERS = (
    "Group: models that share a letter do not differ significantly (p of at least 0.05 in a paired "
    "permutation test over clips, or videos where one has several clips, with Holm's correction "
    "for all pairs of the column)."
)

_COUNTS = ("both", "only_a", "only_b", "neither")

_SWAPPED = {
    **{f"{key}_a": f"{key}_b" for key in ("model", "subset", "value", "n")},
    "only_a": "only_b",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One side of a comparison: a model, in whole or in a moment or view."""

    model: str
    subset: str = "all"


class PairTable:
    """Comparisons of one dataset, by the two cases, metric and k."""

    def __init__(
        self, path: Path, rows: Iterable[Row], facts: Mapping[str, str] | None = None
    ) -> None:
        """Index the rows; messages name their file."""
        self.path = path
        self.rows = list(rows)
        self.facts = facts or {}
        self.ks = sorted({row["k"] for row in self.rows})
        self._found = {
            (_case(way, "a"), _case(way, "b"), way["metric"], way["k"]): way
            for row in self.rows
            for way in (row, swapped(row))
        }

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file; errors as in `wildframe.core.tables.read_table`."""
        return cls(path, read_table(path, PAIRS).to_pylist(), read_facts(path, PAIRS))

    @classmethod
    def read_all(cls, paths: Sequence[Path]) -> Self:
        """Read comparisons of several datasets whose models differ; errors as in `read`."""
        rows = [row for path in paths for row in read_table(path, PAIRS).to_pylist()]
        return cls(paths[0], rows)

    def find(self, a: Case, b: Case, k: int = 1, metric: str = "accuracy") -> Row | None:
        """Return the comparison of ``a`` minus ``b``, or None where there is none."""
        return self._found.get((a, b, metric, k))

    def require(self, a: Case, b: Case, k: int = 1, metric: str = "accuracy") -> Row:
        """Return the comparison of ``a`` minus ``b``.

        Raises:
            UserError: They were not compared.
        """
        row = self.find(a, b, k, metric)
        if row is None:
            sides = " and ".join(
                one.model if one.subset == "all" else f"{one.model} ({one.subset})"
                for one in (a, b)
            )
            raise UserError(
                f"{self.path}: {sides} are not compared by {metric} at {k}; name models that this "
                "table has, or make it anew with their results"
            )
        return row

    def known(self, a: Case, b: Case, k: int = 1, metric: str = "accuracy") -> Row | None:
        """Return the comparison as `require`; None where one of the two is known at 1 only.

        Raises:
            UserError: They were not compared.
        """
        row = self.find(a, b, k, metric)
        return row if row or self.find(a, b, 1, metric) else self.require(a, b, k, metric)

    def all_pairs(self, cases: Sequence[Case], k: int = 1, metric: str = "accuracy") -> list[Row]:
        """Return the `corrected` comparisons of all pairs of cases, in their order.

        Raises:
            UserError: Two of them were not compared.
        """
        pairs = combinations(dict.fromkeys(cases), 2)
        return corrected([self.require(a, b, k, metric) for a, b in pairs])

    def letters(
        self, cases: Sequence[Case], k: int = 1, metric: str = "accuracy"
    ) -> dict[Case, str]:
        """Return letters, a for the highest share: cases that share one do not differ.

        Raises:
            UserError: Two of the cases were not compared.
        """
        rows = self.all_pairs(cases, k, metric)
        shares = {_case(row, side): row[f"value_{side}"] for row in rows for side in "ab"}
        ranked = sorted(dict.fromkeys(cases), key=lambda case: -shares.get(case, 0))
        different = [(_case(r, "a"), _case(r, "b")) for r in rows if r["p_holm"] < LEVEL]
        return compact_letters(ranked, different)


def _case(row: Row, side: str) -> Case:
    return Case(row[f"model_{side}"], row[f"subset_{side}"])


def swapped(row: Mapping[str, Any]) -> Row:
    """Return a comparison with its two conditions the other way round."""
    others = _SWAPPED | {b: a for a, b in _SWAPPED.items()}
    # Subtracted from 0: what is negated can be -0.
    low, high = (None if row[end] is None else 0 - row[end] for end in ("high", "low"))
    turned = {key: row[other] for key, other in others.items()}
    return {**row, **turned, "difference": 0 - row["difference"], "low": low, "high": high}


def against_reference(row: Row, side: str, reference: str) -> Row | None:
    """Return how a row of a table of shares differs from its reference, as a row of ``pairs``.

    Args:
        row: Of a contract with `difference_from`.
        side: What the row is called.
        reference: What its reference is called.

    Returns:
        None of a row that was not compared.
    """
    if row["p_value"] is None:
        return None
    return {
        "model_a": row["model"],
        "subset_a": side,
        "model_b": row["model"],
        "subset_b": reference,
        "n_a": row["n"],
        "n_b": row["n"],
        "only_a": row["gained"],
        "only_b": row["lost"],
        "difference": row["difference"],
        "low": row["difference_low"],
        "high": row["difference_high"],
        "p_value": row["p_value"],
        "mcnemar": None,
        "clusters": row["clusters"],
    }


def corrected(rows: Sequence[Row]) -> list[Row]:
    """Return comparisons with ``p_holm``: their p values corrected for how many they are."""
    p_values = holm([row["p_value"] for row in rows]).tolist()
    return [{**row, "p_holm": p} for row, p in zip(rows, p_values, strict=True)]


def corrected_known(rows: Sequence[Row | None]) -> list[Row | None]:
    """Return `corrected` comparisons; None stays where there is none."""
    found = iter(corrected([row for row in rows if row]))
    return [row and next(found) for row in rows]


def difference_cells(key: str, row: Row | None) -> Row:
    """Return the cells of `difference_columns` of a `corrected` comparison; None without one.

    A difference of fewer than five images has no interval.
    """
    if row is None:
        return dict.fromkeys(_keys(key))
    shown = (100 * row["difference"], *_ends(row), row["n_a"])
    kept = (row[name] for name in ("p_holm", "p_value", "mcnemar", "clusters"))
    return dict(zip(_keys(key), (*shown, *kept), strict=True))


def _ends(row: Row) -> tuple[float | None, float | None]:
    """Return the ends of the interval in points; none of fewer than five images."""
    if row["low"] is None or min(row["n_a"], row["n_b"]) < FEW:
        return None, None
    return 100 * row["low"], 100 * row["high"]


def difference_columns(
    key: str, title: str, spec: str = "+.2f", *, mcnemar: bool = False
) -> list[Column]:
    """Return the columns of a difference in points with its interval and its test.

    Args:
        key: Begins the keys of the cells.
        title: What minus what.
        spec: Format of points.
        mcnemar: Whether people see McNemar's test, where the units are single images.
    """
    n, p, raw, exact, clusters = _keys(key)[3:]
    return [
        *interval_columns(key, f"{title} [95 % CI]", spec),
        Column(n, ""),
        p_column(p, f"p, {title}"),
        Column(raw, ""),
        p_column(exact, f"McNemar's p, {title}" if mcnemar else ""),
        Column(clusters, ""),
    ]


def _keys(key: str) -> list[str]:
    ends = ("", "_low", "_high", "_n", "_p", "_p_value", "_mcnemar", "_clusters")
    return [f"{key}{end}" for end in ends]


def p_column(key: str, title: str) -> Column:
    """Return the column of a p value."""
    return Column(
        key,
        title,
        lambda row: "< 0.0001" if row[key] < 0.0001 else f"{row[key]:.4f}",
        absent="N/A",
    )


def few_clusters(
    rows: Iterable[Mapping[str, Any]], key: str = "clusters", *, has_flips: bool = True
) -> list[str]:
    """Return the note that warns of few independent units, if they are few.

    Args:
        rows: Scores or comparisons, maybe none.
        key: Column of the number of units.
        has_flips: Whether p values are of `wildframe.core.clusters.sign_flip`: the number of flips
            of few units limits them.
    """
    clusters = min((row[key] for row in rows), default=FEW_CLUSTERS)
    if clusters >= FEW_CLUSTERS:
        return []
    least = 2 ** (1 - clusters)
    note = f"There are few independent units ({clusters}): intervals are wide"
    if has_flips and least >= LEVEL:
        return [f"{note}, and no p value can be below {least:.2g}."]
    return [f"{note}, and only large differences can be detected."]


def copies_notes(copies: int, units: str) -> list[str]:
    """Return the note that tells how many images are copies of others, if any are.

    Args:
        copies: Number of images.
        units: What intervals are over.
    """
    if not copies:
        return []
    return [
        f"Images that are copies of another, pixel by pixel: {copies:,}. In tests and in intervals "
        f"over {units} they are one unit with it."
    ]


def with_differences(
    table: Table,
    compared: Mapping[str, tuple[str, Sequence[Row | None]]],
    spec: str = "+.2f",
    family: str = "",
) -> Table:
    """Return a table with paired differences of its rows, of which some may have none.

    Args:
        table: The table.
        compared: By what begins keys: what minus what, and a comparison a row.
        spec: Format of points.
        family: What the comparisons are `corrected` for already, if not for those of a column.
    """
    rows = [dict(row) for row in table.rows]
    columns, known = [*table.columns], []
    for key, (title, found) in compared.items():
        for row, one in zip(rows, found if family else corrected_known(found), strict=True):
            row |= difference_cells(key, one)
        columns += difference_columns(key, title, spec)
        known += [one for one in found if one]
    paired = f"{_PAIRED}{family}." if family else PAIRED
    notes = [*table.notes, *([paired, *few_clusters(known)] if known else [])]
    return replace(table, columns=columns, rows=rows, notes=list(dict.fromkeys(notes)))


def table_of_pairs(
    title: str,
    pairs: PairTable,
    models: Sequence[str],
    shown: Mapping[str, tuple[str, int, str]],
    notes: Sequence[str],
    spec: str = "+.2f",
) -> Table:
    """Return a table of one row a pair of models.

    Args:
        title: Title of the table.
        pairs: Comparisons of the models.
        models: In the order of rows.
        shown: By what begins keys: metric, k, and title of what is compared.
        notes: What is said first.
        spec: Format of points.

    Raises:
        UserError: Two of the models were not compared.
    """
    cases = [*map(Case, models)]
    found = {
        key: corrected_known([pairs.known(*two, k, metric) for two in combinations(cases, 2)])
        for key, (metric, k, _) in shown.items()
    }
    rows: list[Row] = [{"model_a": a.model, "model_b": b.model} for a, b in combinations(cases, 2)]
    columns = [Column("model_a", "Model A", align="l"), Column("model_b", "Model B", align="l")]
    for key, (_, _, name) in shown.items():
        for row, one in zip(rows, found[key], strict=True):
            counts = {f"{key}_{part}": one and one[part] for part in _COUNTS}
            row |= difference_cells(key, one) | counts
        exact = any(one and one["mcnemar"] is not None for one in found[key])
        columns += difference_columns(key, f"{name}, A - B", spec, mcnemar=exact)
        columns += [Column(f"{key}_{part}", "") for part in _COUNTS]
    few = few_clusters(one for rows_of in found.values() for one in rows_of if one)
    return Table(title, columns, rows, [*notes, PAIRED, *few])


def sentences(rows: Sequence[Row], most: int = 6) -> str:
    """Return `corrected` comparisons as a sentence for a caption, the smallest p values first."""
    ranked = sorted(rows, key=lambda row: row["p_holm"])

    def told(row: Row) -> str:
        ends = interval(*_ends(row), "+.1f")
        sides = " - ".join(
            row[f"model_{side}"] if row["model_a"] != row["model_b"] else row[f"subset_{side}"]
            for side in "ab"
        )
        return f"{sides} {100 * row['difference']:+.1f} [{ends}], p = {row['p_holm']:.2g}"

    rest = f"; and {len(rows) - most} more" if len(rows) > most else ""
    return "; ".join(map(told, ranked[:most])) + rest

"""The protocol table: what each choice of how images are shown and scored is worth, in points."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, groupby
from operator import attrgetter
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import CLIPS, Comparison, paired, untested
from wildframe.exhibits.figure import FEW
from wildframe.exhibits.pairs import (
    PAIRED,
    Case,
    PairTable,
    corrected,
    difference_cells,
    difference_columns,
    few_clusters,
)
from wildframe.exhibits.registry import Context, Setting
from wildframe.exhibits.table import Column, Table

ABOUT = (
    "Supplement: protocol",
    "what each choice of the protocol is worth",
    "How far each other choice of a protocol moves the accuracy of every model, on the same images "
    "(not in the paper).",
)
"""Label, subject and caption of the exhibit, in whichever study."""

CHOICES: Mapping[str, tuple[str, str]] = {
    "labels": ("Labels", "any of the labels of an image counts, or its first alone"),
    "label_space": (
        "Label space",
        "full, a model may predict any of its classes; restricted, only those of the test set: of "
        "its label space, or those that label some image where it is scored in the models' own",
    ),
    "merge": ("Merge", "how scores of a model's classes become one of the label space"),
    "doubtful_labels": (
        "Doubtful labels",
        "in, or out: labels that the sense table doubts do not count, and images that keep none "
        "are left out",
    ),
    "crop_fraction": (
        "Crop fraction",
        "share of the shorter side that central crops of 224 px of the zoom view show, which are "
        "not the models' own preprocessing",
    ),
    "preprocessing": ("Preprocessing", "models of the study that have the same weights"),
}
"""Title of each choice, and what it is, in the order of rows."""

NOT_STORED = (
    "A choice about images has a row only where the run has predictions for both alternatives: for "
    "the crop fraction, a view of kind zoom; for preprocessing, one model at two input sizes, or a "
    "second entry of it in models with other preprocessing. Frames of a run are all JPEG or all "
    "PNG (frames.encoding); to compare the two, give the predictions of a run with the other "
    "encoding as external_predictions: model pairs then compares both. Nor has a choice about "
    "classes a row, or a top-5, where external predictions list too few classes to tell it."
)

ONE_SIDED_NOTE = (
    "No p value of labels, nor of a label space whose scores are merged by max: a prediction that "
    "is correct by the stricter choice is correct by the other, too, so only the size of the "
    "difference is in question, which the interval shows."
)

_IS_RESIZED = ("input_size", "crop_pct", "crop_mode", "interpolation")
_NAMES = ("name", "checkpoint")


@dataclass(frozen=True, slots=True)
class Resized:
    """Two models of the same weights whose images are preprocessed otherwise."""

    used: str
    instead: str
    used_as: str
    """Preprocessing of the first."""
    instead_as: str


def resized(models: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of the models that differ from an earlier one in preprocessing alone."""

    def told(run: Context) -> list[dict[str, str]]:
        entries = [run.models[name] for name in models(run) if name in run.models]
        return [
            asdict(Resized(a.name, b.name, str(a.preprocessing), str(b.preprocessing)))
            for a, b in combinations(entries, 2)
            if _weights(a) == _weights(b) and a.preprocessing != b.preprocessing
        ]

    return Setting(told, list[Resized])


def _weights(entry: Any) -> dict[str, Any]:
    """Return what decides the predictions of a model, but for its preprocessing."""
    return {name: fact for name, fact in entry.facts.items() if name not in (*_IS_RESIZED, *_NAMES)}


def compares(unit: str = CLIPS) -> list[Comparison]:
    """Return what a protocol table compares."""
    return [
        paired("each other choice against the study's own, of the same model", unit),
        untested(
            "labels and label space: whether there is a difference",
            "what is correct by the stricter choice is so by the other; intervals show how much",
        ),
        paired("each two models", unit, shown_in="model_pairs"),
    ]


@dataclass(frozen=True, slots=True)
class _Line:
    choice: str
    used: str
    instead: str
    model: str
    found: Mapping[str, Row]
    """Comparisons by what begins keys, of instead minus used."""


def protocol_table(
    choices: PairTable,
    pairs: PairTable,
    resized: Sequence[Resized],
    shown: Mapping[str, tuple[str, int, str]],
    notes: Sequence[str],
    digits: int = 2,
) -> Table:
    """Return a table of one row a choice and model.

    Args:
        choices: Each other choice against the study's own.
        pairs: Comparisons of models.
        resized: Models of the same weights.
        shown: By what begins keys: metric, k, and title of what is compared.
        notes: What is said first.
        digits: Decimals of percent and points.

    Raises:
        UserError: Two models of the same weights were not compared.
    """
    lines = sorted(
        [*_of_choices(choices, shown), *_of_models(pairs, resized, shown)],
        key=lambda line: ([*CHOICES].index(line.choice), line.used, line.instead),
    )
    rows: list[Row] = [
        {
            "choice": CHOICES[line.choice][0],
            "used": line.used,
            "instead": line.instead,
            "model": line.model,
        }
        for line in lines
    ]
    named = ("choice", "used", "instead", "model")
    columns = [Column(key, key.title(), align="l") for key in named]
    for key, (_, _, title) in shown.items():
        for row, line, one in zip(rows, lines, _corrected(lines, key), strict=True):
            row |= _percents(key, line.found.get(key)) | difference_cells(key, one)
        columns += [
            *_percent_columns(f"{key}_used", f"{title} %, used", digits),
            *_percent_columns(f"{key}_instead", f"{title} %, instead", digits),
            *difference_columns(key, f"{title}, instead - used", f"+.{digits}f"),
        ]
    choices_made = {line.choice for line in lines}
    told = [f"{title}: {what}." for name, (title, what) in CHOICES.items() if name in choices_made]
    few = few_clusters(one for line in lines for one in line.found.values())
    one_sided = [ONE_SIDED_NOTE] if choices_made & _one_sided(lines) else []
    said = [*notes, *_summaries(lines, shown), *told, NOT_STORED, PAIRED, *one_sided, *few]
    return Table("What each choice of the protocol is worth", columns, rows, said)


def _of_choices(choices: PairTable, shown: Mapping[str, tuple[str, int, str]]) -> Iterator[_Line]:
    keys = {(metric, k): key for key, (metric, k, _) in shown.items()}
    lines: dict[tuple[str, str, str, str], dict[str, Row]] = {}
    for row in choices.rows:
        if key := keys.get((row["metric"], row["k"])):
            choice, _, instead = row["subset_a"].partition("=")
            _, _, used = row["subset_b"].partition("=")
            lines.setdefault((choice, used, instead, row["model_a"]), {})[key] = row
    for line, found in lines.items():
        yield _Line(*line, found)


def _of_models(
    pairs: PairTable, resized: Sequence[Resized], shown: Mapping[str, tuple[str, int, str]]
) -> Iterator[_Line]:
    for one in resized:
        found = {
            key: pairs.require(Case(one.instead), Case(one.used), k, metric)
            for key, (metric, k, _) in shown.items()
        }
        yield _Line("preprocessing", one.used_as, one.instead_as, one.used, found)


def _corrected(lines: Sequence[_Line], key: str) -> Iterator[Row | None]:
    """Yield the comparison of each line with corrected p values, which one-sided ones have not."""
    one_sided = _one_sided(lines)
    found = [(line.choice in one_sided, line.found.get(key)) for line in lines]
    tested = iter(corrected([one for is_one_sided, one in found if one and not is_one_sided]))
    for is_one_sided, one in found:
        if one is None:
            yield None
        elif is_one_sided:
            yield one | {"p_holm": None, "p_value": None}
        else:
            yield next(tested)


def _one_sided(lines: Sequence[_Line]) -> set[str]:
    """Return the choices that can only lower accuracy, or only raise it.

    Of sums or means of scores a label space can do either.
    """
    is_by_max = all(line.used == "max" for line in lines if line.choice == "merge")
    return {"labels", "label_space"} if is_by_max else {"labels"}


def _percents(key: str, row: Row | None) -> Row:
    """Return the cells of both shares; None where there is no comparison."""
    sides = {"used": "b", "instead": "a"}
    return {
        f"{key}_{name}{end}": row and scale * row[f"{part}_{side}"]
        for name, side in sides.items()
        for end, part, scale in (("", "value", 100), ("_n", "n", 1))
    }


def _percent_columns(key: str, title: str, digits: int) -> list[Column]:
    """Return the columns of a share in percent and of its images; of few without decimals."""

    def text(row: Mapping[str, Any]) -> str:
        return f"{row[key]:.{0 if row[f'{key}_n'] < FEW else digits}f}"

    return [Column(key, title, text, absent="N/A"), Column(f"{key}_n", "")]


def _summaries(lines: Sequence[_Line], shown: Mapping[str, tuple[str, int, str]]) -> Iterator[str]:
    """Say of each choice how far it moves models, and how many pairs of them change places."""
    for (choice, used, instead), of_choice in groupby(
        lines, attrgetter("choice", "used", "instead")
    ):
        moved = [line.found for line in of_choice]
        told = "; ".join(
            f"{title} {_moved(found)}"
            for key, (_, _, title) in shown.items()
            if (found := [one[key] for one in moved if key in one])
        )
        models = f"{len(moved)} model{'s' if len(moved) > 1 else ''}"
        yield f"{CHOICES[choice][0]}, {instead} instead of {used} ({models}): {told}."


def _moved(found: Sequence[Row]) -> str:
    points = sorted(100 * row["difference"] for row in found)
    ends = dict.fromkeys(f"{end:+.1f}" for end in (points[0], points[-1]))
    moved = f"{' to '.join(ends)} points"
    swapped = sum(
        (a["value_a"] - b["value_a"]) * (a["value_b"] - b["value_b"]) < 0
        for a, b in combinations(found, 2)
    )
    pairs = len(found) * (len(found) - 1) // 2
    return f"{moved}, {swapped} of {pairs} pairs of models change places" if pairs else moved

"""Cells, columns and notes of tables of accuracy: Fig. 7 to 11, and the supplement's."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits import pairs, shares
from wildframe.exhibits.comparisons import lettered, paired
from wildframe.exhibits.figure import FEW
from wildframe.exhibits.inputs import Entry
from wildframe.exhibits.pairs import LETTERS, Case, PairTable, few_clusters
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.shares import INTERVALS
from wildframe.exhibits.table import Column, Table
from wildframe.models.zoo import ZooEntry

KS = (1, 5)

SHORT_LISTS = (
    "Top-5 is N/A, and not tested, of external predictions that list fewer than five classes of an "
    "image: the others are not known."
)

Paper = Mapping[str, Mapping[str, str]]

Letters = Mapping[int, Mapping[Case, str]]
"""By k and model: models that share a letter do not differ significantly."""

EACH_TWO_MODELS = (lettered(), paired("each two models", shown_in="model_pairs"))
"""What tables of the models of Fig. 7 compare."""

MODEL = Column("model", "Model", align="l", absent="N/A")

MODEL_NAMES = (MODEL, Column("paper_row", "Row in the paper", align="l"))

MODEL_FACTS = (
    Column("param_count", "Params (M)", absent="N/A"),
    Column("img_size", "Size (px)", absent="N/A"),
    Column("crop_pct", ""),
    Column("interpolation", ""),
)

_FOOTNOTES = {
    "(Google)": "(Google): marked with an asterisk in the paper; trained on ImageNet-21K, then "
    "fine-tuned on ImageNet-1K.",
    "(Alibaba)": "(Alibaba): without an asterisk in the paper; also trained on ImageNet-21K first.",
    "RegNetY": "RegNetY 8GF and 32GF: by the paper's own numbers of parameters, 11.2 and 19.4 "
    "million, these are RegNetY 1.6GF and 3.2GF, which are evaluated here.",
}
"""By a part of the names that they are of."""


def percent(rate: float, n: int) -> str:
    """Return a share of ``n`` images, in [0, 1], in percent; of few without decimals."""
    return f"{100 * rate:.{0 if n < FEW else 2}f}"


share_cells = partial(shares.share_cells, percent=percent)
"""Cells of a share of images, with both intervals."""

both_intervals = partial(shares.both_intervals, counts=("successes",))
"""Columns of `share_cells`; images have a column of their own."""


def data_notes(data_note: str, compare_with_paper: bool) -> list[str]:
    """Return the notes under an exhibit: on what data it was made."""
    notes = [f"Data: {data_note}"]
    if not compare_with_paper:
        notes.append(
            "The paper's numbers are not shown: they hold for the train split of version 1 of the "
            "licensed Ego4D only, Pre frames of its clips at 30 per second as JPEG, whole images, "
            "both kinds of boxes and the paper's labels (rule words; pick paper under ImageNet-1K, "
            "pick all and synsets first under ImageNet-21K; the shipped sense table)."
        )
    return notes


def letters_of(
    table: ScoreTable,
    pairs: PairTable,
    models: Iterable[Entry | None],
    metric: str = "accuracy",
) -> Letters:
    """Return the letters of models at 1 and 5, if they were scored so.

    Raises:
        UserError: Two of the models were not compared.
    """
    names = dict.fromkeys(entry.name for entry in models if entry)
    return {
        k: pairs.letters([Case(name) for name in names if table.find(name, k, metric)], k, metric)
        for k in KS
    }


def letter_cells(letters: Letters, model: str | None, prefix: str = "") -> Row:
    """Return the cells of the letters of a model; None where there is none."""
    return {f"{prefix}top{k}_group": model and letters[k].get(Case(model)) for k in KS}


def interval_notes(table: ScoreTable, models: Iterable[Entry | None]) -> list[str]:
    """Return the notes on accuracies of some models: intervals, few clips, and short lists."""
    shown = [entry for entry in models if entry]
    few = few_clusters([table.require(entry.name) for entry in shown])
    return [INTERVALS, *few, *short_lists(table, [entry.name for entry in shown])]


def short_lists(table: ScoreTable, models: Iterable[str], subset: str = "all") -> list[str]:
    """Return the note on models whose top-5 accuracy is not known, if there are any."""
    is_known = all(
        table.find(model, k, subset=subset) or not table.find(model, subset=subset)
        for model in models
        for k in KS
    )
    return [] if is_known else [SHORT_LISTS]


def accuracy_table(
    title: str,
    figure: str,
    table: ScoreTable,
    pairs: PairTable,
    models: Sequence[Entry],
    data_note: str,
    compare_with_paper: bool,
    *notes: str,
) -> Table:
    """Return one row a model with top-1 and top-5 accuracy."""
    paper = paper_numbers("ego4d", figure)
    letters = letters_of(table, pairs, models)
    rows = [accuracy_row(table, letters, entry, paper, compare_with_paper) for entry in models]
    columns = [*MODEL_NAMES, *accuracy_columns(compare_with_paper), *MODEL_FACTS]
    about = [*data_notes(data_note, compare_with_paper), *interval_notes(table, models), LETTERS]
    return Table(title, columns, rows, [*about, *notes, *footnotes(rows)])


def footnotes(rows: Iterable[Row]) -> list[str]:
    """Return what is to be said of the names of the paper's rows that stand in a table."""
    names = " ".join(row["paper_row"] or "" for row in rows)
    return [note for part, note in _FOOTNOTES.items() if part in names]


def accuracy_row(
    table: ScoreTable,
    letters: Letters,
    entry: Entry | None,
    paper: Paper,
    compare_with_paper: bool,
    *,
    printed_as: str | None = None,
) -> Row:
    """Return a model's cells of `MODEL_NAMES`, `accuracy_columns` and `MODEL_FACTS`.

    Args:
        table: Scores of the model.
        letters: Of the table's models.
        entry: The model, or None where there is none: its accuracies are then absent.
        paper: The paper's numbers.
        compare_with_paper: Whether they compare.
        printed_as: Key in ``paper``, if it is not the zoo's; empty if the paper has no such row.

    Raises:
        UserError: The model was not scored so.
    """
    name = entry.name if entry else None
    row = paper_row(entry) if printed_as is None else printed_as
    printed = {f"paper_top{k}": beside(paper.get(row), f"top{k}", compare_with_paper) for k in KS}
    return {
        "model": name,
        "paper_row": row if row in paper else None,
        **accuracies(table, name),
        **letter_cells(letters, name),
        **printed,
        **model_facts(entry),
    }


def paper_row(entry: Entry | None) -> str:
    """Return a model's row in the paper: empty at another size than its own, or fine-tuned."""
    if not isinstance(entry, ZooEntry) or entry.name != entry.checkpoint:
        return ""
    return entry.paper_row or ""


def accuracies(
    table: ScoreTable,
    model: str | None,
    metric: str = "accuracy",
    subset: str = "all",
    prefix: str = "",
) -> Row:
    """Return the cells of `top_columns` for 1 and 5, and ``n``; None of what is not known.

    ``prefix`` begins the keys where a row holds two metrics or views.

    Raises:
        UserError: The model was not scored so.
    """
    first = None if model is None else table.require(model, 1, metric, subset)
    cells: Row = {"n": first and first["n"]}
    for k in KS:
        score = None if model is None else table.find(model, k, metric, subset)
        cells |= share_cells(f"{prefix}top{k}", score)
    return cells


def top_columns(k: int, of: str = "", prefix: str = "") -> list[Column]:
    """Return the columns of top-``k`` accuracy with both intervals; ``of`` ends the titles."""
    return both_intervals(f"{prefix}top{k}", f"Top-{k}{of}")


def accuracy_columns(compare_with_paper: bool) -> list[Column]:
    """Return the columns of one accuracy a row, the paper's beside ours."""
    return [
        *top_columns(1),
        group_column("top1", "Top-1"),
        paper_column("paper_top1", "Top-1 %, paper", compare_with_paper),
        *top_columns(5),
        group_column("top5", "Top-5"),
        paper_column("paper_top5", "Top-5 %, paper", compare_with_paper),
        Column("n", "Images", absent="N/A"),
    ]


def group_column(key: str, title: str) -> Column:
    """Return the column of letters beside a share."""
    return Column(f"{key}_group", f"Group, {title}", align="l", absent="N/A")


def compared(
    pairs: PairTable, sides: Iterable[tuple[Case, Case] | None]
) -> dict[int, list[Row | None]]:
    """Return the comparison of each row's two sides at 1 and 5; None of what is not known.

    Raises:
        UserError: Two sides were not compared.
    """
    chosen = list(sides)
    return {k: [two and pairs.known(*two, k) for two in chosen] for k in KS}


def with_differences(
    table: Table, by_k: Mapping[int, Sequence[Row | None]], what: str, family: str = ""
) -> Table:
    """Return a table with differences by k, a comparison a row; ``what`` says what minus what.

    ``family`` is as of `pairs.with_differences`.
    """
    compared = {f"difference_top{k}": (f"Top-{k}, {what}", rows) for k, rows in by_k.items()}
    return pairs.with_differences(table, compared, family=family)


def model_facts(entry: Entry | None) -> dict[str, Any]:
    """Return the cells of `MODEL_FACTS`, under timm's names of them; None if they are not known."""
    known = entry if isinstance(entry, ZooEntry) else None
    return {
        "param_count": known and known.params and f"{known.params / 1e6:.2f}",
        "img_size": known and known.input_size,
        "crop_pct": known and known.crop_pct,
        "interpolation": known and known.interpolation,
    }

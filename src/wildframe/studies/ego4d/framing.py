"""How much of the drop is framing: the same images whole, cropped to the object, and zoomed."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import FRAMINGS
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.figure import MARKERS, PAGE_WIDTH, Figure, draw_points, new_figure
from wildframe.exhibits.inputs import ClassNames, TableFile, table_of
from wildframe.exhibits.pairs import against_reference, corrected, few_clusters, sentences
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.shares import OVER_CLIPS, notes_on_intervals
from wildframe.exhibits.table import Table
from wildframe.scores.accuracy import area_of
from wildframe.studies.ego4d.inputs import FramedModels, WholeImagesNote, viewed

_LABELS = {
    "full": "whole image",
    "box": "box of the object",
    "zoom": "zoom, cross-validated",
    "oracle": "zoom, oracle: best of {crops} crops",
}

_NOT_TESTED = "Differences in points: N/A."

_TESTED = (
    "95 % intervals (Student's t with the jackknife) and p values (permutation test) are over "
    "clips, or videos where one has several clips; p values have Holm's correction for all models. "
    "The CSV has the same for each class and for each box area, with a correction of their own."
)

_COLUMNS = (
    *("model", "subset", "class_name", "framing", "crops", "random"),
    *("value", "successes", "n", "low", "high", "cluster_low", "cluster_high", "clusters"),
    *("difference", "difference_low", "difference_high", "p_value", "p_holm"),
)

_ALL = -1.4
"""Where all images are drawn: apart from bins, which count from 0."""

_SPREAD = 0.6
"""Width over which the framings of one bin are set apart, in bins."""


Framings = Annotated[
    TableFile, File("scores_framing", table_of(FRAMINGS), viewed("in1k", view="full"))
]


@exhibit(
    "Supplement: framing",
    "how much of the drop is framing",
    "Top-1 accuracy of the same images whole, cropped to the object, on the zoomed crop chosen on "
    "the other half of the videos, and by an oracle on any crop (not in the paper).",
    when=lambda run: run.study.zoom,
    numbers=True,
    compares=[
        paired("box and cross-validated zoom against the whole image"),
        untested("the oracle against the others", "it chooses crops knowing the labels"),
    ],
)
def framing(
    framings: Framings, models: FramedModels, class_names: ClassNames, data_note: WholeImagesNote
) -> Figure:
    """Draw a panel a model; the numbers are also of each class.

    Raises:
        UserError: A model was not scored.
    """
    rows = [row for model in models for row in framings.rows if row["model"] == model]
    if missing := [one for one in models if one not in {row["model"] for row in rows}]:
        raise UserError(
            f"{framings.path}: no framings of {missing[0]}; name models that this table has, or "
            "make it anew with the model's results"
        )
    rows = [row | {"class_name": _class_of(row, class_names)} for row in with_p_holm(rows)]
    gains = corrected([one for row in rows if row["subset"] == "all" if (one := _difference(row))])
    drawn = [row for row in rows if _kind(row) in ("all", "area")]
    title = "How much of the drop is framing"
    notes = [
        f"Data: {data_note}",
        "Box: the square around the first annotated object. Zoom, cross-validated: the one crop of "
        "the grid that is best on the other half of the videos, so that no image influences the "
        "choice of its own crop. Oracle: correct if any crop is, an upper bound that uses the "
        "labels; the dashed line is what guessing once per crop reaches at most on images of one "
        "label.",
        f"Differences in points: {sentences(gains)}. {_TESTED}" if gains else _NOT_TESTED,
        *few_clusters([row for row in rows if row["subset"] == "all"]),
        "n: images.",
        *notes_on_intervals(OVER_CLIPS, drawn, low="cluster_low", is_hollow=True),
    ]
    return Figure(title, draw(drawn), notes, Table.of_numbers(_COLUMNS, rows))


def with_p_holm(rows: Sequence[Row]) -> list[Row]:
    """Return rows with ``p_holm``: corrected over all images, all classes, and all box areas."""
    found: dict[int, Row] = {}
    for kind in dict.fromkeys(map(_kind, rows)):
        of_kind = {at: row for at, row in enumerate(rows) if _kind(row) == kind}
        tested = {at: one for at, row in of_kind.items() if (one := _difference(row))}
        found |= dict(zip(tested, corrected([*tested.values()]), strict=True))
    return [{**row, "p_holm": found.get(at, {}).get("p_holm")} for at, row in enumerate(rows)]


def _difference(row: Row) -> Row | None:
    return against_reference(row, f"{row['model']} {row['framing']}", "whole image")


def _kind(row: Row) -> str:
    """Return what a row is about: all, class or area."""
    return str(row["subset"].partition("=")[0])


def _class_of(row: Row, class_names: Mapping[str, str]) -> str | None:
    return class_names[row["subset"].partition("=")[2]] if _kind(row) == "class" else None


def draw(rows: Sequence[Row]) -> Any:
    """Draw the rows of all images and of box areas, a panel a model."""
    from pandas import DataFrame

    drawn = DataFrame([row | _place(row) for row in rows])
    panels = drawn.groupby("model", sort=False)
    figure = new_figure(PAGE_WIDTH, 1.2 + 1.6 * panels.ngroups)
    # Labels of all panels: those of the figure itself are its note.
    body: Any = figure.subfigures()
    axes = body.subplots(panels.ngroups, sharex=True, squeeze=False)[:, 0]
    for axis, (model, panel) in zip(axes, panels, strict=True):
        _draw_panel(axis, panel)
        axis.set_title(model)
    if (drawn["edge"] != _ALL).any():
        axes[-1].set_xlabel("share of the image that the first annotated box takes up")
    body.supylabel("top-1 accuracy (%)")
    # Lines come before points, and measured accuracies before the bound.
    bound, *measured = zip(*axes[0].get_legend_handles_labels(), strict=True)
    body.legend(*zip(*measured, bound, strict=True), loc="outside upper center", ncols=3)
    return figure


def _place(row: Row) -> Row:
    """Return the lower edge of a row's bin, and the text below it."""
    if row["subset"] == "all":
        return {"edge": _ALL, "tick": f"all\nn = {row['n']}"}
    low, high = area_of(row["subset"].removeprefix("area="))
    return {"edge": low, "tick": f"{100 * low:g} - {100 * high:g} %\nn = {row['n']}"}


def _draw_panel(axis: Any, panel: Any) -> None:
    edges = sorted(set(panel["edge"]))
    positions = {edge: _ALL if edge == _ALL else edges.index(edge) - 1 for edge in edges}
    framings = list(panel.groupby("framing", sort=False))
    for number, (name, bins) in enumerate(framings):
        aside = _SPREAD * ((number + 0.5) / len(framings) - 0.5)
        style = {"marker": MARKERS[number], "color": f"C{number}", "markersize": 3.5}
        crops = bins["crops"].iloc[0]
        # The line through bins does not begin at all images.
        for is_binned, part in bins.sort_values("edge").groupby(bins["edge"] != _ALL):
            places = [positions[edge] + aside for edge in part["edge"]]
            percent = 100 * part[["value", "cluster_low", "cluster_high"]].astype(float)
            label = None if is_binned else _LABELS[name].format(crops=crops)
            draw_points(axis, places, percent, part["n"], label=label, **style)
    bound = 100 * panel["random"].max()
    label = f"random guessing on {panel['crops'].max()} crops"
    axis.axhline(bound, color="0.4", linestyle="--", linewidth=0.8, label=label)
    ticks = panel.drop_duplicates("edge")
    axis.set_xticks([positions[edge] for edge in ticks["edge"]], ticks["tick"])
    axis.set_ylim(-4, 101)
    axis.grid(axis="y")

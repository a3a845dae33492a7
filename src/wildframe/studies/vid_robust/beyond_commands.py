"""Commands of the exhibits that the papers leave out."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.studies.vid_robust.options import (
    About,
    CsvFile,
    Models,
    Outputs,
    Png,
    Reviews,
    Robustness,
    Svg,
    TargetClasses,
)

app = typer.Typer()


@app.command()
def effective_robustness(
    robustness: Robustness,
    models: Models,
    targets: TargetClasses,
    about: About,
    png: Png,
    svg: Svg,
    csv: CsvFile,
    published: Annotated[
        Path | None, typer.Option(help="CSV file of published models' accuracies.")
    ] = None,
) -> None:
    """Effective robustness: above the line of published models, or below."""
    from wildframe.exhibits.robustness_table import RobustnessTable
    from wildframe.studies.vid_robust.effective_robustness import background, numbers, plot, points

    table = RobustnessTable.read(robustness)
    cloud = background(published, targets, table.k)
    rows = points(table, models.split(","), cloud)
    plot(rows, cloud, table, about, [png, svg])
    numbers(rows).write([csv])


@app.command()
def consistency(outputs: Outputs, robustness: Robustness, models: Models, about: About) -> None:
    """Consistency: the worst frame, a random one, and how often answers flip."""
    from wildframe.exhibits.robustness_table import RobustnessTable
    from wildframe.studies.vid_robust.consistency import consistency as by_model

    by_model(RobustnessTable.read(robustness), models.split(","), about).write(outputs)


@app.command()
def model_pairs(
    outputs: Outputs,
    pairs: Annotated[Path, typer.Option(help="Pairs of models on the same sets.")],
    models: Models,
    about: About,
) -> None:
    """Each pair of models on the same sets (McNemar, and a bootstrap of the loss)."""
    from wildframe.core.schemas import SET_PAIRS
    from wildframe.core.tables import read_facts, read_table
    from wildframe.studies.vid_robust.model_pairs import model_pairs as compare

    rows = read_table(pairs, SET_PAIRS).to_pylist()
    kind = read_facts(pairs, SET_PAIRS)["review"]
    compare(pairs, rows, models.split(","), kind, about).write(outputs)


@app.command()
def review(
    outputs: Outputs,
    reviews: Reviews,
    about: About,
    decisions: Annotated[
        list[Path] | None, typer.Option(help="A reviewer's file of decisions.")
    ] = None,
) -> None:
    """Review: which sets and pairs are in, why not, and how far reviewers agree."""
    from wildframe.core.schemas import REVIEWS
    from wildframe.core.tables import read_facts, read_table
    from wildframe.reviews.decisions import read_decisions
    from wildframe.studies.vid_robust.review import review as summary

    rows = read_table(reviews, REVIEWS).to_pylist()
    kind = read_facts(reviews, REVIEWS)["review"]
    found, told = read_decisions(decisions or [])
    summary(rows, found, kind, told, about).write(outputs)

"""Commands of Fig. 7 to 10: accuracy of models as they are."""

import typer

from wildframe.exhibits.ego4d.options import About, Classes, Licensed, Outputs, Scores

app = typer.Typer()


@app.command()
def fig7_zero_shot_in1k(
    outputs: Outputs,
    scores: Scores,
    classes: Classes,
    about: About,
    licensed: Licensed,
) -> None:
    """Fig. 7: zero-shot accuracy of ImageNet-1K models."""
    from wildframe.exhibits.ego4d.fig7_zero_shot_in1k import zero_shot
    from wildframe.labels import read_classes
    from wildframe.models import load_zoo
    from wildframe.scores import read_scores

    chance = 1 / len(read_classes(classes, "in1k"))
    zero_shot(read_scores(scores), load_zoo(), chance, about, licensed).write(outputs)

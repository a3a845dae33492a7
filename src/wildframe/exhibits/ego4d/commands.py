"""``wildframe exhibits ego4d``: *Egocentric Data as Natural Adversarial Examples*."""

import typer

from wildframe.exhibits.ego4d.data_commands import app as data
from wildframe.exhibits.ego4d.zero_shot_commands import app as zero_shot

app = typer.Typer(help="Egocentric Data as Natural Adversarial Examples.", no_args_is_help=True)
for part in (data, zero_shot):
    app.add_typer(part)

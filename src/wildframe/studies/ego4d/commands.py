"""``wildframe exhibits ego4d``: *Egocentric Data as Natural Adversarial Examples*."""

import typer

from wildframe.studies.ego4d.analysis_commands import app as analysis
from wildframe.studies.ego4d.browse_commands import app as browse
from wildframe.studies.ego4d.data_commands import app as data
from wildframe.studies.ego4d.finetuning_commands import app as finetuning
from wildframe.studies.ego4d.picture_commands import app as pictures
from wildframe.studies.ego4d.time_commands import app as time
from wildframe.studies.ego4d.zero_shot_commands import app as zero_shot

app = typer.Typer(help="Egocentric Data as Natural Adversarial Examples.", no_args_is_help=True)
for theme in (data, zero_shot, finetuning, pictures, analysis, time, browse):
    app.add_typer(theme)

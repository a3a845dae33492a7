"""``wildframe exhibits vid-robust``: *Do Image Classifiers Generalize Across Time?*."""

import typer

from wildframe.studies.vid_robust.accuracy_commands import app as accuracy
from wildframe.studies.vid_robust.beyond_commands import app as beyond
from wildframe.studies.vid_robust.detection_commands import app as detection
from wildframe.studies.vid_robust.picture_commands import app as pictures
from wildframe.studies.vid_robust.training_commands import app as training

app = typer.Typer(help="Do Image Classifiers Generalize Across Time?", no_args_is_help=True)
for theme in (accuracy, pictures, detection, training, beyond):
    app.add_typer(theme)

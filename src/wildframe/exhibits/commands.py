"""``wildframe exhibits``: the papers' tables and figures."""

import typer

from wildframe.exhibits.ego4d.commands import app as ego4d
from wildframe.exhibits.vid_robust.commands import app as vid_robust

app = typer.Typer(help="The papers' tables and figures.", no_args_is_help=True)
app.add_typer(ego4d, name="ego4d")
app.add_typer(vid_robust, name="vid-robust")

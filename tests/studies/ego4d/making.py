"""Makes exhibits of the study from files, as their rules do."""

import csv
import json

from matplotlib.text import Text

from wildframe.exhibits.registry import load_exhibit


def make(name, folder, inputs, **settings):
    """Make an exhibit and return the files that it wrote by suffix.

    Args:
        name: Name of the exhibit.
        folder: Where to write.
        inputs: File or files of each parameter.
        settings: Value of each parameter, as the config says it.
    """
    exhibit = load_exhibit("ego4d", name)
    files = {suffix: folder / f"{name}{suffix}" for suffix in exhibit.suffixes}
    several = {key: one if isinstance(one, list) else [one] for key, one in inputs.items()}
    told = {
        key: value if exhibit.settings[key].type is str else json.dumps(value)
        for key, value in settings.items()
    }
    exhibit.write(files.values(), several, told)
    return files


def rows_of(path):
    """Return the rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def texts_of(drawing):
    """Return what is written in a drawing."""
    return [text for one in drawing.findobj(Text) if (text := one.get_text())]

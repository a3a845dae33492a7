import re


def markdown(table, folder):
    """Return what a table writes as Markdown, without the spaces that line its columns up."""
    table.write([folder / "shown.md"])
    return re.sub(" +", " ", (folder / "shown.md").read_text())

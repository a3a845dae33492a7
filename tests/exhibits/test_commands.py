from typer.testing import CliRunner

from wildframe.core.errors import UserError
from wildframe.exhibits.commands import app


def test_an_exhibit_is_made_of_what_is_named(tmp_path):
    result = CliRunner().invoke(app, ["make", "ego4d", "fig8_resolution", str(tmp_path / "a.csv")])
    assert isinstance(result.exception, UserError)
    assert "--input scores: 0 files are given" in str(result.exception)


def test_a_parameter_without_a_value_is_refused(tmp_path):
    arguments = ["make", "ego4d", "fig8_resolution", str(tmp_path / "a.csv"), "--input", "scores"]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, UserError)
    assert str(result.exception) == "scores: write <name>=<value>"

"""``wildframe models describe``: stages, shapes and parameters."""

import pytest
from typer.testing import CliRunner

from wildframe.core.errors import UserError
from wildframe.models.clips.describe import clip_shape, describe
from wildframe.models.commands import app


def test_slow_only_has_the_published_stages_and_parameters():
    command = ["describe", "slow_r50", "--classes", "400", "--input", "3x8x224x224"]
    result = CliRunner().invoke(app, [*command, "--format", "csv"], catch_exceptions=False)
    assert result.output.splitlines() == [
        "stage,shape,params",
        "conv1,64x8x56x56,9536",
        "res2,256x8x56x56,215808",
        "res3,512x8x28x28,1219584",
        "res4,1024x8x14x14,9981952",
        "res5,2048x8x7x7,20207616",
        "head,400,819600",
        "total,,32454096",
    ]


def test_both_pathways_are_told_and_what_is_handed_over_belongs_to_the_slow_one():
    rows = {row["stage"]: row["shape"] for row in describe("slowfast_r50", 400, (3, 32, 224, 224))}
    assert rows["conv1"] == ["80x8x56x56", "8x32x56x56"]
    assert rows["res5"] == ["2048x8x7x7", "256x32x7x7"]


def test_without_an_input_a_network_is_shown_as_it_is_trained():
    result = CliRunner().invoke(app, ["describe", "r3d_18", "--format", "csv"])
    assert "layer4,512x2x7x7," in result.output
    assert result.output.endswith("total,,33371472\n")


@pytest.mark.parametrize("text", ["8x224x224", "3x8x224xa", "3x0x224x224", ""])
def test_what_is_no_shape_is_refused(text):
    with pytest.raises(UserError, match="is no shape of a clip"):
        clip_shape(text)


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("s3d", (3, 16, 16, 16), "s3d takes no clip of 3x16x16x16: "),
        ("slow_r50", (1, 8, 224, 224), "slow_r50 takes no clip of 1x8x224x224: "),
        ("slowfast_r50", (3, 30, 224, 224), "30 frames: two pathways need a multiple of 4 frames"),
    ],
)
def test_a_clip_that_a_network_does_not_take_is_refused_in_one_sentence(name, shape, message):
    with pytest.raises(UserError, match=message) as told:
        describe(name, 400, shape)
    assert "\n" not in str(told.value)

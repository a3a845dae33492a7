"""What files other than tables say of themselves."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from safetensors.numpy import save_file

from wildframe.core.schemas import TRAINING
from wildframe.core.seals import sealed
from wildframe.core.tables import provenance, write_rows
from wildframe.provenance.lineage import metadata_of, trace

WEIGHTS = Path("results/models/net/by-clip.safetensors")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_weights(path, **facts):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"w": np.zeros(1)}, path, metadata={"wildframe": json.dumps(sealed(path, facts))})


def test_weights_tell_where_they_come_from():
    write_weights(WEIGHTS, source="package==1.0/net.pth", params=7)
    assert metadata_of(WEIGHTS) == {"source": "package==1.0/net.pth", "params": "7"}


def test_weights_of_a_training_are_followed_by_the_history_beside_them():
    fetched = Path("results/models/net/weights.safetensors")
    write_weights(fetched, source="package==1.0/net.pth")
    write_weights(WEIGHTS, model="net")
    history = WEIGHTS.with_suffix(".parquet")
    command = (
        f"wildframe models finetune net --weights={fetched} --output {WEIGHTS} --history {history}"
    )
    write_rows(history, TRAINING, [], config={"epochs": 4}, facts={"command": command})
    files = trace(WEIGHTS)
    assert list(files) == [str(WEIGHTS), str(fetched)]
    assert files[str(WEIGHTS)].config == {"epochs": 4}
    assert list(trace(history)) == [str(history), str(fetched)]


def test_preprocessed_images_are_followed():
    path, images = Path("p.arrow"), Path("images/of")
    images.mkdir(parents=True)
    metadata = provenance(
        path, TRAINING, {"view": "full"}, {"command": f"wildframe x {images} {path}"}
    )
    schema = pa.schema([("pixels", pa.binary())]).with_metadata(metadata)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema):
        pass
    files = trace(path)
    assert files[str(path)].config == {"view": "full"}
    assert files[str(images)].sha256 is None


def test_a_long_text_in_a_command_is_no_file():
    path = Path("table.parquet")
    command = f"wildframe x --note '{'a/' * 3000}' --set='{{\"a\": \"b/c.csv\"}}' d/e.csv"
    write_rows(path, TRAINING, [], facts={"command": command})
    assert list(trace(path)) == ["table.parquet", "d/e.csv"]


def test_files_in_folders_whose_names_have_an_equals_sign_are_followed():
    made, there = "out/lr=0.1/scores/s.parquet", Path("lr=0.1/there.csv")
    there.parent.mkdir()
    there.touch()
    command = (
        f"wildframe x full=out/lr=0.1/a.csv {there} --root out/lr=0.1/b.csv --c=lr=0.1/there.csv "
        f"--input=scores=out/lr=0.1/d.csv --output={made}"
    )
    write_rows(Path(made), TRAINING, [], facts={"command": command})
    names = ["out/lr=0.1/a.csv", str(there), "out/lr=0.1/b.csv", "out/lr=0.1/d.csv"]
    assert list(trace(Path(made))) == [made, *names]


def test_files_that_were_preprocessed_together_are_not_made_of_each_other():
    from wildframe.provenance.lineage import _inputs

    written = "results/frames/d/full/a.arrow results/frames/d/full/b.arrow"
    command = f"wildframe frames preprocess {written} --frames=results/frames/s/0-of-1.parquet"
    for name in "ab":
        found = _inputs(Path(f"results/frames/d/full/{name}.arrow"), command)
        assert [*found] == ["results/frames/s/0-of-1.parquet"]

import errno
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wildframe.core.contracts import Contract, Field
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, is_safe_id, user_cache, write_text
from wildframe.core.tables import (
    RowsByKey,
    iter_rows,
    model_of,
    provenance,
    read_facts,
    read_table,
    table_writer,
    write_rows,
)

SHEEP = Contract(
    "sheep",
    2,
    "One row a sheep.",
    ("name",),
    [
        Field("name", pa.string(), "Its name"),
        Field("weight", pa.float64(), "Its weight", "kg", nullable=True),
    ],
)
ROWS = [{"name": "dolly", "weight": 45.5}, {"name": "shaun", "weight": None}]


def test_rows_come_back_as_written(tmp_path):
    path = tmp_path / "folder" / "sheep.parquet"
    write_rows(path, SHEEP, iter(ROWS), batch_size=1)
    assert read_table(path, SHEEP).to_pylist() == ROWS
    assert list(iter_rows(path, SHEEP, batch_size=1)) == ROWS


def test_a_model_is_named_by_the_metadata_and_without_by_its_whole_file_name(tmp_path):
    named, unnamed = tmp_path / "resnet18.parquet", tmp_path / "lite0@288+by-clip.parquet"
    detections = tmp_path / "lite0.detections.parquet"
    write_rows(named, SHEEP, [], facts={"model": "timm/resnet18"})
    write_rows(unnamed, SHEEP, [])
    write_rows(detections, SHEEP, [])
    assert model_of(named, SHEEP) == "timm/resnet18"
    assert model_of(unnamed, SHEEP) == "lite0@288+by-clip"
    assert model_of(detections, SHEEP) == "lite0"


def test_rows_are_found_by_a_column():
    chunks = [pa.Table.from_pylist([row], schema=SHEEP.schema) for row in ROWS]
    rows = RowsByKey(pa.concat_tables(chunks), "name")
    assert rows["shaun"] == ROWS[1]
    assert dict(rows) == {"dolly": ROWS[0], "shaun": ROWS[1]}
    assert "bitzer" not in rows
    with pytest.raises(KeyError):
        rows["bitzer"]


def test_a_text_is_no_list_of_its_letters(tmp_path):
    colours = Field("colours", pa.list_(pa.string()), "Its colours", nullable=True)
    contract = Contract("sheep", 2, "One row a sheep.", ("name",), [SHEEP.fields[0], colours])
    kept = [{"name": "dolly", "colours": ["white"]}, {"name": "shaun", "colours": None}]
    write_rows(tmp_path / "a.parquet", contract, kept)
    message = r"sheep: bitzer: colours is the text 'red', not a list; .* \['red'\]"
    with pytest.raises(UserError, match=message):
        write_rows(tmp_path / "b.parquet", contract, [*kept, {"name": "bitzer", "colours": "red"}])


def test_a_null_that_the_contract_does_not_allow_is_refused_by_both_readers(tmp_path):
    path = tmp_path / "sheep.parquet"
    schema = SHEEP.schema.with_metadata(provenance(path, SHEEP, {}, {}))
    fields = [field.with_nullable(True) for field in schema]
    table = pa.table([["dolly", None], [None, 1.5]], pa.schema(fields, schema.metadata))
    pq.write_table(table, path)
    for read in (read_table, lambda *of: list(iter_rows(*of))):
        with pytest.raises(UserError, match=r"sheep\.parquet: column 'name' has 1 nulls"):
            read(path, SHEEP)
    assert [row["weight"] for row in iter_rows(path, SHEEP, ["weight"])] == [None, 1.5]


def test_two_tables_are_written_side_by_side(tmp_path):
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    with table_writer(first, SHEEP, config={"a": 1}) as add, table_writer(second, SHEEP) as add_too:
        for number in range(3000):
            add({"name": str(number), "weight": None})
            if number % 1000 == 0:
                add_too({"name": str(number), "weight": 1.5})
        assert not first.exists()
    assert [row["name"] for row in iter_rows(first, SHEEP)] == [str(n) for n in range(3000)]
    assert [row["name"] for row in iter_rows(second, SHEEP)] == ["0", "1000", "2000"]
    assert read_facts(first, SHEEP)["config"] == '{"a": 1}'


def test_neither_of_two_tables_is_left_when_the_block_fails(tmp_path):
    def fail():
        with (
            table_writer(tmp_path / "a.parquet", SHEEP, batch_size=1) as add,
            table_writer(tmp_path / "b.parquet", SHEEP) as add_too,
        ):
            add(ROWS[0])
            add_too(ROWS[1])
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("weight", "groups"), [(10, 1), (2**20, 3)])
def test_small_rows_share_a_row_group_and_large_ones_are_not_kept(tmp_path, weight, groups):
    """Each group costs room in the file's index, and each byte of one room in memory."""
    path = tmp_path / "a.parquet"
    write_rows(path, SHEEP, ({"name": "s" * weight, "weight": n} for n in range(12)), batch_size=2)
    assert pq.read_metadata(path).num_row_groups == groups
    assert [row["weight"] for row in iter_rows(path, SHEEP)] == list(range(12))


def test_no_rows_make_a_valid_table(tmp_path):
    write_rows(tmp_path / "a.parquet", SHEEP, [])
    assert read_table(tmp_path / "a.parquet", SHEEP).num_rows == 0


def test_metadata_tells_schema_version_config_and_facts(tmp_path):
    write_rows(tmp_path / "a.parquet", SHEEP, ROWS, config={"b": 1, "a": 2}, facts={"farm": "F"})
    facts = read_facts(tmp_path / "a.parquet", SHEEP)
    assert facts["schema"] == "sheep"
    assert facts["schema_version"] == "2"
    assert facts["config"] == '{"a": 2, "b": 1}'
    assert len(facts["config_sha256"]) == 64
    assert facts["farm"] == "F"
    assert facts["command"].startswith("wildframe")
    weight = pq.read_schema(tmp_path / "a.parquet").field("weight")
    assert weight.metadata[b"unit"] == b"kg"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"name": "a"}], "'weight'"),
        ([{"name": "a", "weight": 1.0, "age": 3}], "'age'"),
        ([{"name": None, "weight": 1.0}], "null in column 'name'"),
    ],
)
def test_rows_that_break_the_contract_are_refused_and_leave_no_file(tmp_path, rows, message):
    with pytest.raises(ValueError, match=message):
        write_rows(tmp_path / "a.parquet", SHEEP, rows)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_source_of_rows_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.parquet"
    write_rows(path, SHEEP, ROWS)

    def failing():
        yield ROWS[0]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_rows(path, SHEEP, failing(), batch_size=1)
    assert read_table(path, SHEEP).to_pylist() == ROWS
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]


def test_reading_names_file_column_and_remedy(tmp_path):
    path = tmp_path / "a.parquet"
    with pytest.raises(UserError, match=r"a\.parquet: no such file"):
        read_table(path, SHEEP)
    path.write_text("sheep")
    with pytest.raises(UserError, match=r"a\.parquet: not a sound Parquet file"):
        read_table(path, SHEEP)
    goats = Contract("goats", 1, "", (), SHEEP.fields)
    write_rows(path, goats, ROWS)
    with pytest.raises(UserError, match="expected a table 'sheep' of version 2, found 'goats'"):
        read_table(path, SHEEP)
    heavy = Contract(
        "sheep", 2, "", (), [SHEEP.fields[0], Field("weight", pa.int64(), "", nullable=True)]
    )
    write_rows(path, heavy, [{"name": "a", "weight": 1}])
    with pytest.raises(UserError, match="'weight' should be double, is int64"):
        read_table(path, SHEEP)
    write_rows(path, Contract("sheep", 2, "", (), SHEEP.fields[:1]), [{"name": "a"}])
    with pytest.raises(UserError, match="column 'weight' is missing"):
        read_table(path, SHEEP)


def test_a_damaged_table_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    write_rows(path, SHEEP, [{"name": f"sheep {n}", "weight": n / 7} for n in range(5000)])
    content = bytearray(path.read_bytes())
    content[100:2000] = bytes(1900)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.parquet: not a sound Parquet file"):
        read_table(path, SHEEP)


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    alive = os.getppid()
    with atomic_path(tmp_path / "b.txt") as temporary:
        temporary.write_text("whole")
        name = temporary.name
    (tmp_path / "b.txt").unlink()
    host = name.removeprefix(".b.").removesuffix(f".{os.getpid()}.tmp.txt")
    (tmp_path / f".a.{host}.{gone.pid}.tmp.txt").write_text("half")
    kept = {
        f".a.{host}.{alive}.tmp.txt",
        f".a.elsewhere.{gone.pid}.tmp.txt",
        f".a.b.{host}.{gone.pid}.tmp.txt",
        f".ab.{host}.{gone.pid}.tmp.txt",
    }
    for name in kept:
        (tmp_path / name).write_text("of a running writer, or of another file")
    write_text(tmp_path / "a.txt", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", *kept}


def test_a_full_disk_is_one_sentence(tmp_path):
    def full():
        with atomic_path(tmp_path / "a.txt"):
            raise OSError(errno.ENOSPC, "Error writing bytes to file")

    with pytest.raises(UserError, match=r"a\.txt: cannot be written \(No space left on device\)"):
        full()


def test_an_interrupted_text_leaves_nothing(tmp_path):
    def interrupted():
        with atomic_path(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
    write_text(tmp_path / "a.txt", "whole\n")
    assert (tmp_path / "a.txt").read_bytes() == b"whole\n"


@pytest.mark.parametrize(
    "value", ["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a b", "a\n", "a" * 201]
)
def test_unsafe_ids(value):
    assert not is_safe_id(value)


def test_safe_ids():
    assert is_safe_id("e8a2f157-a5a0-459a-a165-fe36c75ab348")


def test_writing_a_table_imports_no_pandas_and_leaves_it_to_those_who_ask(tmp_path):
    program = (
        "import sys; from pathlib import Path; import pyarrow as pa; "
        "from wildframe.core.schemas import SPLITS; "
        "from wildframe.core.tables import read_table, write_batches, write_rows; "
        "path, row = Path(sys.argv[1]), {'image_id': 'i', 'part': 'val', 'group': 'g'}; "
        "made = (pa.RecordBatch.from_pylist([row], SPLITS.schema) for _ in 'one'); "
        "write_batches(path, SPLITS, made); "
        "write_rows(path, SPLITS, [row]); "
        "assert 'pandas' not in sys.modules; "
        "assert read_table(path, SPLITS).to_pandas()['part'].tolist() == ['val']; "
        "assert pa.array(sys.modules['pandas'].Series([1.5])).to_pylist() == [1.5]"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "t.parquet")], check=True)


def test_the_cache_of_a_user_without_a_home_is_no_folder_here(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert user_cache().is_absolute()
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(user_cache()) == "/somewhere/wildframe"

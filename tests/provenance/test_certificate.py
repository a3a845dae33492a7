"""What a certificate holds, and which files are none."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from provenance.tiny_run import (
    CONTRACTS,
    FACTS,
    PATHS,
    certify,
    damage,
    write_predictions,
)

from wildframe import __version__
from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.provenance.certificate import open_certificate, predictions_of, write_certificate

OUTPUT = Path("toys.zip")


def refused(path):
    with pytest.raises(UserError) as refusal, open_certificate(path):
        pass
    return str(refusal.value)


def test_tables_and_their_metadata_are_packed_and_of_predictions_the_top_1(run):
    certify(run, OUTPUT)
    with open_certificate(OUTPUT) as (folder, made_with):
        packed = {path.relative_to(folder) for path in folder.rglob("*.parquet")}
        assert packed == set(PATHS.values())
        for layer in ("frames", "labels"):
            tables = [read_table(root / PATHS[layer], CONTRACTS[layer]) for root in (folder, run)]
            assert tables[0].equals(tables[1])
        path, contract = PATHS["predictions"], CONTRACTS["predictions"]
        first, *others = read_table(folder / path, contract).to_pylist()
        assert first == {
            "image_id": "a-10",
            "view_key": "",
            "top": [{"class_index": 0, "probability": 0.5}],
            "scores": None,
        }
        assert [row["top"][0]["class_index"] for row in others] == [1, 2, 3]
        assert read_facts(folder / path, contract) == read_facts(run / path, contract)
        assert read_facts(folder / path, contract).items() >= FACTS.items()
    assert made_with["wildframe"] == __version__
    assert {"python", "av", "torch"} <= made_with.keys()


def test_the_same_run_is_certified_by_the_same_bytes(run):
    first = certify(run, OUTPUT)
    assert certify(run, Path("again.zip")) == first
    damage(run, "labels", lambda rows: rows["photo"].update(labels=[]))
    assert certify(run, OUTPUT) != first


def test_no_folder_of_the_machine_is_named(run):
    config = {"label_space": "/home/alice/cups.csv"}
    damage(run, "labels", lambda rows: None, config, command="wildframe a --root=../../alice/v")
    damage(run, "predictions", lambda rows: None, source="/home/alice/net.pt")
    certify(run, OUTPUT)
    with open_certificate(OUTPUT) as (folder, _):
        facts = {name: read_facts(folder / PATHS[name], CONTRACTS[name]) for name in PATHS}
        assert "alice" not in str(facts)
        assert facts["labels"]["command"] == "wildframe a --root=/path/to/v"
        assert json.loads(facts["labels"]["config"]) == {"label_space": "/path/to/cups.csv"}
        packed = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        assert not any(b"alice" in content for content in packed)


def test_models_of_a_hub_are_certified_and_parts_of_a_killed_run_are_not(run):
    models = ["timm/resnet18.a1_in1k", "open_clip/ViT-B-32/openai@160"]
    paths = [write_predictions(run, model).relative_to(run) for model in models]
    write_predictions(run, "000000.predictions", "toys/full/timm/resnet50.parts")
    (run / "predictions/toys/full/timm/.resnet50.host.1.tmp.parquet").write_bytes(b"PAR1")
    (run / PATHS["predictions"]).unlink()
    certify(run, OUTPUT)
    with open_certificate(OUTPUT) as (folder, _):
        packed = [path.relative_to(folder) for path in folder.glob("predictions/**/*.parquet")]
        assert sorted(packed) == sorted(paths)


def test_other_tables_beside_predictions_are_left_out(run):
    write_rows(run / "predictions/toys/full/net.detections.parquet", DETECTIONS, [])
    certify(run, OUTPUT)
    assert not [name for name in zipfile.ZipFile(OUTPUT).namelist() if "detections" in name]


def test_a_dataset_without_predictions_is_not_certified(run):
    with pytest.raises(UserError, match=r"predictions/cups: no predictions; run a study"):
        write_certificate({"cups": []}, run, OUTPUT)
    with pytest.raises(UserError, match=r"^gone: no such folder; run in the project's folder"):
        predictions_of(Path("gone"), "cups")
    assert not OUTPUT.exists()


def test_what_is_no_certificate_is_refused(run):
    assert "absent.zip: no such file" in refused(Path("absent.zip"))
    OUTPUT.write_text("PK")
    assert re.search(r"toys.zip: no sound certificate \(.+\); fetch it anew", refused(OUTPUT))


@pytest.mark.parametrize(
    "member",
    [
        "../out.parquet",
        "/out.parquet",
        "frames/sub/a.parquet",
        "predictions/toys/a.parquet",
        "predictions/../full/a.parquet",
        "predictions/toys/full/timm/../../a.parquet",
        "predictions/toys/./a.parquet",
        "predictions/toys/full//a.parquet",
        "a.py",
    ],
)
def test_a_member_of_another_place_is_refused_before_it_is_written(run, member):
    with zipfile.ZipFile(OUTPUT, "w") as packed:
        packed.writestr(member, "")
    assert f"{member!r} is in no certificate" in refused(OUTPUT)


def test_what_would_fill_the_disk_is_refused_before_it_is_written(run):
    with zipfile.ZipFile(OUTPUT, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("frames/toys.parquet", bytes(10**7))
    assert "it would unpack 10,000,000 bytes" in refused(OUTPUT)


def test_damage_anywhere_is_refused_or_changes_nothing(run):
    certify(run, OUTPUT)
    whole = OUTPUT.read_bytes()
    with open_certificate(OUTPUT) as (folder, _):
        tables = {name: (folder / name).read_bytes() for name in PATHS.values()}
    refusals = []
    for at in range(0, len(whole), 61):
        OUTPUT.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        try:
            with open_certificate(OUTPUT) as (folder, _):
                assert {name: (folder / name).read_bytes() for name in PATHS.values()} == tables
        except UserError as error:
            refusals.append(str(error))
    assert len(refusals) > 0.9 * len(whole) / 61
    assert all("no sound certificate" in refusal for refusal in refusals)
    OUTPUT.write_bytes(whole[:-30])
    assert "no sound certificate" in refused(OUTPUT)


@pytest.mark.parametrize(
    ("dropped", "datasets", "problem"),
    [
        ("manifests/", ["toys"], "manifests/toys is not there"),
        ("frames/", ["toys"], "frames/toys is not there"),
        ("predictions/", ["toys"], "predictions/toys is not there"),
        ("labels/", ["cups", "toys"], "frames/cups is not there"),
        ("labels/", [], "frames/toys is of no dataset of it"),
        ("", [], "it is of no dataset"),
    ],
)
def test_a_certificate_has_all_tables_of_its_datasets_and_no_others(
    run, dropped, datasets, problem
):
    certify(run, OUTPUT)
    with zipfile.ZipFile(OUTPUT) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    about = json.loads(members.pop("certificate.json")) | {"datasets": datasets}
    with zipfile.ZipFile(OUTPUT, "w") as packed:
        packed.writestr("certificate.json", json.dumps(about))
        for name, content in members.items():
            if not name.startswith(dropped):
                packed.writestr(name, content)
    assert refused(OUTPUT) == f"toys.zip: no sound certificate ({problem}); fetch it anew"


@pytest.mark.parametrize("about", [{}, [], {"versions": {"wildframe": 1}, "tables": {}}])
def test_a_zip_that_does_not_say_what_it_is_is_refused(run, about):
    with zipfile.ZipFile(OUTPUT, "w") as packed:
        packed.writestr("certificate.json", json.dumps(about))
    assert "no sound certificate" in refused(OUTPUT)


def test_tables_of_another_version_name_the_wildframe_that_reads_them(run):
    about = {"versions": {"wildframe": "9.9"}, "tables": {"manifest": 99}}
    with zipfile.ZipFile(OUTPUT, "w") as packed:
        packed.writestr("certificate.json", json.dumps(about))
    assert refused(OUTPUT).endswith("verify it with wildframe 9.9, which wrote it")

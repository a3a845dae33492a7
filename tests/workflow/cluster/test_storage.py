"""Results in an object store, a real one on loopback, and the plan of a run on Kubernetes."""

import pytest

pytestmark = pytest.mark.workflow

BUCKET = "my-bucket"
TARGET = "results/sources/ego4d/records.parquet"


@pytest.fixture
def bucket(workspace, monkeypatch):
    """The bucket that the profile names, in a store of its own."""
    pytest.importorskip("snakemake_storage_plugin_s3", reason="see envs/cluster.txt")
    server = pytest.importorskip("moto.server", reason="see envs/dev.txt")
    import boto3

    store = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    store.start()
    address = "http://{}:{}".format(*store.get_host_and_port())
    monkeypatch.setenv("SNAKEMAKE_STORAGE_S3_ENDPOINT_URL", address)
    monkeypatch.setenv("SNAKEMAKE_STORAGE_S3_ACCESS_KEY", "nobody")
    monkeypatch.setenv("SNAKEMAKE_STORAGE_S3_SECRET_KEY", "nothing")
    session = boto3.Session("nobody", "nothing", region_name="us-east-1")
    bucket = session.resource("s3", endpoint_url=address).Bucket(BUCKET)
    bucket.create()
    yield bucket
    store.stop()


def test_a_result_goes_to_the_store_and_is_found_there(workspace, bucket):
    options = (
        TARGET,
        "--default-storage-provider=s3",
        f"--default-storage-prefix=s3://{BUCKET}/wildframe",
    )
    workspace.run(*options)
    stored = {entry.key for entry in bucket.objects.all()}
    assert f"wildframe/{TARGET}" in stored
    # The publisher's annotations are read where they lie.
    assert not [key for key in stored if key.startswith("wildframe/demo")]
    assert not (workspace.folder / "results").exists()
    assert "Nothing to be done" in workspace.run(*options)
    bucket.Object(f"wildframe/{TARGET}").delete()
    assert workspace.plan(*options)["sources_ego4d"] == 1


def test_a_run_on_kubernetes_is_planned_as_a_local_one(workspace, bucket):
    pytest.importorskip("snakemake_executor_plugin_kubernetes", reason="see envs/cluster.txt")
    target = "results/predictions/ego4d-in1k/full/squeezenet1_1.parquet"
    planned = workspace.plan(target, "--workflow-profile=profiles/kubernetes")
    local = workspace.plan(target)
    assert planned["predictions_run"] == 1
    # Each file of preprocessed images is an object, which one job makes.
    files = planned.pop("frames_preprocess")
    assert planned.pop("total") == local.pop("total") + files - local.pop("frames_preprocess", 1)
    assert planned == local

"""What the plugins for clusters make of the profiles."""

import logging
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

PROJECT = Path(__file__).parents[3]


class Resources(dict):
    """Resources of a job, as a plugin reads them."""

    __getattr__ = dict.__getitem__


def asked(cluster, rule, **of_rule):
    """Return what a job of a rule asks for: defaults of the profile, the rule's, the profile's."""
    profile = yaml.safe_load((PROJECT / "profiles" / cluster / "profile.yaml").read_text())
    set_ = profile.get("set-resources", {}).get(rule, {})
    return Resources({**profile["default-resources"], **of_rule, **set_})


def test_a_training_on_several_gpus_is_submitted_to_one_node():
    plugin = pytest.importorskip(
        "snakemake_executor_plugin_slurm.submit_string", reason="see envs/dev.txt"
    )
    resources = asked("slurm", "models_train_clips", gpu=4, mem_mb=21000)
    job = SimpleNamespace(resources=resources, threads=8)
    names = ("run_uuid", "slurm_logfile", "comment_str", "account", "partition", "workdir")
    assert " --nodes=1 " in plugin.get_submit_command(job, dict.fromkeys(names, ""))


# As a rule asks for it, with a GPU and with `predictions.device: cpu`.
@pytest.mark.parametrize("gpus", [1, 0])
def test_a_pod_is_held_to_what_its_job_asks_for(gpus):
    plugin = pytest.importorskip("snakemake_executor_plugin_kubernetes", reason="see envs/dev.txt")
    pods = []
    executor = plugin.Executor.__new__(plugin.Executor)
    vars(executor).update(
        run_namespace="run",
        namespace="default",
        container_image="image",
        persistent_volumes=[],
        k8s_service_account_name=None,
        k8s_cpu_scalar=0.95,
        secret_envvars={},
        privileged=False,
        logger=logging.getLogger(__name__),
        format_job_exec=lambda job: "command",
        report_job_submission=lambda info: None,
        _kubernetes_retry=lambda call: call(),
        batchapi=SimpleNamespace(create_namespaced_job=lambda _, body: pods.append(body)),
    )
    resources = asked("kubernetes", "predictions_run", _cores=2, mem_mb=5900, gpu=gpus)
    executor.run_job(SimpleNamespace(resources=resources, jobid=1, attempt=1, is_containerized=0))
    (container,) = pods[0].spec.template.spec.containers
    assert container.resources.limits == {
        "cpu": "2000m",
        "memory": "5900M",
        "ephemeral-storage": "50000M",
        "nvidia.com/gpu": str(gpus),
    }
    # The API server refuses another number of GPUs than the limit, or one without a limit.
    assert container.resources.requests == {**container.resources.limits, "cpu": "1900m"}


def test_pods_are_given_the_documented_address_and_keys_of_the_store(monkeypatch):
    registry = pytest.importorskip("snakemake_interface_storage_plugins.registry")
    pytest.importorskip("snakemake_storage_plugin_s3", reason="see envs/dev.txt")
    from snakemake.cli import parse_args
    from snakemake.settings.types import RemoteExecutionSettings
    from snakemake.spawn_jobs import SpawnedJobArgsFactory

    page = (PROJECT / "docs/cluster.md").read_text()
    documented = dict.fromkeys(re.findall(r"SNAKEMAKE_STORAGE_\w+", page), "given")
    assert len(documented) == 3
    for name, value in documented.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(PROJECT)
    _, arguments = parse_args(["--workflow-profile", "profiles/kubernetes"])
    plugin = registry.StoragePluginRegistry().get_plugin("s3")
    workflow = SimpleNamespace(
        envvars=[],
        remote_execution_settings=RemoteExecutionSettings(envvars=arguments.envvars or []),
        storage_provider_settings={"s3": plugin.get_settings(arguments)},
    )
    assert documented.items() <= SpawnedJobArgsFactory(workflow).envvars().items()

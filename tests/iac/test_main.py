"""The plugin as a process."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from tests.iac.job_samples import SETTINGS

from airbrick.iac.provider.codec import encode

PROGRAM = Path(sys.executable).with_name("pulumi-resource-airbrick")
ENGINE = f"""
import subprocess, sys, time
plugin = subprocess.Popen([{str(PROGRAM)!r}, *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
print(plugin.pid, plugin.stdout.readline(), flush=True)
time.sleep(600)
"""


def orphan(*arguments: str) -> int:
    """Start the plugin as an engine does, kill the engine, and give the plugin's process id."""
    with subprocess.Popen([sys.executable, "-c", ENGINE, *arguments], stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        pid = int(engine.stdout.readline().split()[0])
        engine.kill()
    return pid


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends(pid: int, *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_the_plugin_ends_after_an_engine_that_was_killed() -> None:
    assert ends(orphan("127.0.0.1:1"), within_s=60)


def test_a_plugin_started_by_hand_stays_until_it_is_told() -> None:
    pid = orphan()
    assert not ends(pid, within_s=3)
    os.kill(pid, signal.SIGTERM)
    assert ends(pid, within_s=60)


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("token", "inputs", "config"),
    [
        (
            "airbrick:airflow:Pool",
            {"name": "p", "slots": 1, "description": "", "include_deferred": False},
            {"airflow_token_command": "sign-in"},
        ),
        (
            "airbrick:databricks:Job",
            SETTINGS,
            {"host": "https://adb-1.2.azuredatabricks.net", "auth_type": "azure-cli"},
        ),
    ],
)
def test_programs_that_sign_in_see_the_users_environment_without_the_stacks_configuration(
    tmp_path: Path, token: str, inputs: dict[str, Any], config: dict[str, str]
) -> None:
    seen = tmp_path / "seen"
    text = f"import json, os, sys; json.dump(dict(os.environ), open({str(seen)!r}, 'w')); sys.exit(1)"
    for name in ("sign-in", "az"):
        script(tmp_path / name, text)
    hidden = ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS", "PULUMI_CONFIG_PASSPHRASE")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    users = {"ARM_TENANT_ID": "dev", "PULUMI_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": path}
    environ = {**os.environ, **users, **dict.fromkeys(hidden, '{"token": "hush-hush"}')}
    arguments = encode({"airflow_endpoint": "http://127.0.0.1:9", **config})
    with subprocess.Popen([PROGRAM], stdout=subprocess.PIPE, env=environ) as plugin:
        assert plugin.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(plugin.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(provider_pb2.ConfigureRequest(args=arguments, acceptSecrets=True))
            urn = f"urn:pulumi:dev::orders::{token}::it"
            with pytest.raises(grpc.RpcError):
                stub.Create(provider_pb2.CreateRequest(urn=urn, properties=encode(inputs)))
        plugin.terminate()
    inherited = json.loads(seen.read_text())
    assert "hush-hush" not in str(inherited)
    assert {name: inherited.get(name) for name in users} == users


def test_a_call_that_is_under_way_ends_before_the_plugin(tmp_path: Path) -> None:
    begun, may_end = tmp_path / "begun", tmp_path / "may-end"
    for fifo in (begun, may_end):
        os.mkfifo(fifo)
    text = f"import signal; signal.alarm(120); open({str(begun)!r}, 'w').close(); open({str(may_end)!r}).close()"
    command = script(tmp_path / "sign-in", text)
    arguments = encode({"airflow_endpoint": "http://127.0.0.1:9", "airflow_token_command": str(command)})
    inputs = encode({"name": "p", "slots": 1, "description": "", "include_deferred": False})
    with subprocess.Popen([PROGRAM], stdout=subprocess.PIPE) as plugin:
        assert plugin.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(plugin.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(provider_pb2.ConfigureRequest(args=arguments, acceptSecrets=True))
            urn = "urn:pulumi:dev::orders::airbrick:airflow:Pool::it"
            asked = stub.Create.future(provider_pb2.CreateRequest(urn=urn, properties=inputs))
            begun.open().close()
            plugin.terminate()
            assert not ends(plugin.pid, within_s=2)
            may_end.open("w").close()
            assert asked.exception(60) is not None
        assert plugin.wait(60) == 0

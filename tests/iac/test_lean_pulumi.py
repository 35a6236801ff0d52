"""The Pulumi SDK without the half that programs use."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from tests.iac.test_main import PROGRAM
from tests.iac.wire import running_provider

from airbrick.iac.provider.registry import handlers

NEEDLESS = {
    "airflow", "click", "databricks.sdk", "dill", "libcst", "opentelemetry", "psutil", "pulumi.automation",
    "pulumi.resource", "pulumi.runtime.settings", "pydantic", "requests", "rich", "urllib3", "yaml",
}  # fmt: skip
AT_THE_PORT = """
import json, os, sys
from airbrick.iac.provider import main

class AtThePort:
    def write(self, text):
        self.port = int(text)

    def flush(self):
        print(json.dumps(sorted(sys.modules)), file=sys.stderr)
        os._exit(0)

sys.stdout = AtThePort()
{before}
main.main()
"""
URN = "urn:pulumi:dev::orders::{0}::x"


def loaded_at_the_port(before: str = "") -> set[str]:
    code = AT_THE_PORT.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr))


def test_the_engine_does_not_wait_for_what_the_first_requests_can_do_without() -> None:
    loaded = loaded_at_the_port()
    assert NEEDLESS & loaded == set()
    assert "pulumi.runtime.proto.provider_pb2_grpc" in loaded


def test_an_sdk_whose_messages_need_the_whole_package_is_loaded_whole() -> None:
    # An SDK of the future whose messages import something from the package itself.
    before = """
import importlib.abc
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "pulumi.runtime.proto.provider_pb2" and not getattr(self, "once", False):
            self.once = True
            raise ImportError("cannot import name 'x' from 'pulumi'")
sys.meta_path.insert(0, Refuse())
"""
    assert "pulumi.automation" in loaded_at_the_port(before)


@contextmanager
def the_process() -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    with subprocess.Popen([PROGRAM], stdout=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout is not None
        try:
            with grpc.insecure_channel(f"127.0.0.1:{int(plugin.stdout.readline())}") as channel:
                yield provider_pb2_grpc.ResourceProviderStub(channel)
        finally:
            plugin.terminate()


def answers(stub: provider_pb2_grpc.ResourceProviderStub) -> dict[str, str]:
    def checked(token: str) -> str:
        try:
            return str(stub.Check(provider_pb2.CheckRequest(urn=URN.format(token))))
        except grpc.RpcError as error:
            return str(error.details())

    schema = stub.GetSchema(provider_pb2.GetSchemaRequest()).schema
    return {"schema": schema, **{token: checked(token) for token in handlers()}}


def test_the_process_answers_as_a_provider_with_the_whole_sdk() -> None:
    with running_provider() as whole, the_process() as lean:
        assert answers(lean) == answers(whole.stub)


def test_a_class_of_programs_says_what_it_is() -> None:
    code = """
from airbrick.iac.provider import lean_pulumi
lean_pulumi.load()
from airbrick import iac
iac.Job("x")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "Job is for programs; a provider makes no resources" in done.stderr


@pytest.mark.parametrize("name", ["export", "Output", "Config"])
def test_a_program_has_the_whole_sdk(name: str) -> None:
    code = f"from airbrick.iac.provider import lean_pulumi; import pulumi; lean_pulumi.load(); print(pulumi.{name})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "lean_pulumi" not in done.stdout

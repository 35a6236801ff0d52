"""The SDK's client without its services."""

import subprocess
import sys

CLIENT = """
import sys
from airbrick.iac.clients import lean_sdk
{before}
lean_sdk.load()
from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.clients.transport import Pause
from airbrick.iac.provider.config import ProviderConfig
workspace = Workspace(ProviderConfig(host="http://127.0.0.1:9", token="t"), Pause())
print(sorted(name for name in sys.modules if name.startswith("databricks.sdk.service.")))
"""


def loaded_services(before: str = "") -> str:
    code = CLIENT.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client_works_without_the_models_of_the_services() -> None:
    assert "jobs" not in loaded_services()


def test_an_sdk_that_is_loaded_already_stays_whole() -> None:
    assert "jobs" in loaded_services("from databricks.sdk import WorkspaceClient")


def test_an_sdk_that_needs_its_whole_package_is_loaded_whole() -> None:
    # An SDK of the future whose core imports something from the package itself.
    before = """
import importlib.abc
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "databricks.sdk.core" and not getattr(self, "once", False):
            self.once = True
            raise ImportError("cannot import name 'x' from 'databricks.sdk'")
sys.meta_path.insert(0, Refuse())
"""
    assert "jobs" in loaded_services(before)

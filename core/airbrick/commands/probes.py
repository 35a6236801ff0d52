"""The checks of ``airbrick doctor``; each looks at one thing and never raises."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from airbrick.contract import ContractError, find, load

OLDEST_ENGINE: Final = (3, 259, 0)
"""The first engine with everything the provider asks for, ``refresh_before_update`` among it."""

TIMEOUT_S: Final = 10.0


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    :param subject: what was looked at.
    :param detail: what was found, in one line.
    :param fix: what to do about it; empty where nothing needs doing.
    """

    subject: str
    status: Status
    detail: str
    fix: str = ""


def parts() -> Finding:
    """Say which of airbrick's parts have their dependencies."""
    needed = {"iac": "pulumi", "operators": "airflow", "emulator": "uvicorn"}
    usable = ["lint", *(part for part, module in needed.items() if find_spec(module))]
    missing = [part for part in needed if part not in usable]
    fix = f"for more: pip install 'airbrick[{','.join(missing)}]'" if missing else ""
    return Finding("parts", Status.OK, f"usable here: {', '.join(usable)}", fix)


def engine(environ: Mapping[str, str]) -> Finding:
    """Look for the Pulumi engine and its Python language host on PATH."""
    wanted = ".".join(map(str, OLDEST_ENGINE))
    fix = f"install Pulumi {wanted} or newer and put it on PATH; in a checkout of airbrick, `make engine` gets it"
    missing = [
        name for name in ("pulumi", "pulumi-language-python") if not shutil.which(name, path=environ.get("PATH"))
    ]
    if missing:
        return Finding("engine", Status.FAILED, f"{' and '.join(missing)} not found on PATH", fix)
    program = shutil.which("pulumi", path=environ.get("PATH")) or "pulumi"
    try:
        said = subprocess.run(
            [program, "version"], capture_output=True, text=True, timeout=TIMEOUT_S, check=True, env=dict(environ)
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("engine", Status.FAILED, f"{program} does not run: {type(error).__name__}", fix)
    version = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    if version is None or tuple(map(int, version.groups())) < OLDEST_ENGINE:
        return Finding("engine", Status.FAILED, f"{program} is version {said.strip() or 'unknown'}", fix)
    return Finding("engine", Status.OK, f"Pulumi {version[0]} at {program}")


def plugin(environ: Mapping[str, str]) -> Finding:
    """Look for the provider plugin beside this interpreter, where ``plugins.providers[].path`` should point."""
    if not find_spec("pulumi"):
        return Finding("plugin", Status.SKIPPED, "the iac part is not installed")
    name = "pulumi-resource-airbrick"
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name, path=environ.get("PATH"))
    if not found:
        return Finding(
            "plugin", Status.FAILED, f"{name} not found", "install airbrick[iac] into this environment again"
        )
    return Finding("plugin", Status.OK, f"{found} (Pulumi.yaml: plugins.providers: path: {Path(found).parent})")


def workspace(environ: Mapping[str, str]) -> Finding:
    """Ask the workspace who we are, with the credentials that databricks-sdk finds."""
    if not find_spec("databricks"):
        return Finding("workspace", Status.SKIPPED, "databricks-sdk is not installed")
    from databricks.sdk.core import ApiClient, Config
    from databricks.sdk.errors.base import DatabricksError

    if "DATABRICKS_HOST" not in environ and "DATABRICKS_CONFIG_PROFILE" not in environ:
        return Finding("workspace", Status.SKIPPED, "DATABRICKS_HOST is not set")
    fix = "set DATABRICKS_HOST with DATABRICKS_TOKEN, or with DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"
    try:
        config = Config(http_timeout_seconds=TIMEOUT_S, retry_timeout_seconds=1)
        me = ApiClient(config).do("GET", "/api/2.0/preview/scim/v2/Me")
    except (DatabricksError, ValueError, OSError) as error:
        # databricks-sdk masks secrets in its messages; only the first line is about the failure.
        return Finding("workspace", Status.FAILED, str(error).splitlines()[0], fix)
    user = me.get("userName", "unknown user") if isinstance(me, dict) else "unknown user"
    return Finding("workspace", Status.OK, f"{config.host} as {user} ({config.auth_type})")


def airflow(url: str | None) -> Finding:
    """Ask Airflow's API server for its version and the health of its parts."""
    if not url:
        return Finding("airflow", Status.SKIPPED, "no address given (--airflow-url or AIRBRICK_AIRFLOW_ENDPOINT)")
    try:
        version = _get_json(f"{url.rstrip('/')}/api/v2/version").get("version", "unknown version")
        health = _get_json(f"{url.rstrip('/')}/api/v2/monitor/health")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        return Finding("airflow", Status.FAILED, f"{url}: {reason}", "start Airflow, or correct the address")
    ill = sorted(
        name for name, part in health.items() if isinstance(part, dict) and part.get("status") not in {"healthy", None}
    )
    if ill:
        return Finding("airflow", Status.FAILED, f"{url}: not healthy: {', '.join(ill)}", "look at these parts' logs")
    return Finding("airflow", Status.OK, f"Airflow {version} at {url}")


def contract(cwd: Path, environ: Mapping[str, str]) -> Finding:
    """Read every contract that a DAG in ``cwd`` would find."""
    try:
        paths = find(environ=environ, beside=cwd) or tuple(sorted(cwd.glob("*/airbrick.contract.*.json")))
        contracts = [load(path) for path in paths]
    except ContractError as error:
        return Finding("contract", Status.FAILED, str(error))
    if not contracts:
        return Finding(
            "contract",
            Status.SKIPPED,
            f"none found from {cwd.absolute()}",
            "`pulumi up` or `airbrick contract pull` writes it",
        )
    listed = ", ".join(
        f"{path} (stack {item.stack}, {len(item.jobs)} job{'' if len(item.jobs) == 1 else 's'})"
        for path, item in zip(paths, contracts, strict=True)
    )
    return Finding("contract", Status.OK, listed)


def _get_json(url: str) -> dict[str, object]:
    if not url.startswith(("http://", "https://")):
        raise ValueError("the address must start with http:// or https://")
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 -- the scheme is checked above
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 -- the scheme is checked above
        answer = json.load(response)
    if not isinstance(answer, dict):
        raise ValueError("the answer is not Airflow's")  # noqa: TRY004 -- a wrong answer, not a wrong argument
    return answer

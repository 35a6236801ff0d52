"""DBX502: the address of a workspace is written into the code."""

import re
from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.texts import texts_of
from airbrick.lint.rule import Example, Rule

_HOST: Final = re.compile(
    r"(?<![\w.-])(?:adb-\d{6,}\.\d{1,2}\.(?:azuredatabricks\.net|databricks\.azure\.(?:cn|us))"
    r"|[a-z0-9][a-z0-9.-]*\.(?:cloud|gcp)\.databricks\.com"
    r"|[a-z0-9-]+\.azuredatabricks\.net)(?![\w-])",
    re.IGNORECASE,
)
_ORGANISATION: Final = re.compile(r"(?:^|/)sql/protocolv1/o/[1-9]\d{5,}/")
_NOT_WORKSPACES: Final = ("accounts.", "docs.", "community.", "kb.", "www.")
_PROSE: Final = frozenset({"doc_md", "doc", "doc_rst", "doc_yaml", "doc_json", "description"})
_HINTS: Final = ("azuredatabricks.net", "databricks.com", "databricks.azure.", "protocolv1/o/")


class HardcodedWorkspaceHost(Rule):
    """Which workspace is meant is for the connection to say."""

    code = "DBX502"
    name = "hardcoded-workspace-host"
    severity = Severity.WARNING
    summary = "The address of a workspace is written into the code"
    why = (
        "A DAG that knows its workspace cannot be tried in another one, and whoever deploys it to a second "
        "environment runs against the first. The connection knows the workspace: take the host from there."
    )
    bad = (
        Example(
            """\
from airflow.sdk import task


@task
def runs():
    import requests

    return requests.get("https://adb-1234567890123456.7.azuredatabricks.net/api/2.2/jobs/runs/list").json()
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import BaseHook, task


@task
def runs():
    import requests

    host = BaseHook.get_connection("databricks_default").host
    return requests.get(f"https://{host}/api/2.2/jobs/runs/list").json()
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the texts of the file."""
        code = context.file.source.text
        if not any(hint in code for hint in _HINTS):
            return
        for text in texts_of(context.file.tree):
            host = _host(text.value) if text.name not in _PROSE else None
            if host is not None:
                yield context.finding(
                    self,
                    text.node,
                    f"the workspace {host} is written into the code",
                    help="take the host from the Airflow connection",
                )


def _host(text: str) -> str | None:
    for match in _HOST.finditer(text):
        if not match.group().lower().startswith(_NOT_WORKSPACES):
            return match.group()
    organisation = _ORGANISATION.search(text)
    return organisation.group().strip("/") if organisation is not None else None


RULE = HardcodedWorkspaceHost()

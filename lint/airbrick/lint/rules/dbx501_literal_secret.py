"""DBX501: a secret is written into the code."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge import secret_shapes
from airbrick.lint.model.secrets import kind_of
from airbrick.lint.model.texts import texts_of
from airbrick.lint.rule import Example, Rule


class LiteralSecret(Rule):
    """Secrets belong to connections and secret backends."""

    code = "DBX501"
    name = "literal-secret"
    severity = Severity.ERROR
    secret = True
    summary = "A secret is written into the code"
    why = (
        "Whoever can read the repository, its history, the scheduler's disk or the code view of Airflow's web "
        "interface can use the secret, and it cannot be rotated without a commit. Revoke it, and keep its successor "
        "in an Airflow connection or a secret backend. Secrets are told by the shape of the value first, by the "
        "name they are given second; no report repeats one. `--diff` alone shows the lines as they are: it is a patch."
    )
    bad = (
        Example(
            """\
from airflow.sdk import task


@task
def load():
    import requests

    requests.get("https://reporter:hunter2@reports.example.com/orders", timeout=30)
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import BaseHook, task


@task
def load():
    import requests

    reports = BaseHook.get_connection("reports")
    requests.get(reports.host, auth=(reports.login, reports.password), timeout=30)
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the texts of the file."""
        if not secret_shapes.may_hold(context.file.source.text):
            return
        for found in texts_of(context.file.tree):
            kind = kind_of(found)
            if kind is not None:
                yield context.finding(
                    self,
                    found.node,
                    f"{kind} is written into the code",
                    help="revoke it, and read its successor from an Airflow connection or a secret backend",
                )


RULE = LiteralSecret()

"""DBX901: Python cannot parse the file."""

from airbrick.lint.finding import Severity
from airbrick.lint.rule import Example, Rule


class SyntaxErrorRule(Rule):
    """Reported by the gate."""

    code = "DBX901"
    name = "syntax-error"
    severity = Severity.ERROR
    summary = "Python cannot parse the file"
    why = (
        "Airflow cannot import a file that Python cannot parse, and its DAGs disappear. The verdict is that of the "
        "Python the linter runs on: run it with the version your DAGs run on."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG

with DAG("orders") as dag
    pass
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG

with DAG("orders") as dag:
    pass
"""
        ),
    )


RULE = SyntaxErrorRule()

"""DBX900: the linter itself failed."""

from airbrick.lint.finding import Severity
from airbrick.lint.rule import Rule


class InternalError(Rule):
    """Reported by the engine when a rule crashes."""

    code = "DBX900"
    name = "internal-error"
    severity = Severity.ERROR
    summary = "The linter failed on this file"
    why = (
        "A rule, or the part that reads DAGs, raised an exception. The findings of all other rules and files are "
        "kept, and the exit code is 2. Please report it with the text of the finding; it holds nothing of your code."
    )


RULE = InternalError()

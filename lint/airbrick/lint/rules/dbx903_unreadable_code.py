"""DBX903: valid Python that the linter cannot read."""

from airbrick.lint.finding import Severity
from airbrick.lint.rule import Rule


class UnreadableCode(Rule):
    """Reported by the gate and the engine."""

    code = "DBX903"
    name = "unreadable-code"
    severity = Severity.WARNING
    summary = "The file is valid Python, but this linter cannot read it"
    why = (
        "Code that is nested a thousand levels deep, such as one expression of thousands of operators, or syntax "
        "that is newer than the linter's parser. The file is not checked, or not completely. Split the expression, "
        "or upgrade airbrick."
    )


RULE = UnreadableCode()

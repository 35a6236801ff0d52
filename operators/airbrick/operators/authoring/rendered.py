"""Ids, which may come from templates and other tasks."""

from airbrick.operators.errors import UsageError


def rendered_id(name: str, value: object) -> int:
    """Read an id once its template is rendered.

    :param name: the argument, for the error.
    :raises UsageError: it is not a number.
    """
    text = "" if isinstance(value, bool) else str(value).strip()
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        problem = "is not a number once its template is rendered"
        raise UsageError(name, problem, fix="give the id as Databricks shows it")
    return int(text)

"""Job parameters, checked before they are sent."""

import json
from collections.abc import Collection, Mapping
from typing import Final

from airbrick.contract import suggest
from airbrick.operators.errors import ParameterValueError, UnknownParameterError

PARAMETERS_MAX_BYTES: Final = 10_000
"""Source: Jobs API 2.2 run-now: "The JSON representation of this field cannot exceed 10,000 bytes"."""

JOB_PARAMETERS: Final = "job_parameters"


def check_names(job: str, names: Collection[object], *, known: Collection[str], source: str) -> None:
    """Refuse parameters the job does not have.

    :param job: the job's key.
    :param known: the parameters the contract names.
    :param source: the contract.
    :raises UnknownParameterError: a name is not known.
    :raises ParameterValueError: a name is not text.
    """
    for name in names:
        if not isinstance(name, str):
            raise ParameterValueError(str(name), "its name is not text", fix="use a string")
        if name not in known:
            raise UnknownParameterError(
                job, name, source=source, known=tuple(sorted(known)), suggestion=suggest(name, known)
            )


def as_text(parameters: Mapping[str, object], *, field: str = JOB_PARAMETERS) -> dict[str, str]:
    """Write parameter values as the text the Jobs API takes.

    Text stays as it is, numbers are written out, booleans become ``true`` and ``false``.

    :param field: the argument the parameters are given in, for the error.
    :raises ParameterValueError: a value has another type, or all together are too large.
    """
    texts = {name: text_of(name, value, field=field) for name, value in parameters.items()}
    check_size(texts, field=field)
    return texts


def check_size(value: object, *, field: str) -> None:
    """Refuse parameters that are larger than Databricks takes.

    :raises ParameterValueError: they are.
    """
    # The legacy fields are measured together with their name, job parameters alone.
    size_bytes = len(json.dumps(value if field == JOB_PARAMETERS else {field: value}).encode())
    if size_bytes > PARAMETERS_MAX_BYTES:
        raise ParameterValueError(
            "",
            f"{size_bytes} bytes as JSON, more than the {PARAMETERS_MAX_BYTES} that Databricks takes",
            fix="write the data to a file or table and pass its path",
            field=field,
        )


def text_of(name: object, value: object, *, field: str = JOB_PARAMETERS) -> str:
    """Write one value as text.

    :raises ParameterValueError: it has a type that has no one way to be written.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if value is None:
        fix = 'leave it out to use the job\'s default, or pass ""'
        raise ParameterValueError(name, "is None", fix=fix, field=field)
    problem = f"is a {type(value).__name__}, but job parameters are text"
    raise ParameterValueError(name, problem, fix="pass json.dumps(…) of it", field=field)

"""The fields of run-now, as they are checked at parse and written when the task runs."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.authoring.parameters import PARAMETERS_MAX_BYTES
from airbrick.operators.authoring.run_settings import FIELDS, LEGACY, check_static, run_settings
from airbrick.operators.authoring.target import Target
from airbrick.operators.errors import UsageError


def target(**tasks: str) -> Target:
    return Target("nightly", 1, "https://w", "", "", frozenset({"run_date"}), "c.json", tasks)


TARGET = target(load="notebook_task", report="sql_task")


def refused(fields: Mapping[str, Any], target: Target | None = None) -> str:
    """Expect the same error at parse and when the task runs."""
    with pytest.raises(UsageError) as at_parse:
        check_static(fields, target)
    with pytest.raises(UsageError) as late:
        run_settings(fields, target)
    assert str(at_parse.value) == str(late.value)
    return str(late.value)


def test_every_field_is_sent_under_the_name_the_api_gives_it() -> None:
    fields = {
        "job_parameters": {"run_date": "2026-01-01"},
        "only": ["+load", "report+"],
        "queue_enabled": False,
        "performance_target": "COST_OPTIMIZED",
        "duration_target": "4h",
        "pipeline_params": {"full_refresh": True},
    }
    assert run_settings(fields, TARGET) == {
        "job_parameters": {"run_date": "2026-01-01"},
        "only": ["+load", "report+"],
        "queue": {"enabled": False},
        "performance_target": "COST_OPTIMIZED",
        "duration_target": "4h",
        "pipeline_params": {"full_refresh": True},
    }


def test_what_is_not_given_is_not_sent() -> None:
    assert run_settings(dict.fromkeys(FIELDS), TARGET) == {}
    assert run_settings({"job_parameters": {}, "only": []}, TARGET) == {}


def test_old_parameters_become_text() -> None:
    fields = {"notebook_params": {"rows": 5, "full": True}, "sql_params": {"day": "x"}}
    assert run_settings(fields, TARGET) == {
        "notebook_params": {"rows": "5", "full": "true"},
        "sql_params": {"day": "x"},
    }
    assert run_settings({"jar_params": ["a", 1]}, None) == {"jar_params": ["a", "1"]}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"job_parameters": {"run_date": "x"}, "notebook_params": {"a": "b"}},
            "job_parameters: cannot be combined with notebook_params: pass all of them as job parameters",
        ),
        (
            {"notebook_params": {"a": "b"}, "jar_params": ["c"]},
            "notebook_params: cannot be combined with jar_params: use job_parameters",
        ),
        ({"only": "load"}, "only: is a str: give a list of texts"),
        (
            {"only": ["+laod"]},
            "only='+laod': job 'nightly' has no such task in c.json: did you mean 'load'?",
        ),
        ({"only": ["+"]}, "only=['+']: holds a name that is empty: name tasks of the job"),
        (
            {"queue_enabled": "yes"},
            "queue_enabled='yes': is not a boolean: True lets the run wait its turn, False does not",
        ),
        (
            {"performance_target": "FAST"},
            "performance_target='FAST': is not known: use one of PERFORMANCE_OPTIMIZED, STANDARD, COST_OPTIMIZED",
        ),
        (
            {"performance_target": "COST_OPTIMIZED"},
            (
                "performance_target: COST_OPTIMIZED needs a duration_target: "
                "set duration_target to one of NO_FLEXIBILITY, 4h, 12h, 24h, 72h"
            ),
        ),
        ({"jar_params": ["a"]}, "jar_params: reaches no task of job 'nightly' in c.json: use job_parameters"),
        ({"sql_params": ["a"]}, "sql_params: is a list: give a dict of names and values"),
        (
            {"notebook_params": {"a": None}},
            "notebook_params['a']: is None: leave it out to use the job's default, or pass \"\"",
        ),
    ],
)
def test_a_mistake_is_one_clear_line_at_parse_and_when_the_task_runs(fields: Mapping[str, Any], says: str) -> None:
    assert refused(fields, TARGET) == says


def test_ascii_only_fields_refuse_other_characters_and_do_not_show_them() -> None:
    text = refused({"python_params": ["--city", "Köln"]}, target(load="spark_python_task"))
    assert text.startswith("python_params[1]: has characters that are not ASCII")
    assert "Köln" not in text


@pytest.mark.parametrize("name", LEGACY)
def test_old_parameters_are_measured_with_their_name(name: str) -> None:
    def of(chars: int) -> dict[str, Any]:
        return {name: {"a": "x" * chars} if LEGACY[name].named else ["x" * chars]}

    frame = len(f'{{"{name}": {{"a": ""}}}}' if LEGACY[name].named else f'{{"{name}": [""]}}')
    assert run_settings(of(PARAMETERS_MAX_BYTES - frame), None)
    assert "more than the 10000 that Databricks takes" in refused(of(PARAMETERS_MAX_BYTES - frame + 1))


def test_a_job_whose_tasks_the_contract_cannot_see_into_takes_any_old_parameter() -> None:
    assert run_settings({"jar_params": ["a"]}, target(loop="for_each_task"))
    assert run_settings({"jar_params": ["a"]}, target())


def test_templates_wait_but_what_is_known_beside_them_does_not() -> None:
    check_static({"job_parameters": {"run_date": "{{ ds }}"}, "only": "{{ params.only }}"}, TARGET)
    check_static({"jar_params": ["{{ ds }}", "x"]}, None)
    with pytest.raises(UsageError, match="is None"):
        check_static({"notebook_params": {"a": "{{ ds }}", "b": None}}, TARGET)
    with pytest.raises(UsageError, match="only: is a str"):
        run_settings({"only": "load"}, TARGET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
def test_any_value_is_sent_or_refused_by_name(fields: dict[str, Any]) -> None:
    settings: dict[str, Any] = {}
    place = ""
    try:
        settings = run_settings(fields, TARGET)
    except UsageError as error:
        place = error.place
    assert settings.keys() <= {*FIELDS, "queue"}
    assert not place or place.startswith(tuple(FIELDS))

"""What decorators of helpers hide from the linter, and what they leave plain."""

import pytest
from tests.lint.workbench import Workbench, dag_file

HELPER = """\
import abc, contextlib, functools
from functools import lru_cache, wraps
from tenacity import retry
from company import with_defaults as theirs


def with_defaults(make):
    @wraps(make)
    def inner(**given):
        return make(**{{"retries": 2, "deferrable": True, "execution_timeout": timedelta(hours=1), **given}})
    return inner


class Defaults:
    def __init__(self, make):
        self.make = make


{decorator}
def run_job(task_id, **options):
    return DatabricksRunNowOperator(task_id=task_id, job_name="x", **options)


with DAG("d"):
    run_job("t"{arguments})
"""
CONFIG: dict[str, object] = {"select": ["DBX201", "DBX601", "DBX701"]}


def text_of(decorator: str, arguments: str = "") -> str:
    return dag_file(HELPER.format(decorator=decorator, arguments=arguments))


@pytest.mark.parametrize("decorator", ["@with_defaults", "@theirs", "@theirs(retries=2)", "@Defaults", "@unknown.one"])
def test_a_decorator_may_add_arguments(bench: Workbench, decorator: str) -> None:
    text = text_of(decorator)
    assert bench.codes(text, CONFIG) == []
    assert not bench.fix(text, config=CONFIG).changed


@pytest.mark.parametrize(
    "decorator",
    ["", "@lru_cache", "@lru_cache(maxsize=None)", "@functools.cache", "@retry", "@retry(reraise=True)"],
)
def test_some_decorators_are_known_to_pass_on_what_they_get(bench: Workbench, decorator: str) -> None:
    assert bench.codes(text_of(decorator), CONFIG) == ["DBX201", "DBX601", "DBX701"]
    assert bench.codes(text_of(decorator, ", deferrable=True, retries=2"), CONFIG) == ["DBX701"]


def test_what_the_helper_writes_itself_is_known_whoever_calls_it(bench: Workbench) -> None:
    helper = "@theirs\ndef load():\n    DatabricksRunNowOperator(task_id='t', job_name='x')\n"
    text = dag_file(f"from company import theirs\n{helper}with DAG('d'):\n    load()\n")
    assert bench.codes(text, CONFIG) == ["DBX201", "DBX601", "DBX701"]

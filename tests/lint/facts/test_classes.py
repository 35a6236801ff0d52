"""What the constructors of one's own operator classes set."""

import pytest
from tests.lint.workbench import Workbench, dag_file

ONE: dict[str, object] = {"select": ["DBX201", "DBX204", "DBX601", "DBX701"]}
GIVEN = "deferrable=True, retries=2, execution_timeout=timedelta(hours=1), polling_period_seconds=60"


def text_of(init: str, arguments: str = "") -> str:
    lines = "\n        ".join(init.splitlines())
    head = f"class Run(DatabricksRunNowOperator):\n    def __init__(self, **kwargs):\n        {lines}\n"
    return dag_file(f'{head}with DAG("d"):\n    Run(task_id="t", job_name="x", {arguments})\n')


def codes(bench: Workbench, init: str, arguments: str = "") -> list[str]:
    return bench.codes(text_of(init, arguments), ONE)


def test_what_is_set_after_the_parents_constructor_counts(bench: Workbench) -> None:
    plain = "super().__init__(**kwargs)"
    assert codes(bench, plain) == ["DBX201", "DBX601", "DBX701"]
    assert codes(bench, f"{plain}\nself.retries = 3", "deferrable=True") == ["DBX701"]
    everything = "self.deferrable = True\nself.retries = 3\nself.execution_timeout = timedelta(hours=2)"
    assert codes(bench, f"{plain}\n{everything}") == []
    assert codes(bench, plain, GIVEN) == []


def test_it_replaces_what_was_passed_on(bench: Workbench) -> None:
    init = "super().__init__(**kwargs)\nself.deferrable = False\nself.polling_period_seconds = "
    assert codes(bench, f"{init}60", GIVEN.replace("=60", "=1")) == ["DBX201"]
    assert codes(bench, f"{init}1", GIVEN) == ["DBX201", "DBX204"]
    assert codes(bench, "super().__init__(**kwargs)\nself.retries = 0", GIVEN) == ["DBX601"]


def test_the_parents_constructor_replaces_what_was_set_before_it(bench: Workbench) -> None:
    before = "self.retries = 3\nself.deferrable = True\nsuper().__init__(**kwargs)"
    assert codes(bench, before) == ["DBX201", "DBX601", "DBX701"]


@pytest.mark.parametrize("line", ["if work():\n    self.retries = {}", "for _ in work():\n    self.retries = {}"])
@pytest.mark.parametrize("value", ["0", "3"])
def test_what_is_set_on_some_ways_only_is_not_known(bench: Workbench, line: str, value: str) -> None:
    assert codes(bench, f"super().__init__(**kwargs)\n{line.format(value)}", "deferrable=True") == ["DBX701"]
    assert codes(bench, f"super().__init__(**kwargs)\n{line.format(value)}", GIVEN) == []


def test_attributes_of_a_class_between_count_too(bench: Workbench) -> None:
    between = text_of("super().__init__(**kwargs)\nself.retries = 3", "deferrable=True")
    inner = "class Inner(Run):\n    def __init__(self, **kwargs):\n        super().__init__(**kwargs)\n"
    text = between.replace("with DAG", f"{inner}with DAG").replace("    Run(", "    Inner(")
    assert bench.codes(text, ONE) == ["DBX701"]


def test_the_dag_stays_that_of_the_call(bench: Workbench) -> None:
    init = "super().__init__(**kwargs)\nself.dag = work()\nself.default_args = {'retries': 3}"
    assert codes(bench, init) == ["DBX201", "DBX601", "DBX701"]

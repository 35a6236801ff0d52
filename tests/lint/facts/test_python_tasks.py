"""When calls into other code happen, and through which task."""

from tests.lint.facts.test_interpreter import run

from airbrick.lint.facts.functions import follow_uncalled
from airbrick.lint.model.elements import ModuleModel, OutsideCall, Phase

IMPORTS = """\
import requests
from functools import partial
from airflow.sdk import DAG, dag, task
from airflow.providers.standard.operators.python import PythonOperator, PythonVirtualenvOperator
"""


def model_of(text: str) -> ModuleModel:
    state = run(IMPORTS + text)
    follow_uncalled(state)
    return state.model


def request_of(text: str) -> OutsideCall:
    (call,) = [c for c in model_of(text).calls if c.value.callee.names == ("requests.get",)]
    return call


def test_statements_run_when_the_file_is_parsed() -> None:
    assert request_of("requests.get('u')").phase is Phase.PARSE
    assert request_of("with DAG('d'):\n    x = [requests.get(u) for u in hosts]").phase is Phase.PARSE
    assert request_of("def f(x=requests.get('u')): pass").phase is Phase.PARSE


def test_functions_run_when_they_are_called() -> None:
    called = request_of("def f():\n    return requests.get('u')\nf()")
    assert (called.phase, called.root and called.root.name) == (Phase.PARSE, "f")
    assert called.entered is not None
    assert request_of("def g(): requests.get('u')\ndef f(): g()\nf()").phase is Phase.PARSE
    assert request_of("@dag\ndef d(): requests.get('u')\nd()").phase is Phase.PARSE
    assert request_of("def f(): requests.get('u')").phase is Phase.NOT_CALLED


def test_callables_run_while_a_task_runs() -> None:
    for text in (
        "@task\ndef f(): requests.get('u')\nf()",
        "@task.branch()\ndef f(): requests.get('u')\nf()",
        "def f(): requests.get('u')\nPythonOperator(task_id='t', python_callable=f)",
        "def f(a): requests.get('u')\nPythonOperator(task_id='t', python_callable=partial(f, 1))",
        "PythonOperator(task_id='t', python_callable=lambda: requests.get('u'))",
        "def g(): requests.get('u')\ndef f(): g()\nPythonOperator(task_id='t', python_callable=f)",
        "def f(): requests.get('u')\nDAG('d', on_failure_callback=f)",
    ):
        call = request_of(text)
        assert call.phase is Phase.TASK, text
        assert call.root is not None, text


def test_tasks_know_their_function() -> None:
    text = """\
def f(): pass
class Mine(PythonOperator): pass
class Jobs:
    def run(self): pass
with DAG('d'):
    PythonOperator(task_id='a', python_callable=f)
    Mine(task_id='b', python_callable=f)
    PythonVirtualenvOperator(task_id='c', python_callable=f)
    PythonOperator.partial(task_id='d', python_callable=f).expand(op_args=[])
    PythonOperator(task_id='e', python_callable=Jobs().run)
    PythonOperator(task_id='g', python_callable=imported.elsewhere)
    @task.virtualenv
    def h(): pass
"""
    tasks = model_of(text).python_tasks
    assert [(t.class_name, t.function.name, t.elsewhere) for t in tasks] == [
        ("PythonOperator", "f", False),
        ("Mine", "f", False),
        ("PythonVirtualenvOperator", "f", True),
        ("PythonOperator", "f", False),
        ("PythonOperator", "run", False),
        ("@task.virtualenv", "h", True),
    ]
    assert all(t.dag is not None for t in tasks)

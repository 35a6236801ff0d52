"""Tasks that run a function of the file: ``PythonOperator`` and its like, and ``@task``."""

from airbrick.lint.facts.callables import BoundMethod, FunctionValue
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import Arguments, Fact, Known, PartialValue, Place
from airbrick.lint.knowledge.airflow import ELSEWHERE, PYTHON_OPERATORS, is_python_operator
from airbrick.lint.model.elements import Dag, PythonTask

_MAX_PARTIALS = 8


def record_python_operator(run: Run, names: tuple[str, ...], class_name: str, arguments: Arguments) -> None:
    """Note a task if a class is one that takes a ``python_callable``, mapped or not.

    :param names: the full names the class, or its ``partial``, goes by.
    :param class_name: how the code names it; empty for the class's own name.
    """
    for name in names:
        owner = name.removesuffix(".partial")
        if not is_python_operator(owner):
            continue
        function = _function(run, arguments.get("python_callable"))
        if function is not None:
            if function.place.file is not run.file:
                run.borrowed.append(function)
            function.handed_over = True
            known = owner.rpartition(".")[2]
            given = arguments.get("dag")
            dag = given.value if isinstance(given, Known) and isinstance(given.value, Dag) else run.dag
            task = PythonTask(
                arguments.call, class_name or known, function, dag, PYTHON_OPERATORS[known], _is_silent(arguments)
            )
            run.model.python_tasks.append(task)
            function.is_callable = True
        return


def record_decorated(run: Run, function: FunctionValue, place: Place, variant: str) -> None:
    """Note a function that ``@task`` makes a task.

    :param variant: the last part of the decorator's name.
    """
    given = function.decorator_arguments
    name = "@task" if variant == "task" else f"@task.{variant}"
    run.model.python_tasks.append(PythonTask(place, name, function, run.dag, variant in ELSEWHERE, _is_silent(given)))


def _is_silent(arguments: Arguments | None) -> bool:
    pushes = arguments.get("do_xcom_push") if arguments is not None else None
    return isinstance(pushes, Known) and pushes.value is False


def _function(run: Run, fact: Fact) -> FunctionValue | None:
    for _ in range(_MAX_PARTIALS):
        fact = run.world.follow_work(fact)
        value = fact.value if isinstance(fact, Known) else None
        if isinstance(value, FunctionValue):
            return value
        if isinstance(value, BoundMethod):
            return value.function
        if not isinstance(value, PartialValue):
            return None
        fact = value.callee
    return None

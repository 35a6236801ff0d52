"""Which jobs a DAG file submits or creates."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import libcst as cst

from airbrick.lint import gate
from airbrick.lint.errors import PathError
from airbrick.lint.facts.interpreter import analyse, new_world
from airbrick.lint.facts.values import Absent
from airbrick.lint.inlined import block, created, workflow
from airbrick.lint.inlined.importing import importing
from airbrick.lint.inlined.inlined import Block, Inlined, InlineJob, PastedJob, Removal, Trigger
from airbrick.lint.inlined.jobs import payload_of, read_arguments, refuse_secrets, settings_of, task_id
from airbrick.lint.inlined.parameters import Parameters
from airbrick.lint.inlined.plain import opens_in
from airbrick.lint.inlined.refusal import Refusal, RefusedError, known_text, refusing
from airbrick.lint.inlined.triggering import checked
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Group, ModuleModel, Operator
from airbrick.lint.model.jobs import job_reference
from airbrick.lint.model.limits import in_workflow
from airbrick.lint.parsed import ParsedFile
from airbrick.lint.source import DecodeError, SourceFile

_BRINGS: Final = frozenset({Kind.SUBMIT_RUN, Kind.TASK, Kind.CREATE_JOB, Kind.RUN_NOW})
_ID: Final = frozenset({"job_id"})


def read(path: Path) -> Inlined:
    """Read a DAG file.

    :raises PathError: it cannot be read, or is no Python.
    """
    try:
        return read_source(SourceFile.from_bytes(path.read_bytes(), path))
    except OSError as error:
        raise PathError(path, reason=error.strerror or str(error)) from error
    except DecodeError as error:
        raise PathError(path, reason=error.reason) from error


def read_source(source: SourceFile) -> Inlined:
    """Read the text of a DAG file.

    :raises PathError: it is no Python.
    """
    tree = gate.parse(source)
    if isinstance(tree, gate.Refusal):
        raise PathError(source.path, reason=f"line {tree.span.line}: {tree.message}")
    try:
        file = ParsedFile(source, tree, cst.parse_module(source.text))
    except cst.ParserSyntaxError as error:
        reason = f"line {error.raw_line}: libcst cannot read this, though Python can"
        raise PathError(source.path, reason=reason) from error
    return _Reading(file, analyse(file, new_world())).inlined()


class _Reading:
    """Goes through the tasks of one file."""

    def __init__(self, file: ParsedFile, model: ModuleModel) -> None:
        self._file = file
        self._model = model
        self._refused: list[Refusal] = []
        self._jobs: list[InlineJob] = []
        self._pasted: dict[str, list[Trigger]] = {}
        self._settled: set[int] = set()
        """Calls that run a job which the file itself creates."""

    def inlined(self) -> Inlined:
        """Read all there is."""
        for group in self._model.groups:
            if group.workflow:
                with refusing(group, self._refused):
                    self._workflow(group)
        calls = sorted(self._calls(), key=lambda operators: operators[0].spec.kind is not Kind.CREATE_JOB)
        for operators in calls:
            with refusing(operators[0], self._refused):
                self._take(operators)
        pasted = tuple(PastedJob(job_id, tuple(triggers)) for job_id, triggers in self._pasted.items())
        forwards = any(not isinstance(dag.argument("params"), Absent) for dag in self._model.dags)
        found = Inlined(self._file, tuple(self._jobs), pasted, tuple(self._refused), forwards)
        changes = [change for job in found.jobs for change in job.changes]
        changes += [change for job in pasted for change in job.changes]
        try:
            importing(self._file, [node for change in changes for node in change.named])
        except RefusedError as error:
            raise PathError(self._file.source.path, reason=f"{error.reason}; {error.help}") from error
        return found

    def _calls(self) -> Iterator[list[Operator]]:
        """Give the tasks, together where one call builds several."""
        by_call: dict[int, list[Operator]] = {}
        for operator in self._model.operators:
            if operator.spec.kind in _BRINGS and not in_workflow(operator):
                by_call.setdefault(id(operator.place.node), []).append(operator)
        yield from by_call.values()

    def _take(self, operators: list[Operator]) -> None:
        kind = operators[0].spec.kind
        if kind is Kind.CREATE_JOB:
            self._create(operators)
        elif kind is Kind.RUN_NOW:
            self._run_now(operators)
        else:
            self._submit(operators)

    def _submit(self, operators: list[Operator]) -> None:
        call, payload = self._call(operators), payload_of(operators[0].spec)
        checked(call, payload)
        parameters = Parameters()
        settings = parameters.move(settings_of(operators, read_arguments(operators)))
        if len(operators) > 1:
            # Each submitted a run of its own: as runs of one job they must not wait for each other.
            settings = {"max_concurrent_runs": len(operators), **settings}
        refuse_secrets(settings, operators[0].place)
        trigger = Trigger(self._file, call, payload, parameters.passed)
        self._jobs.append(InlineJob(_name(operators), settings, (trigger,)))

    def _run_now(self, operators: list[Operator]) -> None:
        references = [job_reference(operator) for operator in operators]
        found = {reference.text for reference in references if reference is not None and reference.by == "job_id"}
        if not found or id(operators[0].place.node) in self._settled:
            return
        if len(found) > 1 or None in references:
            raise RefusedError("its job_id differs between the tasks that this call builds", help="write one call each")
        call = self._call(operators)
        if not any(keyword.arg == "job_id" for keyword in call.keywords):
            raise RefusedError("its job_id is not written in the call", help="write job_id=… there")
        checked(call, _ID)
        self._pasted.setdefault(found.pop(), []).append(Trigger(self._file, call, _ID))

    def _create(self, operators: list[Operator]) -> None:
        creator, call = operators[0], self._call(operators)
        settings = settings_of(operators, read_arguments(operators))
        for left in opens_in(settings):
            raise left.refuse("declare a job parameter in its place")
        refuse_secrets(settings, creator.place)
        triggers: list[Trigger] = []
        for runner in created.runners_of(creator, self._model.operators):
            runs = self._call([runner])
            checked(runs, _ID)
            triggers.append(Trigger(self._file, runs, _ID))
        removal = Removal(call, created.creation_of(creator, [span for trigger in triggers for span in trigger.gone]))
        self._settled |= {id(runner.place.node) for runner in created.runners_of(creator, self._model.operators)}
        name = str(settings.get("name", ""))
        self._jobs.append(InlineJob(name or _name(operators), settings, (*triggers, removal), made=name))

    def _workflow(self, group: Group) -> None:
        if group.place.file is not self._file or group.fan_out is not None:
            raise RefusedError("it is opened in another file, or expanded", help="bring this group by hand")
        found = block.read(group, self._model.operators)
        dag_id = "" if group.dag is None else known_text(group.dag.argument("dag_id"))
        parameters = Parameters()
        settings = parameters.move(workflow.settings_of(found, dag_id))
        refuse_secrets(settings, group.place)
        inside = found.variables
        for code in parameters.passed.values():
            if inside & {node.id for node in ast.walk(ast.parse(code, mode="eval")) if isinstance(node, ast.Name)}:
                raise RefusedError("a task takes what another of the group gives", help="bring this group by hand")
        name = str(settings.get("name", ""))
        changes = (Block(found, parameters.passed),)
        self._jobs.append(InlineJob(name or known_text(group.argument("group_id")), settings, changes, made=name))

    def _call(self, operators: Sequence[Operator]) -> ast.Call:
        """Give the call that builds tasks, as far as it can be rewritten.

        :raises RefusedError: it cannot.
        """
        operator = operators[0]
        call = self._file.counterpart(operator.place.node)
        if operator.place.file is not self._file:
            name = operator.place.file.source.path.name
            raise RefusedError(f"it is built in {name}", help=f"bring {name}")
        if operator.by_hand:
            raise RefusedError("it is built while a task runs", help="build it in the DAG")
        if operator.mapped:
            by_hand = 'provision its job, and write RunNowOperator.partial(job="…").expand(job_parameters=…)'
            raise RefusedError("it is mapped", help=by_hand)
        if not operator.editable or operator.class_name != operator.spec.name or not isinstance(call, ast.Call):
            raise RefusedError("it is a class of your own", help="bring what it submits by hand")
        return call


def _name(operators: Sequence[Operator]) -> str:
    """Give what a job can be called: after the DAG and the task."""
    dag = operators[0].dag
    dag_id = "" if dag is None else known_text(dag.argument("dag_id"))
    told = task_id(operators)
    return told if told.startswith(dag_id) and told else f"{dag_id}_{told}".strip("_")

"""The jobs of a DAG file, and the file once a stack provisions them."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from airbrick.lint.edits import apply
from airbrick.lint.finding import Edit
from airbrick.lint.inlined import workflow
from airbrick.lint.inlined.block import Workflow
from airbrick.lint.inlined.created import Creation, ordering
from airbrick.lint.inlined.importing import importing
from airbrick.lint.inlined.plain import Json
from airbrick.lint.inlined.refusal import Refusal
from airbrick.lint.inlined.statements import removed_statement, unused_values
from airbrick.lint.inlined.triggering import triggering
from airbrick.lint.moving import text_range

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

Range = tuple[int, int]


class Change(Protocol):
    """What becomes of one place of a DAG file."""

    @property
    def named(self) -> Sequence[ast.expr]:
        """Where classes are named that are not named there afterwards."""

    @property
    def gone(self) -> Sequence[Range]:
        """What goes of the text."""

    def edits(self, key: str) -> Sequence[Edit]:
        """Give the edits.

        :param key: the job's key in the contract.
        """


@dataclass(frozen=True, slots=True)
class Trigger:
    """A call that becomes one of RunNowOperator.

    :param payload: arguments that belong to the job now.
    :param passed: job parameters by name, with the code of their values.
    """

    file: "ParsedFile"
    call: ast.Call
    payload: frozenset[str]
    passed: Mapping[str, str] = field(default_factory=dict)

    @property
    def named(self) -> Sequence[ast.expr]:
        """The class of the call."""
        return (self.call.func,)

    @property
    def gone(self) -> Sequence[Range]:
        """What says what is run."""
        return [text_range(self.file, keyword) for keyword in self.call.keywords if keyword.arg in self.payload]

    def edits(self, key: str) -> Sequence[Edit]:
        """Give the edits of the call."""
        return triggering(self.file, self.call, key, self.payload, self.passed)


@dataclass(frozen=True, slots=True)
class Block:
    """A workflow group that becomes one task."""

    workflow: Workflow
    passed: Mapping[str, str]

    @property
    def named(self) -> Sequence[ast.expr]:
        """The classes of the group and its tasks."""
        return self.workflow.named

    @property
    def gone(self) -> Sequence[Range]:
        """The whole block, and what builds the group before it."""
        file, assigned = self.workflow.group.place.file, self.workflow.assigned
        before = [] if assigned is None else [text_range(file, assigned)]
        return [text_range(file, self.workflow.block), *before]

    def edits(self, key: str) -> Sequence[Edit]:
        """Give the edits of the block."""
        return workflow.triggering(self.workflow, key, self.passed)


@dataclass(frozen=True, slots=True)
class Removal:
    """A task that goes.

    :param call: what builds it.
    """

    call: ast.Call
    creation: Creation

    @property
    def named(self) -> Sequence[ast.expr]:
        """The class of the task."""
        return (self.call.func,)

    @property
    def gone(self) -> Sequence[Range]:
        """The statement."""
        return [text_range(self.creation.file, self.creation.statement)]

    def edits(self, key: str) -> Sequence[Edit]:
        """Give the edit, which names no job."""
        del key
        return [removed_statement(self.creation.file, self.creation.statement)]


@dataclass(frozen=True, slots=True)
class InlineJob:
    """A job that a DAG file spells out.

    :param name: what it can be called: after the DAG and the task, or its own name.
    :param settings: as the Jobs API takes them.
    :param changes: what becomes of the tasks that submit, create or run it.
    :param made: the name under which the DAG has made the job in the workspace; empty where it makes none.
    """

    name: str
    settings: Json
    changes: Sequence[Change]
    made: str = ""


@dataclass(frozen=True, slots=True)
class PastedJob:
    """A job that a DAG file names by its id.

    :param changes: what becomes of the tasks that run it.
    """

    job_id: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Inlined:
    """What a DAG file says about jobs.

    :param refused: tasks that stay as they are, with the reason.
    :param forwards_params: whether the DAG has params, which the official operators pass on without being told.
    """

    file: "ParsedFile"
    jobs: Sequence[InlineJob] = ()
    pasted: Sequence[PastedJob] = ()
    refused: Sequence[Refusal] = ()
    forwards_params: bool = False

    @property
    def path(self) -> Path:
        """The file."""
        return self.file.source.path

    @property
    def text(self) -> str:
        """The file as it is."""
        return self.file.source.text

    def rewritten(self, keys: Sequence[str | None], pasted: Mapping[str, str]) -> str:
        """Give the file with a trigger in place of each job.

        :param keys: the key of each of ``jobs``, in their order; ``None`` for one that stays as it is.
        :param pasted: keys of jobs by their id; a job without one stays as it is.
        """
        told: list[tuple[str, Change]] = []
        for key, job in zip(keys, self.jobs, strict=True):
            told += [(key, change) for change in job.changes] if key is not None else []
        for named in self.pasted:
            told += [(pasted[named.job_id], change) for change in named.changes if named.job_id in pasted]
        if not told:
            return self.text
        gone = [span for _, change in told for span in change.gone]
        edits = [edit for key, change in told for edit in change.edits(key)]
        edits += ordering(self.file, {change.creation.variable for _, change in told if isinstance(change, Removal)})
        edits += importing(self.file, [node for _, change in told for node in change.named])
        edits += [removed_statement(self.file, node) for node in unused_values(self.file, gone)]
        return apply(self.text, edits)

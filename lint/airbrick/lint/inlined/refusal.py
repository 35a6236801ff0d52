"""What cannot be brought into a stack, and why."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from airbrick.lint.facts.values import Fact, Known, Place
from airbrick.lint.model.elements import Group, Operator
from airbrick.lint.source import Span


@dataclass(frozen=True, slots=True)
class Refusal:
    """A task that stays as it is.

    :param path: the file.
    :param span: where the reason stands.
    :param task: the operator, with the task's id as far as it is known.
    :param reason: what is in the way; never holds a secret.
    :param help: what to do.
    """

    path: Path
    span: Span
    task: str
    reason: str
    help: str

    def __str__(self) -> str:
        return f"{self.path}:{self.span.line}:{self.span.column}: {self.task}: {self.reason}; {self.help}"


class RefusedError(Exception):
    """A task cannot be brought; caught where tasks are gone through.

    :param place: where the reason stands; the task's call by default.
    """

    def __init__(self, reason: str, *, help: str, place: Place | None = None) -> None:  # noqa: A002 - as Refusal's
        self.reason = reason
        self.help = help
        self.place = place
        super().__init__(reason)


@contextmanager
def refusing(element: Operator | Group, refused: list[Refusal]) -> Iterator[None]:
    """Note why a task is refused, and go on with the next."""
    try:
        yield
    except RefusedError as error:
        place = error.place or element.place
        path = place.file.source.path
        refused.append(Refusal(path, place.file.span(place.node), described(element), error.reason, error.help))


def described(element: Operator | Group) -> str:
    """Name a task or a group in a message."""
    if isinstance(element, Group):
        return " ".join(filter(None, ("DatabricksWorkflowTaskGroup", known_text(element.argument("group_id")))))
    return " ".join(filter(None, (element.class_name, known_text(element.own("task_id")))))


def known_text(fact: Fact) -> str:
    """Give a text that is known; empty when it is not."""
    return fact.value if isinstance(fact, Known) and isinstance(fact.value, str) else ""

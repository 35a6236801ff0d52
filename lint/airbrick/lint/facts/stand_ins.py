"""Classes of a project's own that stand for operators or for ``DAG``, as the configuration says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from airbrick.lint.facts.values import Fact, Known, Reference
from airbrick.lint.knowledge.databricks import full_name
from airbrick.lint.settings import Settings

_DAG: Final = "airflow.models.dag.DAG"
_PARTIAL: Final = ".partial"


@dataclass(frozen=True, slots=True)
class StandIns:
    """What such classes stand for.

    :param names: full names of classes, and the full names of what they stand for.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "StandIns":
        """Read the configuration."""
        operators = {name: full_name(operator) for name, operator in settings.operator_aliases}
        return cls({**operators, **dict.fromkeys(settings.dag_classes, _DAG)})

    def follow(self, fact: Fact) -> Fact:
        """Give what a class stands for, and of what else a fact tells the fact itself."""
        if not self.names or not isinstance(fact, Known) or not isinstance(fact.value, Reference):
            return fact
        for name in fact.value.names:
            own = name.removesuffix(_PARTIAL)
            if own in self.names:
                meant = Reference((f"{self.names[own]}{name[len(own) :]}",), stand_in=own.rpartition(".")[2])
                return replace(fact, value=meant)
        return fact

"""Rules about the cluster specifications that operators and workflow groups bring."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, Fact, Known, Place
from airbrick.lint.finding import Finding, Fix
from airbrick.lint.model.elements import Group, Operator
from airbrick.lint.model.submissions import Cluster, clusters_of, clusters_of_group
from airbrick.lint.rule import Rule


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a cluster.

    :param problem: what it is or does, to follow its user's name: ``starts a cluster …``.
    :param help: what to do.
    :param place: where it is written.
    :param note: what is written there.
    """

    problem: str
    help: str
    place: Place
    note: str = "the cluster is spelled out here"
    fix: Fix | None = None


class ClusterRule(Rule):
    """A rule that judges one cluster at a time; a call gets one finding, for its first bad cluster."""

    @abstractmethod
    def judge(self, cluster: Cluster, context: RuleContext) -> Verdict | None:
        """Judge a cluster whose specification is spelled out."""

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the clusters an operator submits."""
        yield from self._check(operator.class_name, operator.place, clusters_of(operator), context)

    def check_group(self, group: Group, context: RuleContext) -> Iterator[Finding]:
        """Check the job clusters of a workflow group."""
        yield from self._check("DatabricksWorkflowTaskGroup", group.place, clusters_of_group(group), context)

    def _check(self, who: str, call: Place, clusters: Iterable[Cluster], context: RuleContext) -> Iterator[Finding]:
        for cluster in clusters:
            verdict = self.judge(cluster, context)
            if verdict is not None:
                yield context.finding(
                    self,
                    call,
                    f"{who} {verdict.problem}",
                    help=verdict.help,
                    notes=tuple(context.defined_at(verdict.place, beyond=call, message=verdict.note)),
                    fix=verdict.fix if verdict.place.file is context.file else None,
                )
                return


def lacks(cluster: Cluster, key: str) -> bool:
    """Tell whether a cluster provably leaves a setting out, and no policy may set it."""
    return _is_unset(cluster.get(key)) and _is_unset(cluster.get("policy_id"))


def _is_unset(fact: Fact) -> bool:
    return isinstance(fact, Absent) or (isinstance(fact, Known) and fact.value in (None, ""))

"""What only shows when the resources of a stack are seen together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from airbrick.iac.policies.job_parts import tasks
from airbrick.iac.policies.policy import CONTRACT, JOB, Options, Resource, StackPolicy, Violation, names
from airbrick.iac.values import UNKNOWN


def job_names_unique(resources: Sequence[Resource], options: Options) -> Iterator[tuple[str, Violation]]:
    """Find two jobs of one name: people and look-ups by name cannot tell them apart."""
    del options
    first: dict[str, str] = {}
    for job in _jobs(resources):
        name = job.properties.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            yield job.urn, Violation(("name",), f"{name!r} is also the name of {first[name]!r}; choose another")
        else:
            first[name] = job.name


def run_job_targets_known(resources: Sequence[Resource], options: Options) -> Iterator[tuple[str, Violation]]:
    """Find run-job tasks that start a job which this stack does not own."""
    own = {str(job.properties.get("job_id")) for job in _jobs(resources)}
    for job in _jobs(resources):
        for path, task in tasks(job.properties):
            target = task.get("run_job_task")
            wanted = target.get("job_id", UNKNOWN) if isinstance(target, Mapping) else UNKNOWN
            if wanted is UNKNOWN or str(wanted) in own or str(wanted) in options["allowed"]:
                continue
            problem = f"job {wanted} is not of this stack; give the Job's job_id, or list the id under allowed"
            yield job.urn, Violation((*path, "run_job_task", "job_id"), problem)


def contract_written(resources: Sequence[Resource], options: Options) -> Iterator[tuple[str, Violation]]:
    """Find stacks whose jobs DAGs and linter cannot know."""
    del options
    jobs = list(_jobs(resources))
    if jobs and not any(resource.token == CONTRACT for resource in resources):
        yield jobs[0].urn, Violation((), "the stack has jobs and no contract; add iac.Contract(jobs=[…])")


def _jobs(resources: Sequence[Resource]) -> Iterator[Resource]:
    return (resource for resource in resources if resource.token == JOB)


POLICIES: Final = (
    StackPolicy("job-names-unique", "No two jobs of a stack have the same name", "mandatory", job_names_unique),
    StackPolicy(
        "run-job-targets-known",
        "A run-job task starts a job of the same stack",
        "advisory",
        run_job_targets_known,
        (names("allowed", "Ids of jobs outside the stack that may be started."),),
    ),
    StackPolicy("contract-written", "A stack with jobs writes the contract", "advisory", contract_written),
)

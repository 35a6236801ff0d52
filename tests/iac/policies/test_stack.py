from typing import Any

from airbrick.iac.policies import stack
from airbrick.iac.policies.policy import CONTRACT, JOB, Resource
from airbrick.iac.values import UNKNOWN


def job(logical_name: str, **properties: Any) -> Resource:
    return Resource(f"urn::{logical_name}", JOB, logical_name, {"name": logical_name, **properties})


def calls(target: object) -> dict[str, Any]:
    return {"tasks": [{"task_key": "next", "run_job_task": {"job_id": target}}]}


def test_two_jobs_of_one_name_are_found() -> None:
    found = list(stack.job_names_unique([job("a"), job("b", name="a"), job("c", name=UNKNOWN)], {}))
    assert [(urn, str(violation)) for urn, violation in found] == [
        ("urn::b", "name: 'a' is also the name of 'a'; choose another")
    ]


def test_a_job_of_another_stack_is_found() -> None:
    big = "9007199254740993"
    resources = [
        job("own", job_id=big),
        job("fine", **calls(big)),
        job("new", **calls(UNKNOWN)),
        job("listed", **calls("7")),
        job("foreign", **calls(8)),
    ]
    assert [urn for urn, _ in stack.run_job_targets_known(resources, {"allowed": ["7"]})] == ["urn::foreign"]


def test_jobs_without_a_contract_are_found() -> None:
    assert [urn for urn, _ in stack.contract_written([job("a"), job("b")], {})] == ["urn::a"]
    assert not list(stack.contract_written([job("a"), Resource("urn::c", CONTRACT, "contract", {})], {}))
    assert not list(stack.contract_written([], {}))

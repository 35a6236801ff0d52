"""What differs between two contracts."""

from dataclasses import replace

from airbrick.contract import Change, Connection, Contract, Job, Parameter, Workspace, compare

JOB = Job("1", "nightly", parameters={"run_date": Parameter("")})
OLD = Contract(
    "orders",
    "prod",
    Workspace("https://w"),
    jobs={"nightly": JOB, "gone": JOB},
    connections={"databricks_default": Connection("databricks", "federated")},
)


def test_a_contract_does_not_differ_from_itself() -> None:
    assert compare(OLD, OLD) == []


def test_what_dags_name_breaks_them_when_it_goes() -> None:
    changed = replace(JOB, parameters={"day": Parameter("1")}, max_concurrent_runs=2)
    new = replace(OLD, jobs={"nightly": changed, "new": JOB}, connections={})
    found = compare(OLD, new)
    assert [change.path for change in found if change.breaks] == [
        ("connections", "databricks_default"),
        ("jobs", "gone"),
        ("jobs", "nightly", "parameters", "run_date"),
    ]
    assert Change(("jobs", "nightly", "max_concurrent_runs"), "changed", 1, 2) in found
    assert [change.path for change in found if change.kind == "added"] == [
        ("jobs", "new"),
        ("jobs", "nightly", "parameters", "day"),
    ]

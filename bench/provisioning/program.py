"""Jobs of five tasks; configuration ``bench:provider`` chooses which provider gets them, ``bench:jobs`` how many."""

from typing import Any

import pulumi

CONFIG = pulumi.Config("bench")
TASKS = ("extract", "clean", "join", "aggregate", "publish")


class NothingJob(pulumi.CustomResource):
    """The same properties, given to the provider that does nothing."""

    def __init__(self, resource_name: str, /, **settings: object) -> None:
        outputs = {"job_id": None, "url": None}
        super().__init__("nothing:databricks:Job", resource_name, {**settings, **outputs})


def make_job(name: str, /, **settings: Any) -> None:
    """Make a job on the provider that the configuration names."""
    if CONFIG.require("provider") == "nothing":
        NothingJob(name, **settings)
    else:
        from airbrick import iac

        iac.Job(name, **settings)


for number in range(CONFIG.require_int("jobs")):
    make_job(
        f"job_{number}",
        tasks=[
            {
                "task_key": task,
                "depends_on": [{"task_key": before} for before in TASKS[:index][-1:]],
                "notebook_task": {"notebook_path": f"/Shared/{task}", "source": "WORKSPACE"},
            }
            for index, task in enumerate(TASKS)
        ],
        parameters=[{"name": "run_date", "default": ""}],
        max_concurrent_runs=1,
        timeout_seconds=3600,
    )

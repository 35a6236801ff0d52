"""A hundred jobs; configuration ``bench:provider`` chooses which provider gets them."""

from typing import Any

import pulumi

JOBS = 100


class NothingJob(pulumi.CustomResource):
    """The same properties, given to the provider that does nothing."""

    def __init__(self, resource_name: str, /, **settings: object) -> None:
        outputs = {"job_id": None, "url": None}
        super().__init__("nothing:databricks:Job", resource_name, {**settings, **outputs})


def make_job(name: str, /, **settings: Any) -> None:
    """Make a job on the provider that the configuration names."""
    if pulumi.Config("bench").require("provider") == "nothing":
        NothingJob(name, **settings)
    else:
        from airbrick import iac

        iac.Job(name, **settings)


for number in range(JOBS):
    make_job(
        f"job_{number}",
        tasks=[
            {"task_key": "extract", "notebook_task": {"notebook_path": "/Shared/extract", "source": "WORKSPACE"}},
            {
                "task_key": "load",
                "depends_on": [{"task_key": "extract"}],
                "notebook_task": {"notebook_path": "/Shared/load", "source": "WORKSPACE"},
            },
        ],
        parameters=[{"name": "run_date", "default": ""}],
        max_concurrent_runs=1,
        timeout_seconds=3600,
    )

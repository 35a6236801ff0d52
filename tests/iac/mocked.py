"""Programs run with Pulumi's own mocks of the engine."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pulumi
from pulumi.runtime import mocks, settings

DOCUMENT = {
    "contract": 1,
    "project": "orders",
    "stack": "dev",
    "workspace": {"host": "https://w", "workspace_id": "7"},
    "jobs": {},
    "connections": {},
}


Seen = dict[tuple[str, str], tuple[str, dict[str, Any]]]
"""Type token and inputs of what was registered, by the type's own name and the logical name."""


class Recorder(mocks.Mocks):
    """Keeps what the program registers."""

    def __init__(self) -> None:
        self.seen: Seen = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        key = (args.typ.rpartition(":")[2], args.name)
        assert key not in self.seen, f"{key} is registered twice"
        self.seen[key] = (args.typ, dict(args.inputs))
        outputs: dict[str, Any] = {
            "job_id": "1",
            "url": "https://w/jobs/1",
            "fingerprint": "sha256:00",
            "job_name": "n",
        }
        outputs |= {"document": DOCUMENT}
        outputs |= {"contract_entry": {"name": "n"}, "auth": "service_principal_oauth", "conn_type": "databricks"}
        return f"{args.name}-id", {**args.inputs, **outputs}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(args.token)


@contextmanager
def mocked_engine() -> Iterator[Callable[..., Seen]]:
    """Run a program and give what it registered."""
    loops: list[asyncio.AbstractEventLoop] = []

    def make_loop() -> None:
        # Pulumi's mocks make a loop in every thread they run in and never close it.
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    make_loop()
    pool = ThreadPoolExecutor(1, initializer=make_loop)
    loops[0].set_default_executor(pool)

    def run_program(program: Callable[[], object], **config: str) -> Seen:
        recorder = Recorder()
        mocks.set_mocks(recorder, project="orders", stack="dev", preview=True)
        pulumi.runtime.set_all_config({f"airbrick:{key}": value for key, value in config.items()})
        test: Any = pulumi.runtime.test
        test(program)()
        return recorder.seen

    yield run_program
    pulumi.runtime.set_all_config({})
    settings.reset_options()
    pool.shutdown()
    asyncio.set_event_loop(None)
    for loop in loops:
        loop.close()

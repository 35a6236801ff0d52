import subprocess
import sys

PROGRAM = """
import asyncio
import sys

from airbrick.operators.poller.registry import registry_of_loop

NAMES = ("aiohttp", "databricks.sdk.core")
assert not sys.modules.keys() & set(NAMES), "a DAG file would pay for it"


async def first() -> None:
    registry = registry_of_loop(None)
    assert registry_of_loop(None) is registry
    assert sys.modules.keys() >= set(NAMES)


asyncio.run(first())
"""


def test_what_signs_in_and_sends_is_imported_before_anything_is_watched_and_not_before() -> None:
    # Its import holds up whatever else the event loop does.
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

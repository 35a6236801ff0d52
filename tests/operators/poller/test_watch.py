"""What a watcher is told of its run."""

import asyncio

from airbrick.operators.poller.watch import Gone, Notice, Watch
from airbrick.operators.runs.view import Phase, RunView


def watch() -> Watch:
    return Watch(1, 1, 0.0, 5.0)


def test_news_come_in_order_to_whoever_waits_or_comes_late() -> None:
    async def work() -> list[object]:
        watched = watch()
        waiting = asyncio.create_task(watched.next_news())
        await asyncio.sleep(0)
        watched.tell(Notice("one"))
        watched.tell(Notice("two"))
        assert watched.has_news
        found = [await waiting, await watched.next_news()]
        assert not watched.has_news
        watched.tell(Gone())
        return [*found, await watched.next_news()]

    assert asyncio.run(work()) == [Notice("one"), Notice("two"), Gone()]


def test_whoever_stops_waiting_when_news_come_misses_nothing() -> None:
    async def work() -> object:
        watched = watch()
        waiting = asyncio.create_task(watched.next_news())
        await asyncio.sleep(0)
        watched.tell(Gone())
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return await asyncio.wait_for(watched.next_news(), 60)

    assert asyncio.run(work()) == Gone()


def test_only_what_changed_is_told_and_the_end_always() -> None:
    watched = watch()
    running, ended = (RunView(1, 1, phase, phase.upper(), started_at=7.0) for phase in (Phase.RUNNING, Phase.ENDED))
    for run in (running, running, ended):
        watched.show(run, now=3.0)

    async def told() -> list[object]:
        return [await watched.next_news() for _ in range(2)]

    assert asyncio.run(told()) == [running, ended]
    assert not watched.has_news
    assert (watched.seen_at, watched.started_at) == (3.0, 0.0)

import asyncio
from collections import Counter
from itertools import count

from airbrick.operators.poller.turns import AT_ONCE, in_turns


def test_many_items_come_in_order_and_a_few_in_each_turn() -> None:
    async def work() -> None:
        turns = count()
        turn = 0

        async def counting() -> None:
            nonlocal turn
            while True:
                turn = next(turns)
                await asyncio.sleep(0)

        counter = asyncio.create_task(counting())
        await asyncio.sleep(0)
        given = [(item, turn) async for item in in_turns(range(10 * AT_ONCE + 1))]
        after = turn
        counter.cancel()
        assert [item for item, _ in given] == list(range(10 * AT_ONCE + 1))
        assert max(Counter(at for _, at in given).values()) <= AT_ONCE
        assert after > given[-1][1], "what comes next has a turn of its own"

    asyncio.run(work())

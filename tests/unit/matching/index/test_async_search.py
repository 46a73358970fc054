"""Searching from an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.matching_hashes import random_hashes
from tutela.matching import Asker, HammingIndex, Neighbours

HASHES = random_hashes(np.random.default_rng(1), 3000)


class Gate(HammingIndex):
    """An index whose answers wait until they are let through, and that counts who is inside."""

    def __init__(self) -> None:
        super().__init__(HASHES)
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)
        self.inside: list[int] = []

    def query(self, queries: NDArray[np.generic], radius: int) -> Neighbours:
        self.inside.append(1)
        self.entered.release()
        self.open.wait()
        return super().query(queries, radius)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with ThreadPoolExecutor(1) as apart:  # whatever loop the tests before have left running in this thread
        apart.submit(lambda: asyncio.run(work())).result()


def test_an_answer_is_the_same_as_without_waiting() -> None:
    index = HammingIndex(HASHES)

    async def work() -> None:
        with Asker(lambda: index) as asker:
            answers = await asyncio.gather(*(asker.query(HASHES[i : i + 3], 31) for i in range(200)))
            assert [answer.ids.tolist() for answer in answers] == [[i, i + 1, i + 2] for i in range(200)]
            assert (await asker.contains(np.concatenate([HASHES[:1], ~HASHES[:1]]))).tolist() == [True, False]

    run(work)


def test_the_loop_goes_on_and_no_more_than_the_bound_get_in() -> None:
    gate = Gate()

    async def work() -> None:
        with Asker(lambda: gate, threads=2, waiting=3) as asker:
            asked = [asyncio.ensure_future(asker.query(HASHES[:1], 31)) for _ in range(20)]
            for _ in range(2):
                await asyncio.get_running_loop().run_in_executor(None, gate.entered.acquire)
            # The loop runs, two searches stand still in their threads, and nobody else has begun.
            assert len(gate.inside) == 2
            assert not any(question.done() for question in asked)
            gate.open.set()
            await asyncio.gather(*asked)

    run(work)


def test_a_caller_that_gives_up_leaves_its_place_to_others() -> None:
    gate = Gate()

    async def work() -> None:
        with Asker(lambda: gate, threads=1, waiting=1) as asker:
            asked = [asyncio.ensure_future(asker.query(HASHES[:1], 31)) for _ in range(4)]
            await asyncio.get_running_loop().run_in_executor(None, gate.entered.acquire)
            asked[3].cancel()
            asked[1].cancel()
            gate.open.set()
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert [isinstance(answer, Neighbours) for answer in answers] == [True, False, True, False]

    run(work)


def test_a_replaced_list_answers_the_next_question() -> None:
    lists = [HammingIndex(HASHES)]

    async def work() -> None:
        with Asker(lambda: lists[-1]) as asker:
            assert len((await asker.query(HASHES[:1], 0)).ids) == 1
            lists.append(HammingIndex())
            assert len((await asker.query(HASHES[:1], 0)).ids) == 0
            with pytest.raises(ValueError, match="at most 256"):
                await asker.query(HASHES[:1], 300)

    run(work)

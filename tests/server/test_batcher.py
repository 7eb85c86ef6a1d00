"""Those that wait are answered together, each with its own answer, in powers of two."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.server.batcher import LARGEST, Batcher, batch_size


@given(st.integers(1, 1000), st.integers(1, 64))
def test_sizes_are_few(waiting, most):
    size = batch_size(waiting, most=most)
    assert size & (size - 1) == 0
    assert 1 <= size <= min(waiting, most)


def run(questions, answer, most=LARGEST):
    async def go():
        with ThreadPoolExecutor(1) as runner:
            batcher = Batcher(answer, runner, most=most)
            asked = (batcher.ask(question) for question in questions)
            found = await asyncio.gather(*asked, return_exceptions=True)
            return found, batcher.sizes

    return asyncio.run(go())


def test_each_has_its_own_answer():
    found, sizes = run(range(100), lambda some: [one * 2 for one in some])
    assert found == [one * 2 for one in range(100)]
    assert set(sizes) <= {1, 2, 4, 8, 16}
    assert sizes[16] >= 4


def test_one_that_comes_alone_does_not_wait():
    found, sizes = run([7], list)
    assert (found, dict(sizes)) == ([7], {1: 1})


def test_an_error_is_told_to_those_of_the_batch_alone():
    def answer(some):
        if 3 in some:
            raise ValueError("three")
        return list(some)

    found, _ = run(range(6), answer, most=1)
    assert [type(one) for one in found] == [int, int, int, ValueError, int, int]


def test_who_stops_waiting_is_not_computed():
    seen, go_on = [], threading.Event()

    def answer(some):
        seen.extend(some)
        go_on.wait(10)
        return list(some)

    async def go():
        with ThreadPoolExecutor(1) as runner:
            batcher = Batcher(answer, runner)
            tasks = [asyncio.create_task(batcher.ask(number)) for number in range(4)]
            await asyncio.sleep(0.05)
            tasks[2].cancel()
            go_on.set()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            assert await batcher.ask(9) == 9
            return found

    found = asyncio.run(go())
    assert [found[0], found[1], found[3]] == [0, 1, 3]
    assert isinstance(found[2], asyncio.CancelledError)
    assert 2 not in seen


@pytest.mark.parametrize("most", [1, 4, 100])
def test_there_is_a_largest(most):
    _, sizes = run(range(50), list, most=most)
    assert max(sizes) <= min(most, LARGEST)

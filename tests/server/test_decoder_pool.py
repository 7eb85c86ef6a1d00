"""Decoders that crash, hang or take too much are replaced, and only their picture is refused."""

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from imagier.errors import PictureError
from imagier.images import Prepare, prepare
from imagier.server.decoder_pool import DecoderPool, PictureJob
from tests.server.conftest import png

SETTINGS = Prepare(height=9, width=9, channels=1, fit="stretch")
JOB = PictureJob.of(SETTINGS)
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30), np.uint8)
PICTURE = png(PIXELS)


def with_pool(play, *, size=1, seconds=10.0):
    async def go():
        pool = DecoderPool(size, seconds=seconds)
        await pool.start()
        try:
            return await play(pool)
        finally:
            pool.stop()

    return asyncio.run(go())


async def code_of(pool, content=PICTURE, job=JOB):
    try:
        await pool.decode(content, job, path="a.png")
    except PictureError as error:
        return error.code
    return None


def slow_picture(side=2000):
    """A picture that takes a while: noise, packed hard."""
    return png(np.random.default_rng(0).integers(0, 256, (side, side), np.uint8))


def test_the_input_is_that_of_prepare():
    found = with_pool(lambda pool: pool.decode(PICTURE, JOB, path="a.png"))
    assert np.array_equal(found, prepare(PIXELS[:, :, np.newaxis], SETTINGS))


def test_a_whole_picture_of_many_megabytes():
    large = np.random.default_rng(0).integers(0, 256, (3000, 3000), np.uint8)
    job = PictureJob.of(SETTINGS, whole=True)
    found = with_pool(lambda pool: pool.decode(png(large), job, path="a.png"))
    assert np.array_equal(found[:, :, 0], large)


@pytest.mark.parametrize("which", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_costs_one_request(which):
    async def play(pool):
        (pid,) = pool.processes
        os.kill(pid, signal.SIGSTOP)  # it has the picture, and is not done however slow we are
        slow = asyncio.create_task(code_of(pool, slow_picture()))
        await asyncio.sleep(0.05)
        os.kill(pid, which)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        assert await slow == "decoder_crashed"
        assert await code_of(pool) is None
        assert pool.replaced == {"crashed": 1}
        assert pool.processes != (pid,)

    with_pool(play)


def test_a_decoder_that_died_between_two_pictures():
    async def play(pool):
        os.kill(pool.processes[0], signal.SIGKILL)
        await asyncio.sleep(0.1)
        codes = [await code_of(pool) for _ in range(3)]
        assert codes == ["decoder_crashed", None, None]

    with_pool(play)


def test_one_that_hangs_is_killed():
    async def play(pool):
        (pid,) = pool.processes
        os.kill(pid, signal.SIGSTOP)
        start = time.monotonic()
        assert await code_of(pool) == "decoder_slow"
        assert time.monotonic() - start < 8
        assert pool.replaced == {"slow": 1}
        assert not Path(f"/proc/{pid}").exists()
        assert await code_of(pool) is None

    with_pool(play, seconds=2.0)


def test_the_others_go_on_meanwhile():
    async def play(pool):
        os.kill(pool.processes[0], signal.SIGSTOP)
        os.kill(pool.processes[1], signal.SIGSTOP)
        os.kill(pool.processes[1], signal.SIGCONT)
        codes = await asyncio.gather(*(code_of(pool) for _ in range(20)))
        assert codes.count("decoder_slow") <= 1
        assert codes.count(None) >= 19

    with_pool(play, size=2, seconds=4.0)


def test_memory_has_a_limit():
    """The process may not take what the machine has; Pillow is told that there is none."""

    async def play(pool):
        for pid in pool.processes:
            limits = Path(f"/proc/{pid}/limits").read_text()
            line = next(one for one in limits.splitlines() if one.startswith("Max address space"))
            assert int(line.split()[3]) < 3 << 30
            line = next(one for one in limits.splitlines() if one.startswith("Max file size"))
            assert line.split()[3] == "0"

    with_pool(play)


def test_a_refusal_keeps_the_decoder():
    async def play(pool):
        before = pool.processes
        assert await code_of(pool, b"no picture") == "not_an_image"
        assert await code_of(pool, b"") == "empty_file"
        assert pool.processes == before
        assert not pool.replaced

    with_pool(play)


def test_no_decoder_is_left_when_the_pool_ends():
    async def play(pool):
        return pool.processes

    for pid in with_pool(play, size=2):
        assert (
            not Path(f"/proc/{pid}/cmdline").exists()
            or not Path(f"/proc/{pid}/cmdline").read_bytes()
        )

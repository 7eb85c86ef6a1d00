"""The same clusters from a file on the disk, and from several processes."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import imagier.kmeans.blocks
from imagier.errors import DataError
from imagier.kmeans import kmeans, start_centres
from imagier.kmeans.lloyd import greatest

PROCESS = """
import sys
import numpy as np
import torch
from imagier.kmeans import kmeans

rank, folder = int(sys.argv[1]), sys.argv[2]
torch.distributed.init_process_group(
    "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2
)

def all_reduce(array):
    tensor = torch.from_numpy(array)
    torch.distributed.all_reduce(tensor)
    return tensor.numpy()

points = np.load(f"{folder}/points.npy")[rank::2]
weights = np.load(f"{folder}/weights.npy")[rank::2]
start = np.load(f"{folder}/start.npy")
clusters = kmeans(points, len(start), sample_weight=weights, start=start, all_reduce=all_reduce)
np.savez(f"{folder}/{rank}.npz", centres=clusters.centres, sizes=clusters.sizes,
         inertia=clusters.inertia, steps=clusters.steps)
torch.distributed.destroy_process_group()
"""


def cloud(n=6000, columns=3, seed=0):
    chance = np.random.default_rng(seed)
    middles = chance.normal(size=(7, columns)) * 9
    points = chance.normal(size=(n, columns)) + middles[chance.integers(0, 7, n)]
    return points, chance.integers(1, 6, n).astype(np.float64)


def start_with_a_lost_centre(points, k=9):
    centres = start_centres(points, k, seed=2)
    centres[3] = 1e4  # nobody's nearest: it must be moved to the farthest point
    return centres


class Meeting:
    """What torch.distributed does, among threads: all come, all leave with the sum."""

    def __init__(self, people):
        self.arrays = [None] * people
        self.barrier = threading.Barrier(people)

    def all_reduce(self, rank):
        def add_up(array):
            self.arrays[rank] = array.copy()
            self.barrier.wait()
            total = np.sum(self.arrays, axis=0)
            self.barrier.wait()
            return total

        return add_up


def share(points, weights, start, people):
    meeting, ends = Meeting(people), [None] * people

    def work(rank):
        ends[rank] = kmeans(
            points[rank::people],
            len(start),
            sample_weight=weights[rank::people],
            start=start,
            all_reduce=meeting.all_reduce(rank),
        )

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def same(end, alone):
    assert end.steps == alone.steps
    assert end.inertia == pytest.approx(alone.inertia, rel=1e-9)
    assert end.centres == pytest.approx(alone.centres, rel=1e-9)
    assert end.sizes == pytest.approx(alone.sizes, rel=1e-9)


@pytest.mark.parametrize("people", [1, 2, 3])
def test_sharing_gives_the_same_clusters(people):
    points, weights = cloud()
    start = start_with_a_lost_centre(points)
    alone = kmeans(points, 9, sample_weight=weights, start=start)
    for end in share(points, weights, start, people):
        same(end, alone)


def test_sharing_fewer_places_than_centres():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]] * 8)
    for end in share(points, np.ones(24), np.zeros((6, 2)), 2):
        assert len(end.centres) == 3
        assert end.inertia == 0


def test_two_processes_of_torch(tmp_path):
    points, weights = cloud()
    start = start_with_a_lost_centre(points)
    for name, array in (("points", points), ("weights", weights), ("start", start)):
        np.save(tmp_path / f"{name}.npy", array)
    command = [sys.executable, "-c", PROCESS]
    running = [
        subprocess.Popen([*command, str(rank), str(tmp_path)], stderr=subprocess.PIPE, text=True)
        for rank in range(2)
    ]
    for process in running:
        _, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors
    alone = kmeans(points, 9, sample_weight=weights, start=start)
    for rank in range(2):
        with np.load(tmp_path / f"{rank}.npz") as end:
            assert int(end["steps"]) == alone.steps
            assert float(end["inertia"]) == pytest.approx(alone.inertia, rel=1e-9)
            assert end["centres"] == pytest.approx(alone.centres, rel=1e-9)
            assert end["sizes"] == pytest.approx(alone.sizes, rel=1e-9)


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 3)), elements=st.floats(
    allow_nan=False, allow_infinity=False)))  # fmt: skip
def test_the_greatest_row_is_found_by_sums(rows):
    meeting, found = Meeting(len(rows)), [None] * len(rows)

    def work(rank):
        found[rank] = greatest(rows[rank], meeting.all_reduce(rank))

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(len(rows))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = max(map(tuple, rows.tolist()))
    assert [tuple(row.tolist()) for row in found] == [expected] * len(rows)


@pytest.fixture
def mapped(tmp_path, monkeypatch):
    """Write a table to a file, to be read in chunks of 1000 numbers."""
    monkeypatch.setattr(imagier.kmeans.blocks, "_NUMBERS_AT_ONCE", 1000)

    def write(points):
        np.save(tmp_path / "points.npy", points)
        return np.load(tmp_path / "points.npy", mmap_mode="r")

    return write


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8])
def test_a_mapped_file_gives_the_same_clusters(mapped, kind):
    points, weights = cloud()
    points = (points * 3 + 100).clip(0, 255).astype(kind)
    start = start_with_a_lost_centre(points.astype(np.float64))
    table = mapped(points)
    alone = kmeans(points, 9, sample_weight=weights, start=start)
    same(kmeans(table, 9, sample_weight=weights, start=start), alone)
    same(
        kmeans(table, 9, sample_weight=weights, seed=3),
        kmeans(points, 9, sample_weight=weights, seed=3),
    )
    assert (alone.assign(table) == alone.assign(points)).all()


def test_only_a_chunk_is_ever_copied(tmp_path, monkeypatch):
    """What NumPy allocates for a mapped file is a chunk, not the table."""
    import tracemalloc

    points = np.lib.format.open_memmap(
        tmp_path / "large.npy", mode="w+", dtype=np.float32, shape=(400_000, 8)
    )
    points[:] = np.random.default_rng(0).normal(size=points.shape)
    table = np.load(tmp_path / "large.npy", mmap_mode="r")
    kmeans(table[:5000], 4, start=table[:4], most_steps=1)  # what is loaded once is not counted
    monkeypatch.setattr(imagier.kmeans.blocks, "_NUMBERS_AT_ONCE", 80_000)
    tracemalloc.start()
    try:
        kmeans(table, 4, start=table[:4], most_steps=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < table.nbytes / 2


def test_a_bad_value_in_a_mapped_file_is_named(mapped):
    points, _ = cloud()
    points[4321, 1] = np.nan
    with pytest.raises(DataError, match="Row 4,322, column 2"):
        kmeans(mapped(points), 3)

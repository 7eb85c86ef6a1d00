"""What a process may use of machines that are described by a few files."""

import os

import pytest

from imagier.machine import ASSUMED_MEMORY, available_cores, available_memory, parallel_map


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Give a function that describes another machine, and its root folder."""

    def describe(cpus, files):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cpus)), raising=False)
        for path, text in files.items():
            file = tmp_path / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path

    return describe


def siblings(pairs):
    return {
        f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list": pair
        for cpu, pair in enumerate(pairs)
    }


def test_this_machine():
    assert 1 <= available_cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("cpus", "files", "expected"),
    [
        (8, {}, 8),
        (4, siblings(["0,2", "1,3", "0,2", "1,3"]), 2),
        (1, siblings(["0-1", "0-1"]), 1),
        (8, {"/sys/fs/cgroup/cpu.max": "200000 100000"}, 2),
        (8, {"/sys/fs/cgroup/cpu.max": "50000 100000"}, 1),
        (8, {"/sys/fs/cgroup/cpu.max": "150000 100000"}, 2),
        (8, {"/sys/fs/cgroup/cpu.max": "max 100000"}, 8),
        (8, {"/sys/fs/cgroup/cpu.max": "nonsense"}, 8),
        (
            8,
            {
                "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000",
                "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            3,
        ),
        (
            8,
            {
                "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            8,
        ),
        (
            8,
            {
                "/proc/self/cgroup": "0::/user.slice/job.scope",
                "/sys/fs/cgroup/user.slice/cpu.max": "400000 100000",
            },
            4,
        ),
    ],
)
def test_other_machines(machine, cpus, files, expected):
    assert available_cores(machine(cpus, files)) == expected


def test_the_memory_of_a_container_is_what_may_be_used(machine):
    files = {
        "/proc/meminfo": "MemTotal: 8000000 kB\nMemAvailable: 3000000 kB\n",
        "/proc/self/cgroup": "0::/box\n",
        "/sys/fs/cgroup/box/memory.max": "1000000000\n",
    }
    assert available_memory(machine(2, files)) == 1_000_000_000


def test_an_unknown_memory_is_assumed(machine, monkeypatch):
    monkeypatch.setattr(os, "sysconf_names", {}, raising=False)
    assert available_memory(machine(2, {})) == ASSUMED_MEMORY


def test_answers_come_in_order_and_an_error_where_its_answer_would():
    def halve(number):
        if number == 5:
            raise ValueError(number)
        return number / 2

    found = parallel_map(halve, range(8), threads=3)
    assert [next(found) for _ in range(5)] == [0, 0.5, 1, 1.5, 2]
    with pytest.raises(ValueError, match="5"):
        next(found)

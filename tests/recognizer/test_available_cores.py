"""How many cores a process may use, on machines that are described by a few files."""

import os

import pytest

from imagier.recognizer import available_cores, cores


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Give a function that describes another machine."""
    files = {}
    monkeypatch.setattr(cores, "_read", lambda path: files.get(str(path), ""))

    def describe(cpus, more):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cpus)), raising=False)
        files.update(more)

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
    machine(cpus, files)
    assert available_cores() == expected

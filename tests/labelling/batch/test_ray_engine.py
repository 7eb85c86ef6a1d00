"""The same labelling on Ray: two workers on this machine, one of them killed in the middle."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imagier.errors import MachineError
from tests.labelling.batch.batches import write_folder
from tests.recognizer import tiny_models as tiny

COMMAND = (sys.executable, "-m", "imagier", "label")


def test_without_ray_it_says_what_to_type(label, here, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    write_folder(here / "photos", 3)
    with pytest.raises(MachineError, match="Ray is not installed") as refused:
        label("photos", engine="ray")
    assert refused.value.exit_code == 5
    assert "imagier[ray]" in refused.value.next_step


def test_a_killed_worker_costs_nothing(tmp_path):
    pytest.importorskip("ray")
    tiny.tiny_recognizer().save(tmp_path / "thirds.imagier")
    write_folder(tmp_path / "photos", 6000)
    words = (str(tmp_path / "photos"), "--model", str(tmp_path / "thirds.imagier"), "--quiet")
    local, by_ray = tmp_path / "local.csv", tmp_path / "ray.csv"
    subprocess.run((*COMMAND, *words, "--out", str(local)), check=True)
    options = ("--engine", "ray", "--workers", "2")
    with subprocess.Popen((*COMMAND, *words, "--out", str(by_ray), *options)) as run:
        killed = _kill_one_actor(run, Path(f"{by_ray}.parts"))
        assert run.wait(timeout=120) == 0
    assert killed
    assert by_ray.read_bytes() == local.read_bytes()


def _kill_one_actor(run, parts):
    """Kill an actor of this very run as soon as a part is finished."""
    while run.poll() is None:
        if parts.exists() and any(parts.glob("*.part")):
            for number in _offspring(run.pid):
                words = _text(f"/proc/{number}/cmdline")
                if "MapWorker" in words or "_PartActor" in words:
                    os.kill(number, signal.SIGKILL)
                    return True
        time.sleep(0.005)
    return False


def _offspring(root):
    """Give the processes that a process has started, and those that they have."""
    parents = {}
    for number in (int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()):
        found = re.search(r"^PPid:\s+(\d+)", _text(f"/proc/{number}/status"), re.MULTILINE)
        if found:
            parents[number] = int(found[1])
    own = {root}
    while more := {one for one, parent in parents.items() if parent in own} - own:
        own |= more
    return own - {root}


def _text(path):
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""

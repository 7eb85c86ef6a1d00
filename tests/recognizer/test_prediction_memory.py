"""The memory of predictions is that of a process of its own, whatever this one holds."""

import subprocess
import sys

import numpy as np
import pytest

from imagier.recognizer import prediction_memory as room
from imagier.recognizer.prediction_memory import prediction_memory

NAMED = """
import re, sys
import numpy as np
from imagier.recognizer import load
recognizer = load(sys.argv[1])
side = recognizer.prepare
recognizer.probabilities(np.zeros((64, side.height, side.width, side.channels), np.uint8))
print(re.search("VmHWM:[^0-9]+([0-9]+)", open("/proc/self/status").read())[1])
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")


@pytest.fixture
def blank(recognizer):
    side = recognizer.prepare
    return np.zeros((64, side.height, side.width, side.channels), np.uint8)


def test_it_is_that_of_a_program_that_opens_the_model_and_names(recognizer, model_folder, blank):
    command = [sys.executable, "-B", "-c", NAMED, str(model_folder / "model.onnx")]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert prediction_memory(recognizer, blank) == pytest.approx(int(told) * 1024, rel=0.1)


def test_what_this_process_holds_is_not_in_it(recognizer, blank):
    held = np.ones(600_000_000, np.uint8)
    assert 20_000_000 < prediction_memory(recognizer, blank) < 300_000_000
    del held


def test_nothing_of_the_current_folder_is_run(recognizer, blank, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    assert prediction_memory(recognizer, blank) is not None


@pytest.mark.parametrize("program", ["", "/nowhere/python", "/bin/false", "/bin/echo"])
def test_where_no_process_can_be_asked_nothing_is_told(recognizer, blank, program, monkeypatch):
    monkeypatch.setattr(sys, "executable", program)
    assert prediction_memory(recognizer, blank) is None


def test_where_the_system_does_not_tell_nothing_is_started(
    recognizer, blank, tmp_path, monkeypatch
):
    monkeypatch.setattr(room, "_STATUS", tmp_path / "none")
    monkeypatch.setattr(subprocess, "run", None)
    assert prediction_memory(recognizer, blank) is None
